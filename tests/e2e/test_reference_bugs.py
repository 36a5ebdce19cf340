"""The thirty bugs of the system that tocsin is measured with, each as a test that tocsin does not have it.

That system (an EventBridge rule and two Lambda functions) ran a command by SSM with a fixed sleep, opened an issue
in Jira with the output as a comment, and mailed. The number and the subject of each bug are in the name of its
test; what a bug was stands in the test's first line.
"""
import json
import pathlib
import re
import time

import pytest

from tests.e2e.support import alarm_of, buttons, fields, shown, texts, until
from tests.sandbox import alarms

RUNBOOKS = pathlib.Path(__file__).resolve().parents[2] / "commands/runbooks"
AGENT, AGENT_RESTART, DISK = "title agent\n", "title agent-restart\n", "title disk\n"     # the scripts of the runbooks
MEMORY = {"namespace": "CWAgent", "metric": "mem_used_percent"}
DISK_METRIC = {"namespace": "CWAgent", "metric": "disk_used_percent"}
EVERY_STAGE = ("Diagnosis", "Ticket", "Mail")
NO = {"do": "status", "status": 400, "body": json.dumps({"errorMessages": ["No."], "errors": {}})}


def calls(world, action, since=0):
    return world.sb.aws_calls(action=action, since=since)


def now(world):
    """Where the records of calls and requests are: for what happens from here on."""
    return {"aws": len(world.sb.aws_calls()), "requests": len(world.sb.requests())}


def requests(world, since, method="jira.*"):
    return [r for r in world.sb.get("requests", method=method) if r["id"] >= since["requests"]]


# --- 1 to 9: the diagnosis --------------------------------------------------------------------------------------
def test_01_output_is_awaited_by_polling(flows):
    """It slept 4 s and took what was there: an exception, or nothing."""
    instance, lines = flows.host(), ["line %03d" % n for n in range(200)]
    before = now(flows)
    flows.script(instance, output="\n".join(lines) + "\n", held=True)
    flows.sb.settings(ssm_race_s=1e6)
    flows.fire(instance)
    flows.stage(instance, "Diagnosis", "⏳", "sent to the instance")
    until(lambda: [c for c in calls(flows, "GetCommandInvocation", before["aws"]) if c["error"] == "InvocationDoesNotExist"],
          "a poll that comes too early")
    flows.sb.settings(ssm_race_s=0.5)
    flows.sb.go_on(instance)
    flows.stage(instance, "Diagnosis", "⏳", "running")
    flows.sb.go_on(instance)
    card = flows.finished(instance)
    assert fields(card)["Diagnosis"].startswith("✅"), fields(card)
    polls = calls(flows, "GetCommandInvocation", before["aws"])
    assert [len(flows.commands(instance)), len(flows.mails(instance))] == [1, 1]
    comment, = flows.comments(instance, "line 000")
    for text in (comment, flows.mails(instance)[0]["message"]):
        assert re.findall(r"line \d{3}", text) == lines
    thread = "\n".join(shown(r["blocks"] or r) for r in flows.outputs(instance, "line 000"))
    assert re.findall(r"line \d{3}", thread) == lines


def test_02_a_command_longer_than_the_first_poll_fills_the_comment(cloud):
    """The command itself slept 3 s before it restarted, so the comment was usually empty."""
    instance = cloud.host()
    cloud.script(instance, AGENT_RESTART, output="agent: running\n", delay=100)
    cloud.script(instance, AGENT, output="agent: stopped\n")
    cloud.fire(instance, "INSUFFICIENT_DATA", **MEMORY)
    before = now(cloud)
    cloud.press(instance, "approve")
    cloud.stage(instance, "Proposal", "done")
    cloud.settle()
    assert len(calls(cloud, "GetCommandInvocation", before["aws"])) > 3
    assert len(cloud.comments(instance, "agent: running")) == 1


def test_03_no_deadline_is_shorter_than_its_step(cloud):
    """The function that slept 4 s had 3 s to live."""
    instance = cloud.host()
    cloud.script(instance, DISK, output="all of it\n", start=25, delay=85)    # of 30 s and 90 s
    cloud.fire(instance, **DISK_METRIC)
    card = cloud.finished(instance)
    assert fields(card)["Diagnosis"].startswith("✅") and cloud.comments(instance, "all of it")
    call, = [c for c in calls(cloud, "SendCommand") if instance in c["params"]["InstanceIds"]]
    assert call["params"]["Parameters"]["executionTimeout"] == ["90"], "the runbook's own time"
    # The mail waits 90 s, less than a slow delivery and this command together: it says what is missing.
    assert "not there yet" in cloud.mails(instance)[0]["message"]
    assert "without what was not there" in fields(card)["Mail"]


