#!/bin/sh
# Whether the driver is worth something: each fault of faults.py, seeded into
# the library, is shown by a case. faults.sh TEXT: those with it in what they break.
. test/peer/common.sh
. test/peer/certs.sh
export PYTHONDONTWRITEBYTECODE=1
make_ca ca
make_cert ca server "$loopback"
python3 test/conformance/seed.py "$certs" "$@"
