"""`dashboard`: metrics in, findings and charts out; trouble of one metric is that metric's own."""
import json
import time

import pytest

from tests.e2e.support import fields, shown
from tests.sandbox import series

LOAD_BALANCER = {"LoadBalancer": "app/shop/0123456789abcdef"}
NAMESPACE = "AWS/ApplicationELB"
STEP = 300


def metric(id_, name, **more):
    return {"id": id_, "namespace": NAMESPACE, "metric": name, "dimensions": dict(LOAD_BALANCER), "stat": "Average",
            "period": "5m", **more}


def web(*metrics, **more):
    return {"name": "web", "timezone": "UTC", "range": "1d", "baseline": "14d", "metrics": list(metrics), **more}


LATENCY = metric("latency", "TargetResponseTime", title="Answer time", unit="Seconds", normal={"below": 0.5})
REQUESTS = metric("requests", "RequestCount", title="Requests", unit="Count")
CPU = metric("cpu", "CPUUtilization", title="CPU", unit="Percent")


def now():
    return int(time.time())


def give(world, name, points, **more):
    world.sb.metric(NAMESPACE, name, points=points, dimensions=LOAD_BALANCER, **more)


def give_all(world, slow=True):
    """Three metrics for 15 days; the answers were slow for 40 minutes, four hours ago."""
    end = now()
    begin = end - 4 * 3600
    change = series.slow_since(begin, begin + 2400, 1.4) if slow else None
    give(world, "TargetResponseTime", series.make(series.latency, end, change=change))
    give(world, "RequestCount", series.make(series.requests, end, seed=8))
    give(world, "CPUUtilization", series.make(series.cpu, end, seed=9))


def ask(world, text="/dashboard web"):
    assert world.sb.slash(text)["state"] == "acked"


def answer(world, word, timeout=30):
    """The message that shows the word, and is no longer being read."""
    def found():
        return [m for m in world.sb.roots() if word in shown(m)]
    return world.wait(found, "an answer with " + word, timeout)[0]


def again(world, message):
    return next(m for m in world.sb.messages() if m["ts"] == message["ts"])


@pytest.fixture
def board(idle):
    """A world with the dashboard of all three; give_all and start are the test's."""
    idle.configure(dashboards=[web(LATENCY, REQUESTS, CPU)])
    return idle


def test_what_is_abnormal_is_said_and_shown(board):
    give_all(board)
    board.start()
    ask(board)
    message = answer(board, "web: 1 finding")
    text = shown(message)
    assert "F1" in text and "Answer time" in text and "⚠" not in text, text
    board.wait(lambda: board.sb.pictures(again(board, message)), "the small multiples")
    picture = board.sb.pictures(again(board, message))[0]
    assert (picture["width"], picture["height"]) == (1200, 600)
    assert "Answer time" in picture["alt"], picture["alt"]
    board.wait(lambda: board.sb.replies(message["ts"]), "the finding's chart")
    board.settle()
    findings = board.sb.replies(message["ts"])
    assert "F1" in shown(findings[0]) and "Answer time" in shown(findings[0])
    assert all(board.sb.pictures(reply) for reply in findings)
    assert len([f for f in findings if "F1" in shown(f)]) == 1


def test_no_abnormality(board):
    give_all(board, slow=False)
    board.start()
    ask(board)
    message = answer(board, "web: no abnormality")
    board.wait(lambda: board.sb.pictures(again(board, message)), "the small multiples")
    assert "F1" not in shown(message) or "🔁" in shown(message), shown(message)


def test_a_mention_and_the_only_dashboard(board):
    give_all(board)
    board.start()
    said = board.sb.mention("dashboard")
    board.wait(lambda: [r for r in board.sb.replies(said["ts"]) if "web: 1 finding" in shown(r)], "the answer")
    board.wait(lambda: len(board.sb.replies(said["ts"])) >= 2, "the finding in the same thread")


