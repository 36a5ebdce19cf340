"""`tocsin check --live` asks every remote system, read-only, and says what to do; `tocsin iam` is the policy for it."""
import copy
import json
import time

import pytest

from tests import peers

OTHER = "210987654321"


@pytest.fixture
def ready(idle):
    """Everything is configured, and right."""
    site = dict(idle.sb.ready["jira"]["cloud"]["config"])
    accounts = [{"id": OTHER, "name": "prod", "role_arn": idle.sb.ready["other_role"]}]
    return idle.configure(jira=site, mail={"topic": idle.sb.ready["mail_topic"]}, aws={"accounts": accounts})


def check(world):
    """(exit status, the lines that are well, the lines that are not)"""
    done = world.bot.command("check", "--config", world.bot.config, "--live")
    lines = done.stdout.splitlines()
    assert done.stderr == "" and lines[0].endswith("is valid"), done.stdout + done.stderr
    well = [line[7:] for line in lines[1:] if line.startswith("ok     ")]
    failed = [line[7:] for line in lines[1:] if line.startswith("FAILED ")]
    assert len(well) + len(failed) == len(lines) - 1, done.stdout
    for secret in world.secrets + [world.bot.settings["jira"]["token"], world.bot.settings["slack"]["bot_token"]]:
        assert secret not in done.stdout
    return done.returncode, well, failed


def systems(lines):
    return sorted(line.split(": ")[0] for line in lines)


EVERYTHING = sorted(["Slack", "Jira", "AWS dashboards"] + ["AWS" + a + s for a in ("", " " + OTHER) for s in ("", " SSM", " EC2", " CloudWatch")])


def test_all_is_well(ready):
    status, well, failed = check(ready)
    assert (status, failed) == (0, []) and systems(well) == EVERYTHING
    assert any("arn:aws:iam::123456789012:user/tocsin" in line for line in well), well
    assert any(":assumed-role/tocsin/" in line for line in well), well
    # It has looked, and changed nothing.
    assert ready.sb.messages() == [] and ready.sb.jira_issues() == [] and ready.sb.mails() == []
    assert {c["action"] for c in ready.sb.aws_calls()} == {
        "GetCallerIdentity", "AssumeRole", "DescribeInstanceInformation", "DescribeInstances", "GetMetricData", "GetDashboard",
        "ListDashboards"}
    assert ready.sb.connections() == [] and not ready.bot.database().exists()


def wrong_jira_token(world):
    world.allow_errors("jira 401")
    world.configure(jira={"token": "ATATT3-not-this-one"})
    return ["Jira"], ["401", "check jira.user and jira.token"]


def missing_issue_type(world):
    world.configure(jira={"issue_type": "Outage"})
    return ["Jira"], ["Outage", "Incident, Task", "jira.issue_type"]


def missing_required_field(world):
    world.sb.jira_set(custom_fields=[{"id": "customfield_10050", "name": "Team", "type": "string", "required": True}])
    return ["Jira"], ["Team", "customfield_10050", "jira.fields"]


def denied_ssm(world):
    world.sb.deny("ssm:*")
    return ["AWS SSM"], ["ssm:DescribeInstanceInformation", "123456789012", "policy"]


def denied_ec2_over_there(world):
    world.sb.deny("ec2:*", account=OTHER)
    return ["AWS %s EC2" % OTHER], ["ec2:DescribeInstances", OTHER, "policy"]


def denied_metrics(world):
    world.sb.deny("cloudwatch:GetMetricData")
    return ["AWS CloudWatch"], ["cloudwatch:GetMetricData", "123456789012", "policy"]


def denied_dashboards(world):
    world.sb.deny("cloudwatch:GetDashboard")
    return ["AWS dashboards"], ["cloudwatch:GetDashboard", "123456789012", "policy"]


def role_that_cannot_be_assumed(world):
    world.bot.settings["aws"]["accounts"][0]["role_arn"] = "arn:aws:iam::%s:role/other" % OTHER
    world.configure()
    failed = ["AWS " + OTHER] + ["AWS %s %s" % (OTHER, s) for s in ("EC2", "SSM", "CloudWatch")]
    return failed, ["role/other", "sts:AssumeRole", "policy"]


