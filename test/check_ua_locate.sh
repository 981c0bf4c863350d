#!/bin/sh
# ua without --server: it finds the proxies by the DNS (RFC 3263), of a real DNS
# server, dnsmasq, on loopback.
. test/peer/common.sh
. test/peer/certs.sh

make_ca ca
make_cert ca server DNS:secure.test
trust=$certs/ca.crt
start_proxy --cert "$certs/server.crt" --key "$certs/server.key" \
  --plain 127.0.0.1:0
wss=${address##*:}
ws=$(sed -n 's/^listening on ws:.*:\([0-9]*\). too$/\1/p' "$dir/proxy.log")
nobody=$(free_port)
cat >"$dir/zone" <<ZONE
host-record=a.test,127.0.0.1
naptr-record=secure.test,1,1,s,SIPS+D2W,,_sips._ws.secure.test
srv-host=_sips._ws.secure.test,a.test,$wss,1
srv-host=_sip._ws.second.test,a.test,$nobody,1
srv-host=_sip._ws.second.test,a.test,$ws,2
srv-host=_sip._ws.down.test,a.test,$nobody,1
ZONE
dns=$(free_port)
start dns dnsmasq --keep-in-foreground --conf-file="$dir/zone" --port="$dns" \
  --listen-address=127.0.0.1 --bind-interfaces --no-resolv --no-hosts \
  --pid-file= --user="$(id -un)" --log-facility=- --local=/test/
wait_for "dnsmasq runs" "$dir/dns" has dns started

# located LOG STATUS AOR
located() {
  output=$dir/$1 expected=$2
  timeout -k 5 60 "$BUILD/examples/ua" --dns "127.0.0.1:$dns" --ca "$trust" \
    --aor "$3" register >"$output" 2>&1
  verdict "$output" "$expected" $?
}
check "wss is found by NAPTR and SRV" located secure 0 sip:alice@secure.test
check "the URL has the domain, not the server" \
  has secure "^ *Host: secure\.test:$wss"
check "Via says WSS" has secure '^ *Via: SIP/2\.0/WSS '
check "ws is found, and the second server taken" \
  located second 0 sip:alice@second.test
check "a server that is down is told" located down 3 sip:alice@down.test
check "with its URL" has down "cannot connect to ws://down\.test:$nobody/"
check "a domain without one is told" located nowhere 3 sip:alice@nowhere.test
check "as such, and how to name one" \
  has nowhere 'no server for sip:alice@nowhere\.test.*as --server ws://'
stop "$helper"
check "so is a DNS server that is gone" located gone 3 sip:alice@second.test
check "as such" has gone 'the DNS gives no answer'
stop_proxy
