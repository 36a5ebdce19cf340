"""More flows for the sweeps, in the form of flows.py: those that read from many systems, and some smaller ones."""
import atexit
import contextlib
import functools
import json
import tempfile
import time

from tests import peers
from tests.e2e.support import NO_DIAGNOSIS, shown
from tests.sandbox import series
from tests.sweep import flows
from tests.sweep.flows import Flow, once, say_once

OTHER, THERE = "210987654321", "i-0fedcba9876543210"
LINES_S = 3600 * 4                 # a sweep may take so long: its series go on until then


# --- somebody says that an incident is over -----------------------------------------------------------------------------
def resolvable(run):
    return {**flows.tickets(run), "jira": {**run.sb.ready["jira"][run.site]["config"], "resolve_to": "Done"}}


def resolve(run):
    run.do_once("ALARM", lambda: run.publish_alarm("ALARM", run.began - 120))
    run.meanwhile(lambda: "Ticket ✅" in run.card())
    if "Ticket ✅" in run.card():
        say_once(run, "resolve", "resolve 1 the host is gone")


def resolve_holds(run):
    card = once(run.roots(), "message of the incident")
    assert card["text"].startswith("RESOLVED"), card["text"]
    once(run.replies(run.resolve), "answer")
    flows.once_in_thread(run, card, "marked it as resolved")
    issue = once(run.issues(), "issue")
    once([c for c in issue["comments"] if "marked it as resolved" in c["text"]], "comment")
    assert issue["category"] == "done", issue["status"]


# --- where the bot may not speak: the answer comes privately ------------------------------------------------------------
def private(run):
    where = run.channel.replace("C0", "G0")
    run.sb.post("channel", id=where, name="private-" + run.name, members=["alice", "bob"], private=True)
    run.envelope = run.sb.slash("/tocsin ping", channel=where, wait=False)["id"]
    run.meanwhile(lambda: whispered(run))


def whispered(run):
    return [e for e in run.sb.get("ephemerals") if e["channel"] == run.channel.replace("C0", "G0")]


def private_holds(run):
    """Slack cannot be asked whether it came: at most once; a kill or a fault while it is on its way may lose it."""
    found = whispered(run)
    assert len(found) <= 1, found
    lost = any(step == "tell" for death in run.interrupted for plan, step in death if plan == "whisper")
    lost = lost or run.bot.logged("whisper.unknown") or run.bot.logged("whisper.failed")
    assert found or lost or run.sb.envelopes()[run.envelope]["state"] != "acked", "acknowledged, and never answered"


# --- a diagnosis in another account ---------------------------------------------------------------------------------------
def accounts(run):
    run.sb.add_instance(THERE, account=OTHER)
    return {"runbooks": flows.RUNBOOKS,
            "aws": {"accounts": [{"id": OTHER, "name": "other", "role_arn": run.sb.ready["other_role"]}]}}


def account(run):
    run.said = run.sb.mention("top " + THERE, channel=run.channel)
    run.meanwhile(lambda: any("load 7.5" in shown(r) for r in run.replies(run.said)))


# --- a dashboard from everywhere: definitions in DynamoDB, rows of logs, Amazon's managed Prometheus ------------------------
@functools.cache
def prometheus():
    """The address of a server behind the workspace, for the whole sweep."""
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-sweep-prometheus-"))
    hits = series.make(series.latency, int(time.time()) + LINES_S, days=5)
    return stack.enter_context(peers.prometheus(directory, [("hits", {}, hits)]))


