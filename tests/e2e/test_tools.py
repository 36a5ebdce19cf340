"""The model's tools in an ordinary investigation: what it is told by each, beside the others and at once."""
import time

import pytest

from tests.e2e import conftest
from tests.e2e.support import shown
from tests.sandbox import series

MODEL = "anthropic.claude-test-v1:0"
LOAD_BALANCER = {"LoadBalancer": "app/checkout/0123456789abcdef"}
LATENCY = {"id": "latency", "namespace": "AWS/ApplicationELB", "metric": "TargetResponseTime", "unit": "Seconds",
           "title": "Checkout answer time", "dimensions": LOAD_BALANCER, "normal": {"below": 0.5}}
CPU = {"namespace": "AWS/EC2", "metric": "CPUUtilization", "dimensions": {"InstanceId": "i-0123456789abcdef0"}}


def fill(world):
    sb, now = world.sb, int(time.time())
    slow = series.slow_since(now - 3 * 3600, now - 2 * 3600, 1.4)
    sb.metric(LATENCY["namespace"], LATENCY["metric"], dimensions=LOAD_BALANCER,
              points=series.make(series.latency, now, days=15, change=slow))
    sb.metric(CPU["namespace"], CPU["metric"], dimensions=CPU["dimensions"], points=series.make(series.cpu, now, days=1))
    sb.known_alarm("checkout-p99", state="ALARM", reason="too slow", namespace=LATENCY["namespace"],
                   metric=LATENCY["metric"], dimensions=LOAD_BALANCER, since=now - 7200,
                   history=[{"at": now - 7200, "from": "OK", "to": "ALARM", "reason": "1.5 over 0.5"}])
    sb.changed("UpdateService", user="ada", at=now - 3 * 3600 - 300, resources=["checkout"])
    sb.log_lines("/shop/checkout", [[now - 600, "ERROR pool exhausted"], [now - 500, "INFO fine"]])
    sb.log_lines("/shop/cart", ["INFO fine"])
    sb.log_lines("/other/keys", ["x"])


@pytest.fixture(scope="module")
def shop(pool):
    world = conftest.make_world(pool, fresh=True)
    world.configure(bedrock={"model": MODEL}, answers={"log_groups": ["/shop/*"]},
                    dashboards=[{"name": "shop", "baseline": "14d", "metrics": [LATENCY]}])
    fill(world)
    yield from conftest.kept(world)


def ask(world, question, *rounds):
    """The results of each round's calls; a round is a list of (tool, input)."""
    calls = len(world.sb.model_calls())
    world.sb.clear_model()
    for calls_of_round in rounds:
        world.sb.model_says(blocks=[{"tool": tool, "input": given} for tool, given in calls_of_round])
    world.sb.model_says("That is all.")
    ts = world.sb.mention(question)["ts"]
    world.wait(lambda: any("That is all." in shown(m) for m in world.sb.replies(ts)), "the answer", 60)
    last = world.sb.model_calls()[calls:][-1]["params"]["messages"]
    return [[(b["toolResult"]["status"], b["toolResult"]["content"][0]["text"]) for b in m["content"] if "toolResult" in b]
            for m in last if any("toolResult" in b for b in m["content"])]


def said(result):
    status, text = result
    assert status == "success", text
    return text


def test_an_investigation(shop):
    lists, reads = ask(
        shop, "why is checkout slow?",
        [("list_metrics", {}), ("list_metrics", {"namespace": "AWS/EC2"}), ("list_alarms", {}), ("list_incidents", {}),
         ("list_log_groups", {}), ("recent_changes", {"from": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 86400))})],
        [("read_metric", {"dashboard": "shop", "id": "latency"}), ("read_metric", CPU), ("judge_metrics", {"dashboard": "shop"}),
         ("judge_metrics", CPU), ("alarm_history", {"alarm": "checkout-p99"}), ("query_logs", {
             "groups": ["/shop/checkout"], "query": "fields @timestamp, @message | filter @message like /ERROR/"})])
    metrics, ec2, alarms, incidents, groups, changes = map(said, lists)
    assert "dashboard shop:\n  latency: Checkout answer time, Seconds\n" in metrics and "AWS/EC2: CPUUtilization" in metrics
    assert "CPUUtilization: InstanceId=i-0123456789abcdef0" in ec2
    assert "1 in ALARM" in alarms and "checkout-p99: ALARM since" in alarms
    assert "0 open" in incidents
    assert "/shop/cart\n/shop/checkout\n" in groups and "/other" not in groups
    assert "UpdateService" in changes and "by ada on checkout" in changes
    latency, cpu, dashboard, metric, history, logs = map(said, reads)
    assert "Checkout answer time, unit Seconds" in latency and "greatest 1.5" in latency and 20 < latency.count("\n") < 110
    assert "CPUUtilization i-0123456789abcdef0 (Average)" in cpu and cpu.count("\n") > 20
    assert "T1 (limit): Checkout answer time was over its limit of 0.5 s" in dashboard, dashboard
    assert "1 of 1 metrics were judged" in metric, metric
    assert "OK -> ALARM: 1.5 over 0.5" in history
    assert "ERROR pool exhausted" in logs and "INFO" not in logs and "scanned, which is charged" in logs


def test_what_goes_wrong_is_told_and_the_answer_goes_on(shop):
    shop.sb.deny("cloudtrail:LookupEvents")
    (results,) = ask(shop, "what changed? errors in /other/keys and /shop/gone?", [
        ("recent_changes", {}), ("query_logs", {"groups": ["/other/keys"], "query": "fields @message"}),
        ("query_logs", {"groups": ["/shop/gone"], "query": "fields @message"}),
        ("query_logs", {"groups": ["/shop/gone"], "query": "SOURCE '/other/keys' | fields @message"}), ("no_such_tool", {})])
    shop.sb.allow_all()
    assert all(status == "error" for status, _ in results), results
    denied, refused, gone, source, unknown = [text for _, text in results]
    assert "cloudtrail:LookupEvents" in denied
    assert "only /shop/* may be read" in refused and "\n/other/keys\n" in refused
    assert "does not exist" in gone and "SOURCE is not allowed" in source and "no tool of that name" in unknown
    assert not [c for c in shop.sb.aws_calls("logs", "StartQuery") if "/other/keys" in str(c["params"])]
