"""CloudWatch Logs in the sandbox: groups, queries and their language; boto3 is the client."""
import time
import types

import pytest

from tests.sandbox import aws_logs
from tests.sandbox.aws_world import AWS_SETTINGS, OWN_ACCOUNT, REGION, Aws
from tests.sandbox.logs_query import Query, QueryError, record
from tests.unit_py.aws_clients import refused

NOW = int(time.time())
GROUP = "/shop/checkout"
LINES = [
    [NOW - 40, "INFO started"], [NOW - 30, "ERROR payment took 120 ms", "second"],
    [NOW - 20, '{"level":"error","ms":80.5,"user":{"id":7}}'], [NOW - 10, '{"level":"warn","ms":9}'],
]


@pytest.fixture(autouse=True)
def lines(sandbox, aws):
    sandbox.log_lines(GROUP, LINES)


def start(aws, query, **ask):
    ask = {"logGroupNames": [GROUP], "startTime": NOW - 3600, "endTime": NOW, "queryString": query, **ask}
    return aws.logs.start_query(**ask)["queryId"]


def finished(aws, query, **ask):
    name = start(aws, query, **ask)
    while True:
        answer = aws.logs.get_query_results(queryId=name)
        if answer["status"] not in ("Scheduled", "Running"):
            return answer
        time.sleep(0.002)


def rows(answer):
    return [{f["field"]: f["value"] for f in row} for row in answer["results"]]


# --- queries -----------------------------------------------------------------------
def test_a_query_and_what_it_costs(aws, sandbox):
    sandbox.settings(logs_scanned_times=10)
    answer = finished(aws, "fields @timestamp, @message, @logStream | filter @message like /ERROR/ | limit 20")
    assert answer["status"] == "Complete" and len(answer["results"]) == 1
    row = rows(answer)[0]
    assert (row["@message"], row["@logStream"]) == ("ERROR payment took 120 ms", "second") and row["@ptr"]
    assert row["@timestamp"] == time.strftime("%Y-%m-%d %H:%M:%S.000", time.gmtime(NOW - 30))
    scanned = 10 * sum(len(line[1]) + 26 for line in LINES)
    assert answer["statistics"] == {"recordsMatched": 1, "recordsScanned": 4, "bytesScanned": scanned}
    assert sandbox.judged() == []


def test_rows_grow_while_it_runs(monkeypatch):
    """By a clock of its own, a second of the query's ten at a time."""
    monkeypatch.setattr(aws_logs, "time", types.SimpleNamespace(monotonic=lambda: clock[0]))
    aws = Aws({**AWS_SETTINGS, "logs_run_s": 10})
    aws.add_log_lines({"group": GROUP, "lines": [[NOW - 50 + n, "line %d" % n] for n in range(50)]})
    logs, identity, clock = aws_logs.Logs(types.SimpleNamespace(aws=aws, scale=1)), {"account": OWN_ACCOUNT}, [1000]
    ask = {"logGroupName": GROUP, "startTime": NOW - 60, "endTime": NOW, "queryString": "fields @message"}
    name, looks = logs.do_StartQuery(ask, identity, REGION), []
    for clock[0] in range(1000, 1011):
        looks.append(logs.do_GetQueryResults(name, identity, REGION))
    assert [len(look["results"]) for look in looks] == list(range(0, 51, 5))
    assert [look["statistics"]["recordsScanned"] for look in looks] == list(range(0, 51, 5))
    assert [look["status"] for look in looks] == ["Scheduled"] + ["Running"] * 9 + ["Complete"]
    assert looks[3]["results"][0][0] == {"field": "@message", "value": "line 14"}  # the newest of the oldest


def test_a_stopped_query_has_what_it_had_seen(aws, sandbox):
    sandbox.settings(logs_run_s=20000)
    name = start(aws, "fields @message")
    assert aws.logs.stop_query(queryId=name)["success"] is True
    answer = aws.logs.get_query_results(queryId=name)
    assert answer["status"] == "Cancelled" and answer["statistics"]["recordsScanned"] < 4
    with refused("InvalidParameterException", text="has ended with status Cancelled"):
        aws.logs.stop_query(queryId=name)


def test_it_may_end_badly(aws, sandbox):
    for status in ("Failed", "Timeout"):
        sandbox.settings(logs_ends=status)
        assert finished(aws, "fields @message")["status"] == status


def test_pages_of_rows(aws, sandbox):
    name = start(aws, "fields @message")
    while aws.logs.get_query_results(queryId=name)["status"] != "Complete":
        time.sleep(0.002)
    first = aws.logs.get_query_results(queryId=name, maxItems=3)
    rest = aws.logs.get_query_results(queryId=name, maxItems=3, nextToken=first["nextToken"])
    assert [len(first["results"]), len(rest["results"])] == [3, 1] and "nextToken" not in rest


