#!/bin/sh
# All conformance cases, the long ones too, and the faults that they must show.
. test/check.sh
CONFORMANCE=--long sh test/check_conformance.sh || failed=1
sh test/conformance/faults.sh || failed=1