def test_unknown_and_missing_names(idle):
    idle.configure(dashboards=[web(LATENCY), {**web(CPU), "name": "hosts"}])
    idle.start()
    ask(idle, "/dashboard nonsense")
    text = shown(answer(idle, "no dashboard nonsense"))
    assert "web" in text and "hosts" in text, text
    ask(idle, "/dashboard")
    assert "hosts" in shown(answer(idle, "Which dashboard?"))


def test_none_is_configured(world):
    ask(world)
    assert "dashboards" in shown(answer(world, "No dashboard is configured"))


def test_errors_are_per_metric(idle):
    idle.configure(dashboards=[web(LATENCY, REQUESTS, CPU, metric("absent", "NobodySendsThis", title="Absent"))])
    give_all(idle)
    idle.sb.metric_rule("Forbidden", match={"metric": "RequestCount"})
    idle.start()
    idle.allow_lint("Forbidden")
    ask(idle)
    message = answer(idle, "web: 1 finding")
    text = shown(message)
    assert "Answer time" in text.split("⚠")[0], text
    assert "Requests" in text and "cloudwatch:GetMetricData" in text, text
    assert "Absent" in text and "NobodySendsThis" in text, "what was asked is said: " + text
    board = idle
    board.wait(lambda: board.sb.pictures(again(board, message)), "the small multiples, all the same")


def test_nothing_can_be_read(idle):
    idle.configure(dashboards=[web(LATENCY)])
    idle.start()
    ask(idle)
    message = answer(idle, "web: nothing could be read")
    idle.settle()
    assert idle.sb.pictures(again(idle, message)) == []


