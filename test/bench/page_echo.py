"""What make bench-echo and make bench-many measured, for the results page.
page_echo.py echo|many tells the goals that they end with."""
import json
import os
import sys

from rows import markdown

HEAD = """\
## Echo servers over loopback, CPU of the server

`make bench-echo`: ns a message of 1200 octets, and that relative to a raw TCP echo,
for connections x messages outstanding on each; commit {commit}, {day}.

"""

MANY = """
## Growth over loopback

`make bench-many`: CPU of the server a message, ns; commit {commit}, {day}.

"""


def load(path):
    """What a file says, or nothing."""
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return json.load(file)


def grid(rows):
    """A line a server, a column a shape."""
    shapes = list(dict.fromkeys(row["work"] for row in rows))
    codecs = list(dict.fromkeys(row["codec"] for row in rows))
    found = {(row["codec"], row["work"]): row for row in rows}
    lines = []
    for codec in codecs:
        cells = [found.get((codec, shape)) for shape in shapes]
        lines.append([codec] + ["-" if row is None else
                                f"{row['ns']:,} ({row['of_raw']:.2f} ×)"
                                for row in cells])
    return [""] + [shape.removeprefix("echo-") for shape in shapes], lines


def growth(rows):
    """A line a number of connections."""
    return (["connections", "raw", "sipws", "of raw"],
            [[f"{int(row['work'].removeprefix('many-')):,}",
              f"{row['raw_ns']:,}", f"{row['sipws_ns']:,}",
              f"{row['of_raw']:.2f} ×"]
             for row in rows if row["work"].startswith("many-")])


def verdict(is_met):
    return "yes" if is_met else "no"


def echo_goals(build):
    """Rows of the goals' table; these servers speak as opaque."""
    rows = []
    echo = (load(build + "/bench-echo.json") or {"rows": []})["rows"]
    found = {(row["codec"], row["work"]): row for row in echo}
    for shape in ("echo-100x8", "echo-1000x8"):
        ours = found.get(("sipws", shape))
        peer = found.get(("uws", shape))
        if ours is None:
            continue
        rows.append([shape, "at most 1.3 × raw TCP", "-",
                     f"{ours['of_raw']:.2f} ×", verdict(ours["of_raw"] <= 1.3)])
        if peer is not None:
            part = ours["of_raw"] / peer["of_raw"]
            rows.append([shape, "at most 1 × uws", "-", f"{part:.2f} ×",
                         verdict(part <= 1)])
    return rows


def many_goals(build):
    """The same of growth: at the count where it is worst."""
    many = (load(build + "/bench-many.json") or {"rows": []})["rows"]
    of_raw = [row["of_raw"] for row in many if "of_raw" in row]
    if not of_raw:
        return []
    grown = max(of_raw) / of_raw[0]
    return [["growth, 1,000 to 15,000", "at most 1.1 × of raw", "-",
             f"{grown:.2f} ×", verdict(grown <= 1.1)]]


def goals(build):
    """All of them."""
    return echo_goals(build) + many_goals(build)


def text(build):
    """Both, as far as they were measured."""
    echo = load(build + "/bench-echo.json")
    many = load(build + "/bench-many.json")
    parts = []
    if echo is not None:
        parts.append(HEAD.format(**echo) + markdown(*grid(echo["rows"])) + "\n")
    if many is not None:
        parts.append(MANY.format(**many) + markdown(*growth(many["rows"])) +
                     "\n")
    return "".join(parts)


if __name__ == "__main__":
    TELL = {"echo": echo_goals, "many": many_goals}[sys.argv[1]]
    for what, goal, _, reached, met in TELL(os.environ.get("BUILD", "build")):
        print(f"{what}: {reached}, goal {goal}: {'met' if met == 'yes' else 'missed'}")
