#!/bin/sh
# echo_server and echo_client against the cases of test/conformance, each with
# one right outcome. CONFORMANCE gives run.py's options in place of --brief;
# "make conformance" tries everything, which takes minutes. Both roles run side
# by side.
. test/peer/common.sh
. test/peer/certs.sh
export PYTHONDONTWRITEBYTECODE=1
make_ca ca
make_cert ca server "$loopback"

# try ROLE: its log is the verdict; a driver that comes to no end has failed.
try() {
  timeout -k 5 1800 python3 test/conformance/run.py --role "$1" \
    --seconds 20 --certs "$certs" ${CONFORMANCE:---brief} >"$dir/$1.log" 2>&1 ||
    grep -q '^not ok ' "$dir/$1.log" ||
    echo "not ok $1: the driver ends with status $?" >>"$dir/$1.log"
}
try client &
try server
wait
cat "$dir/server.log" "$dir/client.log"
! grep -q '^not ok ' "$dir/server.log" "$dir/client.log"
