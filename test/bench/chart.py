"""The chart of ns a message over size, drawn by gnuplot."""
import os
import subprocess

from rows import codecs_of

PANELS = ("decode", "decode-1448", "encode-masked")


def draw(rows, build):
    """Writes $BUILD/bench.svg by chart.gp from $BUILD/bench.dat, in which each
    line of the chart is a block named after its panel and codec."""
    codecs = codecs_of([row for row in rows if row["work"] in PANELS])
    data = build + "/bench.dat"
    with open(data, "w") as file:
        for panel in PANELS:
            for codec in codecs:
                file.write(f"# {panel} {codec}.\n")
                for row in rows:
                    if (row["work"], row["codec"]) == (panel, codec):
                        file.write(f"{row['octets']} {row['ns']}\n")
                file.write("\n\n")
    script = os.path.join(os.path.dirname(__file__), "chart.gp")
    try:
        subprocess.run(["gnuplot", "-e",
                        f"codecs='{' '.join(codecs)}'; data='{data}'; "
                        f"svg='{build}/bench.svg'", script], check=True)
    except FileNotFoundError:
        print("bench: no chart: install gnuplot-nox")