def wrong_slack_token(world):
    world.allow_errors("invalid_auth")
    world.configure(slack={"bot_token": "xoxb-123456789012-123456789012-notthisonenotthisonenotthis"})
    return ["Slack"], ["invalid_auth", "check it"]


def slack_app_without_pictures(world):
    world.sb.settings(scopes=[s for s in world.sb.get("state")["scopes"] if not s.startswith("files:")])
    return ["Slack"], ["files:read, files:write", "OAuth & Permissions", "reinstall"]


@pytest.mark.parametrize("spoil", [
    wrong_jira_token, missing_issue_type, missing_required_field, denied_ssm, denied_ec2_over_there, denied_metrics,
    denied_dashboards,    role_that_cannot_be_assumed, wrong_slack_token, slack_app_without_pictures], ids=lambda f: f.__name__)
def test_what_is_wrong_is_said_with_what_to_do(ready, spoil):
    expected, words = spoil(ready)
    status, well, failed = check(ready)
    assert status == 1 and systems(failed) == sorted(expected), failed
    for line in failed:
        assert all(word in line for word in words), line
    # The others were asked all the same, and what has failed is not well too.
    assert systems(well) == sorted(set(EVERYTHING) - set(expected)), well


def test_several_findings_are_a_line_each(ready):
    ready.sb.deny("*")
    missing_required_field(ready)
    status, well, failed = check(ready)
    assert status == 1 and "Slack" in systems(well)
    assert {"AWS SSM", "AWS EC2", "Jira"} <= set(systems(failed)), failed


# --- answers ---------------------------------------------------------------------------------------
MODEL = "eu.anthropic.claude-x-v1:0"
ANSWERS = sorted(["Bedrock"] + ["AWS" + a + s for a in ("", " " + OTHER) for s in (" alarms", " CloudTrail", " logs")])


@pytest.fixture
def answering(ready):
    for name in ("/shop/checkout", "/shop/cart", "/ecs/web"):
        ready.sb.log_lines(name, ["ERROR"])
    ready.sb.log_lines("/shop/there", account=OTHER)
    model = {"model": MODEL, "guardrail": {"id": "gr0123456789", "version": "1"}, "prices": {MODEL: {"input": 3, "output": 15}}}
    return ready.configure(bedrock=model, answers={"log_groups": ["/shop/*", "/ecs/web", "/absent"]})


def test_what_answers_need(answering):
    status, well, failed = check(answering)
    assert (status, failed) == (0, []) and systems(well) == sorted(EVERYTHING + ANSWERS)
    lines = dict(line.split(": ", 1) for line in well)
    assert lines["Bedrock"] == MODEL + (
        " may be asked, streaming, too (empty requests were refused for their form, which is free; quotas and the "
        "guardrail are not proven)")
    assert lines["AWS logs"] == (
        "may be queried (what is no query was refused for its form, nothing was scanned): 2 of /shop/*, 1 of /ecs/web, "
        "0 of /absent")
    assert lines["AWS %s logs" % OTHER].endswith("1 of /shop/*, 0 of /ecs/web, 0 of /absent")
    # No model was asked, no query ran.
    sb = answering.sb
    assert sb.model_calls() == [] and all(c["status"] == 400 for c in sb.aws_calls(service="logs", action="StartQuery"))
    found = policy(answering, "--config", answering.bot.config)
    assert sb.aws_actions() <= set().union(*(actions for actions, _ in found.values()))
    assert found["ModelBehind"][1] == ["arn:aws:bedrock:*::foundation-model/anthropic.claude-x-v1:0"]
    assert found["Guardrail"][0] == {"bedrock:ApplyGuardrail"}


def test_what_answers_lack_is_said(answering):
    answering.sb.model_says(error="AccessDeniedException", message="You don't have access to the model with the specified model ID.")
    answering.sb.deny("cloudwatch:DescribeAlarmHistory")
    answering.sb.deny("cloudtrail:*", account=OTHER)
    answering.sb.deny("logs:StopQuery")
    status, well, failed = check(answering)
    expected = {
        "Bedrock": (MODEL, "ask for access to it in Bedrock's console"),
        "AWS alarms": ("cloudwatch:DescribeAlarmHistory", "policy"),
        "AWS %s CloudTrail" % OTHER: ("cloudtrail:LookupEvents", OTHER),
        "AWS logs": ("logs:StopQuery", "policy"),
    }
    assert status == 1 and systems(failed) == sorted(expected), failed
    for line in failed:
        assert all(word in line for word in expected[line.split(": ")[0]]), line
    assert systems(well) == sorted(set(EVERYTHING + ANSWERS) - set(expected))


