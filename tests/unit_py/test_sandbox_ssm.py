"""SSM Run Command in the sandbox: lives, races, limits, refusals; boto3 is the client."""
import contextlib
import datetime
import glob
import os
import time

import pytest
from botocore.exceptions import WaiterError

from tests.sandbox.client import Sandbox
from tests.unit_py.aws_clients import INSTANCE, Clients, refused

ONLINE = [{"Key": "InstanceIds", "Values": [INSTANCE]}]


def send(aws, *lines, instance=INSTANCE, comment="", document="AWS-RunShellScript", **more):
    parameters = {"commands": list(lines), **more.pop("parameters", {})}
    return aws.ssm.send_command(
        InstanceIds=[instance],
        DocumentName=document,
        Comment=comment,
        Parameters=parameters,
        **more,
    )["Command"]["CommandId"]


def look(aws, command, instance=INSTANCE):
    return aws.ssm.get_command_invocation(CommandId=command, InstanceId=instance)


def finish(aws, command, instance=INSTANCE):
    """The invocation once it is over; the race is not over at first."""
    client, end = aws.ssm, time.monotonic() + 30
    while time.monotonic() < end:
        try:
            found = client.get_command_invocation(CommandId=command, InstanceId=instance)
            if found["Status"] not in ("Pending", "InProgress", "Delayed", "Cancelling"):
                return found
        except client.exceptions.InvocationDoesNotExist:
            pass
        time.sleep(0.02)
    raise AssertionError("not over: %s" % found)


# --- what runs -------------------------------------------------------------------
def test_runs_the_script_and_the_waiter_sees_it(aws, sandbox):
    command = send(aws, "echo one", "echo two >&2", "pwd; ls -A; id -u")
    aws.ssm.get_waiter("command_executed").wait(
        CommandId=command, InstanceId=INSTANCE, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
    )
    found = look(aws, command)
    lines = found["StandardOutputContent"].splitlines()
    assert found["Status"] == found["StatusDetails"] == "Success" and found["ResponseCode"] == 0
    assert lines[0] == "one" and len(lines) == 3, "the directory is empty"
    assert int(lines[2]) != 0, "no rights"
    assert found["StandardErrorContent"] == "two\n"
    assert (
        found["ExecutionStartDateTime"].endswith("Z")
        and found["PluginName"] == "aws:runShellScript"
    )
    assert not glob.glob(os.path.dirname(lines[1])), "nothing is left"
    assert sandbox.judged() == []


def test_status_of_the_last_command_counts(aws):
    found = finish(aws, send(aws, "false", "echo out", "exit 7"))
    assert (found["Status"], found["ResponseCode"]) == ("Failed", 7)
    assert found["StandardOutputContent"] == "out\n"
    assert found["StandardErrorContent"] == "failed to run commands: exit status 7"
    found = finish(aws, send(aws, "no-such-program-at-all"))
    assert found["ResponseCode"] == 127 and "not found" in found["StandardErrorContent"]
    with pytest.raises(WaiterError):
        aws.ssm.get_waiter("command_executed").wait(
            CommandId=found["CommandId"], InstanceId=INSTANCE, WaiterConfig={"Delay": 0.1}
        )


def test_a_shebang_chooses_the_interpreter_and_the_environment_is_bare(aws):
    lines = [
        "#!/bin/bash",
        'echo "${BASH_VERSION:+bash} $AWS_SSM_INSTANCE_ID $AWS_SSM_REGION_NAME"',
        "env | wc -l",
    ]
    found = finish(aws, send(aws, *lines))
    said = found["StandardOutputContent"].split()
    assert said[:3] == ["bash", INSTANCE, "us-east-1"] and int(said[3]) < 12


def test_the_directory_and_a_missing_one(aws):
    found = finish(aws, send(aws, "pwd", parameters={"workingDirectory": ["/usr"]}))
    assert found["StandardOutputContent"] == "/usr\n"
    found = finish(aws, send(aws, "pwd", parameters={"workingDirectory": ["/no/such/place"]}))
    assert found["Status"] == "Failed" and "No such file" in found["StandardErrorContent"]


