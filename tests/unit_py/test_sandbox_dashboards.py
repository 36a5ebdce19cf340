"""Dashboards in the sandbox's CloudWatch; boto3 is the client."""
import json

from tests.unit_py.aws_clients import refused

BODY = {"widgets": [{"type": "text", "properties": {"markdown": "hi"}}]}


def test_a_dashboard_is_given_as_it_was_made(aws, sandbox):
    sandbox.post("dashboard", name="given", body=BODY)
    answer = aws.cloudwatch.get_dashboard(DashboardName="given")
    assert json.loads(answer["DashboardBody"]) == BODY
    assert answer["DashboardArn"] == "arn:aws:cloudwatch::123456789012:dashboard/given"
    sandbox.post("dashboard", name="given", body="no JSON")
    assert aws.cloudwatch.get_dashboard(DashboardName="given")["DashboardBody"] == "no JSON"


def test_one_that_is_not_there(aws):
    with refused("ResourceNotFound", 404):
        aws.cloudwatch.get_dashboard(DashboardName="never")


def test_lists_come_by_prefix_and_page(aws, sandbox):
    for n in range(5):
        sandbox.post("dashboard", name="list-%d" % n, body=BODY)
    sandbox.post("dashboard", name="list-other", body=BODY, account="210987654321")
    sandbox.settings(aws_page=2)
    names, token = [], {}
    while True:
        page = aws.cloudwatch.list_dashboards(DashboardNamePrefix="list-", **token)
        names += [entry["DashboardName"] for entry in page["DashboardEntries"]]
        if not page.get("NextToken"):
            break
        token = {"NextToken": page["NextToken"]}
    sandbox.settings(aws_page=None)
    assert names == ["list-%d" % n for n in range(5)]
