"""CloudWatch's GetMetricData in the sandbox; boto3 is the client, in the JSON protocol."""
import datetime
import json

import pytest

from tests.unit_py.aws_clients import refused

SPACE = "Test/Metrics"
NOW = int(datetime.datetime.now(datetime.timezone.utc).timestamp())
HOUR = NOW // 3600 * 3600 - 7200  # two whole hours ago
DAY_S = 86400
HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "GraniteServiceVersion20100801.GetMetricData",
}


def stat(name, period=300, stat="Average", **more):
    dimensions = [{"Name": k, "Value": v} for k, v in more.pop("dimensions", {}).items()]
    metric = {"Namespace": SPACE, "MetricName": name, "Dimensions": dimensions}
    return {"Metric": metric, "Period": period, "Stat": stat, **more}


def query(name, number=1, period=300, **more):
    outer = {k: more.pop(k) for k in ("Label", "ReturnData", "AccountId") if k in more}
    return {"Id": "m%d" % number, "MetricStat": stat(name, period, more.pop("how", "Average"), **more), **outer}


def get(aws, *queries, start=HOUR, end=HOUR + 3600, **more):
    more.setdefault("ScanBy", "TimestampAscending")
    return aws.cloudwatch.get_metric_data(MetricDataQueries=list(queries), StartTime=start, EndTime=end, **more)


def values(result):
    return [(int(t.timestamp()), v) for t, v in zip(result["Timestamps"], result["Values"])]


def pages(aws, *queries, **more):
    """All pages, and the results joined by id and label."""
    found, joined, token = [], {}, {}
    while True:
        found.append(get(aws, *queries, **more, **token))
        for result in found[-1]["MetricDataResults"]:
            joined.setdefault((result["Id"], result["Label"]), []).extend(values(result))
        if "NextToken" not in found[-1]:
            return found, joined
        token = {"NextToken": found[-1]["NextToken"]}


@pytest.fixture(autouse=True)
def series(sandbox, aws):
    """Every minute for four hours, the minute's number."""
    sandbox.metric(SPACE, "Plain", start=HOUR - 3600, step=60, values=list(range(240)), unit="Seconds")
    sandbox.metric(SPACE, "Host", start=HOUR, step=300, values=[1] * 12, dimensions={"Host": "a"})
    sandbox.metric(SPACE, "Host", start=HOUR, step=300, values=[3] * 6 + [None] * 6, dimensions={"Host": "b"})


# --- values ----------------------------------------------------------------------
def test_statistics_over_periods(aws, sandbox):
    minutes = [60, 61, 62, 63, 64]
    for how, first in (("Average", 62), ("Sum", sum(minutes)), ("Minimum", 60), ("Maximum", 64),
                       ("SampleCount", 5), ("p50", 62), ("p90", 63.6), ("p100", 64)):
        result = get(aws, query("Plain", how=how))["MetricDataResults"][0]
        assert result["StatusCode"] == "Complete" and result["Label"] == "Plain"
        assert len(result["Values"]) == 12
        assert values(result)[0] == (HOUR, pytest.approx(first)), how
    assert sandbox.judged() == []


def test_times_are_seconds_both_ways(aws, sandbox):
    get(aws, query("Plain"))
    call = sandbox.aws_calls("cloudwatch", "GetMetricData")[-1]
    assert (call["params"]["StartTime"], call["params"]["EndTime"]) == (HOUR, HOUR + 3600)
    body = '{"MetricDataQueries":[],"StartTime":"2026-01-01T00:00:00Z","EndTime":1}'
    status, found, answer = aws.send(body, aws.signed("monitoring", body, **HEADERS))
    assert status == 400 and "SerializationException" in answer
    assert found["Content-Type"] == "application/x-amz-json-1.0"


def test_newest_first_unless_asked_otherwise(aws):
    result = aws.cloudwatch.get_metric_data(
        MetricDataQueries=[query("Plain")], StartTime=HOUR, EndTime=HOUR + 900)["MetricDataResults"][0]
    assert [t for t, _ in values(result)] == [HOUR + 600, HOUR + 300, HOUR]


def test_the_start_is_rounded_down_and_the_end_excluded(aws):
    result = get(aws, query("Plain", period=60), start=HOUR + 59, end=HOUR + 120)["MetricDataResults"][0]
    assert values(result) == [(HOUR, 60), (HOUR + 60, 61)]


def test_what_nobody_sent_is_silence(aws):
    for one in (query("Unknown"), query("Host"), query("Plain", Unit="Milliseconds")):
        result = get(aws, one)["MetricDataResults"][0]
        assert (result["Values"], result["StatusCode"]) == ([], "Complete")
    assert get(aws, query("Plain", Unit="Seconds"))["MetricDataResults"][0]["Values"]