# --- a summary -------------------------------------------------------------------------------------
def test_what_a_summary_needs(ready):
    ready.configure(summary={"schedule": "0 9 * * 1-5"})
    status, well, failed = check(ready)
    alarms = ["AWS alarms", "AWS %s alarms" % OTHER]
    assert (status, failed) == (0, []) and systems(well) == sorted(EVERYTHING + alarms)
    found = policy(ready, "--config", ready.bot.config)
    assert found["Alarms"] == ({"cloudwatch:DescribeAlarms"}, ["*"])
    assert ready.sb.aws_actions() <= set().union(*(actions for actions, _ in found.values()))
    ready.sb.deny("cloudwatch:DescribeAlarms", account=OTHER)
    status, well, failed = check(ready)
    assert status == 1 and systems(failed) == alarms[1:] and "cloudwatch:DescribeAlarms" in failed[0], failed


# --- the policy ------------------------------------------------------------------------------------
def policy(world, *options):
    done = world.bot.command("iam", *options)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    found = json.loads(done.stdout)
    assert found["Version"] == "2012-10-17" and all(s["Effect"] == "Allow" for s in found["Statement"])
    return {s["Sid"]: (set(s["Action"]), s["Resource"]) for s in found["Statement"]}


def test_policy(ready):
    found = policy(ready, "--config", ready.bot.config)
    assert set(found) == {"Diagnose", "Look", "Import", "Mail", "OtherAccounts"}
    actions, resources = found["Diagnose"]
    assert actions == {"ssm:SendCommand"} and "*" not in resources, "commands go to two documents only"
    assert {r.split("/")[-1] for r in resources if "document/" in r} == {"AWS-RunShellScript", "AWS-RunPowerShellScript"}
    assert found["Look"] == ({"ssm:CancelCommand", "ssm:DescribeInstanceInformation", "ssm:GetCommandInvocation",
                              "ssm:ListCommands", "ec2:DescribeInstances", "cloudwatch:GetMetricData"}, ["*"])
    assert found["Mail"] == ({"sns:Publish"}, [ready.sb.ready["mail_topic"]])
    assert found["OtherAccounts"] == ({"sts:AssumeRole"}, [ready.sb.ready["other_role"]])
    # What the check itself asked is in it.
    check(ready)
    assert ready.sb.aws_actions() <= set().union(*(actions for actions, _ in found.values()))


def test_policy_for_managed_prometheus(ready):
    url = "https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1"
    ready.prometheus(managed={"url": url, "region": "eu-west-1"}, proxy={"url": "https://prom.example.com", "region": "cn-north-1"},
                     plain="http://127.0.0.1:1")
    assert policy(ready, "--config", ready.bot.config)["Prometheus"] == ({"aps:QueryMetrics"}, [
        "arn:aws:aps:eu-west-1:*:workspace/ws-1", "arn:aws-cn:aps:cn-north-1:*:workspace/*"])


def test_policy_without_a_configuration(idle):
    assert set(policy(idle)) == {"Diagnose", "Look", "Import"}


# --- dashboards ------------------------------------------------------------------------------------
ITEM = {"awsService": "queue-age", "namespace": "Test/Metrics", "metricName": "age", "stat": "Maximum", "period": "300",
        "unit": "Seconds", "dateRange": "3", "dimensions": '[{"Queue":"orders"}]'}


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    hour = int(time.time()) // 3600 * 3600
    with peers.prometheus(tmp_path_factory.mktemp("prometheus"), [("up", {}, [(hour - 3600, 1)])]) as address:
        yield address


def managed(world):
    return world.sb.aws_env()["AWS_ENDPOINT_URL"] + "/workspaces/ws-0123abcd"


@pytest.fixture
def watched(ready, prometheus):
    """Three dashboards: one of the configuration, one with a table, too, one of Prometheus."""
    ready.sb.settings(aps_upstream=prometheus)
    latency = ready.metric("latency", [0.1] * 12, dimensions={"LoadBalancer": "app/web/1"})
    ready.metric("age", [7] * 12, dimensions={"Queue": "orders"})
    ready.sb.table("web-metrics", [ITEM])
    return ready.dashboards(web=[latency], tables={"metrics": [copy.deepcopy(latency)], "metrics_table": "web-metrics"},
                            prom=[{"id": "up", "source": "prom", "query": "up"}, {"id": "down", "source": "prom", "query": "down"}],
                            ).prometheus(prom=prometheus, managed={"url": managed(ready), "region": "eu-central-1"})


