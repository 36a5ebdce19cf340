"""SSM Run Command: instances, commands, their lives and what can be asked about them.

The life of an invocation: Pending (ssm_start_s) -> InProgress -> Success or Failed; or it waits for
a machine that does not answer, until the delivery (TimeoutSeconds) or the whole is timed out. What
runs is the script itself on this machine (aws_runs.py), unless a scripted result (aws_control.py)
matches: PowerShell and outcomes that no script can bring about are always scripted.
"""
import asyncio
import re
import time
import uuid

from . import aws_runs as runs
from .aws_protocol import iso, parse_iso
from .aws_world import AwsError, page

DOCUMENTS = {  # name -> (platforms, plugin)
    "AWS-RunShellScript": (("Linux", "MacOS"), "aws:runShellScript"),
    "AWS-RunPowerShellScript": (("Windows",), "aws:runPowerShellScript"),
}
EXECUTION = re.compile(
    r"([1-9][0-9]{0,4})|(1[0-6][0-9]{4})|(17[0-1][0-9]{3})|(172[0-7][0-9]{2})|(172800)"
)
DELIVERY_S, EXECUTION_S = 3600, 3600  # what holds when nothing is said
SPACED = {
    "InProgress": "In Progress",
    "DeliveryTimedOut": "Delivery Timed Out",
    "ExecutionTimedOut": "Execution Timed Out",
    "InvalidPlatform": "Invalid Platform",
    "AccessDenied": "Access Denied",
}
# What StatusDetails come to in Status; the model has no others. The last four: an inference.
STATUS = {
    "DeliveryTimedOut": "TimedOut",
    "ExecutionTimedOut": "TimedOut",
    "Undeliverable": "Failed",
    "Terminated": "Failed",
    "InvalidPlatform": "Failed",
    "AccessDenied": "Failed",
}
OPEN = ("Pending", "InProgress", "Delayed", "Cancelling")
NEVER_STARTED = (
    "DeliveryTimedOut",
    "Undeliverable",
    "Terminated",
    "InvalidPlatform",
    "AccessDenied",
)
KNOWN_FILTERS = {
    "InstanceIds": lambda i: i["id"],
    "PingStatus": lambda i: i["ping"],
    "PlatformTypes": lambda i: i["platform"],
    "ResourceType": lambda i: "EC2Instance" if i["in_ec2"] else "ManagedInstance",
}
VALUES = {
    "PingStatus": ("Online", "ConnectionLost", "Inactive"),
    "PlatformTypes": ("Windows", "Linux", "MacOS"),
    "ResourceType": ("EC2Instance", "ManagedInstance"),
}


class Invocation:
    """One command on one instance."""

    def __init__(self, command, instance):
        self.command, self.instance = command, instance
        self.details = "Pending"
        self.status = "Pending"
        self.code = -1
        self.result = runs.Result(-1)
        self.began = self.ended = None
        self.runs = 0
        self.task = None
        self.gate = None  # set while it is held

    async def held(self):
        """Until it may take its next step."""
        self.gate = asyncio.Event()
        await self.gate.wait()
        self.gate = None

    def become(self, details, now, code=None):
        self.details, self.status = details, STATUS.get(details, details)
        if details == "InProgress":
            self.began = now
        if self.status not in OPEN:
            self.ended = now
            self.code = self.result.code if code is None else code


class Command:
    """What SendCommand made."""

    def __init__(self, params, identity, region, now):
        self.id = str(uuid.uuid4())
        self.params, self.account, self.region = params, identity["account"], region
        self.requested, self.made = now, time.monotonic()
        self.invocations = {}
        given = params.get("Parameters", {})
        self.lines = given["commands"]
        self.directory = (given.get("workingDirectory") or [""])[0]
        self.execution_s = int((given.get("executionTimeout") or [EXECUTION_S])[0])
        self.delivery_s = params.get("TimeoutSeconds", DELIVERY_S)
        self.plugin = DOCUMENTS[params["DocumentName"]][1]

    def script(self):
        return "\n".join(self.lines)

    def status(self):
        """The whole's (Status, StatusDetails): open, or the worst of its invocations."""
        found = [(i.status, i.details) for i in self.invocations.values()]
        for status, details in found:
            if status in OPEN:
                shown = "InProgress" if status == "Delayed" else status
                return shown, shown
        return next((f for f in found if f[0] != "Success"), ("Success", "Success"))


