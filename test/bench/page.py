#!/usr/bin/env python3
"""make bench-page: the results page, on stdout, of what the last "make bench"
wrote into $BUILD. Nobody copies figures by hand."""
import json
import os

import page_echo
from rows import Rows, markdown

BUILD = os.environ.get("BUILD", "build")
UWS = "uws"  # what the adapter of uWebSockets calls itself (PEERS)

INTRO = """\
# Measured

Written by `make bench-page` from the rows of `make bench` (`bench.json`).

{cpu}, {cores} cores; {compiler}, `{flags}`; {day}; commit {commit}; load {load:.1f}
as it began. Absolute times are of that machine and hour: take ratios, and
instruction counts, which repeat.

![CPU time a message over its size](RESULTS.svg)
"""

METHOD = """\
## What the rows mean

| work | |
| --- | --- |
| decode | octets in, message event out, at a server: an INVITE with 15 header lines and SDP in one masked text frame; one frame a read |
| decode-1448 | the same stream of frames in reads of 1448 octets, which cut them anywhere |
| decode-utf8 | the same with names that are not ASCII (one to four octets a character) |
| encode-plain, encode-masked | message in, octets for the transport out; a server's, a client's |
| echo | decode, and encode of the same message as the reply, in memory |
| echo-socket | the same over a socketpair in one thread; the peer's sending and receiving are in the figure, too |
| handshake, handshake-client | a connection from its making to its end, opened by a browser's request, or by a server's answer |
| idle | what one more connection holds after messages both ways, cut by reads, and 10 s of silence: all that is asked of malloc, wslay's own memory included |

| codec | |
| --- | --- |
| sipws | public calls with callbacks; profile SIP: UTF-8 checked, Content-Length verdict with each message, outgoing messages parsed |
| sipws-opaque | the same library, profile opaque: UTF-8 checked, no SIP, as all peers do |
| sipws-avx2 | as sipws, the library built with `-mavx2`: vectors of 32 octets in place of 16 |
| sipws-lane0 | the library built with `LANE=0`: wslay unmasks and masks |
| wslay | its event level: UTF-8 checked, no SIP |
| lws | libwebsockets, UTF-8 checked; it parses on sockets of its own, so it has echo-socket and idle alone |
| uws, uws-simdutf | uWebSockets built with `-O2`, UTF-8 checked by its own code, or by simdutf, which uses AVX2; no SIP. Where `PEERS` has adapters for them |
| copy | memcpy of the same octets in the same loop, by the vectors that the C library finds at run time |

## How

- Each codec is a shared object behind the same few calls (`codec.h`), loaded into
  one process; any other can be added by `make bench PEERS=dir`.
- Before it is timed, each codec's messages and frames are compared, octet by
  octet, with what they must be.
- Every read is a memcpy into the read buffer, for every codec: what a socket would
  do. For decode, copy is that alone; ratios to copy count it on both sides.
- The codecs take turns in batches of about 0.4 ms, {rounds} rounds, each begun by
  another one; the figure is the median. Time is the thread's CPU time.
- Instructions are counted by valgrind over 64 pieces of work, the loop around them
  and the memcpy of each read included (`count.sh`).
- Texts begin a page and are copied to the middle of one: where octets lie matters
  to memcpy (`work.h`).
- Random numbers are cheap ones, the same for all.
- The heap of wslay counts one block of 32 octets of its adapter.
"""


WHY = """\
`met` judges sipws, or sipws-opaque where it stands alone. A ratio to copy or
raw is our time over theirs, one to wslay or uws theirs over ours, but for echo.

## Why some are missed

- **decode, as SIP.** Without SIP its goals are met. The verdict costs {verdict:,}
  instructions more at 1161 octets: about 5 a vector of 16 octets to find the line
  ends, 50 a line to judge its name, and the start line and Content-Length. No
  peer looks at any of that. Finding line ends while unmasking was counted: it
  saves a load a vector of the headers and costs as much on the body. `copy` is
  the C library's memcpy by vectors of 32 octets, chosen at run time; sipws-avx2
  shows what those give here. uWebSockets, which checks no SIP, is {uws:.0f} × copy.
- **decode-utf8, as SIP**: the same verdict again.
- **encode-masked.** A copy of 1.2 kB takes {copy:.0f} ns. One message costs about 1,000
  instructions before and behind its octets: three public calls (send, pending,
  taken), limits, number, random key, queue, trace, what is told as sent. At 4 kB
  they weigh less, and the opaque goals are met or nearly. As SIP it is parsed
  before it is sent, unless `SIPWS_SEND_UNCHECKED` says not to.
- **growth**, when it is: a run's ratios are uncertain by some 10 %, see MILLION.md.
"""