def test_04_each_instance_state_has_its_sentence(cloud):
    """It asked for running instances only, and failed on the empty answer for all the others."""
    words = {"pending": "is starting", "running": "is running", "stopping": "is being stopped", "stopped": "is stopped",
             "shutting-down": "is being terminated", "terminated": "is terminated", None: "EC2 knows no instance"}
    hosts = {state: cloud.host(**({"state": state} if state else {"in_ec2": False})) for state in words}
    for instance in hosts.values():
        cloud.fire(instance, "INSUFFICIENT_DATA")
    said = {}
    for state, instance in hosts.items():
        card = cloud.finished(instance)
        said[state] = fields(card)["Diagnosis"].replace(instance, "X")
        assert words[state] in said[state], said
        assert instance in fields(card)["Diagnosis"] and not cloud.commands(instance)
        assert cloud.mails(instance) and cloud.issue(instance)
        assert words[state] in cloud.mails(instance)[0]["message"]
    assert len(set(said.values())) == len(words)


def test_05_restart_is_offered_for_agent_metrics_only(cloud):
    """It restarted the agent for a metric that the agent does not measure."""
    measured_by_agent, by_ec2 = cloud.host(), cloud.host()
    for instance in (measured_by_agent, by_ec2):
        cloud.script(instance, AGENT, output="agent: stopped\n")
    cloud.fire(measured_by_agent, "INSUFFICIENT_DATA", **MEMORY)
    cloud.fire(by_ec2, "INSUFFICIENT_DATA")
    assert "agent-restart" in cloud.stage(measured_by_agent, "Proposal")
    assert "does not come from the CloudWatch agent" in cloud.stage(by_ec2, "Diagnosis", "✅")
    card = cloud.finished(by_ec2)
    assert "Proposal" not in fields(card) and "approve" not in buttons(card)
    assert not cloud.commands(by_ec2) and len(cloud.commands(measured_by_agent)) == 1
    cloud.press(measured_by_agent, "reject")
    cloud.stage(measured_by_agent, "Proposal", "rejected")


def test_06_restart_needs_approval_and_shows_the_status_before_and_after(cloud):
    """It restarted at once, and printed the status before only."""
    instance = cloud.host()
    cloud.script(instance, AGENT_RESTART, output="before\nagent: stopped\nafter\nagent: running\n")
    cloud.script(instance, AGENT, output="agent: stopped\n")
    cloud.fire(instance, "INSUFFICIENT_DATA", **MEMORY)
    cloud.stage(instance, "Proposal", "agent-restart")
    cloud.stage(instance, "Mail", "sent")
    assert len(cloud.commands(instance)) == 1, "nothing is restarted before somebody says so"
    card = cloud.cards(alarm_of(instance))[0]
    assert set(buttons(card)) >= {"approve", "reject"} and cloud.outputs(instance, "agent: stopped")
    cloud.press(instance, "approve", user="bob")
    assert "U0BOB00001" in cloud.stage(instance, "Proposal", "✅ done, approved")
    cloud.settle()
    assert len(cloud.commands(instance)) == 2 and "approve" not in buttons(cloud.cards(alarm_of(instance))[0])
    shown_after, = cloud.outputs(instance, "agent: running")
    assert shown(shown_after).index("agent: stopped") < shown(shown_after).index("agent: running")
    # What the real script prints: test_agent_restart_waits_until_it_runs in tests/unit_py/test_runbooks.py.


def test_06_a_runbook_that_says_so_needs_no_approval(idle):
    idle.flows_with_jira("cloud").configure(runbooks=[
        {"name": "unjam", "linux": "echo unjammed", "changes": True, "automatic": True,
         "on": {"metric": "QueueDepth", "to": "ALARM"}},
        {"name": "jam", "linux": "echo jammed", "changes": True, "on": {"metric": "QueueRate", "to": "ALARM"}}]).start()
    automatic, asked = idle.host(), idle.host()
    idle.fire(automatic, metric="QueueDepth")
    idle.fire(asked, metric="QueueRate")
    idle.wait(lambda: idle.outputs(automatic, "unjammed"), "its output")
    idle.stage(asked, "Proposal", "jam")
    assert idle.commands(automatic) and not idle.commands(asked)


def test_07_n_processes_asked_n_shown(cloud):
    """`head -5` counted the header: four processes."""
    instance = cloud.host()
    cloud.sb.slash("/top %s 3" % instance)
    answer = cloud.wait(lambda: [m for m in cloud.sb.roots() if "Uptime and load" in shown(m) and instance in shown(m)],
                        "the output of the real script on this machine", 60)[0]
    table = shown(answer).split("The 3 processes that use most CPU now")[1].split("\n\n")[0].strip().split("\n")
    assert table[1].endswith("COMMAND") and len(table[2:]) == 3, table
    # For other numbers and shells: test_top_shows_as_many_as_were_asked_for in tests/unit_py/test_runbooks.py.