class Ssm:
    """Run Command."""

    def __init__(self, world):
        self.world, self.aws = world, world.aws

    async def stop(self):
        tasks = [
            i.task for c in self.aws.commands for i in c.invocations.values() if not i.task.done()
        ]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @staticmethod
    def resource(action, params, identity, region):
        if action == "SendCommand" and params.get("InstanceIds"):
            place = (region, identity["account"], params["InstanceIds"][0])
            return "arn:aws:ec2:%s:%s:instance/%s" % place
        return "arn:aws:ssm:%s:%s:*" % (region, identity["account"])

    # --- SendCommand --------------------------------------------------------------
    def do_SendCommand(self, params, identity, region):
        if "Targets" in params or not params.get("InstanceIds"):
            raise AwsError(
                "InvalidInstanceId", "the sandbox plays InstanceIds only", judged="protocol"
            )
        if params["DocumentName"] not in DOCUMENTS:
            raise AwsError("InvalidDocument", "The specified document does not exist.")
        if len(set(params["InstanceIds"])) < len(params["InstanceIds"]):
            raise AwsError("DuplicateInstanceId")
        self._check_document(params.get("Parameters", {}))
        instances = [self._target(i, identity["account"], region) for i in params["InstanceIds"]]
        bad = [i for i, found in zip(params["InstanceIds"], instances) if found is None]
        if bad:
            text = "Instances [[%s]] not in a valid state for account %s"
            raise AwsError("InvalidInstanceId", text % (", ".join(bad), identity["account"]))
        platforms = DOCUMENTS[params["DocumentName"]][0]
        if any(i["platform"] not in platforms for i in instances):
            text = "The document platform type does not match the platform type of the instance(s)"
            raise AwsError("UnsupportedPlatformType", text)
        command = Command(params, identity, region, self.aws.now())
        for instance in instances:
            invocation = Invocation(command, instance)
            command.invocations[instance["id"]] = invocation
            invocation.task = asyncio.create_task(self._live(invocation))
        self.aws.commands.append(command)
        return {"Command": self._command(command)}

    @staticmethod
    def _check_document(given):
        """The parameters of both documents."""
        known = {"commands", "workingDirectory", "executionTimeout"}
        wrong = sorted(set(given) - known)
        if wrong:
            text = "Parameters [%s] are not defined in the document" % wrong[0]
            raise AwsError("InvalidParameters", text, judged="parameters")
        if not given.get("commands"):
            text = "Parameters [commands] are required but not provided"
            raise AwsError("InvalidParameters", text, judged="parameters")
        for name in known - {"commands"}:
            value = given.get(name)
            if value is not None and len(value) != 1:
                raise AwsError("InvalidParameters", "%s: one value" % name, judged="parameters")
        if "executionTimeout" in given and not EXECUTION.fullmatch(given["executionTimeout"][0]):
            text = "Parameter executionTimeout does not match its allowed pattern"
            raise AwsError("InvalidParameters", text, judged="parameters")

    def _target(self, instance, account, region):
        """The instance when commands can be sent to it."""
        found = self.aws.instances.get((account, region, instance))
        usable = found and found["registered"] and found["state"] in ("running", "pending")
        return found if usable else None

    # --- a life -------------------------------------------------------------------
    def _scripted(self, invocation):
        """The first scripted result that matches, or None; counts its use."""
        for rule in self.aws.scripts:
            if rule["left"] == 0 or rule["instance"] not in (None, invocation.instance["id"]):
                continue
            if not re.search(rule["match"], invocation.command.script()):
                continue
            if rule["left"] > 0:
                rule["left"] -= 1
            rule["used"] += 1
            return rule
        return None

    def _turn(self, invocation, details, code=None):
        invocation.become(details, self.aws.now(), code)
        self.world.changed()

    async def _live(self, invocation):
        rule, command, instance = (
            self._scripted(invocation),
            invocation.command,
            invocation.instance,
        )
        try:
            start_s = instance["start_s"]
            if rule and rule["start"] is not None:
                start_s = rule["start"]
            await self.world.sleep(self.aws.settings["ssm_start_s"] if start_s is None else start_s)
            if rule and rule["held"]:
                await invocation.held()
            if rule and rule["delayed"]:
                self._turn(invocation, "Delayed")
                await self.world.sleep(rule["delayed"])
            if rule and rule["details"] in NEVER_STARTED:
                await self.world.sleep(rule["delay"])
                return self._turn(invocation, rule["details"], -1)
            if instance["ping"] != "Online":
                await self.world.sleep(command.delivery_s)
                return self._turn(invocation, "DeliveryTimedOut", -1)
            self._turn(invocation, "InProgress")
            await self._work(invocation, rule)
        except asyncio.CancelledError:
            if invocation.status == "Cancelling":
                code = -1 if invocation.began is None else runs.STOPPED
                return self._turn(invocation, "Cancelled", code)
            raise

    async def _work(self, invocation, rule):
        command = invocation.command
        if rule and rule["held"]:
            await invocation.held()
        if rule and rule["lost"]:
            await self.world.sleep(command.delivery_s + command.execution_s)
            return self._turn(invocation, "ExecutionTimedOut", -1)
        if rule and rule["status"]:
            await self.world.sleep(rule["delay"])
            invocation.result = runs.Result(rule["exit_code"], rule["output"], rule["errors"])
            return self._turn(invocation, rule["details"])
        if invocation.instance["platform"] == "Windows":
            invocation.result = runs.Result(1, "", "PowerShell is not here: script this command")
            return self._turn(invocation, "Failed")
        at_least = self.aws.settings["ssm_run_at_least_s"]
        scaled = command.execution_s * self.world.scale
        limit = min(command.execution_s, max(scaled, at_least))
        invocation.runs += 1
        environment = {
            "AWS_SSM_INSTANCE_ID": invocation.instance["id"],
            "AWS_SSM_REGION_NAME": command.region,
        }
        result = await runs.run(command.lines, limit, command.directory, environment)
        if rule:
            await self.world.sleep(rule["delay"])
        invocation.result = result
        if result.timed_out:
            return self._turn(invocation, "ExecutionTimedOut")
        return self._turn(invocation, "Success" if result.code == 0 else "Failed")

    def do_CancelCommand(self, params, identity, region):
        command = self._known(params["CommandId"], identity, region)
        if command is None:
            raise AwsError("InvalidCommandId")
        wanted = params.get("InstanceIds") or list(command.invocations)
        if any(i not in command.invocations for i in wanted):
            raise AwsError("InvalidInstanceId")
        for instance in wanted:
            invocation = command.invocations[instance]
            if invocation.status in OPEN and self.aws.settings["ssm_cancel"]:
                invocation.become("Cancelling", self.aws.now())
                invocation.task.cancel()
        return {}

    # --- asking -------------------------------------------------------------------
    def _known(self, command_id, identity, region):
        for command in self.aws.commands:
            if (command.id, command.account, command.region) == (
                command_id,
                identity["account"],
                region,
            ):
                return command
        return None

    def _visible(self, command, setting):
        return time.monotonic() - command.made >= self.aws.settings[setting] * self.world.scale

    def _details(self, details):
        if self.aws.settings["ssm_spaced_details"]:
            return SPACED.get(details, details)
        return details

    def do_GetCommandInvocation(self, params, identity, region):
        command = self._known(params["CommandId"], identity, region)
        invocation = command and command.invocations.get(params["InstanceId"])
        if not invocation or not self._visible(command, "ssm_race_s"):
            raise AwsError("InvocationDoesNotExist")
        if params.get("PluginName") not in (None, command.plugin):
            raise AwsError("InvalidPluginName")
        over = invocation.status not in OPEN
        elapsed = (invocation.ended - invocation.began) if over and invocation.began else 0
        return {
            "CommandId": command.id,
            "InstanceId": params["InstanceId"],
            "Comment": command.params.get("Comment", ""),
            "DocumentName": command.params["DocumentName"],
            "DocumentVersion": command.params.get("DocumentVersion", "$DEFAULT"),
            "PluginName": command.plugin,
            "ResponseCode": invocation.code,
            "ExecutionStartDateTime": iso(invocation.began) if invocation.began else "",
            "ExecutionElapsedTime": "PT%.3fS" % elapsed if elapsed else "",
            "ExecutionEndDateTime": iso(invocation.ended) if elapsed else "",
            "Status": invocation.status,
            "StatusDetails": self._details(invocation.details),
            "StandardOutputContent": runs.cut(invocation.result.stdout, runs.STDOUT_MAX),
            "StandardOutputUrl": "",
            "StandardErrorContent": runs.cut(invocation.result.stderr, runs.STDERR_MAX),
            "StandardErrorUrl": "",
            "CloudWatchOutputConfig": {"CloudWatchOutputEnabled": False},
        }

    def _page(self, params, items, action):
        binding = [action] + [params.get(n) for n in ("CommandId", "InstanceId", "Filters")]
        error = AwsError("InvalidNextToken", "The specified token is not valid.")
        size = params.get("MaxResults", 10 if action == "instances" else 50)
        return page(self.aws, items, size, params.get("NextToken"), binding, error)

    def _listed(self, params, identity, region, setting):
        """Commands that a listing shows, newest first."""
        found = [
            c
            for c in reversed(self.aws.commands)
            if (c.account, c.region) == (identity["account"], region)
            and self._visible(c, setting)
            and params.get("CommandId") in (None, c.id)
            and (params.get("InstanceId") is None or params["InstanceId"] in c.invocations)
        ]
        for f in params.get("Filters", []):
            found = [c for c in found if self._passes(c, f["key"], f["value"])]
        return found

    @staticmethod
    def _passes(command, key, value):
        try:
            if key == "InvokedAfter":
                return command.requested >= parse_iso(value)
            if key == "InvokedBefore":
                return command.requested < parse_iso(value)
        except ValueError:
            text = "The filter value %s is not a time such as 2026-01-02T03:04:05Z" % value
            raise AwsError("ValidationException", text, judged="parameters") from None
        if key == "DocumentName":
            return command.params["DocumentName"] == value
        if key == "Status":
            return value in command.status()
        return (value == "Executing") == (command.status()[0] in OPEN)

    def do_ListCommands(self, params, identity, region):
        found = self._listed(params, identity, region, "ssm_list_after_s")
        found, more = self._page(params, found, "commands")
        return {"Commands": [self._command(c) for c in found], "NextToken": more}

    def _command(self, command):
        status, details = command.status()
        over = [i for i in command.invocations.values() if i.status not in OPEN]
        return {
            "CommandId": command.id,
            "DocumentName": command.params["DocumentName"],
            "DocumentVersion": command.params.get("DocumentVersion", "$DEFAULT"),
            "Comment": command.params.get("Comment", ""),
            "ExpiresAfter": command.requested + command.delivery_s + command.execution_s,
            "Parameters": command.params["Parameters"],
            "InstanceIds": list(command.invocations),
            "Targets": [],
            "RequestedDateTime": command.requested,
            "Status": status,
            "StatusDetails": self._details(details),
            "MaxConcurrency": command.params.get("MaxConcurrency", "50"),
            "MaxErrors": command.params.get("MaxErrors", "0"),
            "TargetCount": len(command.invocations),
            "CompletedCount": len(over),
            "ErrorCount": len([i for i in over if i.status == "Failed"]),
            "DeliveryTimedOutCount": len([i for i in over if i.details == "DeliveryTimedOut"]),
            "ServiceRole": "",
            "TimeoutSeconds": command.delivery_s,
        }

    def do_ListCommandInvocations(self, params, identity, region):
        found = [
            i
            for c in self._listed(params, identity, region, "ssm_race_s")
            for i in c.invocations.values()
            if params.get("InstanceId") in (None, i.instance["id"])
        ]
        found, more = self._page(params, found, "invocations")
        return {
            "CommandInvocations": [self._invocation(i, params.get("Details")) for i in found],
            "NextToken": more,
        }

    def _invocation(self, invocation, details):
        command = invocation.command
        return {
            "CommandId": command.id,
            "InstanceId": invocation.instance["id"],
            "InstanceName": invocation.instance["name"] or "",
            "Comment": command.params.get("Comment", ""),
            "DocumentName": command.params["DocumentName"],
            "DocumentVersion": command.params.get("DocumentVersion", "$DEFAULT"),
            "RequestedDateTime": command.requested,
            "Status": invocation.status,
            "StatusDetails": self._details(invocation.details),
            "StandardOutputUrl": "",
            "StandardErrorUrl": "",
            "CommandPlugins": [self._plugin(invocation)] if details else [],
            "ServiceRole": "",
        }

    def _plugin(self, invocation):
        return {
            "Name": invocation.command.plugin,
            "Status": "InProgress"
            if invocation.status in ("Delayed", "Cancelling")
            else invocation.status,
            "StatusDetails": self._details(invocation.details),
            "ResponseCode": invocation.code,
            "ResponseStartDateTime": invocation.began,
            "ResponseFinishDateTime": invocation.ended,
            "Output": runs.plugin_output(invocation.result.stdout, invocation.result.stderr),
        }

    # --- instances ------------------------------------------------------------------
    def do_DescribeInstanceInformation(self, params, identity, region):
        if params.get("InstanceInformationFilterList") and params.get("Filters"):
            text = "Filters and InstanceInformationFilterList cannot be specified together"
            raise AwsError("ValidationException", text, judged="parameters")
        filters = [(f["Key"], f["Values"]) for f in params.get("Filters", [])]
        filters += [
            (f["key"], f["valueSet"]) for f in params.get("InstanceInformationFilterList", [])
        ]
        found = [
            i
            for i in self.aws.instances_in(identity["account"], region)
            if i["registered"] and i["state"] not in ("stopped", "terminated")
        ]
        for key, values in filters:
            if key not in KNOWN_FILTERS:
                raise AwsError(
                    "InvalidFilterKey", "The filter key %s is not valid" % key, judged="parameters"
                )
            if any(v not in VALUES.get(key, (v,)) for v in values):
                raise AwsError("InvalidInstanceInformationFilterValue", judged="parameters")
            found = [i for i in found if KNOWN_FILTERS[key](i) in values]
        found, more = self._page(params, found, "instances")
        return {"InstanceInformationList": [self._information(i) for i in found], "NextToken": more}

    def _information(self, instance):
        windows = instance["platform"] == "Windows"
        return {
            "InstanceId": instance["id"],
            "PingStatus": instance["ping"],
            "LastPingDateTime": self.aws.now() - (30 if instance["ping"] == "Online" else 3600),
            "AgentVersion": "3.2.1630.0",
            "IsLatestVersion": False,
            "PlatformType": instance["platform"],
            "PlatformName": "Microsoft Windows Server 2022" if windows else "Debian GNU/Linux",
            "PlatformVersion": "10.0.20348" if windows else "12",
            "ResourceType": "EC2Instance" if instance["in_ec2"] else "ManagedInstance",
            "IPAddress": "10.0.1.17",
            "ComputerName": (instance["name"] or "ip-10-0-1-17") + ".ec2.internal",
        }
