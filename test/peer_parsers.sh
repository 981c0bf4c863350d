#!/bin/sh
# Our parsers against those of libosip2 and sofia-sip: test/peer/parsers.c.
. test/peer/common.sh

packages="libosip2 sofia-sip-ua"
command -v pkg-config >/dev/null || fail "pkg-config is installed"
pkg-config $packages || fail "libosip2 and sofia-sip are installed"

# Their headers are not held to our warnings.
theirs=$(pkg-config --cflags $packages | sed 's/-I */-isystem /g')
${CC:-cc} -std=c99 -D_DEFAULT_SOURCE -Wall -Wextra $CFLAGS -Iinclude $theirs \
  -o "$dir/parsers" test/peer/parsers.c "$BUILD/libsipws.a" $LDFLAGS \
  $(pkg-config --libs $packages) -lwslay -lmbedcrypto >"$dir/cc.log" 2>&1 ||
  fail "test/peer/parsers.c compiles" "$dir/cc.log"
timeout -k 5 300 "$dir/parsers"
check "the comparison comes to its end" [ $? = 0 ]