def test_refusals(aws, sandbox):
    with refused("MalformedQueryException", 400, "unexpected symbol found feilds at line 1 and position 1"):
        start(aws, "feilds @message")
    with refused("ResourceNotFoundException", 400, "/absent"):
        start(aws, "fields @message", logGroupNames=[GROUP, "/absent"])
    with refused("InvalidParameterException"):
        start(aws, "fields @message", logGroupName=GROUP)
    with refused("InvalidParameterException"):
        start(aws, "fields @message", startTime=NOW + 1)
    with refused("ResourceNotFoundException"):
        aws.logs.get_query_results(queryId="absent")
    sandbox.settings(logs_run_s=20000, logs_queries_max=1)
    name = start(aws, "fields @message")
    with refused("LimitExceededException"):
        start(aws, "fields @message")
    aws.logs.stop_query(queryId=name)
    sandbox.deny("logs:StartQuery")
    with refused("AccessDeniedException", text="arn:aws:logs:us-east-1:123456789012:log-group:/shop/checkout"):
        start(aws, "fields @message")


def test_groups(aws, sandbox):
    for name in ("/shop/cart", "/shop/search", "/other"):
        sandbox.log_lines(name)
    found = aws.logs.describe_log_groups(logGroupNamePrefix="/shop/")["logGroups"]
    assert [g["logGroupName"] for g in found] == ["/shop/cart", GROUP, "/shop/search"]
    assert found[1]["storedBytes"] == sum(len(line[1]) + 26 for line in LINES)
    assert found[1]["arn"] == "arn:aws:logs:us-east-1:123456789012:log-group:/shop/checkout:*"
    pages = aws.logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 3})
    assert [len(p["logGroups"]) for p in pages] == [3, 1]


# --- the language ---------------------------------------------------------------------
EVENTS = [record(at, text, (stream or ["main"])[0], "g", str(at)) for at, text, *stream in LINES]


def asked(query, limit=100):
    return [dict(row) for row in Query(query).rows(EVENTS, limit)[0]]


def test_filters():
    for condition, count in (
        ("@message like 'ERROR'", 1), ("@message like /error/i", 2), ("@message not like /error/i", 2),
        ("@message =~ /took \\d+/", 1), ("level = 'error'", 1), ("level != 'error'", 3), ("ms > 9", 1), ("ms >= 9", 2),
        ("ms = 80.5 or @message like /INFO/", 2), ("ms > 1 and level in ['warn', 'info']", 1), ("not ispresent(ms)", 2),
        ("(ms < 100 and not level = 'warn') or isempty(level)", 3), ("user.id = 7", 1), ("`user.id` = 7", 1),
    ):
        assert len(asked("filter " + condition)) == count, condition


def test_order_and_fields():
    assert [r["@message"] for r in asked("fields @message")][0] == '{"level":"warn","ms":9}'  # newest first
    assert [r.get("ms") for r in asked("fields ms | sort ms desc")] == ["80.5000", "9", None, None]
    assert [r["m"] for r in asked("fields @message as m | sort @timestamp asc | limit 1")] == ["INFO started"]
    assert set(asked("filter ispresent(ms)")[0]) == {"@timestamp", "@message", "@ptr"}
    assert asked("parse @message 'ERROR * took * ms' as what, ms | filter ispresent(what) | display what, ms") == [
        {"what": "payment", "ms": "120", "@ptr": str(NOW - 30)}]
    assert len(asked("fields @message", limit=2)) == 2


def test_statistics():
    assert asked("stats count(*)") == [{"count(*)": "4"}]
    assert asked("stats count() as n, avg(ms), max(ms), pct(ms, 50) by level | sort level") == [
        {"n": "2"}, {"level": "error", "n": "1", "avg(ms)": "80.5000", "max(ms)": "80.5000", "pct(ms,50)": "80.5000"},
        {"level": "warn", "n": "1", "avg(ms)": "9", "max(ms)": "9", "pct(ms,50)": "9"}]
    events = [record(NOW // 300 * 300 + 60 * n, "x", "s", "g", "p") for n in range(7)]
    binned = [dict(row) for row in Query("stats count(*) as n by bin(5m) as t | sort t").rows(events, 9)[0]]
    assert [row["n"] for row in binned] == ["5", "2"] and binned[0]["t"].endswith(":00.000")
    assert asked("filter @message like /absent/ | stats count(*)") == [{"count(*)": "0"}]


def test_what_is_no_query():
    for query, symbol in (
        ("", "end of query"), ("fields", "end of query"), ("fields @message |", "end of query"), ("count()", "count"),
        ("fields @message | count()", "count"), ("filter @message like", "end of query"), ("filter a = ", "end of query"),
        ("filter (a = 1", "end of query"), ("stats count(*) by bin(5)", "5"), ("stats sum(*)", "sum"), ("limit x", "x"),
        ("fields a; fields b", ";"), ("filter a like /x", "/"), ("sort", "end of query"), ("stats strlen(a)", "strlen"),
        ("stats count(*) by strlen(a)", "strlen"), ("filter a not = 1", "="), ("SELECT * FROM logs", "SELECT"),
    ):
        with pytest.raises(QueryError) as caught:
            Query(query)
        assert "unexpected symbol found %s at line 1" % symbol in str(caught.value), query
    for query in ("filter a like /(/", "limit 0", "parse @message '* *' as one"):
        with pytest.raises(QueryError):
            Query(query)
