#!/bin/sh
# All conformance cases, the long ones too, and the faults that they must show.
CONFORMANCE=--long sh test/check_conformance.sh
sh test/conformance/faults.sh
