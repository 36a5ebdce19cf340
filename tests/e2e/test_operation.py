"""Running it: health, metrics, signals, configuration, TLS, proxy, locks, exit statuses, a failing disk."""
import asyncio
import contextlib
import json
import os
import pathlib
import resource
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest
import yaml

from tests.e2e import support
from tests.e2e.support import shown, until
from tests.ports import free_port


def statuses(delivery):
    return [a["status"] for a in delivery["attempts"]]


# --- health and metrics -----------------------------------------------------------------------
def test_healthz_and_unknown_paths(shared):
    assert shared.bot.get("/healthz")[0] == 200
    for method, path in (("GET", "/"), ("GET", "/nothing"), ("POST", "/healthz"), ("DELETE", "/metrics"),
                         ("GET", "/sns/"), ("GET", "/healthz/.."), ("POST", "/")):
        assert shared.bot.request(method, path)[0] in (404, 405), (method, path)


def test_readyz_names_what_is_missing(idle):
    idle.sb.settings(hello_delay_s=3600)
    idle.bot.start()
    status, headers, body = idle.bot.get("/readyz")
    answer = json.loads(body)
    assert status == 503 and headers["Content-Type"].startswith("application/json")
    assert answer["ready"] is False and any("Slack" in m or "hello" in m for m in answer["missing"]), answer
    assert idle.bot.get("/healthz")[0] == 200
    idle.sb.settings(hello_delay_s=0)
    idle.bot.restart()
    idle.bot.wait_ready()
    assert json.loads(idle.bot.get("/readyz")[2]) == {"ready": True, "missing": []}


def test_one_connection_is_enough_to_be_ready(idle):
    idle.configure(slack={"connections": 1}).start()
    idle.bot.wait_ready()
    assert len(idle.sb.live()) == 1


def test_metrics_are_in_prometheus_format(shared):
    shared.sb.alarm(name='metrics "quoted\\name\n')
    shared.wait(lambda: shared.sb.roots(), "a message")
    shared.sb.alarm(name="forged", forge="signature")
    shared.sb.slash("/tocsin ping")
    shared.settle()
    status, headers, body = shared.bot.get("/metrics")
    samples = support.metrics_text.parse(body.decode())
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    names = {name for name, _ in samples}
    for name in ("tocsin_up_seconds", "tocsin_incidents_open", "tocsin_sns_received_total", "tocsin_sns_refused_total",
                 "tocsin_journal_healthy", "tocsin_slack_connections", "tocsin_flows", "tocsin_http_requests_total"):
        assert name in names
    assert samples[("tocsin_slack_connections", ())] == 2
    assert samples[("tocsin_journal_healthy", ())] == 1
    assert all(name.startswith("tocsin_") for name in names)


def test_idle_does_not_spin(shared):
    """A loop that is woken without end takes a whole core; the short spin of libwebsockets before a timer does not."""
    shared.settle()

    def cpu_s():
        fields = pathlib.Path("/proc/%d/stat" % shared.bot.process.pid).read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    used, began = cpu_s(), time.monotonic()
    time.sleep(2)
    assert cpu_s() - used < 0.4 * (time.monotonic() - began)


# --- stop -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_clean_stop_says_close_on_both_sockets(world, number):
    world.bot.signal(number)
    assert world.bot.wait() == 0
    assert [c["client_close"] for c in world.sb.connections()] == [1000, 1000]
    assert world.bot.logged("stopped")


def test_stop_before_any_connection(idle):
    idle.sb.fault("hang_before", times=0, method="apps.connections.open")
    idle.bot.start()
    idle.bot.stop()


def test_stop_under_load(world):
    for number in range(20):
        world.sb.alarm(name="load-%d" % number, wait=False)
    world.wait(lambda: len(world.sb.deliveries()) == 20, "deliveries")
    world.bot.stop()
    world.bot.start()
    world.wait(lambda: len(world.incident_cards()) == 20, "twenty messages", 60)
    world.settle(60)
    assert len({shown(m).split("load-")[1].split()[0] for m in world.incident_cards()}) == 20