def test_08_what_reaches_the_host_is_the_script_that_takes_two_samples(cloud):
    """`ps` shows a process's share since its start: an old one gone wild ranked low."""
    # That it ranks first is shown with a real process by test_an_old_process_newly_wild_ranks_first in
    # tests/unit_py/test_runbooks.py; here, that this very script is what an alarm runs.
    instance = cloud.host()
    cloud.script(instance, output="x\n")
    cloud.fire(instance)
    cloud.finished(instance)
    files = "".join((RUNBOOKS / name).read_text() for name in ("common.sh", "processes.sh", "top.sh"))
    sent = cloud.commands(instance)[0]["script"]
    wanted = [line for line in files.split("\n") if line and "{{" not in line]
    assert [line for line in sent.split("\n") if line in wanted] == wanted
    assert sent.count("$(sample)") == 2


def test_09_the_diagnosis_tells_more_than_processes(cloud):
    """By the time it ran, the spike was gone, and nothing told of the time before."""
    instance = cloud.host()
    cloud.fire(instance)
    cloud.stage(instance, "Diagnosis", "✅", timeout=60)
    cloud.wait(lambda: cloud.comments(instance, "Uptime and load"), "the output of the real script")
    text = cloud.comments(instance, "Uptime and load")[0]
    for part in (r"up .*; load average [\d.]+ [\d.]+ [\d.]+", r"(?i)out.of.memory|oom", r"GiB used on /|none that df",
                 r"MiB, available", r"The 5 processes"):
        assert re.search(part, text), "%s is missing in\n%s" % (part, text)


# --- 10 to 15: one issue, the right one --------------------------------------------------------------------------
def test_10_no_issue_no_comment(flows):
    """It commented on /issue/None."""
    instance = flows.host()
    flows.script(instance, output="the output\n")
    before = now(flows)
    flows.sb.fault(NO, method="jira.issue.create", times=0)
    flows.fire(instance)
    card = flows.finished(instance)
    assert "cannot create an issue" in fields(card)["Ticket"] and fields(card)["Ticket"].startswith("⚠️")
    assert not [r for r in requests(flows, before) if r["method"].startswith("jira.comment")]
    assert not flows.issues(instance)
    assert "There is no issue" in flows.mails(instance)[0]["message"]
    flows.sb.clear_faults()
    flows.press(instance, "ticket")
    flows.stage(instance, "Ticket", "✅", "OPS-")
    flows.settle()
    assert len(flows.comments(instance, "the output")) == 1, "what waited is told now"


def test_11_empty_output_is_said_and_a_refused_comment_is_shown(flows):
    """An empty body was sent, and Jira's 400 was not seen."""
    silent, talking = flows.host(), flows.host()
    flows.script(silent, output="")
    flows.script(talking, output="words\n")
    flows.fire(silent)
    flows.finished(silent)
    assert len(flows.comments(silent, "no output")) == 1
    flows.sb.fault(NO, method="jira.comment.add")
    flows.fire(talking)
    flows.stage(talking, "Ticket", "OPS-", "a comment was not taken", "HTTP 400")
    flows.settle()
    assert not flows.comments(talking, "words") and flows.outputs(talking, "words")


def test_12_interleaved_alarms_share_nothing(flows):
    """Globals survived from one call to the next: another instance's output or key was posted."""
    hosts = [flows.host() for _ in range(4)]
    for number, instance in enumerate(hosts):
        flows.script(instance, output="output of %s\n" % instance, delay=20 - 5 * number)
    for instance in hosts:
        flows.fire(instance, wait=False)
    keys = set()
    for instance in hosts:
        card = flows.finished(instance)
        key = flows.issue(instance)["key"]
        keys.add(key)
        assert key in fields(card)["Ticket"] and key in flows.mails(instance)[0]["message"]
        told = [flows.comments(instance, "output of"), [m["message"] for m in flows.mails(instance)],
                [shown(r) for r in flows.outputs(instance, "output of")]]
        for texts_of_one in told:
            assert len(texts_of_one) == 1
            assert set(re.findall(r"output of (\S+)", texts_of_one[0])) == {instance}
    assert len(keys) == len(hosts)


