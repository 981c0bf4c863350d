#!/bin/sh
# The proxy as an edge (RFC 5626) in front of Kamailio's registrar, over UDP.
. test/peer/common.sh
command -v kamailio >/dev/null || fail "kamailio is installed"

# Somebody has that port on UDP.
bound() { grep -q "0100007F:$(printf %04X "$1") " /proc/net/udp; }

port=$(free_port)
sed "s/@PORT@/$port/" test/peer/registrar.cfg >"$dir/registrar.cfg"
mkdir "$dir/run"
start registrar.log kamailio -f "$dir/registrar.cfg" -DD -E -m 32 -M 8 \
  -Y "$dir/run" -w "$dir/run"
wait_for "kamailio starts" "$dir/registrar.log" bound "$port"
start_proxy --udp 127.0.0.1:0 --registrar "127.0.0.1:$port" --verbose
export PYTHONDONTWRITEBYTECODE=1
tell python3 test/peer/edge.py "${address##*:}"
stop_proxy