def test_stop_while_slack_does_not_answer(world):
    world.sb.fault("hang_before", times=0, method="chat.postMessage")
    world.sb.alarm(name="hangs")
    world.wait(lambda: world.sb.requests("chat.postMessage"), "a call")
    began = time.monotonic()
    world.bot.stop()
    assert time.monotonic() - began < 10
    world.sb.clear_faults()
    world.bot.start()
    world.card("hangs", "ALARM")


def test_stop_twice_is_no_harm(world):
    world.bot.signal(signal.SIGTERM)
    world.bot.signal(signal.SIGTERM)
    assert world.bot.wait() == 0


# --- configuration --------------------------------------------------------------------------------
def test_reload_of_a_good_configuration(world):
    topic = "arn:aws:sns:us-east-1:123456789012:another"
    assert statuses(world.sb.alarm(name="too-early", topic=topic, force=True)[0]) == [403]
    world.configure(sns={"topics": [world.sb.ready["topic"], topic]},
                    routes=[{"match": {"alarm": "routed-*"}, "channel": "C0CHECKOUT"}])
    world.bot.signal(signal.SIGHUP)
    world.bot.wait_logged("config.reloaded")
    assert statuses(world.sb.alarm(name="routed-now", topic=topic, force=True)[0]) == [200]
    world.card("routed-now", "ALARM", "C0CHECKOUT")
    assert len(world.sb.connections()) == 2, "a reload does not touch the sockets"


@pytest.mark.parametrize("text", ["slack: [", "surprise: 1\n", "", "\0", "slack:\n  channel: general\n"])
def test_reload_of_a_bad_configuration_keeps_the_old_one(world, text):
    world.bot.config.write_text(text)
    world.bot.signal(signal.SIGHUP)
    world.bot.wait_logged("config.old_one_kept")
    assert world.bot.logged("config.refused")
    world.sb.alarm(name="still-works")
    world.card("still-works", "ALARM")


def test_reload_says_what_needs_a_restart(world):
    world.configure(slack={"connections": 1})
    world.bot.signal(signal.SIGHUP)
    assert "slack.connections" in world.bot.wait_logged("config.needs_restart")[0]


def check(world, text):
    path = world.directory / "checked.yaml"
    path.write_text(text)
    return world.bot.command("check", "--config", path)


ERRORS = {
    "unknown key": ("slack:\n  channel: C0ALARMS01\n  chanel: x\n", 3, "chanel"),
    "duplicate key": ("sns:\n  topics: [a]\nsns:\n  topics: [b]\n", 3, "sns"),
    "channel by name": ("slack:\n  channel: '#general'\n", 2, "channel"),
    "bad duration": ("sns:\n  max_age: soon\n", 2, "max_age"),
    "unset name": ("slack:\n  app_token: ${TOCSIN_TEST_UNSET}\n", 2, "TOCSIN_TEST_UNSET"),
    "missing file": ("slack:\n  bot_token: file:/nonexistent/token\n", 2, "/nonexistent/token"),
    "not a mapping": ("slack: 5\n", 1, "slack"),
    "bad listen": ("http:\n  listen: nowhere\n", 2, "listen"),
    "bad topic": ("sns:\n  topics:\n    - not-an-arn\n", 3, "topics"),
    "not YAML": ("a: [\n", None, ""),
}


@pytest.mark.parametrize("what", ERRORS)
def test_configuration_errors_name_file_line_and_key(shared, what):
    text, line, word = ERRORS[what]
    done = check(shared, text)
    assert done.returncode == 2
    mentioned = [l for l in done.stderr.splitlines() if "checked.yaml:%s" % (line if line else "") in l and word in l]
    assert mentioned, done.stderr
    assert "; " in mentioned[0] or ": " in mentioned[0]


def test_check_accepts_the_sandbox_configuration(shared):
    done = shared.bot.command("check", "--config", shared.bot.config)
    assert done.returncode == 0, done.stderr


