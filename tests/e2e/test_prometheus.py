"""`dashboard` from Prometheus: the real server of Debian, plainly, by a login, and signed for as Amazon's managed one."""
import time

import pytest

from tests import peers
from tests.e2e.conftest import kept, make_world
from tests.e2e.support import shown
from tests.sandbox import series

PASSWORD = "open-sesame"
HASH = "$2b$04$abcdefghijklmnopqrstuuXcjcm5avyCiJoD2uS24xa2lb6fjMB3G"  # of it, by bcrypt
USERS = "basic_auth_users: { tocsin: '%s' }\n" % HASH


def shop():
    """15 days of three hosts, to this minute, one of which was slow for 40 minutes, four hours ago; and a counter."""
    end = int(time.time()) // 300 * 300
    slow = series.slow_since(end - 4 * 3600, end - 4 * 3600 + 2400, 1.4)
    hosts = [("latency_seconds", {"job": "shop", "host": name},
              series.make(series.latency, end, seed=7 + n, change=slow if name == "b" else None))
             for n, name in enumerate("abc")]
    counted, total = [], 0
    for at, hits in series.make(series.requests, end, seed=8):
        total += hits
        counted.append((at, total))
    return hosts + [("hits_total", {"job": "shop"}, counted)]


def metric(metric_id, query, source="prom", **more):
    return {"id": metric_id, "source": source, "query": query, **more}


LATENCY = metric("latency", "latency_seconds", title="Answer time", unit="Seconds", normal={"below": 0.5})
DASHBOARDS = {
    "shop": [LATENCY, metric("hits", "sum(rate(hits_total[10m])) * 300", title="Requests")],
    "trouble": [LATENCY, metric("wrong", "latency_seconds{", title="Wrong"),
                metric("twice", "latency_seconds + on(job) latency_seconds"), metric("nothing", "nobody_sends_this"),
                metric("gone", "up", "dead")],
    "minutes": [{**LATENCY, "period": "1m"}],
    "login": [{**LATENCY, "source": "login"}, metric("other", "up", "locked", title="Other")],
    "managed": [{**LATENCY, "source": "managed"}],
}


@pytest.fixture(scope="module")
def world(pool, tmp_path_factory):
    """One world for all; each test has a dashboard of its own."""
    made = make_world(pool, fresh=True)
    workspace = made.sb.aws_env()["AWS_ENDPOINT_URL"] + "/workspaces/ws-0123abcd"
    with peers.prometheus(tmp_path_factory.mktemp("open"), shop()) as server, \
            peers.prometheus(tmp_path_factory.mktemp("closed"), shop()[:3], USERS) as closed:
        made.sb.settings(aps_upstream=server)
        made.prometheus(prom=server, dead="http://127.0.0.1:1", managed={"url": workspace, "region": "eu-central-1"},
                        login={"url": closed, "user": "tocsin", "password": PASSWORD},
                        locked={"url": closed, "token": "wrong"})
        made.dashboards(**DASHBOARDS)
        made.secrets.append(PASSWORD)
        yield from kept(made)


def answer(world, name, word="1 finding"):
    """The text of a dashboard's message once it is whole."""
    assert world.sb.slash("/dashboard " + name)["state"] == "acked"
    word = "%s: %s" % (name, word)
    found = world.wait(lambda: [m for m in world.sb.roots() if word in shown(m)], "an answer with " + word, 30)[0]
    world.settle()
    return shown(found)


def queries(world):
    return world.bot.metric("tocsin_prometheus_queries_total", outcome="ok")


def test_the_slow_host_is_named(world):
    before = queries(world)
    text = answer(world, "shop")
    assert "host=b" in text and "host=a" not in text and "⚠" not in text, text
    assert queries(world) == before + 2


def test_trouble_is_each_metrics_own(world):
    text = answer(world, "trouble")
    for words in ("Wrong", "prom answers 400: 1:17: parse error", "prom answers 422: ", "nobody_sends_this",
                  "dead: 127.0.0.1"):
        assert words in text, (words, text)


def test_minutes_of_two_weeks_come_in_parts(world):
    before = queries(world)
    answer(world, "minutes", "")
    assert queries(world) == before + 2


def test_a_login(world):
    text = answer(world, "login")
    assert "Other" in text and "locked answers 401; check user and password, or token, of the entry" in text, text


def test_amazons_managed_prometheus(world):
    assert "host=b" in answer(world, "managed")
    (call,) = world.sb.aws_calls("aps")
    assert (call["region"], call["status"]) == ("eu-central-1", 200)
    world.sb.deny("aps:QueryMetrics")
    assert "IAM action aps:QueryMetrics" in answer(world, "managed", "nothing could be read")
