#!/usr/bin/python3
"""A peer of the bench: the flow of a short Python function with boto3 and requests, as many teams run it.

One alarm of EventBridge in, a command on its instance, a fixed sleep, the output fetched once, a Jira issue
with the output as its comment, a mail through SNS. Nothing is stored, retried, de-duplicated or checked: what
fails is counted and left. Two things differ from such functions so that the run means something: the sleep is
a parameter, and the assignee is an account id when one is given (a name is refused by Jira Cloud).

    reference_flow.py --aws URL --jira URL --jira-user U --jira-token T --topic ARN [--runs N] [--sleep 4] < EVENT

Keys and region come from the environment, as for any AWS client. Prints one JSON object: CPU seconds (user and
system) of starting up with all imports, of making the clients, and of the alarms; HTTP requests; failures.
"""
import argparse
import json
import os
import resource
import sys
import time

import boto3
import requests

PROCESSES = "ps -eo user,pid,ppid,cmd,%mem,%cpu --sort=-{} | head -5"
METRICS = {
    "CPUUtilization": ("CPU", "%CPU Utilization", PROCESSES.format("%cpu")),
    "mem_used_percent": ("Memory", "%Memory Utilization", PROCESSES.format("%mem")),
}
MAIL = """Hello,

A resource needs attention.

MetricName: {metric}
Account: {account}
Timestamp: {time}
Region: {region}
InstanceID: {instance}
CurrentState: {state}
Reason: {reason}
MetricValue: {value}
Threshold: 80.00

ProcessOutput:
{output}

Incident details:
IssueID: {issue_id}
IssueKey: {issue}
Link: {link}

Your operations
"""


def cpu_s():
    """CPU seconds of this process since its start."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def fields_of(event):
    """What the flow takes from an event; KeyError for any alarm but the one kind it knows."""
    detail = event["detail"]
    metric = detail["configuration"]["metrics"][0]["metricStat"]["metric"]
    data = json.loads(detail["state"]["reasonData"])
    points = data.get("evaluatedDatapoints")
    return {
        "account": event["account"],
        "region": event["region"],
        "time": event["time"],
        "instance": metric["dimensions"]["InstanceId"],
        "metric": metric["name"],
        "state": detail["state"]["value"],
        "reason": detail["state"]["reason"],
        "previous": detail["previousState"]["value"],
        "value": points[0]["value"] if points else data["recentDatapoints"][0],
    }


class Flow:
    """The clients, made once as in a warm function, and the count of what they send."""

    def __init__(self, options):
        self.options = options
        self.requests = 0
        self.failures = []
        region = os.environ.get("AWS_REGION", "us-east-1")
        self.ssm, self.sns = (
            boto3.client(name, region_name=region, endpoint_url=options.aws) for name in ("ssm", "sns")
        )
        for client in (self.ssm, self.sns):
            client.meta.events.register("before-send", self.count)

    def count(self, **_):
        self.requests += 1

    def diagnose(self, alarm, command):
        sent = self.ssm.send_command(
            InstanceIds=[alarm["instance"]], DocumentName="AWS-RunShellScript", Parameters={"commands": [command]}
        )
        time.sleep(self.options.sleep)
        answer = self.ssm.get_command_invocation(
            CommandId=sent["Command"]["CommandId"], InstanceId=alarm["instance"]
        )
        return answer["StandardOutputContent"]

    def jira(self, path, body):
        self.requests += 1
        answer = requests.post(
            self.options.jira.rstrip("/") + "/rest/api/2/" + path,
            json=body,
            auth=(self.options.jira_user, self.options.jira_token),
        )
        if answer.status_code != 201:
            self.failures.append("%s: %d %s" % (path, answer.status_code, answer.text[:200]))
            return {}
        return answer.json()

    def create_issue(self, alarm, title):
        lines = (
            ("Client: Company", "Account: %(account)s", "Region: %(region)s", "InstanceID = %(instance)s")
            + ("Timestamp = %(time)s", "Current State: %(state)s", "Previous State = %(previous)s")
            + ("Metric Value = %(value)s",)
        )
        fields = {
            "project": {"key": self.options.project},
            "issuetype": {"name": self.options.issue_type},
            "summary": "Client | %s | %s | %s | Metric Value: %s"
            % (alarm["account"], alarm["instance"], title, alarm["value"]),
            "description": "\n".join(lines) % alarm,
        }
        if self.options.assignee:
            fields["assignee"] = {"accountId": self.options.assignee}
        return self.jira("issue", {"fields": fields})

    def mail(self, alarm, word, output, issue):
        text = MAIL.format(
            **alarm, output=output, issue_id=issue.get("id"), issue=issue.get("key"), link=issue.get("self")
        )
        subject = "High %s Utilization Alert : %s" % (word, alarm["instance"])
        self.sns.publish(TopicArn=self.options.topic, Subject=subject, Message=text)

    def run(self, event):
        """One alarm."""
        alarm = fields_of(event)
        word, title, command = METRICS[alarm["metric"]]
        output = self.diagnose(alarm, command)
        issue = self.create_issue(alarm, title)
        self.jira("issue/%s/comment" % issue.get("key"), {"body": output})
        self.mail(alarm, word, output, issue)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aws", required=True, help="endpoint of all AWS services")
    parser.add_argument("--jira", required=True, help="base URL of the site")
    parser.add_argument("--jira-user", required=True)
    parser.add_argument("--jira-token", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--project", default="OPS")
    parser.add_argument("--issue-type", default="Incident")
    parser.add_argument("--assignee", help="an account id")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--sleep", type=float, default=4, help="seconds between sending and fetching")
    return parser.parse_args()


def main():
    started_cpu = cpu_s()
    options = arguments()
    event = json.load(sys.stdin)
    flow = Flow(options)
    ready_cpu, ready = cpu_s(), time.monotonic()
    for _ in range(options.runs):
        try:
            flow.run(event)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends one alarm and is counted
            flow.failures.append("%s: %s" % (type(error).__name__, error))
    spent = cpu_s() - ready_cpu
    print(
        json.dumps(
            {
                "runs": options.runs,
                "import_cpu_s": round(started_cpu, 4),
                "setup_cpu_s": round(ready_cpu - started_cpu, 4),
                "cpu_s": round(spent, 4),
                "cpu_s_per_alarm": round(spent / options.runs, 6),
                "requests": flow.requests,
                "requests_per_alarm": flow.requests / options.runs,
                "wall_s": round(time.monotonic() - ready, 3),
                "max_rss_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
                "failures": flow.failures,
            }
        )
    )
    return 1 if flow.failures else 0


if __name__ == "__main__":
    sys.exit(main())