def test_13_only_alarms_open_issues(flows):
    """Any event opened an issue."""
    never_fired, odd = flows.host(), flows.host()
    before = now(flows)
    mails = len(flows.sb.mails())
    flows.fire(never_fired, "OK", old_state="INSUFFICIENT_DATA")
    flows.fire(odd, "WEIRD", old_state="OK")
    flows.sb.publish(json.dumps({"version": "0", "id": odd, "detail-type": "EC2 Instance State-change Notification",
                                 "source": "aws.ec2", "account": "123456789012", "time": "2026-01-01T00:00:00Z",
                                 "region": "us-east-1", "resources": [], "detail": {"instance-id": odd}}))
    flows.wait(lambda: [m for m in flows.sb.roots() if odd in shown(m)], "the odd ones are shown")
    flows.settle()
    assert not [r for r in requests(flows, before) if r["method"] == "jira.issue.create"]
    assert len(flows.sb.mails()) == mails and not calls(flows, "SendCommand", before["aws"])


def test_14_ten_flaps_are_one_issue(flows):
    """Each flap was a new issue, and none was ever resolved."""
    instance, began = flows.host(), time.time() - 3000
    flows.script(instance, output="output\n")
    for number in range(10):
        flows.fire(instance, time=began + 240 * number)
        flows.fire(instance, "OK", time=began + 240 * number + 120)
    card = flows.finished(instance)
    assert "RESOLVED" in card["text"]
    issue = flows.wait(lambda: flows.issue(instance)["category"] == "done" and flows.issue(instance), "it to be done")
    flows.settle()
    history = "\n".join(c["text"] for c in issue["comments"])
    assert len(re.findall(r"→ \*?(?:OK|ALARM)\b", history)) == 19, history     # all but the one that opened it
    assert len(flows.commands(instance)) <= 3, "diagnosed three times an hour at most"


@pytest.mark.parametrize("moment", ["jira.issue.create", "jira.comment.add", "jira.link.set", "sns.Publish"])
def test_15_a_crash_after_create_and_a_redelivery_leave_one_issue(idle, moment):
    """An exception after create, then the event once more: a second issue."""
    # At each durable write and request: the crash sweep (tests/sweep). Here it dies while Jira or SNS has taken
    # the call and the answer is outstanding.
    idle.flows_with_jira("cloud").start()
    instance = idle.host()
    idle.script(instance, output="output\n")
    idle.sb.fault("hang_after", method=moment, times=1)
    when = time.time()
    idle.fire(instance, time=when)
    idle.wait(lambda: [f for f in idle.sb.get("faults") if f["fired"]], "the call")
    if moment in ("jira.comment.add", "jira.link.set"):  # a mail under way as well would rightly be sent again
        idle.wait(lambda: (idle.field(instance, "Mail") or "").startswith("✅"), "the mail")
    idle.restart(hard=True)
    idle.fire(instance, time=when)
    card = idle.finished(instance)
    for which in EVERY_STAGE:
        assert fields(card)[which].startswith("✅"), fields(card)
    assert idle.issue(instance)["key"] in fields(card)["Ticket"]
    assert len(idle.comments(instance, "output")) == 1 and len(idle.commands(instance)) == 1
    assert len(idle.issue(instance)["links"]) == 1
    assert len(idle.mails(instance)) == (2 if moment == "sns.Publish" else 1)


# --- 16 to 21: what alarms say -----------------------------------------------------------------------------------
def test_16_alarm_after_insufficient_data_opens_an_incident(cloud):
    """The rule's filter on the previous state dropped it, and the first alarm of each new instance."""
    instance = cloud.host()
    cloud.script(instance, output="output\n")
    cloud.fire(instance, "ALARM", old_state="INSUFFICIENT_DATA")
    card = cloud.finished(instance)
    assert card["text"].startswith("ALARM") and cloud.issue(instance) and cloud.mails(instance)
    assert len(cloud.commands(instance)) == 1


SHAPES = {
    "math": {"kind": "math", "dimensions": {"LoadBalancer": "app/web/1"}},
    "anomaly": {"kind": "anomaly", "dimensions": {"LoadBalancer": "app/web/1"}},
    "composite": {"kind": "composite"},
    "group": {"dimensions": {"AutoScalingGroupName": "web"}},
    "balancer": {"metric": "TargetResponseTime", "namespace": "AWS/ApplicationELB",
                 "dimensions": {"LoadBalancer": "app/web/1"}},
    "database": {"metric": "DatabaseConnections", "namespace": "AWS/RDS", "dimensions": {"DBInstanceIdentifier": "db"}},
}


