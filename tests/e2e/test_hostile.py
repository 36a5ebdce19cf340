"""Bad input against the whole program; hostile_cases.py is the table. Others are unharmed: good deliveries are served meanwhile."""
import contextlib
import datetime
import gzip
import http.client
import http.server
import ipaddress
import json
import os
import re
import resource
import socket
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.e2e import conftest, hostile_cases as cases
from tests.e2e.support import shown
from tests.sandbox.certificates import Authority, pem

IN_TIME_S = 2.0           # a good delivery, while others misbehave; far more than it takes
GROWTH_MIB = 96           # of resident memory, whatever comes; AddressSanitizer's share included
PEERS_MAX = 10000
HALVES = 100              # bodies of almost 2 MiB at once: 200 MiB, were they all kept
REFUSED = "tocsin_http_refused_total"


@pytest.fixture(scope="module")
def attacked(pool):
    world = conftest.make_world(pool, fresh=True)
    world.configure(http={"listen": world.bot.settings["http"]["listen"]})
    try:
        # What is freed is given back at once, so that resident memory says what is held.
        world.start(env={"ASAN_OPTIONS": "exitcode=99:quarantine_size_mb=1:allocator_release_to_os_interval_ms=0"})
        path = world.directory / "good.jsonl"
        world.sb.post("presign", count=150, path=str(path), alarm={"name": "good"})
        world.good = iter(path.read_text().splitlines())
        deliver(world)
        yield world
        world.close()
    finally:
        if world.bot.process is not None:
            world.bot.kill()
        world.sb.stop()


def deliver(world):
    """A good message on a connection of its own: it must be taken, and in time."""
    message = json.loads(next(world.good))
    before = time.monotonic()
    connection = http.client.HTTPConnection(*world.bot.address(), timeout=20)
    connection.request("POST", "/sns", body=message["body"].encode(), headers=message["headers"])
    assert connection.getresponse().status == 200
    connection.close()
    assert time.monotonic() - before < IN_TIME_S


def resident_mib(world):
    with open("/proc/%d/status" % world.bot.process.pid, encoding="ascii") as status:
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status.read(), re.M).group(1)) / 1024


@contextlib.contextmanager
def bounded(world):
    """Good deliveries before and after, and memory that does not grow beyond the bound; yields a look in between."""
    before, most = resident_mib(world), 0

    def look():
        nonlocal most
        deliver(world)
        most = max(most, resident_mib(world))

    yield look
    look()
    assert most - before < GROWTH_MIB, "%.0f MiB more" % (most - before)


def connect(world):
    peer = socket.create_connection(world.bot.address(), timeout=20)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def answers(peer):
    """All that comes until it is closed, or nothing has come for a while; whether it was closed."""
    got = b""
    peer.settimeout(0.3)
    try:
        while piece := peer.recv(65536):
            got += piece
    except TimeoutError:
        return got, False
    except ConnectionError:
        pass
    return got, True


# --- the table ------------------------------------------------------------------------------------------------------
def test_every_test_of_the_table_exists():
    for _, _, _, tests in cases.THREATS:
        for path, name in tests:
            assert re.search(r"\b%s\(" % name, (cases.ROOT / path).read_text(encoding="utf-8")), "%s has no %s" % (path, name)


def test_the_document_is_the_table():
    assert cases.DOCUMENT.read_text(encoding="utf-8") == cases.document(), "run python3 -m tests.e2e.hostile_cases"


# --- the listening port ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("what", cases.RAW)
def test_raw_bytes(attacked, what):
    sent, statuses, closes = cases.RAW[what]
    with bounded(attacked), connect(attacked) as peer:
        with contextlib.suppress(ConnectionError):  # it may be closed before it has taken all
            peer.sendall(sent)
        got, closed = answers(peer)
    assert [int(s) for s in re.findall(rb"HTTP/1\.1 (\d{3}) ", got)] == statuses, got[:500]
    assert closed == closes


