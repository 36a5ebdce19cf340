"""The real servers that tests talk to hold what they were given."""
import json
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests import peers

STEP_S = 300
END = int(time.time()) // STEP_S * STEP_S
TIMES = [END - (4032 - i) * STEP_S for i in range(4032)]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    series = [("latency", {"host": 'a "quoted" \\ name'}, [(t, i) for i, t in enumerate(TIMES)]),
              ("latency", {"host": "b"}, [(t, float("nan") if i % 2 else i) for i, t in enumerate(TIMES)]),
              ("hits_total", {}, [(t, i * 60) for i, t in enumerate(TIMES)])]
    with peers.prometheus(tmp_path_factory.mktemp("prometheus"), series) as url:
        yield url


def ask(address, query, start, end, step=STEP_S):
    body = urllib.parse.urlencode({"query": query, "start": start, "end": end, "step": step}).encode()
    with urllib.request.urlopen(address + "/api/v1/query_range", body, timeout=20) as answer:
        return json.load(answer)["data"]["result"]


def test_series_of_two_weeks(address):
    found = {r["metric"]["host"]: r["values"] for r in ask(address, "latency", TIMES[0], TIMES[-1])}
    assert found['a "quoted" \\ name'] == [[t, str(i)] for i, t in enumerate(TIMES)]
    assert found["b"][:4] == [[t, "NaN" if i % 2 else str(i)] for i, t in enumerate(TIMES[:4])]


def test_rates_and_refusals(address):
    (rate,) = ask(address, "rate(hits_total[10m])", TIMES[10], TIMES[20])
    assert {float(v) for _, v in rate["values"]} == {0.2}
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(address, "latency{", TIMES[0], TIMES[1])
    assert refused.value.code == 400 and json.load(refused.value)["errorType"] == "bad_data"
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(address, "latency", TIMES[0], TIMES[-1], 60)
    assert "exceeded maximum resolution of 11,000 points" in json.load(refused.value)["error"]


def test_behind_a_signature(address, aws, sandbox):
    path = "/workspaces/ws-1/api/v1/query_range"
    body = urllib.parse.urlencode({"query": "latency{host='b'}", "start": TIMES[0], "end": TIMES[2], "step": STEP_S})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    headers = aws.signed("aps", body, path=path, **kind)
    assert aws.send(body, headers, path)[0] == 404, "there is no workspace yet"
    sandbox.settings(aps_upstream=address)
    status, _, answer = aws.send(body, headers, path)
    assert status == 200 and json.loads(answer)["data"]["result"][0]["values"][0] == [TIMES[0], "0"]
    assert sandbox.judged() == [] and "aps:QueryMetrics" in sandbox.aws_actions()
    status, found, answer = aws.send(body, aws.signed("execute-api", body, path=path, **kind), path)
    assert (status, found["x-amzn-ErrorType"]) == (400, "InvalidSignatureException") and "'aps'" in answer
    assert aws.send(body, kind, path)[1]["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"
    sandbox.deny("aps:QueryMetrics")
    status, found, _ = aws.send(body, headers, path)
    assert (status, found["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
    sandbox.allow_all()
    sandbox.fault("503_before", method="aps.QueryMetrics")
    assert aws.send(body, headers, path)[0] == 503
