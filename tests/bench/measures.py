"""What is measured. Each function does one round and returns plain figures; bench.py takes the medians."""
import concurrent.futures
import re
import statistics
import time

from .processes import BenchError, Peer, Process, Stand, Tocsin, cpu_s, run_json, status_kib, wakeups

CONNECTIONS = 64
SUBJECT_CORE, OTHER_CORE = 0, 1   # what is measured has a core to itself; the load comes from the other
LATENCY_SCALE = 0.02              # shortens tocsin's own pacing towards Slack, so that no alarm waits for its turn
ALARM_GAP_MS = 60                 # longer than the paced posts of one alarm take
SLASH_GAP_MS = 10
WARM_UP = 20                      # alarms or commands before those that count


class Bench:
    """What all rounds share."""

    def __init__(self, options, directory, tools, material, node):
        self.options, self.directory, self.tools = options, directory, tools
        self.material, self.node = material, node
        self.number = 0

    def tocsin(self, stand, core=None, scale=None):
        self.number += 1
        return Tocsin(self.options.tocsin, self.directory / ("run%d" % self.number), stand, self.material, core, scale)

    def file(self):
        """A new file beside the journals, for the bare commits."""
        self.number += 1
        return self.directory / ("bare%d.db" % self.number)


def verify_loop(bench, core):
    got = run_json(core, bench.tools / "verify_loop", bench.material.directory / "signed",
                   bench.material.directory / "key.pem", bench.options.verify_ms)
    return {"rate": got["count"] / got["seconds"], "cpu_us": got["cpu_us"] / got["count"]}


def verify(bench):
    """Signatures a second on the core that tocsin has, while the other core rests."""
    return verify_loop(bench, SUBJECT_CORE)


def verify_both(bench):
    """The same while the other core is at work, as it is while tocsin is measured: virtual cores often share a real one."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        here, _ = pool.map(lambda core: verify_loop(bench, core), (SUBJECT_CORE, OTHER_CORE))
    return here


def load(bench, process, port):
    """Posts all flapping alarms over 64 connections; every one must be answered 200."""
    warm = bench.material.directory / "single"
    run_json(OTHER_CORE, bench.tools / "load", port, warm, 1)   # certificate fetched, caches warm
    before = cpu_s(process.pid)
    got = run_json(OTHER_CORE, bench.tools / "load", port, bench.material.directory / "flapping", CONNECTIONS)
    used = cpu_s(process.pid) - before
    if got["statuses"] != {"200": got["count"]}:
        raise BenchError("not every message was answered 200: %s" % got["statuses"])
    took = sorted(got["took_us"])
    return {"rate": got["count"] / got["seconds"], "cpu_us": used * 1e6 / got["count"],
            "p50_us": took[len(took) // 2], "p99_us": took[len(took) * 99 // 100],
            "peak_mib": status_kib(process.pid, "VmHWM") / 1024}


def intake(bench):
    with Stand(bench.tools, OTHER_CORE) as stand, bench.tocsin(stand, SUBJECT_CORE) as tocsin:
        figures = load(bench, tocsin, tocsin.ready())
        if re.search(r" (?:runbook|aws|jira)\.", tocsin.log.read_text(errors="replace")):
            raise BenchError("the intake bench has begun a diagnosis: it would measure something else")
        return figures


def intake_forwarder(bench):
    with Peer(bench.node, "forwarder.mjs", bench.material.port, bench.material.ca_file, core=SUBJECT_CORE) as peer:
        return load(bench, peer, peer.hello["port"])


def beyond(took_us, commit_us):
    """What a measurement costs beyond one commit, by the medians of one series."""
    took, commit = statistics.median(took_us), statistics.median(commit_us)
    return {"us": took, "commit_us": commit, "beyond_us": took - commit}


def alarm(bench):
    """SNS's POST until chat.postMessage arrives; a bare commit on the same disk between any two alarms."""
    single = bench.material.directory / "single"
    with Stand(bench.tools) as stand, bench.tocsin(stand, scale=LATENCY_SCALE) as tocsin:
        port = tocsin.ready()
        stand.ask("alarms", WARM_UP, ALARM_GAP_MS, "-", port, single, 0)
        got = stand.ask("alarms", bench.options.count, ALARM_GAP_MS, bench.file(), port, single, WARM_UP)
    return {**beyond(got["post_us"], got["commit_us"]), "reply_us": statistics.median(got["reply_us"])}


def ask_slash(bench, stand, file="-"):
    stand.ask("slash", WARM_UP, SLASH_GAP_MS, "-")
    return stand.ask("slash", bench.options.count, SLASH_GAP_MS, file)


def slash(bench):
    """Envelope until ack, against a bare commit, and against a program that does nothing but ack."""
    with Stand(bench.tools) as stand, Process([bench.tools / "echo", stand.port]):
        stand.sockets(1)
        bare = ask_slash(bench, stand)
    with Stand(bench.tools) as stand, bench.tocsin(stand) as tocsin:
        tocsin.ready()
        stand.sockets(2)
        got = ask_slash(bench, stand, bench.file())
    return {**beyond(got["ack_us"], got["commit_us"]), "bare_us": statistics.median(bare["ack_us"])}


def slash_bolt(bench):
    with Stand(bench.tools) as stand, Peer(bench.node, "echo.mjs", stand.api_url):
        stand.sockets(1)
        return {"us": statistics.median(ask_slash(bench, stand)["ack_us"])}


def start(bench):
    """From starting the process until the upgrade of its first socket, when hello leaves for it."""
    with Stand(bench.tools) as stand, bench.tocsin(stand) as tocsin:
        return {"ms": (stand.sockets(1)[0] - tocsin.started_ns) / 1e6}


def start_bolt(bench):
    with Stand(bench.tools) as stand, Peer(bench.node, "echo.mjs", stand.api_url) as peer:
        return {"ms": (stand.sockets(1)[0] - peer.started_ns) / 1e6}


def watch(process, seconds):
    before = wakeups(process.pid)
    time.sleep(seconds)
    return {"mib": status_kib(process.pid, "VmRSS") / 1024, "wakeups": (wakeups(process.pid) - before) / seconds}


def idle(bench):
    """Two sockets, nothing to do; Slack's pings come every 5 s a socket."""
    with Stand(bench.tools) as stand, bench.tocsin(stand) as tocsin:
        tocsin.ready()
        stand.sockets(2)
        time.sleep(1)
        return watch(tocsin, bench.options.idle_s)


def draw(bench, example):
    """One example of the unit tests, drawn by the program that make bench builds beside tocsin."""
    tool = bench.options.tocsin.parent / "tests/bench/chart"
    if not tool.exists():
        raise BenchError("%s does not exist: make bench builds it" % tool)
    return run_json(SUBJECT_CORE, tool, example)


def daily_check(bench):
    """Findings of a big dashboard, by the program that make bench builds beside tocsin."""
    tool = bench.options.tocsin.parent / "tests/bench/findings_cost"
    if not tool.exists():
        raise BenchError("%s does not exist: make bench builds it" % tool)
    return run_json(SUBJECT_CORE, tool)


def chart(bench):
    return draw(bench, "five")


def panels(bench):
    return draw(bench, "dashboard")


def idle_bolt(bench):
    with Stand(bench.tools) as stand, Peer(bench.node, "echo.mjs", stand.api_url) as peer:
        stand.sockets(1)
        time.sleep(1)
        return watch(peer, bench.options.idle_s)
