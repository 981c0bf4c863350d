#!/bin/sh
# examples/locate against a real DNS server, Debian's dnsmasq, on loopback.
# WRAPPER may name a checker, such as valgrind.
BUILD=${BUILD:-build}
. test/check.sh
locate=$BUILD/examples/locate
PATH=$PATH:/usr/sbin
server=

clean_up() {
  [ -z "$server" ] || kill "$server" 2>/dev/null
  wait
}

# tells NAME STATUS ARGUMENTS…: locate ends with STATUS and writes what stands
# on our standard input.
tells() {
  name=$1 status=$2
  shift 2
  cat >"$work/expected"
  timeout -k 5 60 $WRAPPER "$locate" --server "127.0.0.1:$port" "$@" \
    >"$work/out" 2>"$work/err"
  [ $? = "$status" ] && diff "$work/expected" "$work/out" >"$work/diff"
  report $? "$name" "$work/diff"
}

command -v dnsmasq >/dev/null
report $? "dnsmasq is there (Debian: dnsmasq-base)"
[ -x "$locate" ]
report $? "examples/locate is built"
[ "$failed" = 0 ] || exit 1

cat >"$work/zone" <<'ZONE'
# NAPTR, SRV with priorities, addresses of both families
naptr-record=full.test,20,10,s,SIP+D2W,,_sip._ws.full.test
naptr-record=full.test,10,20,s,SIPS+D2T,,_sips._tcp.full.test
naptr-record=full.test,10,10,s,SIPS+D2W,,_sips._ws.full.test
srv-host=_sips._ws.full.test,b.full.test,8443,20,0
srv-host=_sips._ws.full.test,a.full.test,443,10,0
srv-host=_sip._ws.full.test,b.full.test,8080,1,0
host-record=a.full.test,192.0.2.1,2001:db8::1
host-record=b.full.test,192.0.2.2
# NAPTR that puts the plain service first
naptr-record=both.test,10,10,s,SIP+D2W,,_sip._ws.full.test
naptr-record=both.test,20,10,s,SIPS+D2W,,_sips._ws.full.test
# NAPTR for other transports alone, or of another kind
naptr-record=other.test,10,10,s,SIP+D2U,,_sip._udp.other.test
naptr-record=other.test,10,10,u,E2U+sip,!^.*$!sip:a@b.test!
srv-host=_sip._ws.other.test,a.full.test,81,1,0
# SRV alone; the second of the labels for wss
srv-host=_sip._ws.srv.test,alias.srv.test,8080,1,0
srv-host=_sips._wss.srv.test,b.full.test,443,1,0
cname=alias.srv.test,a.full.test
# addresses alone
host-record=plain.test,192.0.2.3,2001:db8::3
host-record=six.test,2001:db8::6
# the service is not there
srv-host=_sip._ws.denied.test
host-record=denied.test,192.0.2.4
# weight: all of it on one server, or the same on two
srv-host=_sip._ws.heavy.test,b.full.test,80,1,65535
srv-host=_sip._ws.heavy.test,plain.test,80,1,0
srv-host=_sip._ws.even.test,b.full.test,80,1,50
srv-host=_sip._ws.even.test,denied.test,80,1,50
# a NAPTR record that leads to itself
naptr-record=circle.test,1,1,s,SIP+D2W,,circle.test
host-record=circle.test,192.0.2.5
ZONE

# A port that is free now may be taken a moment later: try some.
port=$((20000 + $$ % 20000))
for try in 1 2 3 4 5; do
  port=$((port + 1))
  : >"$work/dnsmasq"
  dnsmasq --keep-in-foreground --conf-file="$work/zone" --port="$port" \
    --listen-address=127.0.0.1 --bind-interfaces --no-resolv --no-hosts \
    --pid-file= --user="$(id -un)" --log-facility=- --local=/test/ \
    --local-ttl=1 >"$work/dnsmasq" 2>&1 &
  server=$!
  tries=0
  until grep -q 'started' "$work/dnsmasq" || [ "$tries" = 300 ]; do
    sleep 0.1
    kill -0 "$server" 2>/dev/null || break
    tries=$((tries + 1))
  done
  grep -q 'started' "$work/dnsmasq" && kill -0 "$server" 2>/dev/null && break
  kill "$server" 2>/dev/null
  wait "$server"
  server=
