#!/usr/bin/env python3
"""make bench: times and counts every codec given at every work, prints tables,
and writes $BUILD/bench.json (a list of rows), $BUILD/bench-run.json (where and
when) and $BUILD/bench.svg.

    run.py CODEC.so…      BUILD and ROUNDS (301) from the environment"""
import json
import os
import subprocess
import sys
import time

import chart
from rows import Rows

BUILD = os.environ.get("BUILD", "build")
ROUNDS = os.environ.get("ROUNDS", "301")
BENCH = BUILD + "/bench/bench"
HEAP = BUILD + "/bench/heap"
HERE = os.path.dirname(os.path.abspath(__file__))


def say(text):
    """Progress on a terminal; the tables come at the end."""
    if sys.stderr.isatty():
        print("\r\033[K" + text, end="", file=sys.stderr, flush=True)


def instructions(work, octets, codec):
    """Of one message, or one handshake."""
    run = subprocess.run(["sh", HERE + "/count.sh", "16", "80", BENCH, "count",
                          work, str(octets), "N", codec],
                         stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:
        sys.exit(f"bench: no instructions of {work} {octets} {codec}")
    return int(run.stdout)


def timed(codecs):
    """Rows with ns, as the program tells them."""
    rows = []
    with subprocess.Popen([BENCH, "time", ROUNDS] + codecs, text=True,
                          stdout=subprocess.PIPE) as run:
        for line in run.stdout:
            work, codec, octets, read, ns = line.split()
            rows.append({"work": work, "codec": codec, "octets": int(octets),
                         "read": int(read), "ns": float(ns),
                         "instructions": None, "heap": None})
            say(f"timed {work} {octets}: {codec}")
    if run.returncode != 0:
        sys.exit("\nbench: stopped; see above")
    return rows


def idle(codecs):
    """Rows of idle connections."""
    told = subprocess.run([HEAP] + codecs, check=True, text=True,
                          capture_output=True).stdout
    rows = []
    for line in told.splitlines():
        codec, octets, blocks = line.split()
        rows.append({"work": "idle", "codec": codec, "octets": 0, "read": 0,
                     "ns": None, "instructions": None, "heap": int(octets),
                     "blocks": int(blocks)})
    return rows


def said(*command):
    """The first line that a command prints, or nothing."""
    try:
        run = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return (run.stdout.splitlines() or [""])[0]


def where():
    """What the figures belong to."""
    cpu = "unknown CPU"
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    dirty = said("git", "status", "--porcelain", "--untracked-files=no", "--",
                 ".", ":!test/bench/RESULTS.*")
    return {"cpu": cpu, "cores": os.cpu_count(), "rounds": int(ROUNDS),
            "day": time.strftime("%Y-%m-%d", time.gmtime()),
            "commit": said("git", "rev-parse", "--short", "HEAD") +
            (" and changes" if dirty else ""),
            "compiler": said(os.environ.get("CC", "cc"), "--version"),
            "flags": os.environ.get("CFLAGS", ""),
            "load": os.getloadavg()[0]}


def name_of(codec):
    """The name that a codec's rows carry, of its file."""
    return os.path.basename(codec)[:-len(".so")]


def main():
    codecs = sys.argv[1:]
    by_name = {name_of(codec): codec for codec in codecs}
    run = where()
    print("bench: takes two or three minutes", flush=True)
    rows = timed(codecs)
    for row in rows:
        say(f"counting {row['work']} {row['octets']}: {row['codec']}")
        row["instructions"] = instructions(row["work"], row["octets"],
                                           by_name[row["codec"]])
    rows += idle(codecs)
    say("")
    with open(BUILD + "/bench.json", "w") as file:
        file.write("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
    with open(BUILD + "/bench-run.json", "w") as file:
        json.dump(run, file, indent=1)
    table = Rows(rows)
    for title, field in (("ns", "ns"), ("instructions", "instructions")):
        print(f"\n{title} per message, or handshake\n")
        print(table.text(field))
    print("\nan idle connection after traffic, octets (blocks) of heap\n")
    print(table.idle_text())
    print(f"\n{run['cpu']}, {run['compiler']}, {run['flags']}; medians of "
          f"{ROUNDS} rounds, interleaved; load {run['load']:.1f} when it began")
    print(f"rows: {BUILD}/bench.json   chart: {BUILD}/bench.svg")
    try:
        chart.draw(rows, BUILD)
    except subprocess.CalledProcessError:
        print("bench: no chart: gnuplot failed, see above")


if __name__ == "__main__":
    main()
