"""Where the npm package ws 8.23.0, run as server and as client, does otherwise
than our cases ask: they show that the driver asks more than another good
implementation gives, and nothing that it could not. All other cases it passes.

ws_differences.py ROLE LOG checks what run.py said of it: every failure is one of
these, and each of these was seen. Beside them, for all cases
(run.py --waits): ws ends TCP when a Close went each way, as client too (RFC
6455 7.1.1: it SHOULD wait for the server), and when it fails a connection waits
for our Close first (7.1.7 has it end then)."""

import re
import sys

SERVER, CLIENT = ["server"], ["client"]
BOTH = SERVER + CLIENT

# Roles; cases, as a pattern; what ws does.
DIFFERENCES = [
    (BOTH, r"framing, a length of \d+ in [28] octets",
     "takes lengths that are not of the shortest form (5.2: MUST)"),
    (BOTH, r"framing, a length (with its top bit set|of all ones)",
     "refuses 64-bit lengths over 2^53 as too big: 1009 instead of 1002"),
    (BOTH, r"control, .* is seen in the first octet|utf8, a bad octet at the "
     r"end of 65000 good ones",
     "judges the first two octets together, and text when it has ended (5.2 "
     "and 8.1 let it): the cases \"noticed in a …\" are like this and not "
     "tried, as each would wait in vain"),
    (BOTH, r"close, (with a reason .*|with a reason|one octet a write|code "
     r"\d+ with a reason)",
     "sends the reason back with the code (5.5.1 asks for the code alone)"),
    (BOTH, r"limits, (257 frames|256 frames that are not final.*)",
     "closes with 1008 where too many frames come, not with 1009"),
    (SERVER, r"handshake, request: tokens in other cases, among others",
     "wants \"websocket\" as the only Upgrade (4.2.1: one among others)"),
    (SERVER, r"handshake, request: (version 8|no Host|two Hosts|HTTP/[12].0|"
     r"a body|101 header lines)",
     "upgrades what it should refuse (4.2.1, 4.4): node has no such checks"),
    (SERVER, r"handshake, request: offered what is none: .*",
     "does not read extensions while compression is off (9.1)"),
    (SERVER, r"handshake, request: ((no|another) Upgrade|no Connection|"
     r"Connection without.*|(no|an empty) key|a key .*|two keys|no version|"
     r"version (0|12|14|255)|two versions|POST|two lengths|nonsense|"
     r"a line folded)",
     "refuses likewise, with other statuses and bodies than echo_server"),
    (CLIENT, r"handshake, answer: HTTP/1.0",
     "takes 101 in HTTP/1.0 (RFC 9110 7.8: there is no Upgrade)"),
]


def read(role, log):
    """The cases that failed, as "section, name"."""
    found = re.findall(rf"^not ok {role} ws opaque: (\w+) \d+(, .*)$", log,
                       re.MULTILINE)
    return [section + name for section, name in found]


def main(role, path):
    with open(path) as file:
        failed = read(role, file.read())
    known = [(re.compile(pattern), what) for roles, pattern, what in DIFFERENCES
             if role in roles]
    bad = 0
    for pattern, what in known:
        count = sum(bool(pattern.fullmatch(case)) for case in failed)
        bad += not count
        print(f"{'ok' if count else 'not ok'} ws as {role}: {what} "
              f"({count} cases)")
    for case in failed:
        if not any(pattern.fullmatch(case) for pattern, _ in known):
            bad += 1
            print(f"not ok ws as {role}: {case}")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