def test_a_period_too_fine_for_the_age_is_silence(aws, sandbox):
    for days, right, wrong in ((16, 300, 60), (64, 3600, 300)):
        start = HOUR - days * DAY_S
        sandbox.metric(SPACE, "Old", start=start, step=60, values=[1] * 240)
        for period, some in ((right, True), (wrong, False)):
            result = get(aws, query("Old", period=period), start=start, end=start + 7200)["MetricDataResults"][0]
            assert bool(result["Values"]) is some and result["StatusCode"] == "Complete", (days, period)
    result = get(aws, query("Plain", period=10), start=HOUR - 7200)["MetricDataResults"][0]
    assert not result["Values"]


def test_accounts_and_regions_are_apart(aws, sandbox):
    sandbox.metric(SPACE, "Plain", start=HOUR, step=300, values=[7] * 12, account="210987654321", region="eu-west-1")
    other = aws.client("cloudwatch", "eu-west-1", aws.assume())
    found = other.get_metric_data(MetricDataQueries=[query("Plain")], StartTime=HOUR, EndTime=HOUR + 3600)
    assert found["MetricDataResults"][0]["Values"] == [7] * 12
    assert not aws.client("cloudwatch", "eu-west-1").get_metric_data(
        MetricDataQueries=[query("Plain")], StartTime=HOUR, EndTime=HOUR + 3600)["MetricDataResults"][0]["Values"]
    linked = get(aws, query("Plain", AccountId="210987654321"))
    assert not linked["MetricDataResults"][0]["Values"], "of that account, but of the own region"


def test_labels(aws):
    found = get(aws, query("Host", 1, dimensions={"Host": "a"}), query("Host", 2, dimensions={"Host": "b"}),
                query("Plain", 3, Label="mine"))["MetricDataResults"]
    assert [r["Label"] for r in found] == ["a Host", "b Host", "mine"]


# --- what anomaly detection expects ---------------------------------------------------------------
def band(of, width=2, number=9):
    return {"Id": "ad%d" % number, "Expression": "ANOMALY_DETECTION_BAND(%s, %g)" % (of, width), "Period": 300}


def test_a_band_is_two_series(aws, sandbox):
    sandbox.metric(SPACE, "Known", start=HOUR, step=300, values=[5] * 12,
                   model=[[HOUR, HOUR + 3600, 5, 1], [HOUR + 300, HOUR + 600, 9, 0.5]])
    found = get(aws, query("Known"), band("m1"))["MetricDataResults"]
    assert [r["Id"] for r in found] == ["m1", "ad9", "ad9"]
    edges = sorted((values(r) for r in found[1:]), key=lambda v: v[0][1])
    assert edges[0][:3] == [(HOUR, 3), (HOUR + 300, 8), (HOUR + 600, 3)]
    assert edges[1][:3] == [(HOUR, 7), (HOUR + 300, 10), (HOUR + 600, 7)]
    sandbox.metric(SPACE, "Plain", start=HOUR, step=300, values=[4, 6] * 6, model="trained")
    found = get(aws, query("Plain"), band("m1", 3))["MetricDataResults"]
    assert sorted(r["Values"][0] for r in found[1:]) == [2, 8]


def test_without_a_model_a_band_is_empty(aws, sandbox):
    found = get(aws, query("Plain"), band("m1"))["MetricDataResults"]
    assert [(r["Values"], r["StatusCode"]) for r in found[1:]] == [([], "Complete")] * 2 and found[0]["Values"]
    for wrong in (band("m1", 0), band("[m1, m1]"), {**band("m1"), "Expression": "ANOMALY_DETECTION_BAND(2)"}):
        with refused("ValidationException", 400, "Error in expression 'ad9'"):
            get(aws, query("Plain"), wrong)