def test_pages_and_partial_data(board):
    give_all(board)
    board.sb.settings(cloudwatch_page=1000)
    board.start()
    ask(board)
    answer(board, "web: 1 finding")
    assert len(board.sb.aws_calls(action="GetMetricData")) == -(-3 * 15 * 288 // 1000)


def test_definitions_from_a_table(idle):
    dimensions = '[{"LoadBalancer":"app/shop/0123456789abcdef"}]'
    good = {"namespace": NAMESPACE, "stat": "Average", "period": "300", "dateRange": "3", "unit": "Seconds"}
    idle.sb.table("metrics", [
        {"awsService": "alb_latency", "metricName": "TargetResponseTime", "dimensions": dimensions, **good},
        {"awsService": "alb_cpu", "metricName": "CPUUtilization", "dimensionsName": "LoadBalancer",
         "dimensionsValue": "app/shop/0123456789abcdef", **good, "unit": "Percent"},
        {"awsService": "alb_bad", "metricName": "RequestCount", "dimensions": dimensions, **good, "period": "often"}])
    board = {**web(), "metrics_table": "metrics"}
    del board["metrics"]
    idle.configure(dashboards=[board])
    give_all(idle)
    idle.start()
    ask(idle)
    text = shown(answer(idle, "web: 1 finding"))
    assert "alb_bad" in text and "often" in text, text
    assert "2 metrics" in text, text


def test_a_picture_that_fails_costs_no_text(board):
    give_all(board)
    board.start()
    board.sb.fault("ok_false:missing_scope", times=20, method="files.getUploadURLExternal")
    board.allow_errors("missing_scope")
    ask(board)
    message = answer(board, "There is no picture")
    assert "web: 1 finding" in shown(message) and "scope" in shown(message), shown(message)
    board.wait(lambda: board.sb.replies(message["ts"]), "the finding without its chart")


def test_what_was_said_stays_when_less_can_be_read_after_a_crash(board):
    """Text first: what is read again for the pictures must not cost it."""
    give_all(board)
    board.start()
    board.sb.fault({"do": "hang_before", "s": 60}, times=0, method="files.getUploadURLExternal")
    ask(board)
    message = answer(board, "web: 1 finding")
    board.sb.metric_rule("InternalError", times=0)
    board.bot.kill()
    board.sb.clear_faults()
    board.start()
    board.settle()
    assert "web: 1 finding" in shown(again(board, message)), shown(again(board, message))


def test_progress_is_shown(board):
    give_all(board)
    board.sb.settings(cloudwatch_page=1000)
    board.start()
    ask(board)
    message = answer(board, "web: 1 finding")
    assert any("reading" in shown(v) for v in message["history"]), message["history"]


def test_many_metrics_in_as_few_calls_as_possible(idle):
    """CloudWatch gives 100,800 values a call."""
    idle.configure(dashboards=[web(*[metric("m%d" % n, "Metric%d" % n) for n in range(50)], baseline="2d")])
    for n in range(50):
        give(idle, "Metric%d" % n, series.make(series.cpu, now(), days=3, seed=n))
    idle.start()
    ask(idle)
    message = answer(idle, "50 metrics ·", timeout=60)
    idle.wait(lambda: idle.sb.pictures(again(idle, message)), "the small multiples", 60)
    assert len(idle.sb.aws_calls(action="GetMetricData")) == 1


# --- an alarm's own picture ------------------------------------------------------------------------------
def test_an_alarm_gets_its_chart(idle):
    end = now()
    give(idle, "TargetResponseTime", series.make(series.latency, end, step=60, days=1,
                                                 change=series.slow_since(end - 900, end, 1.0)))
    idle.start()
    alarm = {"name": "slow", "namespace": NAMESPACE, "metric": "TargetResponseTime", "dimensions": LOAD_BALANCER,
             "threshold": 0.5, "value": 1.1}
    idle.sb.alarm(**alarm, time=end - 600)
    card = idle.card("slow", "ALARM")
    idle.wait(lambda: idle.sb.pictures(again(idle, card)), "the alarm's chart")
    picture = idle.sb.pictures(again(idle, card))[0]
    assert "0.5" in picture["alt"] and (picture["width"], picture["height"]) == (1200, 600)
    idle.sb.alarm(**alarm, state="OK", time=end - 60)
    idle.card("slow", "RESOLVED")
    idle.wait(lambda: idle.sb.pictures(again(idle, card))[0]["id"] != picture["id"], "the chart with its end")


def test_a_chart_that_an_alarm_does_not_get_is_told_on_its_card(idle):
    end = now()
    give(idle, "TargetResponseTime", series.make(series.latency, end, step=60, days=1))
    idle.start()
    alarm = {"name": "slow", "namespace": NAMESPACE, "metric": "TargetResponseTime", "dimensions": LOAD_BALANCER}
    idle.sb.fault("ok_false:file_uploads_disabled", times=0, method="files.getUploadURLExternal")
    idle.sb.alarm(**alarm, time=end - 600)
    card = idle.card("slow", "ALARM")
    told = idle.wait(lambda: fields(again(idle, card)).get("Chart"), "why there is no chart")
    assert "none" in told and "ask a workspace admin" in told, told
    idle.sb.clear_faults()
    idle.sb.alarm(**alarm, state="OK", time=end - 60)
    idle.wait(lambda: idle.sb.pictures(again(idle, card)), "the chart after all")
    assert "Chart" not in fields(again(idle, card))
    idle.sb.deny("cloudwatch:GetMetricData")
    idle.sb.alarm(**alarm, time=end - 30)
    told = idle.wait(lambda: fields(again(idle, card)).get("Chart"), "what could not be read")
    assert "cloudwatch:GetMetricData" in told, told


@pytest.mark.parametrize("again_missing", [True, False], ids=["missing again", "there at last"])
def test_why_there_is_no_chart_stands_until_there_is_one(idle, again_missing):
    """Not taken away by one edit, and by the next one said again, or followed by the chart."""
    end = now()
    give(idle, "TargetResponseTime", series.make(series.latency, end, step=60, days=1))
    idle.start()
    alarm = {"name": "slow", "namespace": NAMESPACE, "metric": "TargetResponseTime", "dimensions": LOAD_BALANCER}
    idle.sb.fault("ok_false:file_uploads_disabled", times=0, method="files.getUploadURLExternal")
    idle.sb.alarm(**alarm, time=end - 600)
    card = idle.card("slow", "ALARM")
    idle.wait(lambda: fields(again(idle, card)).get("Chart"), "why there is no chart")
    idle.settle()
    told_at = again(idle, card)["edits"]
    if not again_missing:
        idle.sb.clear_faults()
    idle.sb.alarm(**alarm, state="OK", time=end - 60)
    idle.wait(lambda: len(idle.bot.logged("picture.failed")) == 2 if again_missing else idle.sb.pictures(again(idle, card)), "the end")
    idle.settle()
    card = again(idle, card)
    versions = card["history"][told_at:] + ([card] if again_missing else [])
    assert all("Chart" in fields(version) for version in versions), [version["text"] for version in versions]


def test_charts_of_alarms_can_be_turned_off(idle):
    idle.configure(incidents={"charts": False})
    give(idle, "TargetResponseTime", series.make(series.latency, now(), step=60, days=1))
    idle.start()
    idle.sb.alarm(name="plain", namespace=NAMESPACE, metric="TargetResponseTime", dimensions=LOAD_BALANCER)
    idle.card("plain", "ALARM")
    idle.settle()
    assert idle.sb.aws_calls() == []


def test_an_alarm_without_data_in_cloudwatch_has_no_chart(idle):
    idle.start()
    idle.sb.alarm(name="bare")
    card = idle.card("bare", "ALARM")
    idle.settle()
    assert idle.sb.pictures(again(idle, card)) == []


def test_a_picture_of_the_last_time_does_not_stay(idle):
    end = now()
    give(idle, "TargetResponseTime", series.make(series.latency, end, step=60, days=1))
    idle.start()
    alarm = {"name": "slow", "namespace": NAMESPACE, "metric": "TargetResponseTime", "dimensions": LOAD_BALANCER,
             "threshold": 0.5, "value": 1.1}
    idle.sb.alarm(**alarm, time=end - 600)
    card = idle.card("slow", "ALARM")
    idle.wait(lambda: idle.sb.pictures(again(idle, card)), "the alarm's chart")
    idle.sb.alarm(**alarm, state="OK", time=end - 60)
    idle.card("slow", "RESOLVED")
    idle.settle()
    idle.sb.metric_rule("Forbidden", match={"metric": "TargetResponseTime"})
    idle.allow_lint("Forbidden")
    idle.sb.alarm(**alarm, time=end - 30)
    idle.wait(lambda: "RESOLVED" not in shown(again(idle, card)), "the card that fires again")
    idle.settle()
    assert idle.sb.pictures(again(idle, card)) == [], "RESOLVED stands in the picture"


def test_many_alarms_leave_room_for_what_is_urgent(idle):
    """Diagnosis needs AWS, too: where CloudWatch hangs, pictures must not take every call that may run."""
    idle.sb.fault({"do": "hang_before", "s": 60}, times=0, method="cloudwatch.GetMetricData")
    idle.bot.scale = "0.3"
    idle.start()
    for n in range(12):
        idle.sb.alarm(name="slow%d" % n, namespace=NAMESPACE, metric="Any", threshold=0.5, value=1.1)
    idle.wait(lambda: len(idle.sb.aws_calls(action="GetMetricData")) >= 8, "the calls of the first ones")
    time.sleep(1)
    assert len(idle.sb.aws_calls(action="GetMetricData")) == 8
    idle.bot.kill()


def test_an_absurd_period_does_no_harm(idle):
    idle.start()
    idle.sb.publish(json.dumps({
        "AlarmName": "absurd", "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:absurd",
        "AWSAccountId": "123456789012", "NewStateValue": "ALARM", "OldStateValue": "OK", "NewStateReason": "because",
        "StateChangeTime": time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime()), "Region": "US East (N. Virginia)",
        "Trigger": {"MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Statistic": "AVERAGE", "Threshold": 80.0,
                    "Dimensions": [], "Period": 9223372036854775807, "EvaluationPeriods": 1,
                    "ComparisonOperator": "GreaterThanThreshold"}}))
    card = idle.card("absurd", "ALARM")
    idle.settle()
    assert idle.sb.pictures(again(idle, card)) == []