@pytest.mark.parametrize("via", ["sns", "eventbridge"])
def test_17_every_shape_is_an_incident_without_a_host_diagnosis(cloud, via):
    """It took metrics[0] and dimensions.InstanceId for granted."""
    before = now(cloud)
    names = {shape: "i-shape-%s-%s" % (shape, via) for shape in SHAPES}     # no instance: just names
    for shape, name in names.items():
        cloud.fire(name, via=via, **SHAPES[shape])
    for shape, name in names.items():
        card = cloud.finished(name)
        assert card["text"].startswith("ALARM") and cloud.issue(name) and len(cloud.mails(name)) == 1
        # Where the metric has a runbook, it is said why nothing was run.
        assert "names no instance" in fields(card).get("Diagnosis", "names no instance"), shape
    assert "names no instance" in cloud.field(names["group"], "Diagnosis")
    assert not calls(cloud, "SendCommand", before["aws"])


def test_18_the_newest_breaching_datapoint_is_shown(cloud):
    """It took the first datapoint of the list, whatever it was."""
    points = [(-180, 97.5), (0, None), (-60, 50.25), (-120, 91.5)]          # of these, 91.5
    for number, order in enumerate(([0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2])):
        instance = cloud.host()
        cloud.script(instance, output="output\n")
        event = json.loads(alarms.Alarm({
            "name": alarm_of(instance), "dimensions": {"InstanceId": instance}, "value": 50.25,
            "reason": "Threshold Crossed: 2 out of the last 3 datapoints were greater than the threshold (80.0)",
        }).message_eventbridge())
        data = json.loads(event["detail"]["state"]["reasonData"])
        data["evaluatedDatapoints"] = [
            {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime(time.time() + points[n][0])),
             **({} if points[n][1] is None else {"value": points[n][1], "sampleCount": 1.0})} for n in order]
        del data["recentDatapoints"]
        event["detail"]["state"]["reasonData"] = json.dumps(data)
        cloud.sb.publish(json.dumps(event))
        card = cloud.finished(instance)
        assert "91.5" in fields(card)["Why"], (number, fields(card))
        assert cloud.issue(instance)["summary"].endswith("Metric Value: 91.5")
        assert "Metric value: 91.5" in cloud.mails(instance)[0]["message"]


def test_19_the_mail_shows_the_alarms_own_threshold(cloud):
    """80.00 was written into the mail."""
    for via in ("sns", "eventbridge"):
        instance = cloud.host()
        cloud.script(instance, output="output\n")
        cloud.fire(instance, threshold=10.5, value=11.25, via=via)
        cloud.finished(instance)
        mail = cloud.mails(instance)[0]
        assert re.search(r"^Threshold: > 10\.5$", mail["message"], re.M), mail["message"]
        assert not re.search(r"\b80(\.0+)?\b", mail["message"].split("Reason")[0]), mail["message"]
        assert "Threshold: > 10.5" in cloud.issue(instance)["description"]["text"]


def test_20_disk_alarms_are_diagnosed_and_unknown_metrics_are_full_incidents(cloud):
    """A disk alarm did nothing at all; other names gave the summary "None"."""
    disk, unknown = cloud.host(), cloud.host()
    cloud.script(disk, DISK, output="/ is full\n")
    cloud.fire(disk, **DISK_METRIC)
    cloud.fire(unknown, metric="PotatoesPeeled", namespace="Kitchen")
    cloud.finished(disk)
    card = cloud.finished(unknown)
    assert len(cloud.comments(disk, "/ is full")) == 1 and "disk_used_percent" in cloud.issue(disk)["summary"]
    assert "PotatoesPeeled" in fields(card)["Why"] and "PotatoesPeeled" in cloud.issue(unknown)["summary"]
    assert "PotatoesPeeled" in cloud.mails(unknown)[0]["subject"] and "None" not in cloud.issue(unknown)["summary"]
    assert not cloud.commands(unknown)


def test_21_letters_within_a_name_are_no_metric(cloud):
    """'mem' in MemberCount and 'CPU' in CPUCreditBalance were taken for memory and CPU use."""
    for metric in ("MemberCount", "CPUCreditBalance", "disk_used_percentile", "cpuutilization"):
        instance = cloud.host()
        cloud.fire(instance, metric=metric)
        card = cloud.finished(instance)
        assert not cloud.commands(instance) and "Diagnosis" not in fields(card)
        assert metric in cloud.issue(instance)["summary"] and metric in cloud.mails(instance)[0]["subject"]


