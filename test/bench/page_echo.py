"""What make bench-echo and make bench-many measured, for the results page."""
import json
import os

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
