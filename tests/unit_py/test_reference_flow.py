"""The bench's peer tests/bench/peers/reference_flow.py works against the sandbox, so its figures mean something."""
import json
import os
import pathlib
import subprocess

from tests.sandbox.alarms import Alarm
from tests.sandbox.client import PYTHON

PEER = pathlib.Path(__file__).resolve().parents[1] / "bench" / "peers" / "reference_flow.py"


def run(sandbox, *more, **alarm):
    jira = sandbox.ready["jira"]["cloud"]
    env = {**os.environ, **sandbox.aws_env()}
    options = ["--aws", env["AWS_ENDPOINT_URL"], "--jira", jira["plain_url"], "--jira-user", jira["user"]]
    options += ["--jira-token", jira["token"], "--topic", sandbox.ready["mail_topic"], *more]
    return subprocess.run(
        [PYTHON, PEER, *options],
        input=Alarm(alarm).message_eventbridge(),
        capture_output=True,
        text=True,
        timeout=120,
        env=env,
    )


def test_reference_flow(sandbox):
    sandbox.script_command("sort=-%cpu", output="USER PID\nroot 1 <planted> {code}\n")
    before = len(sandbox.jira_issues())
    account = sandbox.ready["jira"]["cloud"]["account"]
    result = run(sandbox, "--runs", "2", "--sleep", "2", "--assignee", account, name="cpu", value=97.5)
    figures = json.loads(result.stdout)
    assert result.returncode == 0 and figures["failures"] == [], result.stderr + result.stdout
    assert figures["requests_per_alarm"] == 5 and figures["runs"] == 2
    assert figures["import_cpu_s"] > 0 and 0 < figures["cpu_s_per_alarm"] < figures["cpu_s"]
    issues = sandbox.jira_issues()[before:]
    assert len(issues) == 2, "the same alarm twice: two issues, nothing is de-duplicated"
    issue = issues[0]
    assert issue["summary"] == "Client | 123456789012 | i-0123456789abcdef0 | %CPU Utilization | Metric Value: 97.5"
    assert issue["assignee"] == "tocsin" and "root 1 <planted>" in issue["comments"][0]["raw"]
    mail = sandbox.mails()[-1]
    assert mail["subject"] == "High CPU Utilization Alert : i-0123456789abcdef0"
    assert "IssueKey: %s" % issues[-1]["key"] in mail["message"] and "Threshold: 80.00" in mail["message"]
    sandbox.clear_scripts()


def test_reference_flow_counts_failures(sandbox):
    result = run(sandbox, "--sleep", "0", "--topic", "arn:aws:sns:us-east-1:123456789012:none", kind="composite")
    assert result.returncode == 1 and json.loads(result.stdout)["failures"] == ["KeyError: 'metrics'"]
