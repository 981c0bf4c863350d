"""Seeds each fault of faults.py into the library, builds echo_server and
echo_client with it, and has the driver show it. A fault that does not fit the
library's text any more has failed, as one that no case shows.

seed.py CERTS [TEXT]: only those with TEXT in what they break.
seed.py --check: only tells those that do not fit; nothing is built."""

import os
import re
import subprocess
import sys
import tempfile

from faults import FAULTS

BUILD = os.environ.get("BUILD", "build")
CC = os.environ.get("CC", "cc").split()
PARTS = ["net", "net_server", "secure"]  # of examples/
LIBS = ["-lmbedtls", "-lmbedx509", "-lwslay", "-lmbedcrypto"]
HERE = os.path.dirname(os.path.abspath(__file__))


def must(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return None if done.returncode == 0 else done.stderr


def text_of(name):
    with open(os.path.join("lib", name)) as source:
        return source.read()


def misfit(name, old):
    """Why the fault cannot be seeded, or None."""
    count = text_of(name).count(old)
    return None if count == 1 else \
        f"lib/{name} has {count} times {old!r}: adapt the fault"


def build(work, name, old, new):
    """The two programs with the fault in |work|/examples; None, or why not.
    The faulty file comes before the library, which then gives all the rest."""
    wrong = misfit(name, old)
    if wrong:
        return wrong
    faulty = os.path.join(work, name)
    with open(faulty, "w") as file:
        file.write(text_of(name).replace(old, new))
    wrong = must([*CC, "-std=c99", "-O1", "-w", "-Iinclude", "-Ilib", "-c",
                  "-o", faulty + ".o", faulty])
    for program in "echo_server", "echo_client":
        objects = [f"{BUILD}/examples/{part}.o" for part in [program, *PARTS]]
        wrong = wrong or must(
            [*CC, "-o", f"{work}/examples/{program}", *objects, faulty + ".o",
             f"{BUILD}/libsipws-tls.a", f"{BUILD}/libsipws.a", *LIBS])
    return wrong


def show(build, certs):
    """The first case that fails, or None."""
    done = subprocess.run(
        [sys.executable, os.path.join(HERE, "run.py"), "--first", "--brief",
         "--seconds", "2", "--certs", certs], capture_output=True, text=True,
        env={**os.environ, "BUILD": build})
    found = re.search(r"^not ok (.*)$", done.stdout, re.MULTILINE)
    return found.group(1) if found else None if done.returncode == 0 else \
        "the driver itself: " + done.stderr


def check():
    wrong = [f"{what}: {why}" for what, name, old, _ in FAULTS
             if (why := misfit(name, old))]
    print("\n".join(wrong or [f"all {len(FAULTS)} faults fit"]))
    return len(wrong) > 0


def main(certs, only=""):
    failed, shown = 0, 0
    case = show(BUILD, certs)
    if case:
        print(f"not ok without a fault all cases pass: {case}")
        return 1
    print("ok without a fault all cases pass", flush=True)
    for what, name, old, new in FAULTS:
        if only not in what:
            continue
        with tempfile.TemporaryDirectory() as work:
            os.mkdir(os.path.join(work, "examples"))
            wrong = build(work, name, old, new)
            case = None if wrong else show(work, certs)
        if case:
            shown += 1
            print(f"ok {what}: shown by {case}", flush=True)
        else:
            failed += 1
            print(f"not ok {what}: {wrong or 'no case shows it'}", flush=True)
    return failed > 0 or shown == 0


if __name__ == "__main__":
    sys.exit(check() if sys.argv[1:] == ["--check"] else main(*sys.argv[1:]))
