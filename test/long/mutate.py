#!/usr/bin/env python3
"""Mutation testing: changes one thing at a time in a room of the library and
sees whether a test notices.

Run from the top folder, with the tests built in $BUILD (default: build). A
mutant that no test notices is tried once more with ASan and UBSan. One that the
compiler turns into the same code as the original is no mutant and is not
counted. Survivors are printed; those that test/long/survivors.txt lists are
counted apart. What no time was left for is told. The last line tells the share
that was killed. --check runs no mutant, and needs nothing built.
"""
import argparse
import collections
import concurrent.futures
import functools
import os
import random
import re
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("BUILD", "build")
CC = os.environ.get("CC", "cc")
LIBS = ["-lcmocka", "-lwslay", "-lmbedcrypto"]
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]

# A room: its files, and the tests that know it, the quickest first.
ROOMS = {
    "message": (
        ["message", "frame", "frame_codec"],
        ["test_conn_bcases", "test_conn_lane", "test_conn_close",
         "test_conn_message", "test_conn_memory", "test_frame", "test_message"],
    ),
    "handshake": (
        ["handshake", "handshake_client", "handshake_server",
         "handshake_answer", "http", "http_list", "http_lines"],
        ["test_handshake", "test_handshake_client", "test_handshake_server",
         "test_http", "test_http_list", "test_http_lines",
         "test_conn_handshake", "test_conn_take", "test_conn_client",
         "test_conn_bcases_http"],
    ),
    "sip": (
        ["sip", "sip_value", "sip_header", "sip_edit", "sip_build"],
        ["test_sip_value", "test_sip_header", "test_sip_edit", "test_sip_build",
         "test_sip_uri", "test_via", "test_contact", "test_torture",
         "test_sip", "test_conn_message"],
    ),
}

# What may be changed, and into what; spaces tell binary from unary operators.
SWAPS = [
    (r" < ", [" <= ", " >= "]),
    (r" <= ", [" < ", " > "]),
    (r" > ", [" >= ", " <= "]),
    (r" >= ", [" > ", " < "]),
    (r" == ", [" != "]),
    (r" != ", [" == "]),
    (r" && ", [" || "]),
    (r" \|\| ", [" && "]),
    (r" \+ ", [" - "]),
    (r" - ", [" + "]),
    (r" \* ", [" + "]),
    (r" & ", [" | "]),
    (r" \| ", [" & "]),
    (r" << ", [" >> "]),
    (r" >> ", [" << "]),
    (r" \+= ", [" -= "]),
    (r" -= ", [" += "]),
    (r"\+\+", ["--"]),
    (r"(?<!-)--(?!-)", ["++"]),
    (r"\bif \((?!!)(?=\w+(\(|\)|->|\.))", ["if (!"]),
    (r"\bif \(!", ["if ("]),
    (r"\bSIPWS_ERR_[A-Z0-9_]+\b", ["0", "-99"]),
    (r"\breturn 0;", ["return 1;"]),
    (r"\breturn 1;", ["return 0;"]),
    (r"(?<![\w.'])([2-9]|[1-9]\d+)(?![\w.'])", ["+1", "-1"]),
    (r"(?<![\w.'])([01])(?![\w.'])(?!;)", ["+1"]),
]
# A statement on a line of its own that can go.
STATEMENT = re.compile(r"^\s+(?!return|break|continue|goto|case|default|else|do\b)"
                       r"[\w*(][^{}]*;$")
DECLARATION = re.compile(r"^\s+(static |const |struct |enum |union |unsigned |"
                         r"size_t |u?int\w* |char |void |sipws_\w+ \**\w+(;|,| =))")


def code_lines(text):
    """(number, line, function) of code: no comments, no preprocessor, no text of
    the file level. Strings keep their place but lose their content."""
    text = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group()), text,
                  flags=re.S)
    text = re.sub(r'"(\\.|[^"\\\n])*"', lambda m: '"' + "\0" * (len(m.group()) - 2)
                  + '"', text)
    text = re.sub(r"'(\\.|[^'\\\n])'", lambda m: "'" + "\0" * (len(m.group()) - 2)
                  + "'", text)
    continued = False
    inside = False
    function = ""
    for number, line in enumerate(text.split("\n")):
        directive = continued or line.startswith("#")
        continued = directive and line.endswith("\\")
        if not directive and inside and line.startswith("  "):
            yield number, line, function
        begun = None if directive else re.match(r"\w.*?(\w+)\(", line)
        function = begun.group(1) if begun else function
        if line.startswith("}"):
            inside = False
        elif line.endswith("{") and not re.match(r"(struct|enum|union|static const)",
                                                 line):
            inside = True


