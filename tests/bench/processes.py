"""The processes of the bench: how they are started, asked and watched."""
import json
import os
import pathlib
import re
import select
import subprocess
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = {"load": ("load.c", "tool.c"), "verify_loop": ("verify_loop.c", "tool.c", "-lcrypto"),
           "echo": ("echo.c", "tool.c"),
           "stand": ("stand.c", "slack.c", "commit.c", "tool.c", "-lcrypto", "-lsqlite3")}
TICKS = os.sysconf("SC_CLK_TCK")
# Instead of the built-in runbooks, which would run by themselves for these alarms and ask AWS: what is measured here
# is the way in and the message in the chat, as whole.py measures all of it.
NO_DIAGNOSIS = [{"name": name, "linux": "true"} for name in ("top", "memory", "disk")]
PATIENCE_S = 30


class BenchError(Exception):
    """Something that had to work did not."""


def build_tools(directory):
    for name, parts in SOURCES.items():
        command = [os.environ.get("CC", "cc"), "-O2", "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-o",
                   str(directory / name)]
        subprocess.run(command + [str(HERE / p) if p.endswith(".c") else p for p in parts], check=True)


def pinned(core, command):
    """The command on one core; as it is when core is None."""
    return list(command) if core is None else ["taskset", "-c", str(core), *map(str, command)]


def run_json(core, *command):
    """Runs a tool that prints one JSON object."""
    done = subprocess.run(pinned(core, [str(c) for c in command]), stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise BenchError("%s ended with status %d" % (pathlib.Path(str(command[0])).name, done.returncode))
    return json.loads(done.stdout)


# --- what the kernel knows of a process ------------------------------------------------------------
def cpu_s(pid):
    """CPU time of all its threads, in seconds."""
    fields = pathlib.Path("/proc/%d/stat" % pid).read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def status_kib(pid, name):
    """VmRSS (now) or VmHWM (peak), in KiB."""
    text = pathlib.Path("/proc/%d/status" % pid).read_text()
    return int(re.search(r"^%s:\s+(\d+) kB" % name, text, re.M).group(1))


def wakeups(pid):
    """How often its threads have gone to sleep by themselves: each is one wake-up."""
    total = 0
    for task in pathlib.Path("/proc/%d/task" % pid).iterdir():
        total += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.M).group(1))
    return total


class Process:
    """A process of ours, ended by its own pid and no other."""

    def __init__(self, command, core=None, **options):
        self.started_ns = time.monotonic_ns()
        self.process = subprocess.Popen(pinned(core, [str(c) for c in command]), **options)
        self.pid = self.process.pid

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Lines(Process):
    """A process that talks in lines of JSON on its standard output."""

    def __init__(self, command, core=None, **options):
        super().__init__(command, core, stdout=subprocess.PIPE, **options)
        self.buffer = b""
        self.events = []

    def line(self, timeout_s=PATIENCE_S):
        end = time.monotonic() + timeout_s
        while b"\n" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise BenchError("%s says nothing for %d s" % (self.process.args[0], timeout_s))
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                raise BenchError("%s has ended" % " ".join(map(str, self.process.args)))
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)


class Stand(Lines):
    """tests/bench/stand.c: the Slack and the SNS of the latency measurements."""

    def __init__(self, tools, core=None):
        super().__init__([tools / "stand"], core, stdin=subprocess.PIPE)
        self.port = self.line()["port"]
        self.api_url = "http://127.0.0.1:%d/api/" % self.port

    def ask(self, *words, timeout_s=300):
        self.process.stdin.write((" ".join(map(str, words)) + "\n").encode())
        self.process.stdin.flush()
        while True:
            line = self.line(timeout_s)
            if line.get("result") == words[0]:
                return line
            self.events.append(line)

    def sockets(self, count):
        """The monotonic times in ns at which the first `count` sockets opened."""
        while len(self.events) < count:
            self.events.append(self.line())
        return [e["ns"] for e in self.events[:count]]


class Tocsin(Process):
    """The program itself."""

    def __init__(self, binary, directory, stand, material, core=None, scale=None):
        """An existing directory: it goes on with the journal there."""
        directory.mkdir(parents=True, exist_ok=True)
        quote = json.dumps
        (directory / "tocsin.yaml").write_text("\n".join([
            "http:", "  listen: 127.0.0.1:0", "slack:", "  api_url: %s" % quote(stand.api_url),
            "  app_token: xapp-1-A0BENCH0001-1234567890123-" + "0123456789abcdef" * 4,
            "  bot_token: xoxb-123456789012-123456789012-abcdefghijklmnopqrstuvwx", "  channel: C0BENCH001",
            "  connections: 2", "sns:", "  topics:", "    - arn:aws:sns:us-east-1:123456789012:alarms",
            "state:", "  path: %s" % quote(str(directory / "tocsin.db")), "network:",
            "  ca_file: %s" % quote(str(material.ca_file)), "  connect_to:", "    - %s" % quote(material.connect_to),
            "runbooks: %s" % quote(NO_DIAGNOSIS), "incidents: { charts: false }", ""]), encoding="utf-8")
        self.log = directory / "log"
        environment = dict(os.environ)
        environment.pop("TOCSIN_TIME_SCALE", None)
        if scale:
            environment["TOCSIN_TIME_SCALE"] = str(scale)
        with open(self.log, "wb") as log:
            super().__init__([binary, "run", "--config", directory / "tocsin.yaml"], core, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=log, env=environment)

    def ready(self, look_every_s=0.02):
        """Waits until /readyz says 200; returns the port."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"http\.listening .*\bport=(\d+)", self.log.read_text(errors="replace"))
            if found:
                try:
                    with urllib.request.urlopen("http://127.0.0.1:%s/readyz" % found.group(1), timeout=5):
                        return int(found.group(1))
                except (urllib.error.URLError, OSError):
                    pass
            time.sleep(look_every_s)
        raise BenchError("tocsin did not become ready:\n" + self.log.read_text(errors="replace")[-2000:])


class Peer(Lines):
    """A Node program of tests/bench/peers."""

    def __init__(self, node, script, *arguments, core=None):
        super().__init__([node, HERE / "peers" / script, *arguments], core, stdin=subprocess.DEVNULL,
                         cwd=HERE.parent)
        self.hello = self.line()