def test_check_accepts_the_whole_contract(shared):
    """Every section of the contract is known."""
    settings = yaml.safe_load(shared.bot.config.read_text())
    del settings["runbooks"]
    text = yaml.safe_dump(settings) + """
jira: { url: "https://example.atlassian.net", user: bot@example.com, token: t0ken, project: OPS, issue_type: Incident }
mail: { topic: "arn:aws:sns:us-east-1:123456789012:oncall-mail" }
prometheus: [ { name: prom, url: "http://127.0.0.1:9090" } ]
bedrock: { model: m-1, max_cost_per_day: 5.00, prices: { m-1: { input: 3.00, output: 15.00 } }, language: English }
runbooks:
  - { name: top, linux: "top -b", timeout: 60s, "on": { metric: CPUUtilization, to: ALARM }, roles: [operator] }
roles: { operator: [ "@oncall-group", U0123 ], approver: [ "@sre-leads" ] }
"""
    done = check(shared, text)
    assert done.returncode == 0, done.stderr


def test_check_notes_a_model_without_a_price(shared):
    text = shared.bot.config.read_text()
    prices = "prices: { m-2: { input: 1, output: 1 } }"
    done = check(shared, text + f"\nbedrock: {{ model: m-1, {prices} }}\n")
    assert done.returncode == 0 and "note: bedrock.prices has no m-1:" in done.stdout, done
    done = check(shared, text + f"\nbedrock: {{ model: m-2, {prices} }}\n")
    assert done.returncode == 0 and "note" not in done.stdout, done


def test_secrets_from_environment_and_file(idle):
    ready = idle.sb.ready
    (idle.directory / "token").write_text(ready["bot_token"] + "\n")
    idle.configure(slack={"app_token": "${E2E_APP_TOKEN}", "bot_token": "file:token"})
    idle.bot.start(env={"E2E_APP_TOKEN": ready["app_token"]})
    idle.wait_sockets()
    idle.sb.alarm(name="with-secrets")
    idle.card("with-secrets", "ALARM")


def test_relative_paths_are_relative_to_the_configuration(idle):
    idle.configure(state={"path": "sub.db"}, network={"ca_file": "ca.pem"}).start()
    assert (idle.directory / "sub.db").exists()
    assert (idle.directory / "sub.db").stat().st_mode & 0o777 == 0o600
    idle.bot.settings["state"]["path"] = str(idle.directory / "sub.db")


# --- the command line ---------------------------------------------------------------------------------
STATUS = {
    "": 2, "nonsense": 2, "version": 0, "--help": 0, "help": 0, "manifest": 0, "steps": 0, "run": 2, "check": 2,
    "run --config": 2, "run --config /nonexistent.yaml": 2, "check --config /nonexistent.yaml": 2,
    "run --surprise": 2, "run --config {config} --log-format xml": 2, "check --config {config}": 0,
    "check --config {config} --live": 0, "iam": 0, "iam --config {config}": 0, "detect --csv /dev/null": 2, "detect": 2,
    "detect --csv": 2, "detect --csv /nonexistent.csv": 2, "detect --csv /": 2,
    "findings --csv /dev/null": 2, "findings": 2, "findings --csv": 2, "findings --csv /nonexistent.csv": 2, "version extra": 2, "manifest --config {config}": 0,
}


@pytest.mark.parametrize("line", STATUS)
def test_exit_statuses(shared, line):
    done = shared.bot.command(*line.format(config=shared.bot.config).split())
    assert done.returncode == STATUS[line], (done.stdout, done.stderr)
    assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr
    if STATUS[line]:
        assert done.stderr.strip(), "a failure says why on standard error"
    else:
        assert done.stdout.strip() or line.startswith("check")


def test_steps_lists_every_plan(shared):
    text = shared.bot.command("steps").stdout
    for word in ("announce", "notify", "ping", "post", "reply", "edit"):
        assert word in text


def test_manifest_is_json_with_the_command(shared):
    manifest = json.loads(shared.bot.command("manifest").stdout)
    assert [c["command"] for c in manifest["features"]["slash_commands"]] == [
        "/tocsin", "/top", "/memory", "/disk", "/agent", "/ticket", "/incidents", "/ask", "/dashboard"]
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert "chat:write" in manifest["oauth_config"]["scopes"]["bot"]
    assert "app_mention" in manifest["settings"]["event_subscriptions"]["bot_events"]


