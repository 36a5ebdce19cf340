"""What fails on this machine: its disk, its files, its clock, its resolver, its descriptors.

Disk, clock and resolver fail by tests/faults.c, preloaded; descriptors by the kernel's own limit. In each case: nothing that was
acknowledged is lost, nothing is done twice, the log, /readyz or a metric says what is wrong, and it goes on by itself when the
fault is over, or ends with a sentence that says what to do.
"""
import contextlib
import errno
import http.client
import json
import os
import re
import resource
import shutil
import socket
import sqlite3
import struct
import subprocess
import time

import pytest

from tests.e2e import support
from tests.e2e.support import shown, until

LIBRARY = support.BINARY.parent / "tests/faults.so"
EAI_AGAIN = socket.EAI_AGAIN & (2 ** 64 - 1)
HOUR, DAY = 3600, 24 * 3600
CLOCK_JUDGED = {"SignatureDoesNotMatch", "RequestExpired", "RequestTimeTooSkewed", "InvalidSignatureException"}


class Faults:
    """The numbers that tests/faults.c looks at, in its order."""
    NAMES = ("writes", "flushes", "opens", "reads", "clock_ms", "resolve", "resolve_ms", "hits")

    def __init__(self, world):
        self.path = world.directory / "faults"
        self.path.write_bytes(bytes(8 * len(self.NAMES)))
        linked = subprocess.run(["ldd", world.bot.binary], capture_output=True, text=True, check=True).stdout
        sanitizer = re.findall(r"(/\S*lib[at]san\S*)", linked)  # must come first
        world.bot.more.update(LD_PRELOAD=" ".join([*sanitizer, str(LIBRARY)]), TOCSIN_FAULTS=str(self.path),
                              TOCSIN_FAULTS_DISK=str(world.bot.database()))

    def set(self, **values):
        with self.path.open("r+b") as file:
            for name, value in values.items():
                file.seek(8 * self.NAMES.index(name))
                file.write(struct.pack("=q", value))

    def hits(self):
        return struct.unpack("=8q", self.path.read_bytes())[7]

    def clear(self):
        self.path.open("r+b").write(bytes(8 * len(self.NAMES)))


@pytest.fixture(scope="module", autouse=True)
def library():
    if not LIBRARY.exists():
        subprocess.run(["make", "-s", "-C", str(support.ROOT), "BUILD=%s" % LIBRARY.parent.parent, str(LIBRARY)], check=True)


@pytest.fixture(scope="module")
def machine(pool):
    """A world, whose tocsin's machine can be made to fail: (world, faults)."""
    from tests.e2e.conftest import make_world
    world = make_world(pool, fresh=True)
    faults = Faults(world)
    world.sb.settings(sns_retries=80, ack_deadline_ms=500)
    world.allowed_judged.update(CLOCK_JUDGED)  # the first call after a step
    try:
        yield world.start(), faults
        world.close()
    finally:
        if world.bot.process is not None:
            world.bot.kill()
        world.sb.stop()


@contextlib.contextmanager
def fault(machine, **values):
    machine[1].clear()
    machine[1].set(**values)
    try:
        yield
    finally:
        machine[1].clear()


def statuses(delivery):
    return [a["status"] for a in delivery["attempts"]]


def once(world, name):
    """There is one message of that alarm, and SNS was told 200 in the end."""
    world.card(name, "ALARM", timeout=40)
    world.wait(lambda: all(d["state"] == "delivered" for d in world.sb.deliveries()), "every 200", 40)
    world.settle(40)
    assert len(world.cards(name)) == 1


# --- a disk that fails while tocsin runs -----------------------------------------------------------------
DISK = {
    "full": ({"writes": errno.ENOSPC}, "no space left"),
    "error": ({"writes": errno.EIO}, "disk I/O error"),
    "flush": ({"flushes": errno.EIO}, "disk I/O error"),
    "read-only": ({"writes": errno.EROFS}, "disk I/O error"),
}