def mutants_of(path):
    """All (line number, function, column, length, replacement) of a file."""
    text = open(path, encoding="utf-8").read()
    for number, line, function in code_lines(text):
        first = 0
        if DECLARATION.match(line):  # what it is set to, not how much there is
            first = line.find("=") if "=" in line else len(line)
        for pattern, results in SWAPS:
            for match in re.finditer(pattern, line):
                for result in results if match.start() >= first else ():
                    new = result
                    if result in ("+1", "-1"):
                        new = str(int(match.group()) + int(result))
                    yield number, function, match.start(), len(match.group()), new
        if STATEMENT.match(line) and not DECLARATION.match(line):
            start = len(line) - len(line.lstrip())
            yield number, function, start, len(line) - start, ";"


def run(command, limit):
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=limit,
                              check=False).returncode
    except subprocess.TimeoutExpired:
        return -1


def compile_to(source, out, opts):
    return run([CC, "-std=c99", "-w", "-Iinclude", "-Ilib", *opts, "-c", "-o", out,
                source], 60)


def octets(path):
    with open(path, "rb") as file:
        return file.read()


def optimized(source, work):
    """What the optimizer makes of a source."""
    out = os.path.join(work, "optimized.s")
    compile_to(source, out, ["-O2", "-S"])
    return re.sub(rb'^\s*\.file.*$', b"", octets(out), flags=re.M)


@functools.lru_cache(maxsize=None)
def optimized_original(path):
    with tempfile.TemporaryDirectory(prefix="mutant") as work:
        return optimized(path, work)