# --- 22 to 25: Jira as it is -------------------------------------------------------------------------------------
@pytest.mark.parametrize("site", ["cloud", "datacenter"])
def test_22_assignees_are_named_as_the_site_wants_and_a_bad_one_loses_no_ticket(idle, site):
    """It named people by mail address, which Cloud has not taken since 2019."""
    alice = next(u for u in idle.sb.get("jira_state", site=site)["users"] if u["name"] == "alice")
    key = "accountId" if site == "cloud" else "name"
    idle.allow_errors("jira 400", "jira 404")
    idle.flows_with_jira(site, users={"U0ALICE001": alice[key], "U0BOB00001": "nobody-at-all"}).start()
    idle.sb.slash("/ticket the printer burns", user="alice")
    idle.sb.slash("/ticket the kettle leaks", user="bob")
    idle.wait(lambda: len([m for m in idle.sb.roots() if "OPS-" in shown(m)]) == 2, "two tickets")
    idle.settle()
    good, = [i for i in idle.sb.jira_issues(site) if "printer" in i["summary"]]
    bad, = [i for i in idle.sb.jira_issues(site) if "kettle" in i["summary"]]
    assert good["assignee"] == "alice" and bad["assignee"] is None
    asked = idle.sb.requests("jira.issue.assign")
    assert {frozenset(r["body"]) for r in asked} == {frozenset([key])}
    told = next(shown(m) for m in idle.sb.roots() if bad["key"] in shown(m))
    assert "not assigned" in told


@pytest.mark.parametrize("site", ["cloud", "datacenter"])
def test_23_links_are_for_people_whatever_the_slash(idle, site):
    """Two slashes in its calls; its mail's link opened JSON."""
    url = idle.sb.ready["jira"][site]["url"]
    idle.flows_with_jira(site, url=url + "/").start()
    instance = idle.host()
    idle.script(instance, output="output\n")
    idle.fire(instance)
    card = idle.finished(instance)
    issue = idle.issue(instance)
    assert issue["url"] == "%s/browse/%s" % (url, issue["key"])
    assert '"url": "%s"' % issue["url"] in json.dumps(card)
    assert "Link: %s\n" % issue["url"] in idle.mails(instance)[0]["message"]
    for request in idle.sb.get("requests", method="jira.*"):
        assert "//" not in request["path"], request["path"]


def test_23_links_are_for_people_without_the_slash(flows):
    instance = flows.host()
    flows.script(instance, output="output\n")
    flows.fire(instance)
    card = flows.finished(instance)
    issue = flows.issue(instance)
    assert '"url": "%s"' % issue["url"] in json.dumps(card) and "/browse/" in issue["url"]
    assert "Link: %s\n" % issue["url"] in flows.mails(instance)[0]["message"]
    assert not [r for r in flows.sb.get("requests", method="jira.*") if "//" in r["path"]]


def test_24_every_value_comes_from_the_configuration(idle):
    """Project, client and company were written into the program."""
    topic = "arn:aws:sns:us-east-1:123456789012:night-shift"
    idle.sb.add_topic(topic)
    idle.sb.jira_set(project="ABC", issue_types=["Bug", "Task"],
                     custom_fields=[{"id": "customfield_10050", "name": "Contract", "type": "string"}])
    idle.flows_with_jira("cloud", project="ABC", issue_type="Task", client="Örtli & Söhne",
                         fields={"customfield_10050": "Gold", "labels": ["night"]})
    idle.configure(mail={"topic": topic}, aws={"accounts": [{"id": "123456789012", "name": "prod"}]}).start()
    instance = idle.host()
    idle.script(instance, output="output\n")
    idle.fire(instance)
    idle.finished(instance)
    issue = idle.issue(instance)
    assert issue["key"].startswith("ABC-") and issue["type"] == "Task" and "night" in issue["labels"]
    assert issue["summary"].startswith("Örtli & Söhne | prod | %s | CPUUtilization | " % instance)
    assert "Client: Örtli & Söhne" in issue["description"]["text"] and issue["fields"]["customfield_10050"] == "Gold"
    mail, = idle.mails(instance)
    assert mail["topic"] == topic and "prod" in mail["subject"] and "Client: Örtli & Söhne" in mail["message"]
    assert not re.search("SCRUM|Company", json.dumps(issue) + json.dumps(mail))


def test_25_a_missing_issue_type_is_found_at_start_with_those_that_exist(idle):
    """'Incident' does not exist in a default project: each ticket failed, unseen."""
    idle.sb.jira_set(issue_types=["Epic", "Story", "Bug"])
    idle.flows_with_jira("cloud").start()
    line = idle.bot.wait_logged("jira.will_refuse", "Incident")[0]
    told = idle.wait(lambda: [m for m in idle.sb.roots() if "Incident" in shown(m)], "a message in the channel")[0]
    answer = idle.bot.command("check", "--config", idle.bot.config, "--live")
    assert answer.returncode != 0
    for text in (line, shown(told), answer.stdout + answer.stderr):
        assert all(word in text for word in ("Incident", "Epic", "Story", "Bug", "jira.issue_type")), text
    instance = idle.host()
    idle.script(instance, output="output\n")
    idle.fire(instance)
    assert "Story" in idle.stage(instance, "Ticket", "⚠️")
    # Required fields that nothing fills: the check of jira.fields in tests/unit/test_jira.c.