# --- lines from alarms --------------------------------------------------------------------------------
def alarm_on(world, name, metric_name, **more):
    world.sb.post("aws_alarm", name=name, namespace=NAMESPACE, metric=metric_name, dimensions=LOAD_BALANCER, period=300,
                  **more)


def test_alarms_become_lines(idle):
    """Each alarm's metric is a line, with the alarm's threshold; what is configured anyhow counts once."""
    idle.configure(dashboards=[web(LATENCY, alarms=["shop-*"])])
    give_all(idle)
    alarm_on(idle, "shop-slow", "TargetResponseTime", threshold=0.6)
    alarm_on(idle, "shop-cpu", "CPUUtilization", threshold=10, operator="GreaterThanOrEqualToThreshold")
    alarm_on(idle, "other", "RequestCount")
    idle.sb.post("aws_alarm", name="shop-all", rule='ALARM("shop-slow")')
    stat = {"Metric": {"Namespace": NAMESPACE, "MetricName": "RequestCount", "Dimensions": [
        {"Name": "LoadBalancer", "Value": LOAD_BALANCER["LoadBalancer"]}]}, "Period": 300, "Stat": "Average"}
    idle.sb.post("aws_alarm", name="shop-few", operator="LessThanThreshold", threshold=-1.0, metrics=[
        {"Id": "m1", "MetricStat": stat, "ReturnData": False}, {"Id": "e1", "Expression": "m1 / 2", "ReturnData": True}])
    idle.start()
    ask(idle)
    message = answer(idle, "web: 2 findings")
    text = shown(message)
    assert "Answer time" in text and "over its limit of 0.5 s" in text, text
    assert "shop-cpu (CPUUtilization Average)" in text and "over its limit of 10" in text, text
    assert "alarm shop-all is left out: it is composite" in text, text
    assert "3 metrics ·" in text and "other" not in text, text
    idle.wait(lambda: idle.sb.pictures(again(idle, message)), "the small multiples")
    assert "shop-few (m1 / 2)" not in text and "shop-few" in idle.sb.pictures(again(idle, message))[0]["alt"]


