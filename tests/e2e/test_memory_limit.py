"""A limit of memory that is too low (ulimit -v, a cgroup): tocsin says so in one line and dies; what it acknowledged is there again after
the next start, each thing once. With the sweep's build: AddressSanitizer reserves terabytes of addresses."""
import contextlib
import re
import resource
import signal
import socket
import subprocess

import pytest

from tests.e2e import conftest, support

BINARY = support.BINARY.parents[1] / "crash/tocsin"
ALARMS = 12
BODY = b"x" * ((2 << 20) - 1)
SENDERS = 24  # of bodies of 2 MiB but for the last byte: 48 MiB
HEAD = b"POST /sns HTTP/1.1\r\nHost: tocsin\r\nContent-Length: %d\r\n\r\n" % (len(BODY) + 1)
LAST_WORDS = "memory.none_left"


@pytest.fixture(scope="module", autouse=True)
def binary():
    if not BINARY.exists():
        subprocess.run(["make", "-s", "-j2", "-C", str(support.ROOT), "MODE=crash", "BUILD=%s" % BINARY.parents[1], "all"], check=True)


@pytest.fixture
def limited(pool):
    """Not started yet."""
    world = conftest.make_world(pool, fresh=True)
    world.bot.binary = str(BINARY)
    try:
        yield world
        world.close()
    finally:
        if world.bot.process is not None:
            world.bot.kill()
        world.sb.stop()


def address_space(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as status:
        return int(re.search(r"^VmSize:\s+(\d+) kB", status.read(), re.M).group(1)) * 1024


def load(world, stack):
    """Bodies that take as much memory as strangers may have of it. They see it end, or are sent away."""
    for _ in range(SENDERS):
        with contextlib.suppress(OSError):
            peer = stack.enter_context(socket.create_connection(world.bot.address(), timeout=5))
            peer.sendall(HEAD + BODY)


def fire(world, kind, count=ALARMS):
    for number in range(count):
        world.sb.alarm(name="%s-%02d" % (kind, number), wait=False)


def each_once(world, kind, count=ALARMS):
    for number in range(count):
        world.card("%s-%02d" % (kind, number), "ALARM", timeout=40)
    world.wait(lambda: all(d["state"] == "delivered" for d in world.sb.deliveries()), "every 200", 40)
    world.settle(40)
    for number in range(count):
        assert len(world.cards("%s-%02d" % (kind, number))) == 1


def test_no_memory_is_left(limited):
    world = limited.start()
    world.sb.settings(sns_retries=80)
    world.sb.fault("hold", times=3, method="chat.postMessage")  # some are under way when it ends, most wait
    fire(world, "before")
    world.wait(lambda: world.bot.metric("tocsin_incidents_opened_total") == ALARMS, "the alarms")
    pid = world.bot.process.pid
    room = address_space(pid) + (4 << 20)
    resource.prlimit(pid, resource.RLIMIT_AS, (room, room))
    with contextlib.ExitStack() as stack:
        load(world, stack)
        fire(world, "meanwhile")
        assert world.bot.wait(20) == -signal.SIGABRT
    last = world.bot.lines()[-1]
    assert LAST_WORDS in last and "raise the limit" in last, world.bot.tail()
    assert len(world.bot.logged(LAST_WORDS)) == 1
    world.sb.clear_faults()
    world.start()
    each_once(world, "before")
    each_once(world, "meanwhile")


def test_what_strangers_may_have_fits_into_a_limit(limited):
    """With room for what strangers may take together (docs/SECURITY.md), the same load kills nobody."""
    world = limited.start()
    world.sb.settings(sns_retries=80)
    pid = world.bot.process.pid
    room = address_space(pid) + (96 << 20)
    resource.prlimit(pid, resource.RLIMIT_AS, (room, room))
    with contextlib.ExitStack() as stack:
        load(world, stack)
        fire(world, "meanwhile")
        each_once(world, "meanwhile")
        load(world, stack)
        assert world.bot.get("/healthz")[0] == 200
    assert not world.bot.logged(LAST_WORDS)
    assert world.bot.process.pid == pid