# --- pages -------------------------------------------------------------------------
@pytest.mark.parametrize("spread", ["queries", "time"])
@pytest.mark.parametrize("by", ["setting", "request"])
def test_pages_spread_one_id(aws, sandbox, spread, by):
    sandbox.settings(cloudwatch_spread=spread, cloudwatch_page=5 if by == "setting" else None)
    more = {} if by == "setting" else {"MaxDatapoints": 5}
    queries = [query("Plain", 1), query("Host", 2, dimensions={"Host": "a"}), query("Unknown", 3)]
    found, joined = pages(aws, *queries, **more)
    whole = {(r["Id"], r["Label"]): values(r) for r in get(aws, queries[0])["MetricDataResults"]} if by == "request" else {}
    assert len(found) == 5 + (spread == "time") and len(joined["m1", "Plain"]) == len(joined["m2", "Host"]) == 12
    assert whole.get(("m1", "Plain"), joined["m1", "Plain"]) == joined["m1", "Plain"]
    assert all(sum(len(r["Values"]) for r in page["MetricDataResults"]) <= 5 for page in found)
    first = found[0]["MetricDataResults"][0]
    assert (first["Id"], first["StatusCode"]) == ("m1", "PartialData")
    assert [r["StatusCode"] for page in found for r in page["MetricDataResults"] if r["Id"] == "m1"][-1] == "Complete"


def raw(aws, **params):
    """The answer as it stands on the wire: botocore takes seconds to make dates of 100,000 numbers."""
    body = json.dumps(params)
    return json.loads(aws.send(body, aws.signed("monitoring", body, **HEADERS))[2])


def test_a_call_holds_100800_values(aws, sandbox):
    sandbox.metric(SPACE, "Long", start=HOUR - 13 * DAY_S, step=60, values=[1] * (13 * 1440))
    call = {"MetricDataQueries": [query("Long", n, period=60) for n in range(1, 7)], "EndTime": HOUR,
            "StartTime": HOUR - 13 * DAY_S}
    first = raw(aws, **call)
    second = raw(aws, **call, NextToken=first["NextToken"])
    counts = [sum(len(r["Values"]) for r in page["MetricDataResults"]) for page in (first, second)]
    assert counts == [100800, 6 * 18720 - 100800] and "NextToken" not in second
    assert first["MetricDataResults"][0]["Timestamps"][0] == HOUR - 60


def test_a_token_is_only_good_for_its_call(aws, sandbox):
    sandbox.settings(cloudwatch_page=5)
    token = get(aws, query("Plain"))["NextToken"]
    with refused("InvalidNextToken", 400):
        get(aws, query("Plain"), end=HOUR + 1800, NextToken=token)
    with refused("InvalidNextToken", 400):
        get(aws, query("Plain"), NextToken="no")


# --- math --------------------------------------------------------------------------
def expression(text, **more):
    return {"Id": "e1", "Expression": text, **more}


@pytest.mark.parametrize("text, first", [
    ("m1 * 2 + 1", 3), ("(m1 + m2) / m2", 4 / 3), ("-m1", -1), ("m2 ^ 2", 9), ("m1 - SUM(m2)", -17),
    ("SUM([m1, m2])", 4), ("AVG(METRICS())", 2), ("MAX([m1,m2])", 3), ("ABS(m1 - m2)", 2), ("m1 / PERIOD(m1)", 1 / 300),
])
def test_math(aws, text, first):
    found = get(aws, query("Host", 1, dimensions={"Host": "a"}, ReturnData=False),
                query("Host", 2, dimensions={"Host": "b"}, ReturnData=False), expression(text, Label="x"))
    (result,) = found["MetricDataResults"]
    assert result["Label"] == "x" and values(result)[0] == (HOUR, pytest.approx(first))


def test_math_over_gaps(aws):
    operands = [query("Host", 1, dimensions={"Host": "a"}, ReturnData=False),
                query("Host", 2, dimensions={"Host": "b"}, ReturnData=False)]
    for text, count, last in (("m1 + m2", 6, 4), ("m1 + FILL(m2, 0)", 12, 1), ("FILL(m2, REPEAT)", 12, 3),
                              ("FILL(m2, LINEAR)", 6, 3), ("SUM([m1, m2])", 12, 1), ("m1 / (m1 - m1)", 0, None)):
        found = values(get(aws, *operands, expression(text))["MetricDataResults"][0])
        assert (len(found), found[-1][1] if found else None) == (count, last), text
    rate = values(get(aws, query("Plain", 1, ReturnData=False), expression("RATE(m1)"))["MetricDataResults"][0])
    assert len(rate) == 11 and rate[0] == (HOUR + 300, pytest.approx(5 / 300))


def test_search_gives_several_results_of_one_id(aws):
    text = "SEARCH('{%s,Host} MetricName=\"Host\"', 'Average', 300)" % SPACE
    found = get(aws, expression(text))["MetricDataResults"]
    assert [(r["Id"], r["Label"], len(r["Values"])) for r in found] == [("e1", "a Host", 12), ("e1", "b Host", 6)]