# --- 26 to 29: the world as it is --------------------------------------------------------------------------------
HOSTILE = ["{code} {noformat} *bold* _it_ h1. no", "[link|http://example.com] !image.png! |a|b| {color:red}x{color}",
           "<b>&amp; @here <!channel> <@U0ALICE001> ```", "-- \\ {*}x{*} ~x~ ^x^ ??x??"]


def test_26_markup_appears_literally(flows):
    """A command line with {code}, * or [ changed the page. Secrets: tests/e2e/test_redaction.py."""
    instance = flows.host()
    flows.script(instance, output="start\n" + "\n".join(HOSTILE) + "\nend\n")
    flows.fire(instance, description=" ".join(HOSTILE))
    flows.finished(instance)
    issue = flows.issue(instance)
    comment, = [c for c in issue["comments"] if "start" in c["text"]]
    places = {"comment": comment["text"], "description": issue["description"]["text"],
              "mail": flows.mails(instance)[0]["message"],
              "thread": "".join(texts(flows.outputs(instance, "start")[0]["blocks"]))}
    for place, text in places.items():
        for line in HOSTILE:
            assert line in text, "%s: %r\n%s" % (place, line, text)
    live = [piece for piece in comment["live"] + issue["description"]["live"] if any(piece in h for h in HOSTILE)]
    assert not live, live


TROUBLES = {"429": {"do": "429", "retry_after": 2}, "503": "503_before", "500": "500_after",
            "silence": {"do": "hang_before", "s": 0.5}, "reset": "reset_before"}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_27_a_jira_in_trouble_is_asked_again_within_bounds_and_shown(cloud, trouble):
    """No timeout, no second try, no Retry-After."""
    # Each error at each moment, and deadlines that are reached: tests/e2e/test_fault_matrix.py.
    passing, lasting = cloud.host(), cloud.host()
    for instance in (passing, lasting):
        cloud.script(instance, output="output\n")
    cloud.sb.fault(TROUBLES[trouble], method="jira.issue.create")
    cloud.fire(passing)
    assert fields(cloud.finished(passing))["Ticket"].startswith("✅") and cloud.issue(passing)
    before = now(cloud)
    cloud.sb.fault(TROUBLES[trouble], method="jira.issue.*", times=0)
    cloud.fire(lasting)
    if trouble == "500":        # it took effect: found by the look-up, never made a second time
        assert fields(cloud.finished(lasting))["Ticket"].startswith("✅") and cloud.issue(lasting)
        cloud.sb.clear_faults()
        return
    cloud.stage(lasting, "Ticket", "⚠️", "Jira", timeout=60)
    assert 2 <= len([r for r in requests(cloud, before) if r["method"] == "jira.issue.create"]) <= 7
    assert "ticket" in buttons(cloud.cards(alarm_of(lasting))[0])
    cloud.stage(lasting, "Mail", "✅")
    assert "issue" in cloud.mails(lasting)[0]["message"]
    cloud.wait(lambda: cloud.outputs(lasting, "output"), "the output in the thread")
    cloud.sb.clear_faults()
    assert len(cloud.commands(lasting)) == 1 and fields(cloud.finished(lasting, 60))["Ticket"].startswith("✅")
    assert cloud.issue(lasting)


def test_28_hosts_that_are_different_each_have_a_sentence(cloud):
    """Linux only, one region only, and no look whether SSM knows the instance."""
    unregistered, windows = cloud.host(registered=False), cloud.host(platform="Windows")
    far, elsewhere = cloud.host(region="eu-west-1"), cloud.host(region="eu-west-1")
    cloud.script(windows, output="Get-Process says\n")
    cloud.script(far, output="from Ireland\n")
    cloud.fire(unregistered)
    cloud.fire(windows)
    cloud.fire(far, region="eu-west-1")
    cloud.fire(elsewhere, region="us-west-2")
    assert "SSM cannot reach %s" % unregistered in cloud.stage(unregistered, "Diagnosis", "⚠️")
    assert "SSM cannot reach %s" % elsewhere in cloud.stage(elsewhere, "Diagnosis", "⚠️", "another region")
    cloud.stage(windows, "Diagnosis", "✅", "Get-Process says")
    cloud.stage(far, "Diagnosis", "✅", "from Ireland")
    cloud.settle()
    assert cloud.commands(windows)[0]["document"] == "AWS-RunPowerShellScript"
    assert cloud.commands(far)[0]["region"] == "eu-west-1"
    for instance in (unregistered, elsewhere):
        assert not cloud.commands(instance) and "SSM cannot reach" in cloud.mails(instance)[0]["message"]