@pytest.mark.parametrize("what", cases.BODIES)
def test_bodies_that_are_no_messages(attacked, what):
    counted = attacked.bot.metric("tocsin_sns_refused_total", reason="malformed")
    with bounded(attacked):
        assert attacked.bot.request("POST", "/sns", body=cases.BODIES[what])[0] == 400
    assert attacked.bot.metric("tocsin_sns_refused_total", reason="malformed") == counted + 1


def test_half_bodies_of_many_peers(attacked):
    """Each sends 2 MiB but for the last byte, and waits."""
    counted, body, peers = attacked.bot.metric(REFUSED, reason="memory"), b"x" * ((2 << 20) - 1), []
    with contextlib.ExitStack() as stack, bounded(attacked) as look:
        for number in range(HALVES):
            peers.append(stack.enter_context(connect(attacked)))
            peers[-1].sendall(cases.HEAD + b"Content-Length: 2097152\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                peers[-1].sendall(body)
            if number % 10 == 9:
                look()
        peers[-1].sendall(b"x")  # the last of them is still served
        assert peers[-1].recv(12) == b"HTTP/1.1 400"
    assert attacked.bot.metric(REFUSED, reason="memory") > counted + HALVES // 2


def peers_possible():
    """As many as the machine lets one process have, up to PEERS_MAX."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(PEERS_MAX, hard - 500) if hard != resource.RLIM_INFINITY else PEERS_MAX


def test_idle_peers_keep_nobody_out(attacked):
    count, counted = peers_possible(), attacked.bot.metric(REFUSED, reason="crowded_out")
    with contextlib.ExitStack() as stack, bounded(attacked) as look:
        for number in range(count):
            stack.enter_context(connect(attacked))
            if number % 1000 == 999:
                look()
        files = len(os.listdir("/proc/%d/fd" % attacked.bot.process.pid))
    assert files < 600
    assert attacked.bot.metric(REFUSED, reason="crowded_out") - counted > count - 600
    assert len(attacked.bot.logged("http.too_many_connections")) < 20


def test_slow_peers_keep_nobody_out(attacked):
    """Requests whose bytes come one at a time, half of them from peers that have closed their side."""
    request = cases.HEAD + b"Content-Length: 100\r\n\r\n"
    with contextlib.ExitStack() as stack, bounded(attacked) as look:
        peers = [stack.enter_context(connect(attacked)) for _ in range(600)]
        for at in range(20):
            for number, peer in enumerate(peers):
                with contextlib.suppress(OSError):
                    peer.sendall(request[at : at + 1])
                    if at == 10 and number % 2:
                        peer.shutdown(socket.SHUT_WR)
            if at % 5 == 4:
                look()


# --- names ----------------------------------------------------------------------------------------------------------
NAMES = ["<!channel> <@U0ALICE001>", "`code` *bold* ~x~", "\x1b[31mred\x1b[0m\a\b", "$(touch /tmp/pwned) `id` ; | && %s%n",
         "../../etc/passwd\\..\\", "\u202egnp.exe\u2066\u200b", "x" * 100000, "a\0b\r\nlog=forged level=error", "\ud7ff\uffff\ufdd0"]


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_hostile_names(attacked, number):
    """Shown as text: one card, nothing that mentions, moves the cursor or turns the line; the log keeps its lines."""
    mark = "foe%dx " % number
    lines = len(attacked.bot.logged("level=error"))
    with bounded(attacked):
        attacked.sb.alarm(name=mark + NAMES[number], reason=NAMES[number], description=NAMES[number])
        card = attacked.card(mark.strip(), timeout=20)
    text = json.dumps(card["blocks"], ensure_ascii=False) + card["text"]
    assert "<!channel>" not in card["text"] and not re.search("[\x00\x07\x08\x1b\u202a-\u202e\u2066-\u2069]", text)
    assert len(text) < 40000 and len(attacked.cards(mark.strip())) == 1
    assert not [l for l in attacked.bot.logged("level=error")[lines:] if l.startswith("log=forged")]


# --- peers ------------------------------------------------------------------------------------------------------------
def peer_context(directory, kind, authority):
    """A TLS server for 127.0.0.1 that shows a certificate of that kind."""
    now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)
    start, end = {"expired": (now - 9 * day, now - day), "not yet valid": (now + day, now + 9 * day)}.get(kind, (now - day, now + day))
    key = rsa.generate_private_key(65537, 1024) if kind == "with a weak key" else ec.generate_private_key(ec.SECP256R1())
    name = x509.IPAddress(ipaddress.ip_address("127.0.0.2" if kind == "another host's" else "127.0.0.1"))
    issuer = Authority("Stranger") if kind == "of an unknown authority" else authority
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "peer")])
    signs_itself = kind == "self-signed"
    certificate = (x509.CertificateBuilder().subject_name(subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .issuer_name(subject if signs_itself else issuer.certificate.subject).not_valid_before(start).not_valid_after(end)
                   .add_extension(x509.SubjectAlternativeName([name]), critical=False)
                   .sign(key if signs_itself else issuer.key, hashes.SHA1() if kind == "signed with SHA-1" else hashes.SHA256()))
    path = directory / "peer.pem"
    path.write_bytes(pem(certificate) + pem(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(path)
    return context


class Peer:
    """Takes TLS connections; `context` may change; counts those that said something after the handshake."""

    def __init__(self, context, reply):
        self.context, self.reply, self.tried, self.heard = context, reply, [], []  # tried: contexts
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                raw, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(raw, self.context), daemon=True).start()

    def serve(self, raw, context):
        raw.settimeout(5)
        try:
            with context.wrap_socket(raw, server_side=True) as peer:
                while said := peer.recv(65536):
                    self.heard.append(said)
                    peer.sendall(self.reply(said))
        except OSError:
            pass
        finally:
            raw.close()
            self.tried.append(context)


def json_reply(value):
    body = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.mark.parametrize("which", ["api", "socket"])
def test_peers_that_cannot_prove_their_name(idle, which):
    """Slack's API by libcurl, its WebSocket by libwebsockets: not a byte is said to them."""
    authority = Authority("Peers")
    (idle.directory / "peers.pem").write_bytes(pem(authority.certificate))
    right = peer_context(idle.directory, "right", authority)
    wss = Peer(right, lambda said: b"")
    api = Peer(right, lambda said: json_reply({"ok": True, "url": "wss://127.0.0.1:%d/link?ticket=x" % wss.port, "user_id": "U0TOCSIN01",
                                               "bot_id": "B0TOCSIN01", "team_id": "T0SANDBOX1", "user": "tocsin"}))
    peer = api if which == "api" else wss
    peer.context = peer_context(idle.directory, cases.PEERS[0], authority)
    idle.configure(slack={"api_url": "https://127.0.0.1:%d/" % api.port}, network={"ca_file": str(idle.directory / "peers.pem")})
    idle.bot.start()
    for kind in cases.PEERS:
        peer.context = peer_context(idle.directory, kind, authority)
        idle.wait(lambda: peer.context in peer.tried, "a try with a certificate " + kind)
        assert not peer.heard, "it talked to a peer with a certificate %s: %r" % (kind, peer.heard[0][:100])
    peer.context = right
    idle.wait(lambda: peer.heard, "words to the peer that proves its name")
    idle.bot.kill()
    idle.bot.process = None
    wss.socket.close()
    api.socket.close()


def test_compressed_answers_are_not_unpacked(idle):
    """A bomb of 100 MiB in 100 KiB: nobody asked for compression, and it is no JSON."""
    bomb = gzip.compress(b" " * (100 << 20))

    class Handler(http.server.BaseHTTPRequestHandler):
        asked = []

        def do_POST(self):  # noqa: N802, the library's name
            self.asked.append(self.headers.get("Accept-Encoding"))
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(bomb)))
            self.end_headers()
            self.wfile.write(bomb)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    idle.configure(slack={"api_url": "http://127.0.0.1:%d/" % server.server_port})
    idle.bot.start()
    before = resident_mib(idle)
    idle.wait(lambda: len(Handler.asked) > 1, "calls")
    assert set(Handler.asked) == {None} and resident_mib(idle) - before < 50
    assert idle.bot.get("/healthz")[0] == 200 and idle.bot.get("/readyz")[0] == 503
    idle.bot.kill()
    idle.bot.process = None
    server.shutdown()
