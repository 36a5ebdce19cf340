"""EC2: what instances there are, and in which state."""
import fnmatch
import re

from .aws_protocol import iso
from .aws_world import REASONS, STATES, AwsError, page, tags

INSTANCE_ID = re.compile(r"i-([0-9a-f]{8}|[0-9a-f]{17})")
DEFAULT_PAGE = 1000


def matches(patterns, value):
    """Filters know * and ?."""
    return any(fnmatch.fnmatchcase(value, p.replace("[", "[[]")) for p in patterns)


class Ec2:
    """DescribeInstances and DescribeInstanceStatus."""

    def __init__(self, world):
        self.aws = world.aws

    @staticmethod
    def resource(_action, _params, _identity, _region):
        return None  # these actions know no resource

    def _chosen(self, params, identity, region, fields):
        """The instances that ids and filters leave, in the caller's account and region."""
        here = {
            i["id"]: i for i in self.aws.instances_in(identity["account"], region) if i["in_ec2"]
        }
        wanted = params.get("InstanceIds")
        if wanted and "MaxResults" in params:
            raise AwsError(
                "InvalidParameterCombination",
                "The parameter instancesSet cannot be used with the parameter maxResults",
            )
        for instance in wanted or ():
            if not INSTANCE_ID.fullmatch(instance):
                raise AwsError("InvalidInstanceID.Malformed", 'Invalid id: "%s"' % instance)
        missing = [i for i in wanted or () if i not in here]
        if missing:
            one = len(missing) == 1
            text = (
                "The instance ID '%s' does not exist"
                if one
                else "The instance IDs '%s' do not exist"
            )
            raise AwsError("InvalidInstanceID.NotFound", text % ", ".join(missing))
        found = [here[i] for i in wanted] if wanted else list(here.values())
        for f in params.get("Filters", []):
            if "Name" not in f or not f.get("Values"):
                raise AwsError(
                    "InvalidParameterValue", "A filter needs a name and values", judged="parameters"
                )
            if f["Name"] not in fields and not f["Name"].startswith("tag:"):
                text = "The filter '%s' is invalid" % f["Name"]
                raise AwsError("InvalidParameterValue", text, judged="parameters")
            found = [i for i in found if self._fits(f, i, fields)]
        return found

    @staticmethod
    def _fits(f, instance, fields):
        if f["Name"].startswith("tag:"):
            value = tags(instance).get(f["Name"][4:])
            return value is not None and matches(f["Values"], value)
        return matches(f["Values"], fields[f["Name"]](instance))

    def _page(self, params, items, action):
        if "DryRun" in params and params["DryRun"]:
            text = "Request would have succeeded, but DryRun flag is set."
            raise AwsError("DryRunOperation", text, 412)
        size = params.get("MaxResults", DEFAULT_PAGE)
        if not 5 <= size <= 1000:
            text = "Value ( %d ) for parameter maxResults is invalid. Expecting 5 to 1000."
            raise AwsError("InvalidParameterValue", text % size, judged="parameters")
        error = AwsError("InvalidParameterValue", "Unable to parse pagination token")
        return page(self.aws, items, size, params.get("NextToken"), action, error)

    def do_DescribeInstances(self, params, identity, region):
        fields = {
            "instance-id": lambda i: i["id"],
            "instance-state-name": lambda i: i["state"],
            "instance-type": lambda i: i["type"],
        }
        found, more = self._page(
            params, self._chosen(params, identity, region, fields), "instances"
        )
        return {"Reservations": [self._reservation(i) for i in found], "NextToken": more}

    @staticmethod
    def _state(instance):
        return {"Code": STATES[instance["state"]], "Name": instance["state"]}

    def _reservation(self, instance):
        number = int.from_bytes(instance["id"].encode()[-3:], "big") % 250 + 1
        running = instance["state"] == "running"
        windows = instance["platform"] == "Windows"
        address = "10.0.1.%d" % number
        code, message = REASONS.get(instance["state"], (None, None))
        when = iso(instance["changed"])[:19].replace("T", " ")
        shown = {
            "InstanceId": instance["id"],
            "ImageId": "ami-0abcdef1234567890",
            "State": self._state(instance),
            "PrivateDnsName": "ip-10-0-1-%d.ec2.internal" % number,
            "PublicDnsName": "",
            "StateTransitionReason": "User initiated (%s GMT)" % when if code else "",
            "AmiLaunchIndex": 0,
            "ProductCodes": [],
            "InstanceType": instance["type"],
            "LaunchTime": instance["launched"],
            "Placement": {
                "AvailabilityZone": instance["region"] + "a",
                "GroupName": "",
                "Tenancy": "default",
            },
            "Platform": "windows" if windows else None,
            "Monitoring": {"State": "disabled"},
            "SubnetId": "subnet-0123456789abcdef0" if instance["state"] != "terminated" else None,
            "VpcId": "vpc-0123456789abcdef0" if instance["state"] != "terminated" else None,
            "PrivateIpAddress": address if running or instance["state"] == "stopped" else None,
            "StateReason": {"Code": code, "Message": "%s: %s" % (code, message)} if code else None,
            "Architecture": "x86_64",
            "RootDeviceType": "ebs",
            "RootDeviceName": "/dev/xvda",
            "BlockDeviceMappings": [],
            "VirtualizationType": "hvm",
            "Tags": [{"Key": k, "Value": v} for k, v in tags(instance).items()],
            "Hypervisor": "xen",
            "EbsOptimized": False,
            "PlatformDetails": "Windows" if windows else "Linux/UNIX",
        }
        return {
            "ReservationId": "r-" + instance["id"][2:],
            "OwnerId": instance["account"],
            "Groups": [],
            "Instances": [shown],
        }

    def do_DescribeInstanceStatus(self, params, identity, region):
        fields = {
            "instance-state-name": lambda i: i["state"],
            "instance-status.status": lambda i: self._health(i),
            "system-status.status": lambda i: self._health(i),
        }
        found = self._chosen(params, identity, region, fields)
        if not params.get("IncludeAllInstances"):
            found = [i for i in found if i["state"] == "running"]
        found, more = self._page(params, found, "status")
        return {"InstanceStatuses": [self._status(i) for i in found], "NextToken": more}

    @staticmethod
    def _health(instance):
        return instance["status"] if instance["state"] == "running" else "not-applicable"

    def _status(self, instance):
        health = self._health(instance)
        details = []
        if health != "not-applicable":
            words = {"ok": "passed", "impaired": "failed"}.get(health, health)
            details = [{"Name": "reachability", "Status": words}]
        summary = {"Status": health, "Details": details}
        return {
            "InstanceId": instance["id"],
            "AvailabilityZone": instance["region"] + "a",
            "InstanceState": self._state(instance),
            "SystemStatus": summary,
            "InstanceStatus": summary,
        }