@pytest.mark.parametrize("killed", [False, True], ids=["lives", "killed"])
@pytest.mark.parametrize("kind", DISK)
def test_a_disk_that_fails(machine, kind, killed):
    world, faults = machine
    values, said = DISK[kind]
    name = "disk-%s-%s" % (kind, "killed" if killed else "lives")
    before = len(world.bot.lines())
    with fault(machine, **values):
        world.sb.alarm(name=name, wait=False)
        asked = world.sb.mention("ping") if not killed else None
        world.wait(lambda: statuses(world.sb.deliveries()[-1])[:2] == [503, 503], "two 503s")
        assert faults.hits() > 0
        assert world.bot.get("/healthz")[0] == 200
        status, _, body = world.bot.get("/readyz")
        assert status == 503 and "journal" in body.decode()
        assert world.bot.metric("tocsin_journal_healthy") == 0 and world.bot.metric("tocsin_journal_failures_total") > 0
        lines = [l for l in world.bot.lines()[before:] if "journal.failed" in l]
        assert lines and said in lines[0] and str(world.bot.database()) in lines[0], lines
        assert not world.cards(name), "nothing is said that is not on the disk"
        if asked:
            assert not world.sb.replies(asked["ts"])
        if killed:
            world.bot.kill()
    if killed:
        world.bot.start()
    once(world, name)
    world.bot.wait_ready()
    if asked:
        world.wait(lambda: world.sb.replies(asked["ts"]), "a pong to the redelivery", 60)
        world.settle(40)
        assert len(world.sb.replies(asked["ts"])) == 1
    assert world.bot.metric("tocsin_journal_healthy") == 1 and world.bot.metric("tocsin_journal_kept_bytes") == 0


# --- what the state can be like at the start ----------------------------------------------------------------
def spoil(path, at, count=4):
    with open(path, "r+b") as file:
        file.seek(at)
        old = file.read(count)
        file.seek(at)
        file.write(bytes(byte ^ 0xFF for byte in old))


def run_sql(path, *statements):
    with contextlib.closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def foreign(path):
    path.unlink()
    run_sql(path, "CREATE TABLE cats (name TEXT)", "PRAGMA user_version = 1")


def wal(path):
    return path.with_name(path.name + "-wal")