done
[ -n "$server" ]
report $? "dnsmasq runs" "$work/dnsmasq"
[ "$failed" = 0 ] || exit 1

tells "NAPTR, then SRV by priority, then AAAA and A" 0 sip:full.test <<'END'
wss://full.test/ [2001:db8::1]:443 a.full.test
wss://full.test/ 192.0.2.1:443 a.full.test
wss://full.test:8443/ 192.0.2.2:8443 b.full.test
END
tells "NAPTR by order" 0 --ipv4 sip:both.test <<'END'
ws://both.test:8080/ 192.0.2.2:8080 b.full.test
END
tells "sips takes no plain service" 0 --ipv4 sips:both.test <<'END'
wss://both.test/ 192.0.2.1:443 a.full.test
wss://both.test:8443/ 192.0.2.2:8443 b.full.test
END
tells "a transport that is named goes to SRV" 0 'sip:full.test;transport=ws' \
  <<'END'
ws://full.test:8080/ 192.0.2.2:8080 b.full.test
END
tells "a port goes to addresses" 0 --ipv4-first \
  'sip:a.full.test:8080;transport=ws' <<'END'
ws://a.full.test:8080/ 192.0.2.1:8080 a.full.test
ws://a.full.test:8080/ [2001:db8::1]:8080 a.full.test
END
tells "an address goes nowhere" 0 'sips:[2001:db8::9]' <<'END'
wss://[2001:db8::9]/ [2001:db8::9]:443 [2001:db8::9]
END
tells "NAPTR of other transports is as none" 0 --ipv4 sip:other.test <<'END'
ws://other.test:81/ 192.0.2.1:81 a.full.test
END
tells "SRV without NAPTR, and a CNAME behind it" 0 sip:srv.test <<'END'
ws://srv.test:8080/ [2001:db8::1]:8080 alias.srv.test
ws://srv.test:8080/ 192.0.2.1:8080 alias.srv.test
END
tells "SRV under the second label" 0 sips:srv.test <<'END'
wss://srv.test/ 192.0.2.2:443 b.full.test
END
tells "addresses alone" 0 sip:plain.test <<'END'
ws://plain.test/ [2001:db8::3]:80 plain.test
ws://plain.test/ 192.0.2.3:80 plain.test
END
tells "addresses alone, securely" 0 --secure --ipv6 sip:plain.test <<'END'
wss://plain.test/ [2001:db8::3]:443 plain.test
END
tells "AAAA alone" 0 sip:six.test <<'END'
ws://six.test/ [2001:db8::6]:80 six.test
END
tells "SRV with the target ." 1 sip:denied.test </dev/null
grep -q 'no server' "$work/err"
report $? "that is told" "$work/err"
tells "a domain that is not there" 1 sip:nowhere.test </dev/null
tells "a circle" 0 sip:circle.test <<'END'
ws://circle.test/ 192.0.2.5:80 circle.test
END
tells "weight 65535 against 0" 0 --ipv4 sip:heavy.test <<'END'
ws://heavy.test/ 192.0.2.2:80 b.full.test
ws://heavy.test/ 192.0.2.3:80 plain.test
END

# Two servers of the same weight: either is first at times. That 24 searches
# show one alone happens once in eight millions.
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do
  timeout -k 5 60 "$locate" --server "127.0.0.1:$port" --ipv4 sip:even.test |
    head -n 1
done | sort -u >"$work/seen"
[ "$(wc -l <"$work/seen")" = 2 ]
report $? "equal weights share" "$work/seen"

tells "a URI that is none" 2 tel:1 </dev/null
tells "a transport that is not ours" 1 'sip:full.test;transport=udp' </dev/null
tells "no URI" 2 </dev/null
kill "$server"
wait "$server"
server=
tells "a DNS server that is gone" 3 sip:full.test </dev/null