def test_dashboards_are_read(watched):
    status, well, failed = check(watched)
    assert (status, failed) == (0, [])
    assert "dashboard web: 1 of 1 metrics have values of the last day" in well
    assert "dashboard tables: 2 of 2 metrics have values of the last day" in well
    assert "dashboard prom: 1 of 2 metrics have values of the last day; nothing of down" in well
    found = policy(watched, "--config", watched.bot.config)
    assert found["Prometheus"] == ({"aps:QueryMetrics"}, ["arn:aws:aps:eu-central-1:*:workspace/ws-0123abcd"])
    assert found["Definitions"] == ({"dynamodb:Scan"}, ["arn:aws:dynamodb:us-east-1:*:table/web-metrics"])
    assert watched.sb.aws_actions() <= set().union(*(actions for actions, _ in found.values()))


def test_logs_and_alarms_of_dashboards(ready):
    """Alarms are listed; of logs the rights are asked for, and nothing is scanned."""
    ready.sb.post("log_lines", group="/shop/web", lines=[])
    cpu = ready.metric("cpu", [5] * 12)
    ready.sb.known_alarm("shop-cpu", namespace=cpu["namespace"], metric="cpu", period=300, threshold=80)
    ready.sb.known_alarm("shop-all", rule="ALARM(shop-cpu)")
    errors = {"id": "errors", "source": "logs", "log_groups": ["/shop/web"], "query": "stats count(*) by bin(5m)"}
    ready.dashboards(shop={"metrics": [errors], "alarms": ["shop-*"]}, logs=[errors])
    status, well, failed = check(ready)
    assert (status, failed) == (0, []), failed
    assert any(line.startswith("dashboard shop: 1 of 1 metrics have values of the last day; alarm shop-all is left out")
               for line in well), well
    assert len([line for line in well if line.startswith("logs of errors: may be queried")]) == 2, well
    found = policy(ready, "--config", ready.bot.config)
    assert found["LogMetrics"][0] == {"logs:StartQuery"} and found["Alarms"][0] == {"cloudwatch:DescribeAlarms"}
    assert "arn:aws:logs:us-east-1:*:log-group:/shop/web" in found["LogMetrics"][1]
    assert ready.sb.aws_actions() <= set().union(*(actions for actions, _ in found.values()))
    ready.sb.deny("logs:StartQuery")
    status, well, failed = check(ready)
    assert status == 1 and all("logs:StartQuery" in line for line in failed) and len(failed) == 2, failed


def test_what_a_dashboard_cannot_read_is_named(watched):
    silent = {"id": "silent", "namespace": "Test/Metrics", "metric": "latency", "dimensions": {"LoadBalancer": "typo"}}
    watched.sb.table("bad-metrics", [ITEM, {**ITEM, "awsService": "bad", "period": "soon"}])
    watched.sb.metric_rule("Forbidden", match={"metric": "age"})
    watched.sb.deny("aps:QueryMetrics")
    watched.dashboards(web=[silent], tables={"metrics_table": "bad-metrics"}, lost={"metrics_table": "no-such-table"},
                       prom=[{"id": "wrong", "source": "prom", "query": "up{"}, {"id": "up", "source": "managed", "query": "up"}])
    status, well, failed = check(watched)
    assert status == 1
    assert "dashboard web: 0 of 1 metrics have values of the last day; nothing of silent" in well
    assert sorted(line.split(": ")[0] for line in failed) == [
        "dashboard lost", "dashboard prom", "dashboard prom", "dashboard tables", "dashboard tables"]
    text = "\n".join(failed)
    for words in ("metrics_table: item bad: period \"soon\" is no number of seconds",
                  "queue_age: not allowed: IAM action cloudwatch:GetMetricData",
                  "wrong: prom answers 400: 1:4: parse error", "up: managed: not allowed: IAM action aps:QueryMetrics",
                  "DynamoDB has no table no-such-table"):
        assert words in text, text