def test_math_gets_no_token(aws, sandbox):
    sandbox.settings(cloudwatch_page=5)
    found = get(aws, query("Plain"), expression("m1 * 2"))
    assert "NextToken" not in found and found["MetricDataResults"][0]["StatusCode"] == "PartialData"


@pytest.mark.parametrize("text", ["m1 +", "m9", "SUM(", "e1", "m1 m1", "5", "NOFUNC(m1)", "SEARCH('x', 'Sum', 60)", "m1 $ 2",
                                  "SELECT AVG(x) FROM y"])
def test_wrong_math(aws, text):
    with refused("ValidationException", 400, "Error in expression 'e1'"):
        get(aws, query("Plain"), expression(text))


# --- refusals ------------------------------------------------------------------------
@pytest.mark.parametrize("change, words", [
    ({"Id": "M1"}, "must match"), ({"Id": "1a"}, "must match"), ({"Id": "a-b"}, "must match"),
    ({"Expression": "m1"}, "either MetricStat or Expression"), ({"MetricStat": None}, "either MetricStat or Expression"),
    ({"MetricStat": stat("Plain", 90)}, "Period"), ({"MetricStat": stat("Plain", stat="average")}, "Stat"),
    ({"MetricStat": stat("Plain", dimensions={":x": "y"})}, "dimension"),
    ({"MetricStat": stat("Plain", dimensions={"x": "\u00e4"})}, "dimension"),
])
def test_wrong_queries(aws, change, words):
    wrong = {k: v for k, v in {**query("Plain"), **change}.items() if v is not None}
    with refused("ValidationException", 400, words):
        get(aws, wrong)


def test_wrong_calls(aws):
    with refused("ValidationException", 400, "not unique"):
        get(aws, query("Plain"), query("Host"))
    with refused("ValidationException", 400, "500"):
        get(aws, *[query("Plain", n) for n in range(501)])
    with refused("ValidationException", 400, "StartTime must be less"):
        get(aws, query("Plain"), end=HOUR)
    get(aws, *[query("Plain", n) for n in range(500)], end=HOUR + 300)


def test_the_signature_names_monitoring(aws):
    body = '{"MetricDataQueries":[],"StartTime":0,"EndTime":1}'
    status, _, answer = aws.send(body, aws.signed("cloudwatch", body, **HEADERS))
    assert status == 400 and "scoped to correct service" in answer
    with refused("UnrecognizedClientException"):
        aws.client("cloudwatch", key={"AccessKeyId": "AKIA", "SecretAccessKey": "s"}).get_metric_data(
            MetricDataQueries=[], StartTime=0, EndTime=1)


# --- trouble -------------------------------------------------------------------------
def test_scripted_results(aws, sandbox):
    sandbox.metric_rule("Forbidden", match={"metric": "Host"}, messages=[{"Code": "Forbidden", "Value": "no"}], times=1)
    sandbox.metric_rule("PartialData", match={"id": "m1"}, share=0.5)
    plain, host = get(aws, query("Plain", 1), query("Host", 2, dimensions={"Host": "a"}))["MetricDataResults"]
    assert (plain["StatusCode"], len(plain["Values"])) == ("PartialData", 6)
    assert (host["StatusCode"], host["Values"], host["Messages"][0]["Value"]) == ("Forbidden", [], "no")
    assert get(aws, query("Host", 2, dimensions={"Host": "a"}))["MetricDataResults"][0]["StatusCode"] == "Complete"


def test_an_internal_error_is_fetched_again(aws, sandbox):
    sandbox.metric_rule("InternalError", match={"id": "m1"}, token=True, times=1)
    found, joined = pages(aws, query("Plain"))
    assert [p["MetricDataResults"][0]["StatusCode"] for p in found] == ["InternalError", "Complete"]
    assert len(joined["m1", "Plain"]) == 12


def test_faults_and_messages(aws, sandbox):
    sandbox.settings(cloudwatch_messages=[{"Code": "MaxMetricsExceeded", "Value": "too many"}])
    assert get(aws, query("Plain"))["Messages"][0]["Code"] == "MaxMetricsExceeded"
    sandbox.fault("throttle", method="cloudwatch.GetMetricData")
    with refused("ThrottlingException", 400):
        get(aws, query("Plain"))
    sandbox.deny("cloudwatch:GetMetricData")
    with refused("AccessDeniedException", 400, "cloudwatch:GetMetricData"):
        get(aws, query("Plain"))


def test_what_is_known(sandbox):
    known = {(s["metric"], s["account"], s["dimensions"].get("Host")): s["count"] for s in sandbox.get("metric_series")}
    assert known["Plain", "123456789012", None] == 240 and known["Host", "123456789012", "b"] == 6
