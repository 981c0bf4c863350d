"""Cases, in sections."""

from openings import OPENS
from steps import Step, closes, wrapped


class Case:
    """|roles|, |profile|: where it is tried (None: everywhere). |options|: the
    peer's (see peers.py). |exact|: its lengths matter. |long|: it takes
    seconds. |opening|: the handshake, if it is not the usual one. |only|: a
    line that it fits, told by a function."""

    def __init__(self, name, steps, roles=("server", "client"), profile=None,
                 options="plain", exact=False, long=False, opening=OPENS,
                 only=None):
        self.name, self.roles, self.profile = name, roles, profile
        self.options, self.exact, self.long = options, exact, long
        self.opening, self.only = opening, only
        self.steps = []
        for step in steps:
            self.steps += [step] if isinstance(step, Step) else step
        if not opening.ends and not (self.steps and self.steps[-1].ends):
            self.steps.append(closes())
        self.says = (self.steps or [opening])[-1].says

    def fits(self, line):
        return (line.role in self.roles
                and self.profile in (None, line.profile)
                and (self.only is None or self.only(line)))

    def steps_on(self, line):
        if line.profile != "sip" or self.profile == "sip":
            return self.steps
        return wrapped(self.steps, self.exact)


class Section:
    """|about|: the sections of the RFC."""

    def __init__(self, name, about):
        self.name, self.about, self.cases = name, about, []
        self.names = set()

    def case(self, name, *steps, **how):
        assert name not in self.names, name
        self.names.add(name)
        self.cases.append(Case(name, steps, **how))