def test_29_any_name_makes_a_valid_mail_and_a_failed_mail_is_shown(cloud):
    """No look at SNS's limits of a subject, and "not sent" was dead code."""
    instance, refused = cloud.host(), cloud.host()
    for one in (instance, refused):
        cloud.script(one, output="output\n")
    name = "Größe überschritten 溢れた 🔥\n" * 10      # 300 characters
    cloud.sb.alarm(name=name[:300], dimensions={"InstanceId": instance}, metric="Ü" * 200)
    mail = cloud.wait(lambda: cloud.mails(instance), "a mail")[0]       # the sandbox takes valid ones only
    assert mail["subject"].isascii() and 0 < len(mail["subject"]) <= 100 and "Größe überschritten" in mail["message"]
    cloud.sb.deny("sns:Publish")
    cloud.fire(refused)
    told = cloud.stage(refused, "Mail", "⚠️")
    cloud.sb.allow_all()
    assert "sns:Publish" in told, told
    cloud.settle()
    assert not cloud.mails(refused) and cloud.issue(refused) and cloud.outputs(refused, "output")


# --- 30: one of each ---------------------------------------------------------------------------------------------
def test_30_one_path_for_all_transitions(flows):
    """Two copies of nearly the same program, one for each transition, already different."""
    instance, began = flows.host(), time.time() - 600
    flows.script(instance, AGENT, output="agent: stopped\n")
    flows.script(instance, output="output\n")
    for number, (old, new) in enumerate([("OK", "ALARM"), ("ALARM", "INSUFFICIENT_DATA"),
                                         ("INSUFFICIENT_DATA", "ALARM"), ("ALARM", "OK")]):
        flows.fire(instance, new, old_state=old, time=began + 60 * number, **MEMORY)
        flows.finished(instance)
    issue = flows.wait(lambda: flows.issue(instance)["category"] == "done" and flows.issue(instance), "it to be done")
    flows.settle()
    card, = flows.cards(alarm_of(instance))
    assert card["text"].startswith("RESOLVED") and len(flows.history(card)) == 4
    told = "\n".join(c["text"] for c in issue["comments"])
    assert [told.count(word) for word in ("agent: stopped", "output\n")] == [1, 2], told
    states = [re.search("Current state: (.*)", m["message"]).group(1) for m in flows.mails(instance)]
    assert states == ["ALARM", "NO DATA", "ALARM"], "a mail for each but OK, which is asked for by mail.on_ok"


def test_30_the_policy_is_what_is_called(idle):
    """It had no IAM policy."""
    other = "210987654321"
    role = idle.sb.post("aws_role", name="look-in", account=other)["arn"]
    idle.flows_with_jira("cloud").configure(
        aws={"accounts": [{"id": other, "name": "other", "role_arn": role}]},
        runbooks=[{"name": "stuck", "linux": "sleep 1000", "timeout": "1s",
                   "on": {"metric": "Stuck", "to": "ALARM"}}]).start()
    stuck, here, lost, there = (idle.host(), idle.host(), idle.host(), idle.host(account=other))
    idle.script(stuck, start=1000000)           # SSM never gets round to it: cancelled when its time is up
    for instance in (here, lost, there):
        idle.script(instance, output="agent: stopped\n")
    idle.fire(stuck, metric="Stuck")
    idle.fire(here, "INSUFFICIENT_DATA", **MEMORY)
    idle.fire(there, account=other)
    for instance in (stuck, here, there):       # all are sent
        idle.wait(lambda one=instance: idle.commands(one), "the command")
    idle.sb.fault("reset_after", method="ssm.SendCommand")
    idle.fire(lost)                             # looked for among the commands
    idle.stage(stuck, "Diagnosis", "⚠️", "cancel", timeout=120)
    idle.finished(stuck)
    idle.bot.command("import", "dashboard", "none", "--config", idle.bot.config)  # asks which ones there are, too
    answer = idle.bot.command("iam", "--config", idle.bot.config)
    assert answer.returncode == 0, answer.stderr
    allowed = {a for statement in json.loads(answer.stdout)["Statement"] for a in statement["Action"]}
    free = {"sts:GetCallerIdentity"}            # needs no permission
    assert idle.sb.aws_actions() - free == allowed
    for instance in (here, lost, there, stuck):
        assert len(idle.commands(instance)) == 1 and len(idle.mails(instance)) == 1