def test_output_limits(aws):
    found = finish(
        aws, send(aws, "yes abcdefghi | head -c 30000", "yes 123456789 | head -c 9000 >&2")
    )
    out, err = found["StandardOutputContent"], found["StandardErrorContent"]
    assert (
        len(out) == 24000 and out.startswith("abcdefghi\n") and out.endswith("--output truncated--")
    )
    assert len(err) == 8000 and err.endswith("--output truncated--")
    listed = aws.ssm.list_command_invocations(CommandId=found["CommandId"], Details=True)
    plugin = listed["CommandInvocations"][0]["CommandPlugins"][0]
    assert len(plugin["Output"]) <= 2500 and "---Output truncated---" in plugin["Output"]
    assert "----------ERROR-------" in plugin["Output"] and plugin["Name"] == "aws:runShellScript"
    found = finish(aws, send(aws, "printf '\\303\\251%.0s' $(seq 12000)"))
    assert len(found["StandardOutputContent"].encode()) <= 24010, "bytes count, not letters"


def running(mark):
    """Processes whose command line begins so."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        with contextlib.suppress(OSError), open(path, "rb") as text:
            found += [path] if text.read().startswith(mark.encode()) else []
    return found


def test_time_is_up(aws, sandbox):
    sandbox.settings(ssm_run_at_least_s=3)
    found = finish(aws, send(aws, "yes", parameters={"executionTimeout": ["3"]}))
    assert (found["Status"], found["StatusDetails"]) == ("TimedOut", "ExecutionTimedOut")
    assert found["ResponseCode"] == 137
    assert len(found["StandardOutputContent"]) == 24000, "endless, and what came of it is kept"


def test_what_a_script_leaves_behind_ends(aws):
    mark = "tocsin-left-%d" % os.getpid()
    stays = "(touch stays; exec -a %s sleep 600) &" % mark
    leaves = "setsid bash -c 'touch leaves; exec -a %s sleep 600' &" % mark
    wait = "until [ -e stays ] && [ -e leaves ]; do sleep 0.02; done; echo both"
    found = finish(aws, send(aws, "#!/bin/bash", stays, leaves, wait))
    assert (found["Status"], found["StandardOutputContent"]) == ("Success", "both\n")
    assert running(mark) == []


def test_a_sandbox_that_ends_takes_its_scripts_along(tmp_path):
    mark = "tocsin-last-%d" % os.getpid()
    with Sandbox.start(tmp_path) as sandbox:
        send(Clients(sandbox), "#!/bin/bash", "exec -a %s sleep 600" % mark)
        sandbox.wait_for(lambda: running(mark), "its start")
    assert running(mark) == [] and sandbox.process.returncode == 0


# --- states ------------------------------------------------------------------------
def test_race_then_pending_then_in_progress(aws, sandbox):
    sandbox.settings(ssm_race_s=100, ssm_start_s=200)  # 0.5 s, 1 s
    sandbox.script_command("slow", output="done", delay=200)
    command = send(aws, "slow")
    with refused("InvocationDoesNotExist", 400):
        look(aws, command)
    assert aws.ssm.list_command_invocations(CommandId=command)["CommandInvocations"] == []
    assert [c["CommandId"] for c in aws.ssm.list_commands()["Commands"]][0] == command
    seen = []
    while not seen or seen[-1][0] != "Success":
        try:
            found = look(aws, command)
        except aws.ssm.exceptions.ClientError:
            continue
        state = (found["Status"], found["ResponseCode"], found["StandardOutputContent"])
        if state not in seen:
            seen.append(state)
    assert seen == [("Pending", -1, ""), ("InProgress", -1, ""), ("Success", 0, "done")]


@pytest.mark.parametrize(
    "details,status,code",
    [
        ("Failed", "Failed", 1),
        ("Cancelled", "Cancelled", 137),
        ("ExecutionTimedOut", "TimedOut", 137),
        ("DeliveryTimedOut", "TimedOut", -1),
        ("Undeliverable", "Failed", -1),
        ("Terminated", "Failed", -1),
        ("InvalidPlatform", "Failed", -1),
        ("AccessDenied", "Failed", -1),
    ],
)
def test_scripted_states(aws, sandbox, details, status, code):
    sandbox.script_command("^scripted", status=details, delay=1, delayed=1)
    found = finish(aws, send(aws, "scripted"))
    assert (found["Status"], found["StatusDetails"], found["ResponseCode"]) == (
        status,
        details,
        code,
    )
    whole = aws.ssm.list_commands(CommandId=found["CommandId"])["Commands"][0]
    assert (whole["Status"], whole["StatusDetails"]) == (status, details)
    assert list(sandbox.aws_commands()[-1]["invocations"].values())[0]["runs"] == 0


def test_details_with_spaces(aws, sandbox):
    sandbox.settings(ssm_spaced_details=True)
    sandbox.script_command("x", status="DeliveryTimedOut")
    assert finish(aws, send(aws, "x"))["StatusDetails"] == "Delivery Timed Out"


def test_delayed_shows(aws, sandbox):
    sandbox.script_command("x", output="", start=0, delayed=200)
    command, seen = send(aws, "x"), set()
    while "Success" not in seen:
        try:
            seen.add(look(aws, command)["Status"])
        except aws.ssm.exceptions.ClientError:
            pass
    assert "Delayed" in seen


def test_a_script_rule_is_counted_and_bound_to_an_instance(aws, sandbox):
    sandbox.script_command("uptime", output="first", times=1)
    sandbox.script_command("uptime", output="elsewhere", instance="i-0fffffffffffffff1")
    assert finish(aws, send(aws, "uptime"))["StandardOutputContent"] == "first"
    assert "load" in finish(aws, send(aws, "uptime"))["StandardOutputContent"], "now it really runs"
    with pytest.raises(Exception, match="unknown member"):
        sandbox.script_command("x", outptu="y")
    with pytest.raises(Exception, match="status"):
        sandbox.script_command("x", status="Sucess")


def test_lost_agent_and_lost_connection(aws, sandbox):
    sandbox.script_command("dies", lost=True)
    limits = {"TimeoutSeconds": 30, "parameters": {"executionTimeout": ["30"]}}
    found = finish(aws, send(aws, "dies", **limits))
    assert found["StatusDetails"] == "ExecutionTimedOut" and found["StandardOutputContent"] == ""
    sandbox.add_instance(INSTANCE, ping="ConnectionLost")
    assert (
        aws.ssm.describe_instance_information()["InstanceInformationList"][0]["PingStatus"]
        == "ConnectionLost"
    )
    found = finish(aws, send(aws, "true", TimeoutSeconds=30))
    assert (found["StatusDetails"], found["ResponseCode"]) == ("DeliveryTimedOut", -1)


def test_cancel(aws, sandbox):
    command = send(aws, "sleep 60")
    sandbox.wait_for(
        lambda: sandbox.aws_commands()[-1]["invocations"][INSTANCE]["runs"], "its start"
    )
    aws.ssm.cancel_command(CommandId=command)
    found = finish(aws, command)
    assert (found["Status"], found["ResponseCode"]) == ("Cancelled", 137)
    aws.ssm.cancel_command(CommandId=command)  # over already: no effect, no error
    sandbox.settings(ssm_start_s=2000)
    command = send(aws, "true")
    aws.ssm.cancel_command(CommandId=command, InstanceIds=[INSTANCE])
    assert finish(aws, command)["ResponseCode"] == -1
    with refused("InvalidInstanceId"):
        aws.ssm.cancel_command(CommandId=command, InstanceIds=["i-0fffffffffffffff1"])
    with refused("InvalidCommandId"):
        aws.ssm.cancel_command(CommandId="0" * 36)
    sandbox.settings(ssm_cancel=False, ssm_start_s=0)
    command = send(aws, "sleep 0.3")
    aws.ssm.cancel_command(CommandId=command)
    assert finish(aws, command)["Status"] == "Success", "no guarantee"


# --- asking ----------------------------------------------------------------------------
def test_commands_are_found_by_comment(aws, sandbox):
    sandbox.settings(aws_page=2)
    began = datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%SZ")
    ids = [send(aws, "true", comment="nonce-%d" % n) for n in range(5)]
    pages = aws.ssm.get_paginator("list_commands").paginate(
        InstanceId=INSTANCE, Filters=[{"key": "InvokedAfter", "value": began}]
    )
    found = [c for p in pages for c in p["Commands"]]
    assert [c["CommandId"] for c in found if c["Comment"].startswith("nonce")] == ids[::-1]
    future = [{"key": "InvokedAfter", "value": "2999-01-01T00:00:00Z"}]
    assert aws.ssm.list_commands(Filters=future)["Commands"] == []
    before = [{"key": "InvokedBefore", "value": "2020-01-01T00:00:00Z"}]
    assert aws.ssm.list_commands(Filters=before)["Commands"] == []
    assert aws.ssm.list_commands(InstanceId="i-0fffffffffffffff1")["Commands"] == []
    with refused("InvalidNextToken"):
        aws.ssm.list_commands(NextToken="bm8=")
    with refused("InvalidNextToken"):
        token = aws.ssm.list_commands(InstanceId=INSTANCE)["NextToken"]
        aws.ssm.list_commands(NextToken=token)  # not what the token was made for
    with refused("ValidationException"):
        aws.ssm.list_commands(Filters=[{"key": "InvokedAfter", "value": "yesterday"}])
    sandbox.settings(ssm_list_after_s=2000)
    assert send(aws, "true") not in str(aws.ssm.list_commands())


def test_other_regions_and_accounts_see_nothing(aws):
    command = send(aws, "true")
    with refused("InvocationDoesNotExist"):
        aws.client("ssm", "eu-west-1").get_command_invocation(
            CommandId=command, InstanceId=INSTANCE
        )
    other = aws.client("ssm", key=aws.assume())
    assert other.list_commands()["Commands"] == []
    assert other.describe_instance_information()["InstanceInformationList"] == []
    with refused("InvalidInstanceId", text="not in a valid state for account 210987654321"):
        other.send_command(
            InstanceIds=[INSTANCE],
            DocumentName="AWS-RunShellScript",
            Parameters={"commands": ["true"]},
        )


def test_instances(aws, sandbox):
    for number in range(1, 13):
        sandbox.add_instance(
            "i-%017x" % number, region="eu-west-1", platform="Windows", name="w%d" % number
        )
    sandbox.add_instance("i-%017x" % 3, region="eu-west-1", state="stopped")
    sandbox.add_instance("i-%017x" % 4, region="eu-west-1", registered=False)
    client = aws.client("ssm", "eu-west-1")
    first = client.describe_instance_information()
    assert (
        len(first["InstanceInformationList"]) == 10 and "NextToken" not in first
    ), "stopped ones are left out"
    small = client.describe_instance_information(MaxResults=5)
    assert len(small["InstanceInformationList"]) == 5
    more = client.describe_instance_information(MaxResults=5, NextToken=small["NextToken"])
    assert not {i["InstanceId"] for i in small["InstanceInformationList"]} & {
        i["InstanceId"] for i in more["InstanceInformationList"]
    }
    assert {i["PlatformType"] for i in first["InstanceInformationList"]} == {"Windows"}
    assert (
        aws.ssm.describe_instance_information(Filters=ONLINE)["InstanceInformationList"][0][
            "PlatformType"
        ]
        == "Linux"
    )
    absent = [{"Key": "InstanceIds", "Values": ["i-0fffffffffffffff1"]}]
    assert aws.ssm.describe_instance_information(Filters=absent)["InstanceInformationList"] == []
    with refused("InvalidFilterKey"):
        aws.ssm.describe_instance_information(Filters=[{"Key": "Nonsense", "Values": ["x"]}])
    with refused("InvalidInstanceInformationFilterValue"):
        aws.ssm.describe_instance_information(Filters=[{"Key": "PingStatus", "Values": ["online"]}])
    old = [{"key": "InstanceIds", "valueSet": [INSTANCE]}]
    with refused("ValidationException"):
        aws.ssm.describe_instance_information(Filters=ONLINE, InstanceInformationFilterList=old)


# --- refusals ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "change", [{"registered": False}, {"state": "stopped"}, {"state": "terminated"}]
)
def test_instances_that_cannot_be_reached(aws, sandbox, change):
    sandbox.add_instance(INSTANCE, **change)
    with refused("InvalidInstanceId", 400, "Instances [[%s]] not in a valid state" % INSTANCE):
        send(aws, "true")


def test_platforms(aws, sandbox):
    windows, mac = "i-0fffffffffffffff2", "i-0fffffffffffffff3"
    sandbox.add_instance(windows, platform="Windows")
    sandbox.add_instance(mac, platform="MacOS")
    with refused("UnsupportedPlatformType"):
        send(aws, "dir", instance=windows)
    with refused("UnsupportedPlatformType"):
        send(aws, "ls", document="AWS-RunPowerShellScript")
    assert finish(aws, send(aws, "echo mac", instance=mac), mac)["StandardOutputContent"] == "mac\n"
    sandbox.script_command("Get-Process", output="Handles  NPM(K)\r\n")
    command = send(aws, "Get-Process", instance=windows, document="AWS-RunPowerShellScript")
    found = finish(aws, command, windows)
    assert found["StandardOutputContent"] == "Handles  NPM(K)\r\n" and found["Status"] == "Success"
    assert found["PluginName"] == "aws:runPowerShellScript"
    command = send(aws, "Get-Date", instance=windows, document="AWS-RunPowerShellScript")
    assert finish(aws, command, windows)["Status"] == "Failed", "PowerShell never runs here"


@pytest.mark.parametrize(
    "code,options",
    [
        ("InvalidParameters", {"parameters": {"nonsense": ["x"]}}),
        ("InvalidParameters", {"parameters": {"executionTimeout": ["0"]}}),
        ("InvalidParameters", {"parameters": {"executionTimeout": ["172801"]}}),
        ("InvalidParameters", {"parameters": {"executionTimeout": ["60", "70"]}}),
        ("InvalidParameters", {"parameters": {"commands": []}}),
        ("ValidationException", {"TimeoutSeconds": 2592001}),
        ("ValidationException", {"comment": "x" * 101}),
        ("ValidationException", {"instance": "i-123"}),
        ("ValidationException", {"MaxErrors": "many"}),
        ("InvalidDocument", {"document": "AWS-RunNothing"}),
    ],
)
def test_parameters(aws, sandbox, code, options):
    seen = len(sandbox.judged())
    with refused(code, 400):
        send(aws, "true", **options)
    assert len(sandbox.judged()) == seen + (code != "InvalidDocument")


def test_parameters_that_boto_would_not_send(aws, sandbox):
    client = aws.client("ssm", validate=False)
    with refused("ValidationException", text="min"):
        client.describe_instance_information(MaxResults=4)
    with refused("ValidationException", text="50"):
        client.send_command(InstanceIds=[INSTANCE] * 51, DocumentName="AWS-RunShellScript")
    with refused("SerializationException"):
        client.send_command(InstanceIds=[INSTANCE], DocumentName=7)
    with refused("DuplicateInstanceId"):
        client.send_command(
            InstanceIds=[INSTANCE] * 2,
            DocumentName="AWS-RunShellScript",
            Parameters={"commands": ["x"]},
        )
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AmazonSSM.ListCommands",
    }
    for body, code in (
        ('{"Nonsense":1}', "ValidationException"),
        ("{", "SerializationException"),
        ("[]", "Serial"),
    ):
        status, _, text = aws.send(body, aws.signed("ssm", body, **headers))
        assert status == 400 and code in text, text
    headers["X-Amz-Target"] = "AmazonSSM.ListCommandz"
    assert "UnknownOperation" in aws.send("{}", aws.signed("ssm", "{}", **headers))[2]
    headers.update({"X-Amz-Target": "AmazonSSM.ListCommands", "Content-Type": "application/json"})
    assert aws.send("{}", aws.signed("ssm", "{}", **headers))[0] == 404
    headers["X-Amz-Target"] = "AmazonSSM.DeleteDocument"
    assert {"parameters", "protocol"} <= {j["kind"] for j in sandbox.judged()}


def test_denied(aws, sandbox):
    sandbox.deny("ssm:SendCommand")
    text = (
        "User: arn:aws:iam::123456789012:user/tocsin is not authorized to perform: ssm:SendCommand "
        "on resource: arn:aws:ec2:us-east-1:123456789012:instance/" + INSTANCE
    )
    with refused("AccessDeniedException", 400, text):
        send(aws, "true")
    aws.ssm.list_commands()
    call = sandbox.aws_calls("ssm", "SendCommand")[-1]
    assert call["error"] == "AccessDeniedException" and call["params"]["InstanceIds"] == [INSTANCE]
    assert (call["account"], call["region"]) == ("123456789012", "us-east-1")


def test_faults(aws, sandbox):
    sandbox.fault("throttle", method="ssm.SendCommand")
    with refused("ThrottlingException", 400, "Rate exceeded"):
        send(aws, "true")
    sandbox.fault({"do": "throttle", "retry_after": 3}, method="ssm.List*")
    with refused("ThrottlingException") as caught:
        aws.ssm.list_commands()
    assert caught.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "3"
    sandbox.fault("error:InvalidRole", method="ssm.SendCommand", text="special")
    send(aws, "true")
    with refused("InvalidRole"):
        send(aws, "special")
    before = len(sandbox.aws_commands())
    for fault in ("500_before", "503_before", "reset_before", "close_before", "429"):
        sandbox.fault(fault, method="ssm.SendCommand")
        with pytest.raises(Exception):
            send(aws, "true")
    assert len(sandbox.aws_commands()) == before
    for fault in ("500_after", "reset_after", "malformed_json", "truncated", "html"):
        sandbox.fault(fault, method="ssm.SendCommand")
        with pytest.raises(Exception):
            send(aws, "true")["CommandId"]
    assert len(sandbox.aws_commands()) == before + 5, "it took effect, the answer was lost"
    sandbox.fault({"do": "drip", "s": 0.3}, method="ssm.SendCommand")
    send(aws, "true")
    sandbox.fault("throttle", times=2, method="ssm.ListCommands")
    aws.client("ssm", attempts=3).list_commands()  # botocore's standard mode gets over it


def test_limit_of_calls(aws, sandbox):
    sandbox.settings(aws_tps=3)
    client = aws.ssm
    with refused("ThrottlingException", 400):
        for _ in range(4):
            client.list_commands()
