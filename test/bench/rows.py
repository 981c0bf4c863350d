"""The rows of bench.json, and tables of them."""


def codecs_of(rows):
    """The names, in the order they came, the bare copy last."""
    return sorted(dict.fromkeys(row["codec"] for row in rows),
                  key=lambda codec: codec == "copy")


class Rows:
    """Rows by work, octets, read and codec."""

    def __init__(self, rows):
        self.rows = rows
        self.codecs = codecs_of(rows)
        self.works = list(dict.fromkeys(
            (row["work"], row["octets"], row["read"]) for row in rows
            if row["work"] != "idle"))

    def get(self, field, codec, work, octets=None):
        """A figure, or None where there is no such row."""
        for row in self.rows:
            if (row["codec"] == codec and row["work"] == work
                    and octets in (None, row["octets"])):
                return row[field]
        return None

    def grid(self, field):
        """Head and lines: work, octets, then a figure a codec, as text."""
        codecs = [codec for codec in self.codecs
                  if any(row["codec"] == codec and row[field] is not None
                         for row in self.rows)]
        lines = []
        for work, octets, _ in self.works:
            figures = [self.get(field, codec, work, octets)
                       for codec in codecs]
            lines.append([work, str(octets)] +
                         ["-" if figure is None else f"{figure:,.0f}"
                          for figure in figures])
        return ["work", "octets"] + codecs, lines

    def text(self, field):
        """For a terminal."""
        head, lines = self.grid(field)
        return columns([head] + lines)

    def idle(self):
        """Head and one line of idle connections."""
        rows = [row for row in self.rows if row["work"] == "idle"]
        return ([row["codec"] for row in rows],
                [f"{row['heap']:,} ({row['blocks']})" for row in rows])

    def idle_text(self):
        """For a terminal."""
        return columns(self.idle())


def columns(lines):
    """Lines of cells, aligned: the first column left, the others right."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(
        "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                  for i, (cell, width) in enumerate(zip(line, widths)))
        for line in lines)


def markdown(head, lines):
    """The same for the page."""
    rule = ["---"] + ["--:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(line) + " |"
                     for line in [head, rule] + list(lines))