class Goal:
    """A row of the goals' table."""

    def __init__(self, what, text, reach, is_met):
        self.what, self.text = what, text
        self.reach, self.is_met = reach, is_met

    def cells(self, table):
        """What, goal, reached by sipws and by sipws-opaque, met."""
        figures = [self.reach(table, codec)
                   for codec in ("sipws", "sipws-opaque")]
        shown = ["-" if figure is None else
                 f"{figure:.1f} ×" if isinstance(figure, float) else
                 f"{figure:,}" for figure in figures]
        met = ("not in this run" if figures[0] is None else
               page_echo.verdict(self.is_met(figures[0])))
        return [self.what, self.text] + shown + [met]


def ratio(work, octets, other, ours_above):
    """Of ns: ours to the other's, or the other's to ours."""
    def reach(table, codec):
        ours = table.get("ns", codec, work, octets)
        theirs = table.get("ns", other, work, octets)
        if ours is None or theirs is None:
            return None
        return ours / theirs if ours_above else theirs / ours
    return reach


def figure(field, work, octets=None):
    """A figure as it is."""
    return lambda table, codec: table.get(field, codec, work, octets)


def at_most_copies(work, octets, most):
    return Goal(f"{work} {octets}", f"at most {most} × copy",
                ratio(work, octets, "copy", True), lambda x: x <= most)


def faster(work, octets, other, least):
    text = f"at least {least} × as fast as {other}" if least > 1 else \
        f"ahead of {other}"
    return Goal(f"{work} {octets}", text, ratio(work, octets, other, False),
                lambda x: x >= least)


def at_most(what, text, reach, most):
    return Goal(what, text.format(f"{most:,}"), reach, lambda x: x <= most)


GOALS = [
    at_most_copies("decode", 1161, 6),
    faster("decode", 1161, "wslay", 40),
    faster("decode", 1161, UWS, 1),
    at_most("decode 1161", "at most {} instructions",
            figure("instructions", "decode", 1161), 1500),
    faster("decode-1448", 3964, "wslay", 40),
    faster("decode-utf8", 1200, "wslay", 30),
    faster("decode-utf8", 1200, UWS, 1),
    at_most_copies("encode-masked", 1200, 2.5),
    at_most_copies("encode-masked", 4000, 2.5),
    faster("encode-masked", 1200, "wslay", 15),
    faster("encode-masked", 4000, "wslay", 15),
    at_most("idle", "at most {} octets", figure("heap", "idle"), 400),
    at_most("idle", "at most {} blocks", figure("blocks", "idle"), 2),
    at_most("handshake", "at most {} instructions",
            figure("instructions", "handshake"), 25000),
]


def why(table):
    """Of the goals that are missed."""
    def ns(codec, work, octets):
        return table.get("ns", codec, work, octets)

    def count(codec):
        return table.get("instructions", codec, "decode", 1161)

    uws = ns(UWS, "decode", 1161)
    return WHY.format(verdict=count("sipws") - count("sipws-opaque"),
                      uws=(uws or 0) / ns("copy", "decode", 1161),
                      copy=ns("copy", "encode-masked", 1200))


def main():
    with open(BUILD + "/bench.json") as file:
        table = Rows(json.load(file))
    with open(BUILD + "/bench-run.json") as file:
        run = json.load(file)
    idle, blocks = table.idle()
    print(INTRO.format(**run))
    print("## Goals\n")
    print(markdown(["what", "goal", "sipws", "sipws-opaque", "met"],
                   [goal.cells(table) for goal in GOALS] +
                   page_echo.goals(BUILD)))
    print()
    print(why(table))
    print("## CPU time, ns a message or handshake\n")
    print(markdown(*table.grid("ns")))
    print("\n## Instructions a message or handshake\n")
    print(markdown(*table.grid("instructions")))
    print("\n## An idle connection, octets (blocks) of heap\n")
    print(markdown(idle, [blocks]))
    print()
    print(page_echo.text(BUILD))
    print(METHOD.format(**run), end="")


if __name__ == "__main__":
    main()