# --- what can be wrong at the start --------------------------------------------------------------------
def test_the_lock_names_the_process(world):
    other = world.directory / "other.yaml"
    settings = yaml.safe_load(world.bot.config.read_text())
    settings["http"]["listen"] = "127.0.0.1:%d" % free_port()
    other.write_text(yaml.safe_dump(settings))
    done = world.bot.command("run", "--config", other)
    assert done.returncode == 1 and str(world.bot.process.pid) in done.stderr


def test_the_port_is_taken(world):
    other = world.directory / "other.yaml"
    settings = yaml.safe_load(world.bot.config.read_text())
    settings["state"]["path"] = str(world.directory / "other.db")
    other.write_text(yaml.safe_dump(settings))
    done = world.bot.command("run", "--config", other)
    assert done.returncode == 1 and settings["http"]["listen"].split(":")[1] in done.stderr


@pytest.mark.parametrize("content", [b"this is no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_state_is_refused_with_advice(idle, content):
    idle.bot.database().write_bytes(content)
    done = idle.bot.command("run", "--config", idle.bot.config)
    assert done.returncode == 1 and "tocsin.db" in done.stderr
    assert idle.bot.database().read_bytes() == content, "it must not be overwritten"


def test_a_directory_that_does_not_exist(idle):
    idle.configure(state={"path": "/nonexistent/dir/tocsin.db"})
    done = idle.bot.command("run", "--config", idle.bot.config)
    assert done.returncode in (1, 2) and "/nonexistent/dir" in done.stderr


# --- logs ----------------------------------------------------------------------------------------------
def test_json_log_lines(idle):
    idle.bot.start("--log-format", "json")
    idle.wait_sockets()
    idle.sb.alarm(name='json "log" \\ \n\u202e\u0000 <!channel>')
    idle.sb.alarm(name="forged", forge="altered")
    idle.wait(lambda: idle.sb.roots(), "a message")
    idle.bot.stop()
    lines = idle.bot.lines()
    for line in lines:
        entry = json.loads(line)
        assert {"time", "level", "event"} <= set(entry) and all(isinstance(v, str) for v in entry.values())
    events = {json.loads(line)["event"] for line in lines}
    assert {"started", "http.listening", "incident.opened", "sns.refused", "stopped"} <= events


def test_text_log_lines_are_single_lines(idle):
    idle.start()
    idle.sb.alarm(name="first\nsecond forged-line level=ERROR")
    idle.wait(lambda: idle.sb.roots(), "a message")
    assert not [l for l in idle.bot.lines() if l.startswith("second")]
    assert idle.bot.logged("incident.opened", "incident=1")


def test_time_scale_needs_a_loopback_address(idle):
    idle.bot.start()
    assert idle.bot.logged("time_scale.in_force")
    idle.bot.stop()
    idle.configure(slack={"api_url": "https://slack.invalid/api/"})
    idle.bot.start()
    assert idle.bot.logged("time_scale.ignored")


# --- TLS -------------------------------------------------------------------------------------------------
def make_certificate(directory, label, serial):
    """A self-signed certificate for 127.0.0.1, as (certificate, key) paths."""
    certificate, key = directory / (label + ".pem"), directory / (label + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out",
                    str(certificate), "-days", "30", "-subj", "/CN=127.0.0.1", "-set_serial", str(serial),
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return certificate, key


def served_serial(bot):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(bot.address(), timeout=10) as raw, context.wrap_socket(raw) as tls:
        from cryptography import x509
        return x509.load_der_x509_certificate(tls.getpeercert(binary_form=True)).serial_number


def test_tls_listener_and_its_reload(idle):
    certificate, key = make_certificate(idle.directory, "own", 1001)
    idle.configure(http={"tls": {"certificate": str(certificate), "key": str(key)}})
    idle.start()
    assert idle.bot.get("/healthz", cafile=certificate)[0] == 200
    assert served_serial(idle.bot) == 1001
    idle.sb.settings(endpoint="https://%s/sns" % idle.bot.settings["http"]["listen"])
    assert statuses(idle.sb.alarm(name="over-tls")[0]) == [200]
    idle.card("over-tls", "ALARM")
    new = make_certificate(idle.directory, "new", 1002)
    os.replace(new[0], certificate)
    os.replace(new[1], key)
    idle.bot.signal(signal.SIGHUP)
    idle.bot.wait_logged("config.reloaded")
    assert served_serial(idle.bot) == 1002
    certificate.write_text("broken")
    idle.bot.signal(signal.SIGHUP)
    until(lambda: idle.bot.logged("certificate_kept") or idle.bot.logged("old_one_kept"), "a complaint")
    assert served_serial(idle.bot) == 1002
    idle.bot.signal(signal.SIGTERM)
    assert idle.bot.wait() == 0


def test_plain_http_on_the_tls_port_is_no_harm(idle):
    certificate, key = make_certificate(idle.directory, "own", 1)
    idle.configure(http={"tls": {"certificate": str(certificate), "key": str(key)}})
    idle.start()
    for junk in (b"GET /healthz HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 500, b""):
        with socket.create_connection(idle.bot.address(), timeout=10) as raw:
            with contextlib.suppress(OSError):          # it may hang up at any moment
                raw.sendall(junk)
                raw.shutdown(socket.SHUT_WR)
                raw.recv(4096)
    assert idle.bot.get("/healthz", cafile=certificate)[0] == 200


@pytest.mark.sandbox("--tls")
def test_https_and_wss_to_slack(world):
    """A real name, its own authority, mapped by connect_to; waits are not scaled: it is no loopback address."""
    world.sb.alarm(name="encrypted")
    world.card("encrypted", "ALARM")
    said = world.sb.mention("ping")
    world.wait(lambda: world.sb.replies(said["ts"]), "a pong")
    assert world.bot.logged("time_scale.ignored")


@pytest.mark.sandbox("--tls", "--connections", "1")
def test_a_slack_that_cannot_prove_its_name_is_not_believed(idle):
    certificate, _ = make_certificate(idle.directory, "stranger", 5)
    idle.configure(network={"ca_file": str(certificate)})
    idle.bot.start()
    idle.bot.wait_logged("slack.open_failed")
    assert idle.sb.requests() == [] and idle.sb.connections() == []


def test_ipv6_listener(idle):
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            port = probe.getsockname()[1]
    except OSError:
        pytest.skip("this machine has no ::1")
    idle.configure(http={"listen": "[::1]:%d" % port})
    idle.bot.spawn()
    until(lambda: reachable6(port), "the listener")
    idle.sb.settings(endpoint="http://[::1]:%d/sns" % port)
    assert statuses(idle.sb.alarm(name="by-six")[0]) == [200]


def reachable6(port):
    with socket.socket(socket.AF_INET6) as probe:
        return probe.connect_ex(("::1", port)) == 0


# --- CONNECT proxy ----------------------------------------------------------------------------------------
class Proxy:
    """A tiny HTTP CONNECT proxy that maps names as the test wants."""

    def __init__(self, mapping):
        self.mapping, self.asked = mapping, []
        self.loop = asyncio.new_event_loop()
        self.server = None
        self.port = None
        ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self.thread.start()
        assert ready.wait(10)

    def _run(self, ready):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()

    async def _serve(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, OSError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _ = head.split("\r\n")[0].split(" ")
            assert method == "CONNECT"
            self.asked.append(target)
            host, _, port = target.rpartition(":")
            onward = await asyncio.open_connection(*self.mapping.get(target, (host, int(port))))
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(self._pump(reader, onward[1]), self._pump(onward[0], writer))

    @staticmethod
    async def _pump(source, sink):
        with contextlib.suppress(ConnectionError, OSError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        with contextlib.suppress(ConnectionError, OSError):
            sink.close()

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


def proxied(idle):
    """A proxy through which alone Slack and SNS can be reached."""
    mapping = {}
    for entry in idle.sb.ready["connect_to"]:
        name, port, address, real = entry.rsplit(":", 3)
        mapping["%s:%s" % (name, port)] = (address, int(real))
    proxy = Proxy(mapping)
    idle.configure(network={"connect_to": [], "proxy": "http://127.0.0.1:%d" % proxy.port})
    return proxy


@pytest.mark.sandbox("--tls", "--connections", "1")
def test_everything_goes_through_the_proxy(idle):
    proxy = proxied(idle)
    try:
        idle.start(sockets=1)
        idle.sb.alarm(name="by-proxy")
        idle.card("by-proxy", "ALARM")
        said = idle.sb.mention("ping")
        idle.wait(lambda: idle.sb.replies(said["ts"]), "a pong")
        names = {t.rsplit(":", 1)[0] for t in proxy.asked}
        names.discard("127.0.0.1")  # AWS, of which the alarm's chart is asked
        assert names == {"slack.sandbox.test", "wss.slack.sandbox.test", "sns.us-east-1.amazonaws.com"}
        idle.bot.stop()
    finally:
        proxy.close()


def test_a_proxy_with_a_password_is_refused_without_saying_it(idle):
    idle.configure(network={"proxy": "http://user:p%40ssw0rd@127.0.0.1:3128"})
    done = idle.bot.command("check", "--config", idle.bot.config)
    assert done.returncode == 2 and "network.proxy" in done.stderr and "p%40ssw0rd" not in done.stderr


# --- a disk that fails ---------------------------------------------------------------------------------------
def limit_files(process, size):
    """From now on the process cannot make a file longer than `size`: its disk is full (for its log too)."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def fill_disk(world):
    """Only files already longer than a page cannot grow; SQLite's log and the database cannot take anything."""
    limit_files(world.bot.process, 1)


def mend_disk(world):
    limit_files(world.bot.process, resource.RLIM_INFINITY)


def test_a_full_disk_makes_sns_come_again(world):
    world.sb.alarm(name="before")
    world.card("before", "ALARM")
    world.settle()
    fill_disk(world)
    world.sb.settings(sns_retries=50)
    world.sb.alarm(name="during", wait=False)
    world.wait(lambda: statuses(world.sb.deliveries()[-1])[:2] == [503, 503], "two 503s")
    assert world.bot.get("/healthz")[0] == 200
    status, _, body = world.bot.get("/readyz")
    assert status == 503 and "journal" in body.decode()
    assert world.bot.metric("tocsin_journal_healthy") == 0
    mend_disk(world)
    world.card("during", "ALARM", timeout=40)
    world.wait(lambda: world.sb.deliveries()[-1]["state"] == "delivered", "the 200")
    world.bot.wait_ready()
    world.settle()
    assert len(world.cards("during")) == 1
    world.sb.alarm(name="after")
    world.card("after", "ALARM")
    world.restart(hard=True)
    world.settle()
    assert sorted(len(world.cards(n)) for n in ("before", "during", "after")) == [1, 1, 1]


def test_a_full_disk_leaves_commands_unacknowledged(world):
    world.sb.settings(ack_deadline_ms=500)
    fill_disk(world)
    said = world.sb.mention("ping")
    until(lambda: world.bot.metric("tocsin_slack_acks_total", outcome="not_stored"), "an ack that is withheld")
    assert not [a for c in world.sb.connections() for a in c["acks"]]
    mend_disk(world)
    world.wait(lambda: world.sb.replies(said["ts"]), "a pong to the redelivery", 60)
    world.settle()
    assert len(world.sb.replies(said["ts"])) == 1


def test_killed_while_the_disk_is_full(world):
    """What was answered 503 may be lost with the process: SNS still has it."""
    fill_disk(world)
    world.sb.settings(sns_retries=50)
    world.sb.alarm(name="comes-again", wait=False)
    world.wait(lambda: statuses(world.sb.deliveries()[-1])[:1] == [503], "a 503")
    world.bot.kill()
    world.bot.start()
    world.card("comes-again", "ALARM", timeout=40)
    world.settle()
    assert len(world.cards("comes-again")) == 1 and len(world.posts()) <= 2