def test_a_dashboard_of_alarms_alone(idle):
    board = {**web(), "alarms": ["shop-*"], "alarms_from": {"region": "eu-central-1"}}
    del board["metrics"]
    idle.configure(dashboards=[board])
    idle.start()
    ask(idle)
    assert "web has no metric that can be read" in shown(answer(idle, "no metric"))
    assert {c["region"] for c in idle.sb.aws_calls(action="DescribeAlarms")} == {"eu-central-1"}
    idle.sb.deny("cloudwatch:DescribeAlarms")
    ask(idle)
    assert "cloudwatch:DescribeAlarms" in shown(answer(idle, "The alarms were not listed"))


# --- what CloudWatch expects --------------------------------------------------------------------------
def test_leaving_cloudwatchs_band_is_a_finding(idle):
    """Configured, or of an alarm on a band; a metric without a model is named, and nothing else."""
    end = now()
    begin = end - end % STEP - 4 * 3600
    whole = [end - 16 * 86400, end, 25, 10]
    idle.configure(dashboards=[web({**CPU, "anomaly_band": 2}, {**LATENCY, "anomaly_band": True}, alarms=["shop-*"])])
    give(idle, "CPUUtilization", series.make(series.cpu, end, seed=9, change=lambda at, value: 30 + at // STEP % 7),
         model=[whole, [begin, begin + 2400, 80, 5]])
    give(idle, "TargetResponseTime", series.make(series.latency, end))
    give(idle, "RequestCount", series.make(series.requests, end, seed=8), model="trained")
    stat = {"Metric": {"Namespace": NAMESPACE, "MetricName": "RequestCount", "Dimensions": [
        {"Name": "LoadBalancer", "Value": LOAD_BALANCER["LoadBalancer"]}]}, "Period": 300, "Stat": "Average"}
    idle.sb.post("aws_alarm", name="shop-odd", operator="LessThanLowerOrGreaterThanUpperThreshold", threshold_id="ad1", metrics=[
        {"Id": "m1", "MetricStat": stat, "ReturnData": True},
        {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 4)", "ReturnData": True}])
    idle.start()
    ask(idle)
    message = answer(idle, "web: 1 finding")
    text = shown(message)
    assert "CPU was below what CloudWatch expects from " in text and ", for 40 min: lowest " in text, text
    assert ", where it expects 70 to 90 %; outside in 8 of 8 values." in text, text
    assert "CloudWatch does not know what to expect of it" in text and text.count("⚠") == 1, text
    assert "Answer time" in text.split("⚠")[1], text
    asked = idle.sb.aws_calls(action="GetMetricData")
    assert len(asked) == 1 and len(asked[0]["params"]["MetricDataQueries"]) == 6
    bands = sorted(q["Expression"] for q in asked[0]["params"]["MetricDataQueries"] if "Expression" in q)
    assert [b.split(", ")[1] for b in bands] == ["2)", "2)", "4)"], bands
    idle.wait(lambda: idle.sb.pictures(again(idle, message)), "the small multiples")
    idle.wait(lambda: idle.sb.replies(message["ts"]), "the finding with its chart")
    assert idle.sb.judged() == []


# --- metrics from logs --------------------------------------------------------------------------------
def test_a_metric_from_logs(idle):
    """Errors in the logs become a series; the next look scans what is new only."""
    end = now()
    lines = [[end - 3600 * n, '{"level":"error","n":%d}' % n] for n in range(2, 90)]
    lines += [[end - 7200 + n * 10, '{"level":"error"}'] for n in range(300)]
    idle.sb.post("log_lines", group="/shop/web", lines=lines)
    errors = {"id": "errors", "title": "Errors", "source": "logs", "log_groups": ["/shop/web"], "period": "5m",
              "query": 'fields @message | filter level = "error" | stats count(*) as errors by bin(5m)',
              "normal": {"below": 20}}
    idle.configure(dashboards=[web(errors, {**errors, "id": "lost", "title": "Lost", "log_groups": ["/none"]})])
    idle.start()
    idle.allow_lint("ResourceNotFoundException")
    ask(idle)
    message = answer(idle, "web: 1 finding")
    text = shown(message)
    assert "Errors was over its limit of 20" in text, text
    assert "Lost" in text and "a log group does not exist" in text, text
    idle.wait(lambda: idle.sb.pictures(again(idle, message)), "the small multiples")
    first = [c for c in idle.sb.aws_calls(action="StartQuery") if c["params"]["logGroupNames"] == ["/shop/web"]]
    assert len(first) == 4, "a day that is judged, and three before it"
    idle.settle()
    ask(idle)
    idle.wait(lambda: len([m for m in idle.sb.roots() if "web: 1 finding" in shown(m)]) == 2, "the second look")
    again_asked = [c for c in idle.sb.aws_calls(action="StartQuery") if c["params"]["logGroupNames"] == ["/shop/web"]][4:]
    assert sum(c["params"]["endTime"] - c["params"]["startTime"] for c in again_asked) < 2 * 3600, again_asked
    assert idle.sb.judged() == []