def judge(mutant, limits):
    """'killed', 'survived', 'same' (no mutant), or 'invalid' (no program)."""
    path, (number, _, column, length, new) = mutant
    lines = open(path, encoding="utf-8").read().split("\n")
    line = lines[number]
    lines[number] = line[:column] + new + line[column + length:]
    with tempfile.TemporaryDirectory(prefix="mutant") as work:
        source = os.path.join(work, os.path.basename(path))
        with open(source, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
        # what no test notices by itself meets the sanitizers, as in .ci/run
        for options in ([], SANITIZE):
            for test, program in linked([source], options, limits, work):
                if program is None:
                    return "invalid"
                if run([program], limits[test]) != 0:
                    return "killed"
        same = optimized(source, work) == optimized_original(path)
    return "same" if same else "survived"


def linked(sources, options, tests, work):
    """(test, program) of each, in which these sources stand for the built ones;
    the program is None when they do not compile."""
    changed = []
    for source in sources:
        changed.append(os.path.join(work, os.path.basename(source) + ".o"))
        if compile_to(source, changed[-1], ["-O1", *options]) != 0:
            yield None, None
            return
    for test in tests:
        program = os.path.join(work, test)
        parts = [f"{BUILD}/test/{name}.o" for name in (test, "support", "pair")]
        if run([CC, *options, "-o", program, *parts, *changed,
                f"{BUILD}/libsipws.a", *LIBS], 60) != 0:
            sys.exit(f"mutate: {test} does not link; run: make tests")
        yield test, program


def limits_unchanged(paths, tests):
    """The seconds each test may take: several times what it takes with nothing
    changed. It must pass then, or all would seem killed."""
    limits = {}
    with tempfile.TemporaryDirectory(prefix="mutant") as work:
        for test, program in linked(paths, SANITIZE, tests, work):
            began = time.monotonic()
            if program is None or run([program], 300) != 0:
                sys.exit(f"mutate: {test} fails with nothing changed")
            limits[test] = 5 + 10 * (time.monotonic() - began)
    return limits


def describe(mutant):
    path, (number, function, column, length, new) = mutant
    line = open(path, encoding="utf-8").read().split("\n")[number]
    changed = line[:column] + "[" + line[column:column + length] + " -> " \
        + new + "]" + line[column + length:]
    return f"{path}: {function}: {changed.strip()}"


def listed():
    """What test/long/survivors.txt lists: a survivor a line as it is printed,
    below a comment that says why nothing can notice."""
    name = os.path.join(os.path.dirname(__file__), "survivors.txt")
    with open(name, encoding="utf-8") as file:
        lines = file.read().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def misfits(known, mutants):
    """How many of |known| are not one mutant each, or stand there twice."""
    named = collections.Counter(map(describe, mutants))
    wrong = [text for text in known if named[text] != 1]
    twice = [text for text, count in collections.Counter(known).items()
             if count > 1]
    for text in wrong:
        print(f"listed, but of {named[text]} mutants: {text}")
    for text in twice:
        print(f"listed twice: {text}")
    return len(wrong) + len(twice)


def choose(mutants, count):
    """Every so manieth, so that all of the room is looked at, in an order that is
    always the same and looks at all of it however early it ends."""
    if 0 < count < len(mutants):
        mutants = [mutants[i * len(mutants) // count] for i in range(count)]
    random.Random(1).shuffle(mutants)
    return mutants


def judge_all(room, mutants, limits, known, jobs, minutes):
    """How many came to which end. Prints survivors that are not |known|."""
    began = told = time.monotonic()
    results = collections.Counter()

    def judge_in_time(mutant):
        return "left" if time.monotonic() > began + 60 * minutes \
            else judge(mutant, limits)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for mutant, result in zip(mutants, pool.map(judge_in_time, mutants)):
            text = describe(mutant)
            if result == "survived" and text in known:
                result = "listed"
            results[result] += 1
            if result == "survived":
                print(text, flush=True)
            if result != "left" and time.monotonic() > told + 10:
                told = time.monotonic()
                print(f"{room}: {results.total()} of {len(mutants)}, "
                      f"{told - began:.0f} s …", file=sys.stderr, flush=True)
    return results


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=400, metavar="N",
                        help="so many mutants of the room; 0: all (default: 400)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N",
                        help="so many at once (default: one a core)")
    parser.add_argument("--minutes", type=float, default=60, metavar="N",
                        help="no mutant begins later (default: 60)")
    parser.add_argument("--only", metavar="FILE[:LINE]",
                        help="mutants of this file, or line")
    parser.add_argument("--check", action="store_true",
                        help="only whether each survivor listed, of any room, is "
                             "one mutant")
    parser.add_argument("room", choices=ROOMS, nargs="?")
    args = parser.parse_args()
    if not args.room and not args.check:
        parser.error(f"which room: {', '.join(ROOMS)}?")
    return args


def paths_of(room):
    return [f"lib/sipws_{name}.c" for name in ROOMS[room][0]]


def check():
    known = listed()
    wrong = misfits(known, [(path, m) for room in ROOMS for path in paths_of(room)
                            for m in mutants_of(path)])
    print(f"{len(known)} survivors listed, {wrong} wrongly")
    return 1 if wrong else 0


def main():
    args = arguments()
    if args.check:
        return check()
    paths, tests = paths_of(args.room), ROOMS[args.room][1]
    mutants = [(path, m) for path in paths for m in mutants_of(path)]
    known = [text for text in listed() if text.startswith(tuple(paths))]
    wrong = misfits(known, mutants)
    if args.only:
        name, _, line = args.only.partition(":")
        mutants = [m for m in mutants if m[0].endswith(name)
                   and (not line or m[1][0] + 1 == int(line))]
    chosen = choose(mutants, args.count)
    print(f"{args.room}: {len(chosen)} of {len(mutants)} mutants", file=sys.stderr,
          flush=True)
    results = judge_all(args.room, chosen, limits_unchanged(paths, tests), known,
                        args.jobs, args.minutes)
    real = results["killed"] + results["survived"] + results["listed"]
    share = 100 * results["killed"] / max(real, 1)
    if results["left"]:
        print(f"{args.minutes:g} minutes ended: {results['left']} mutants left")
    print(f"{args.room}: {real} mutants, {results['killed']} killed "
          f"({share:.1f} %), {results['listed']} listed, {results['survived']} "
          f"not; not counted: {results['same']} of the same code, "
          f"{results['invalid']} invalid")
    return 0 if real >= 300 and share >= 90 and results["survived"] == 0 \
        and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
