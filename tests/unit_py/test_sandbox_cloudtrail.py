"""CloudTrail's LookupEvents in the sandbox; boto3 is the client."""
import json
import time

import pytest

from tests.unit_py.aws_clients import refused

NOW = int(time.time())


@pytest.fixture(autouse=True)
def events(sandbox, aws):
    sandbox.changed("UpdateService", at=NOW - 300, source="ecs.amazonaws.com", user="ada",
                    resources=[["AWS::ECS::Service", "checkout"], "shop"])
    sandbox.changed("DescribeInstances", at=NOW - 200, resources=["i-1"], read_only=True)
    sandbox.changed("StopInstances", at=NOW - 100, resources=["i-1"], error="Client.UnauthorizedOperation")


def names(aws, key=None, value=None, **ask):
    if key is not None:
        ask["LookupAttributes"] = [{"AttributeKey": key, "AttributeValue": value}]
    return [e["EventName"] for e in aws.cloudtrail.lookup_events(**ask)["Events"]]


def test_events_newest_first(aws, sandbox):
    assert names(aws) == ["StopInstances", "DescribeInstances", "UpdateService"]
    assert names(aws, "ReadOnly", "false") == ["StopInstances", "UpdateService"]
    assert names(aws, "ResourceName", "i-1") == ["StopInstances", "DescribeInstances"]
    assert names(aws, "Username", "ada", StartTime=NOW - 250, EndTime=NOW - 150) == ["DescribeInstances"]
    assert sandbox.judged() == []


def test_an_event_in_whole(aws):
    stopped, _, updated = aws.cloudtrail.lookup_events()["Events"]
    assert (updated["EventSource"], updated["Username"], updated["ReadOnly"]) == ("ecs.amazonaws.com", "ada", "false")
    assert updated["EventTime"].timestamp() == NOW - 300
    assert updated["Resources"] == [
        {"ResourceType": "AWS::ECS::Service", "ResourceName": "checkout"}, {"ResourceName": "shop"}]
    assert "errorCode" not in json.loads(updated["CloudTrailEvent"])
    assert json.loads(stopped["CloudTrailEvent"])["errorCode"] == "Client.UnauthorizedOperation"


def test_pages_belong_to_their_question(aws):
    first = aws.cloudtrail.lookup_events(MaxResults=2)
    assert len(first["Events"]) == 2
    rest = aws.cloudtrail.lookup_events(MaxResults=2, NextToken=first["NextToken"])
    assert [e["EventName"] for e in rest["Events"]] == ["UpdateService"] and "NextToken" not in rest
    with refused("InvalidNextTokenException", 400):
        aws.cloudtrail.lookup_events(MaxResults=1, NextToken=first["NextToken"])


def test_refusals(aws, sandbox):
    two = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}, {"AttributeKey": "Username", "AttributeValue": "ada"}]
    with refused("InvalidLookupAttributesException"):
        aws.cloudtrail.lookup_events(LookupAttributes=two)
    with refused("InvalidTimeRangeException"):
        aws.cloudtrail.lookup_events(StartTime=NOW, EndTime=NOW - 1)
    with refused("ValidationException", text="less than or equal to 50"):
        aws.client("cloudtrail", validate=False).lookup_events(MaxResults=51)
    sandbox.deny("cloudtrail:*")
    with refused("AccessDeniedException", text="cloudtrail:LookupEvents"):
        aws.cloudtrail.lookup_events()
