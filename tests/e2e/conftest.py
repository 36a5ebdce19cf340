"""Fixtures: a sandbox and a tocsin for each test, checked for what no test may leave behind.

    world         both, tocsin started and connected
    idle          both, tocsin not started yet
    shared        both, one for all tests of a module (they use different alarm names)
    cloud         the same with diagnosis, tickets in Jira Cloud and mail turned on
    datacenter    the same with Jira Data Center
    flows         each of the two, one after the other

@pytest.mark.sandbox("--tls", ...) passes options to the sandbox. @pytest.mark.responds leaves the built-in
runbooks in force; elsewhere alarms start none, so that what they do to the channel is theirs alone. The binary is TOCSIN_BIN, by default
build/asan/tocsin; build it with `make MODE=asan`.
"""
import concurrent.futures
import itertools

import pytest

from tests.e2e import support


# How the shared worlds with tickets are configured beyond what the sandbox gives.
JIRA = {"client": "Example Corp", "resolve_to": "done", "reopen_to": "new"}


class Pool:
    """Sandboxes; the next plain one starts while the present test runs."""

    def __init__(self, base):
        self.base = base
        self.numbers = itertools.count()
        self.executor = concurrent.futures.ThreadPoolExecutor(1)
        self.coming = None

    def directory(self):
        path = self.base / str(next(self.numbers))
        path.mkdir()
        return path

    def begin(self):
        return self.executor.submit(support.start_sandbox, self.directory())

    def take(self, options):
        if options:
            return support.start_sandbox(self.directory(), *options)
        ready, self.coming = self.coming or self.begin(), None
        sandbox = ready.result()
        self.coming = self.begin()
        return sandbox

    def close(self):
        if self.coming is not None:
            self.coming.result().stop()
        self.executor.shutdown()


def pytest_configure(config):
    config.addinivalue_line("markers", "sandbox(*options): options of the sandbox's command line")
    config.addinivalue_line("markers", "responds: alarms run the built-in runbooks by themselves")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for world in {id(w): w for w in item.funcargs.values() if isinstance(w, support.World)}.values():
            report.sections.append(("tocsin", world.bot.tail(120)))


@pytest.fixture(scope="session")
def pool(tmp_path_factory):
    assert support.BINARY.exists(), "there is no %s: run `make MODE=asan` or set TOCSIN_BIN" % support.BINARY
    pool = Pool(tmp_path_factory.mktemp("sandboxes"))
    yield pool
    pool.close()


def make_world(pool, options=(), responds=False, fresh=False):
    """fresh: a sandbox started now, not beforehand; in a long module the port meant for tocsin may be taken by then."""
    sandbox = support.start_sandbox(pool.directory()) if fresh else pool.take(options)
    world = support.World(sandbox, sandbox.directory)
    return world if responds else world.configure(runbooks=support.NO_DIAGNOSIS)


@pytest.fixture
def idle(request, pool):
    marker = request.node.get_closest_marker("sandbox")
    responds = request.node.get_closest_marker("responds") is not None
    world = make_world(pool, marker.args if marker else (), responds)
    try:
        yield world
        world.close()
    finally:
        if world.bot.process is not None:
            world.bot.kill()
        world.sb.stop()


@pytest.fixture
def world(idle):
    return idle.start()


def kept(world):
    """For all tests of a module."""
    try:
        yield world.start()
        world.close()
    finally:
        if world.bot.process is not None:
            world.bot.kill()
        world.sb.stop()


@pytest.fixture(scope="module")
def shared(pool):
    yield from kept(make_world(pool, fresh=True))


@pytest.fixture(scope="module")
def cloud(pool):
    yield from kept(make_world(pool, fresh=True).flows_with_jira("cloud", **JIRA))


@pytest.fixture(scope="module")
def datacenter(pool):
    yield from kept(make_world(pool, fresh=True).flows_with_jira("datacenter", **JIRA))


@pytest.fixture(params=["cloud", "datacenter"])
def flows(request):
    return request.getfixturevalue(request.param)