# How it is spoilt, what the program says before it ends with status 1, the faults of the disk at that time.
REFUSED = {
    "cut in half": (lambda p: os.truncate(p, p.stat().st_size // 2), "is damaged", {}),
    "cut to nothing": (lambda p: os.truncate(p, 0), "is empty, but was in use before", {}),
    "a head of rubbish": (lambda p: spoil(p, 0, 100), "is damaged", {}),
    "a page spoilt": (lambda p: spoil(p, 4096, 8), "is damaged", {}),
    "another program's": (foreign, "belongs to another program", {}),
    "a newer tocsin's": (lambda p: run_sql(p, "PRAGMA user_version = 99"), "install that version again", {}),
    "a directory": (lambda p: (p.unlink(), p.mkdir()), "Is a directory", {}),
    "not ours to open": (lambda p: None, "Permission denied", {"opens": errno.EACCES}),
    "read-only": (lambda p: None, "Read-only file system", {"opens": errno.EROFS}),
    "a disk that cannot be read": (lambda p: None, "disk I/O error", {"reads": errno.EIO}),
    "no descriptor left": (lambda p: None, "Too many open files", {"opens": errno.EMFILE}),
}
# What is left out is told in the log, by a metric and in the channel.
LEFT_OUT = {
    "a log without its head": (lambda p: spoil(wal(p), 0), "journal.log_damaged", "could not be read at all"),
    "a log spoilt in the middle": (lambda p: spoil(wal(p), wal(p).stat().st_size // 2), "journal.log_damaged", "transactions at the end"),
    "texts spoilt": (lambda p: run_sql(p, "UPDATE documents SET json = '{' WHERE kind = 'incident'"), "journal.unreadable",
                     "documents could not be read"),
}


@pytest.fixture(scope="module")
def state(pool):
    """A tocsin that is down; its state as a kill leaves it ("hot") and as an orderly end does ("cold")."""
    from tests.e2e.conftest import make_world
    world = make_world(pool, fresh=True)
    faults = Faults(world)
    kept = world.directory / "kept"
    try:
        world.start()
        for number in range(4):
            world.sb.alarm(name="known-%d" % number)
        world.card("known-3", "ALARM")
        world.settle()
        world.bot.kill()
        keep(world, kept / "hot")
        world.bot.start().stop()
        keep(world, kept / "cold")
        yield world, faults, kept
        world.close()
    finally:
        if world.bot.process is not None:
            world.bot.kill()
        world.sb.stop()


def files_of(world):
    return [p for p in world.directory.iterdir() if p.name.startswith(world.bot.database().name)]


def keep(world, directory):
    directory.mkdir(parents=True)
    for path in files_of(world):
        shutil.copy(path, directory / path.name)


def give_back(world, directory):
    for path in files_of(world):
        path.rmdir() if path.is_dir() else path.unlink()
    for path in directory.iterdir():
        shutil.copy(path, world.directory / path.name)


@pytest.mark.parametrize("case", REFUSED)
def test_a_state_that_is_refused(state, case):
    world, faults, kept = state
    spoilt, said, values = REFUSED[case]
    give_back(world, kept / "cold")
    spoilt(world.bot.database())
    before = world.bot.database().read_bytes() if world.bot.database().is_file() else None
    faults.clear()
    faults.set(**values)
    done = world.bot.command("run", "--config", world.bot.config)
    faults.clear()
    line = next(l for l in done.stderr.splitlines() if "start.failed" in l)
    assert done.returncode == 1 and said in line and str(world.bot.database()) in line, done.stderr
    assert not support.SANITIZER.search(done.stderr)
    assert before is None or world.bot.database().read_bytes() == before, "what is damaged is left as it is"


@pytest.mark.parametrize("case", LEFT_OUT)
def test_a_state_that_is_not_whole(state, case):
    world, faults, kept = state
    spoilt, event, told = LEFT_OUT[case]
    give_back(world, kept / "hot")
    if "log" not in case:
        give_back(world, kept / "cold")
    spoilt(world.bot.database())
    world.allowed_errors.update({"journal.log_damaged", "journal.unreadable"})
    seen = len(world.cards("What I remember is damaged"))
    world.bot.start()
    world.wait(lambda: len(world.cards("What I remember is damaged")) > seen, "the warning in the channel")
    assert told in shown(world.cards("What I remember is damaged")[-1])
    assert world.bot.logged(event)
    metrics = world.bot.metrics()
    assert any(value != 0 for (name, _), value in metrics.items()
               if name in ("tocsin_journal_lost_transactions", "tocsin_journal_unreadable_total"))
    world.settle()
    world.bot.stop()


def test_a_state_that_another_program_holds(state):
    world, _, kept = state
    give_back(world, kept / "cold")
    world.sb.settings(sns_retries=80)
    world.bot.start()
    with contextlib.closing(sqlite3.connect(world.bot.database(), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        world.sb.alarm(name="held", wait=False)
        world.bot.wait_logged("journal.failed", "another program has it open; close that one")
        assert world.bot.get("/readyz")[0] == 503
        other.execute("ROLLBACK")
    once(world, "held")
    world.bot.stop()


# --- a clock that is set -------------------------------------------------------------------------------------
STEPS = {"an hour ahead": HOUR, "an hour back": -HOUR, "a day ahead": DAY, "a day back": -DAY}


@pytest.mark.parametrize("step", STEPS)
def test_a_clock_that_is_set(machine, step):
    """While tocsin runs; then it is killed before it knows whether it has posted, and the clock put right."""
    world, _ = machine
    name = "clock-" + step.replace(" ", "-")
    world.bot.wait_ready()
    world.sb.alarm(name=name + "-before")
    once(world, name + "-before")
    assert world.bot.metric("tocsin_clock_off_seconds") == 0, "the clock of the last case is still wrong"
    told = len(world.bot.logged("clock.wrong"))  # the log goes on over the cases
    with fault(machine, clock_ms=STEPS[step] * 1000):
        world.sb.alarm(name=name)
        card = world.card(name, "ALARM")
        assert "late" not in shown(card), "SNS's message is not old: the clock is wrong"
        world.sb.alarm(name=name + "-before", state="OK")
        world.card(name + "-before", "RESOLVED")
        until(lambda: world.bot.metric("tocsin_clock_off_seconds") != 0, "the metric")
        assert len(world.bot.logged("clock.wrong")) > told, "it was right, and is not any more"
        world.settle(40)
        # Stored, and the answer is lost; the process dies before it can look.
        world.sb.fault("reset_after", times=1, method="chat.postMessage")
        world.sb.fault("hang_before", times=0, method="conversations.history")
        asked = len(world.sb.requests())
        world.sb.alarm(name=name + "-unknown", wait=False)
        world.wait(lambda: world.cards(name + "-unknown"), "a post")
        world.wait(lambda: world.sb.requests("conversations.history", asked), "a look")
        world.bot.kill()
        world.sb.clear_faults()
    world.bot.start()
    once(world, name + "-unknown")
    posts = [r for r in world.posts() if name + "-unknown" in json.dumps(r) and not r["args"].get("thread_ts")]
    assert len(posts) == 1, "the look-up goes by Slack's time"


def test_a_silence_ends_by_the_clock(machine):
    """Set forward beyond its end it is over; what still fires is told then, once."""
    world, _ = machine
    world.wait_sockets()
    world.sb.slash("/tocsin silence quiet-* 2h")
    world.wait(lambda: world.bot.metric("tocsin_silences") == 1, "the silence")
    world.sb.alarm(name="quiet-one")
    world.settle()
    assert not world.cards("quiet-one")
    with fault(machine, clock_ms=DAY * 1000):
        world.bot.restart(hard=True)
        once(world, "quiet-one")
        assert world.bot.metric("tocsin_silences") == 0
    world.bot.restart(hard=True)
    world.settle()
    assert len(world.cards("quiet-one")) == 1


# --- names that are not resolved -----------------------------------------------------------------------------
def test_no_name_is_resolved(machine):
    """At the start and while it runs; also when the resolver is slow to say so."""
    world, faults = machine
    world.bot.stop()
    mapped = world.bot.settings["network"]["connect_to"]
    world.configure(network={"connect_to": [line.replace(":127.0.0.1:", ":this-machine.test:") for line in mapped] +
                             ["127.0.0.1::this-machine.test:"]})
    with fault(machine, resolve=EAI_AGAIN - 2 ** 64, resolve_ms=300):
        world.bot.start()
        world.sb.alarm(name="no-name", wait=False)
        world.wait(lambda: statuses(world.sb.deliveries()[-1])[:1] == [503], "a 503: no certificate, no belief")
        until(lambda: faults.hits() > 1, "lookups")
        status, _, body = world.bot.get("/readyz")
        assert status == 503 and "Slack" in body.decode(), body
        world.bot.wait_logged("Could not resolve host")
        assert not world.cards("no-name")
    once(world, "no-name")
    world.wait_sockets()
    world.bot.wait_ready()
    with fault(machine, resolve=EAI_AGAIN - 2 ** 64):
        began = time.monotonic()
        assert world.bot.get("/healthz")[0] == 200 and time.monotonic() - began < 5
        world.bot.stop()  # in time, whatever the resolver does
    world.configure(network={"connect_to": mapped}).start()


# --- descriptors that are used up ------------------------------------------------------------------------------
def ask(connection, path):
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_no_descriptor_is_left(machine):
    world, _ = machine
    world.wait_sockets()
    pid = world.bot.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    with contextlib.closing(http.client.HTTPConnection(*world.bot.address(), timeout=10)) as held:
        assert ask(held, "/healthz")[0] == 200
        # Not lower: poll(2) refuses more entries than the limit.
        used = {int(name) for name in os.listdir("/proc/%d/fd" % pid)}
        least_free = min(set(range(len(used) + 1)) - used)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (least_free, before[1]))
        try:
            world.sb.alarm(name="no-descriptor", wait=False)
            world.bot.wait_logged("http.cannot_accept", "Too many open files")
            world.bot.signal(1)  # SIGHUP: the configuration cannot be opened
            world.bot.wait_logged("config.old_one_kept")
            asked = world.sb.mention("ping")
            time.sleep(1)
            assert ask(held, "/healthz")[0] == 200, "who is connected is served"
            assert b"tocsin_http_cannot_accept_total" in ask(held, "/metrics")[1]
            assert len(world.bot.logged("http.cannot_accept")) < 5, "said once, not ten times a second"
        finally:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    once(world, "no-descriptor")
    world.wait(lambda: world.sb.replies(asked["ts"]), "a pong", 40)
    world.settle()
    assert len(world.sb.replies(asked["ts"])) == 1
    world.bot.wait_ready()
