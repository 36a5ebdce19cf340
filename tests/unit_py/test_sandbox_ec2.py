"""EC2 in the sandbox: instances, their states, filters, refusals; boto3 is the client."""
import pytest
from botocore.exceptions import ClientError

from tests.unit_py.aws_clients import INSTANCE, refused

ABSENT = "i-0fffffffffffffff9"


def states(answer):
    return {
        i["InstanceId"]: i["State"]["Name"] for r in answer["Reservations"] for i in r["Instances"]
    }


def by_id(*ids):
    return [{"Name": "instance-id", "Values": list(ids)}]


def test_an_instance(aws, sandbox):
    sandbox.add_instance(INSTANCE, name="web <1> & ü", tags={"Team": "shop"}, type="m5.large")
    found = aws.ec2.describe_instances(Filters=by_id(INSTANCE))["Reservations"][0]["Instances"][0]
    assert found["State"] == {"Code": 16, "Name": "running"} and found["InstanceType"] == "m5.large"
    assert {t["Key"]: t["Value"] for t in found["Tags"]} == {"Name": "web <1> & ü", "Team": "shop"}
    assert "Platform" not in found and found["LaunchTime"].year > 2000
    sandbox.add_instance("i-0123456789abcdef5", platform="Windows")
    found = aws.ec2.describe_instances(InstanceIds=["i-0123456789abcdef5"])
    assert found["Reservations"][0]["Instances"][0]["Platform"] == "windows"
    assert sandbox.judged() == []


@pytest.mark.parametrize(
    "state", ["pending", "running", "shutting-down", "terminated", "stopping", "stopped"]
)
def test_states(aws, sandbox, state):
    sandbox.add_instance(INSTANCE, state=state)
    assert states(aws.ec2.describe_instances(InstanceIds=[INSTANCE])) == {INSTANCE: state}
    status = aws.ec2.describe_instance_status(InstanceIds=[INSTANCE])["InstanceStatuses"]
    assert bool(status) == (state == "running"), "running ones only"
    status = aws.ec2.describe_instance_status(InstanceIds=[INSTANCE], IncludeAllInstances=True)
    assert status["InstanceStatuses"][0]["InstanceState"]["Name"] == state
    health = status["InstanceStatuses"][0]["InstanceStatus"]["Status"]
    assert health == ("ok" if state == "running" else "not-applicable")


def test_stopped_says_why(aws, sandbox):
    sandbox.add_instance(INSTANCE, state="stopped")
    found = aws.ec2.describe_instances(InstanceIds=[INSTANCE])["Reservations"][0]["Instances"][0]
    assert found["StateReason"]["Code"] == "Client.UserInitiatedShutdown"
    assert found["StateTransitionReason"].startswith("User initiated (20")


def test_filters(aws, sandbox):
    sandbox.add_instance("i-0123456789abcdef6", name="db-1", state="stopped")
    assert (
        states(aws.ec2.describe_instances(Filters=by_id(ABSENT))) == {}
    ), "unknown: an empty answer"
    named = [{"Name": "tag:Name", "Values": ["db-*"]}]
    assert list(states(aws.ec2.describe_instances(Filters=named))) == ["i-0123456789abcdef6"]
    stopped = [{"Name": "instance-state-name", "Values": ["stopped", "stopping"]}]
    assert "i-0123456789abcdef6" in states(aws.ec2.describe_instances(Filters=stopped))
    assert states(aws.ec2.describe_instances(Filters=stopped + by_id(INSTANCE))) == {}
    with refused("InvalidParameterValue", 400, "The filter 'nonsense' is invalid"):
        aws.ec2.describe_instances(Filters=[{"Name": "nonsense", "Values": ["x"]}])


def test_unknown_ids(aws, sandbox):
    with refused("InvalidInstanceID.NotFound", 400, "The instance ID '%s' does not exist" % ABSENT):
        aws.ec2.describe_instances(InstanceIds=[INSTANCE, ABSENT])
    with refused("InvalidInstanceID.Malformed", 400, 'Invalid id: "web-1"'):
        aws.ec2.describe_instances(InstanceIds=["web-1"])
    with refused("InvalidInstanceID.NotFound"):
        aws.ec2.describe_instance_status(InstanceIds=[ABSENT])
    with refused("InvalidInstanceID.NotFound"):
        aws.client("ec2", "eu-west-1").describe_instances(InstanceIds=[INSTANCE])
    with refused("InvalidInstanceID.NotFound"):
        aws.client("ec2", key=aws.assume()).describe_instances(InstanceIds=[INSTANCE])
    sandbox.add_instance("i-0123456789abcdef7", in_ec2=False)
    with refused("InvalidInstanceID.NotFound"):
        aws.ec2.describe_instances(InstanceIds=["i-0123456789abcdef7"])


def test_pages(aws, sandbox):
    for number in range(1, 8):
        sandbox.add_instance("i-%017x" % number, region="us-west-2")
    client = aws.client("ec2", "us-west-2")
    first = client.describe_instances(MaxResults=5)
    assert len(states(first)) == 5
    assert len(states(client.describe_instances(MaxResults=5, NextToken=first["NextToken"]))) == 2
    with refused("InvalidParameterCombination"):
        client.describe_instances(MaxResults=5, InstanceIds=["i-%017x" % 1])
    with refused("InvalidParameterValue"):
        client.describe_instances(NextToken="zzz")


def test_unknown_parameters(aws, sandbox):
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    common = "Action=DescribeInstances&Version=2016-11-15"
    for more, code in (
        ("&InstanceID.1=" + INSTANCE, "UnknownParameter"),
        ("&InstanceId.2=" + INSTANCE, "UnknownParameter"),  # lists begin with 1
        ("&MaxResults=many", "InvalidParameterValue"),
        ("&DryRun=yes", "InvalidParameterValue"),
    ):
        status, _, text = aws.send(common + more, aws.signed("ec2", common + more, **form))
        assert status == 400 and "<Response><Errors><Error><Code>%s</Code>" % code in text, text
        assert "<RequestID>" in text
    assert sandbox.judged()[-1]["kind"] == "parameters"
    body = common + "&Filter.1.Name=instance-id&Filter.1.Value.1=" + INSTANCE
    status, headers, text = aws.send(body, aws.signed("ec2", body, **form))
    assert status == 200 and headers["Content-Type"].startswith("text/xml")
    assert (
        "<instancesSet><item>" in text
        and "<instanceState><code>16</code><name>running</name>" in text
    )


def test_denied_and_throttled(aws, sandbox):
    sandbox.deny("ec2:Describe*")
    text = "is not authorized to perform: ec2:DescribeInstances because no identity-based policy"
    with refused("UnauthorizedOperation", 403, text):
        aws.ec2.describe_instances()
    sandbox.allow_all()
    sandbox.fault("throttle", method="ec2.DescribeInstances")
    with refused("RequestLimitExceeded", 503):
        aws.ec2.describe_instances()
    sandbox.fault("throttle", times=2, method="ec2.*")
    aws.client("ec2", attempts=3).describe_instances()
    for fault in ("500_before", "503_after", "malformed_json", "truncated", "html", "reset_after"):
        sandbox.fault(fault, method="ec2.DescribeInstances")
        with pytest.raises(Exception):
            aws.ec2.describe_instances()["Reservations"]
    with pytest.raises(ClientError, match="DryRunOperation"):
        aws.ec2.describe_instances(DryRun=True)
