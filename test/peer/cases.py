"""Cases for examples/proxy, which is the script's first argument: each starts
proxies of its own and says "ok" or "not ok"."""
import sys
import tempfile
import traceback

from phone import Proxy

program = sys.argv[1]
cases = []
proxies = []


def case(function):
    cases.append(function)
    return function


def start(*options):
    proxies.append(Proxy(program, *options))
    return proxies[-1]


def start_with_users(*options):
    with tempfile.NamedTemporaryFile("w") as users:
        users.write("# people\n\nalice:secret\nbob:test.example:se:cret\n"
                    "carol:other.example:x\n")
        users.flush()
        return start("--users", users.name, *options)


def same(got, wanted):
    assert got == wanted, f"got {got!r}, not {wanted!r}"


def routes(message):
    return [f"Route: {value}" for value in message.all("Record-Route")]


def end_proxies():
    """Kills them; what those that had ended already returned."""
    ended = []
    for proxy in proxies:
        if proxy.process.poll() is not None:
            ended.append(proxy.process.returncode)
        proxy.kill()
    proxies.clear()
    return ended


def run():
    """All cases in their order; 1 when one failed."""
    failed = 0
    for function in cases:
        name = function.__name__.replace("_", " ")
        try:
            function()
            died = [code for code in end_proxies() if code not in (0, 1)]
            assert not died, f"a proxy died: {died}"
            print(f"ok {name}", flush=True)
        except Exception:
            failed = 1
            end_proxies()
            print(f"not ok {name}")
            print("  " + traceback.format_exc(limit=-2).replace("\n", "\n  "),
                  flush=True)
    return failed