def everywhere(run):
    end, group = int(run.began), "/sweep/" + run.name
    flows.board(run)
    run.sb.table(run.name, [{
        "awsService": "alb", "metricName": "TargetResponseTime", "namespace": "AWS/ApplicationELB", "stat": "Average",
        "period": "300", "dateRange": "3", "unit": "Seconds", "dimensions": json.dumps([flows.SHOP])}])
    run.sb.log_lines(group, [[end - 600 * n, '{"level":"error"}'] for n in range(1, 600)])
    run.sb.settings(aps_upstream=prometheus())
    workspace = run.sb.aws_env()["AWS_ENDPOINT_URL"] + "/workspaces/ws-0123abcd"
    return {"runbooks": NO_DIAGNOSIS, "prometheus": [{"name": "managed", "url": workspace, "region": "us-east-1"}],
            "dashboards": [{"name": "all", "baseline": "3d", "metrics_table": run.name, "metrics": [
                {"id": "hits", "title": "Hits", "source": "managed", "query": "hits"},
                {"id": "errors", "title": "Errors", "source": "logs", "log_groups": [group], "period": "5m",
                 "query": 'fields @message | filter level = "error" | stats count(*) as errors by bin(5m)'}]}]}


def everything(run):
    run.said = run.sb.mention("dashboard all", channel=run.channel)
    run.meanwhile(lambda: any(map(run.sb.pictures, run.replies(run.said))) and run.settled())


def everything_holds(run):
    result = once([r for r in run.replies(run.said) if "3 metrics" in shown(r)], "result")
    assert "⚠" not in shown(result) and "⏳" not in shown(result), shown(result)
    assert len(run.sb.pictures(result)) == 1
    assert len([r for r in run.replies(run.said) if r["ts"] != result["ts"]]) == shown(result).count("🔴"), "a chart each"


# --- a question for which the model looks at all it may look at --------------------------------------------------------------
def investigation(run):
    now, group = int(run.began), "/sweep/" + run.name
    run.sb.log_lines(group, [[now - 600, "ERROR pool exhausted"]])
    run.sb.known_alarm(run.name, state="ALARM", namespace="AWS/ApplicationELB", metric="TargetResponseTime",
                       dimensions=flows.SHOP, since=now - 7200, history=[{"at": now - 7200, "from": "OK", "to": "ALARM"}])
    calls = [("list_metrics", {"namespace": "AWS/ApplicationELB"}), ("list_alarms", {}), ("list_log_groups", {}),
             ("recent_changes", {}), ("alarm_history", {"alarm": run.name}), ("list_incidents", {}),
             ("read_metric", {"dashboard": "shop", "id": "latency"}),
             ("query_logs", {"groups": [group], "query": "fields @timestamp, @message"})]
    run.sb.model_says(match="why is the shop slow since yesterday, " + run.name, times=0, blocks=[{"tool": name, "input": given} for name, given in calls])
    run.sb.model_says("The answers were slow then (F1).", whole=run.name, times=0)
    return {**flows.board(run), "bedrock": {"model": "anthropic.claude-test-v1:0"}, "answers": {"log_groups": [group]}}


def tools_hold(run):
    head = once(flows.said(run, "Answered") + flows.said(run, "Interrupted by a restart"), "head")
    calls = [c for c in run.sb.model_calls() if run.name in json.dumps(c["params"])]
    flows.asked_once(run, [c for c in calls if "toolResult" not in json.dumps(c["params"])])
    flows.asked_once(run, [c for c in calls if "toolResult" in json.dumps(c["params"])])
    assert len(flows.said(run, "The answers were slow then (F1).")) <= 1
    if "Interrupted" in shown(head):
        assert run.interrupted, "interrupted, and nobody died"
        return
    once(flows.said(run, "The answers were slow then (F1)."), "answer")
    results = [b["toolResult"] for m in calls[-1]["params"]["messages"] for b in m["content"] if "toolResult" in b]
    wrong = [r["content"][0]["text"] for r in results if r["status"] != "success"]
    assert len(results) == 8 and not wrong, wrong


FLOWS = {
    **flows.FLOWS,
    "resolve": Flow(resolve, resolve_holds, resolvable, goes_on=True, every=6, second=29),
    "private": Flow(private, private_holds, every=2, second=0),
    "account": Flow(account, flows.command_holds, accounts, every=3, second=29),
    "everywhere": Flow(everything, everything_holds, everywhere, every=9, second=0),
    "tools": Flow(flows.ask, tools_hold, investigation, every=12, second=0),
}
