"""The part of the control API that concerns AWS; mixed into Control (control.py).

GET /control/...
  aws_calls?since=N&service=S&action=A    every call: account, region, service, action, params,
                   principal, status, error, message, fault
  judged           refused calls that a careful client never makes: kind (credentials, signature,
                   parameters, protocol), code, message and the call's id and parameters
  aws_commands     SSM commands: id, account, region, comment, script, status, details of each
                   instance's invocation: `runs`, how often the script was really started, and
                   `ended`, a time, or None
  aws_state        instances, topics, roles, denials
  metric_series    what CloudWatch knows: account, region, namespace, metric, dimensions, unit, count
  aws_secrets      every secret key, session token and web identity token: nothing may log one
  bedrock_calls?since=N    what the model answered: time, model, streamed, params, usage, stop, first_text (a
                   time, or None), events (sent), ended (whole, gone: the caller hung up, cut, an exception)
  mails?topic=ARN  what was published

POST /control/...
  aws_instance {id, account?, region?, platform?, state?, registered?, ping?, name?, tags?, type?,
             status?, start_s?, in_ec2?, launched?}    makes or changes one; see aws_world.py
  aws_script {match, output?, errors?, exit_code?, status?, delay?, start?, delayed?, lost?, held?, times?,
             instance?} or {"clear": true}
             the result of commands whose script has the regular expression `match`. status:
             Success, Failed, Cancelled, or StatusDetails such as DeliveryTimedOut; left out with
             an output or exit_code, it follows from the code; left out altogether, the script
             really runs. Seconds, shortened by TOCSIN_TIME_SCALE: start (Pending), delayed
             (Delayed, after Pending), delay (InProgress). lost: the agent dies, and the command
             stays InProgress until all its time is up. held: Pending and InProgress each last
             until aws_go_on, whatever the seconds
  aws_go_on  {instance}    what is held there takes its next step
  aws_deny   {account?, action, role?} or {"clear": true}     action: "ssm:SendCommand", "ec2:*"
  aws_role   {name, account?, trusted?, external_id?, max_s?, web?}       answers {"arn"}
  aws_user   {name, account?}            a new user: {"access_key_id", "secret_access_key", "arn"}
  aws_expire {}                          ends every temporary session; answers how many
  aws_web_token {subject?, lifetime_s?}  a token for AssumeRoleWithWebIdentity
  bedrock    {match?, text?, blocks?, ...} or {"clear": true}    what the model says; see aws_bedrock.py
  bedrock_key {}                         answers {"key"}, for AWS_BEARER_TOKEN_BEDROCK
  aws_topic  {arn, open?, remove?}       open: other accounts may publish
  metric     {namespace, metric, dimensions?, unit?, account?, region?, model?, points | start, step, values}
             a CloudWatch metric's samples, see aws_world.py; the same metric again replaces them
  metric_rule {status, match?, messages?, share?, token?, times?} or {"clear": true}
             the StatusCode of results that match: {id, account, region, namespace, metric, dimensions}, all
             optional. status: Complete, PartialData, InternalError, Forbidden; messages [{"Code", "Value"}];
             share: only that part of the values is given; token: NextToken fetches what an error kept back
  aws_alarm  {name, state?, reason?, description?, namespace?, metric?, dimensions?, stat?, period?, periods?,
             datapoints?, missing?, threshold?, operator?, rule?, metrics?, threshold_id?, since?, history?, account?, region?}
             what CloudWatch knows of an alarm, without a message about it; rule: it is a composite one; metrics: as the
             API has them; history: [{"at": seconds, "to", "from"?, "reason"?}]; see aws_alarms.py
  aws_evaluate {begin, end, delay?, publish?, ...}    evaluates an alarm over the samples of its metric once a minute in
             (begin, end], by alarm_rules.py, and publishes each change of its state as `alarm` does, with its own time:
             delay: [least, most] seconds after the evaluation. The rest: as of `alarm`. Answers the changes: [{"at",
             "from", "to", "told"}]. publish false: only that
  dashboard  {name, body, account?}      one of CloudWatch's dashboards; body: JSON, or the text itself
  aws_event  {name, at?, source?, user?, resources?, read_only?, error?, request?, account?, region?} or {"clear": true}
             one of CloudTrail's. at: seconds; resources: names, or [type, name]; error: the errorCode of a refused call
  log_lines  {group, lines, stream?, account?, region?} or {"clear": true}      makes the group, and adds to it; see
             aws_world.py. Queries: settings logs_...
  table      {name, key?, items, account?, region?}   a DynamoDB table. Items as the API writes them
             ({"a": {"S": "x"}}) or plain ({"a": "x"}); key: the key attribute, awsService when left out
"""
import random

from . import alarm_rules, aws_alarms, aws_bedrock, aws_cloudtrail, aws_dashboards
from .alarms import Alarm
from .aws_runs import finished
from .aws_ssm import NEVER_STARTED, STATUS
from .aws_world import OWN_ACCOUNT, REGION, arn_parts, random_text
from .world import ControlError

SCRIPT_DEFAULTS = {
    "output": None,
    "errors": None,
    "exit_code": None,
    "status": None,
    "delay": 0,
    "start": None,
    "delayed": 0,
    "lost": False,
    "held": False,
    "instance": None,
}
RESULT_STATUSES = ("Complete", "PartialData", "InternalError", "Forbidden")
RULE_DEFAULTS = {"match": {}, "messages": [], "share": None, "token": False}
SCRIPT_STATUSES = {"Success", "Failed", "Cancelled"} | set(STATUS)


def scripted(options):
    """A rule for Ssm from the options of aws_script."""
    unknown = set(options) - set(SCRIPT_DEFAULTS) - {"match", "times"}
    if unknown:
        raise ControlError("aws_script: unknown member %s" % sorted(unknown))
    rule = {**SCRIPT_DEFAULTS, **options}
    code, status = rule["exit_code"], rule["status"]
    if status is None and (rule["output"], rule["errors"], code) != (None, None, None):
        status = "Failed" if code else "Success"
    if status is not None and status not in SCRIPT_STATUSES:
        raise ControlError("aws_script: status is one of %s" % sorted(SCRIPT_STATUSES))
    if code is None:
        code = {"Success": 0, "Failed": 1}.get(status, -1 if status in NEVER_STARTED else 137)
    errors = rule["errors"] or ""
    if status == "Failed":
        errors = finished(code, "", errors).stderr
    rule.update(status=status, details=status, exit_code=code, errors=errors)
    rule.update(output=rule["output"] or "", left=int(options.get("times", 0)) or -1, used=0)
    return rule


class AwsControl:
    """Reads and acts on `self.world.aws`."""

    # --- reading --------------------------------------------------------------
    def get_aws_calls(self, q):
        return [
            c
            for c in self.world.aws.calls[int(q.get("since", 0)) :]
            if q.get("service") in (None, c["service"]) and q.get("action") in (None, c["action"])
        ]

    def get_judged(self, _q):
        return self.world.aws.judged

    def get_aws_commands(self, _q):
        return [
            {
                "id": c.id,
                "account": c.account,
                "region": c.region,
                "document": c.params["DocumentName"],
                "comment": c.params.get("Comment", ""),
                "script": c.script(),
                "requested": c.requested,
                "invocations": {
                    i: {
                        "status": v.status,
                        "details": v.details,
                        "code": v.code,
                        "runs": v.runs,
                        "ended": v.ended,
                    }
                    for i, v in c.invocations.items()
                },
            }
            for c in self.world.aws.commands
        ]

    def get_aws_state(self, _q):
        aws = self.world.aws
        return {
            "instances": list(aws.instances.values()),
            "topics": aws.topics,
            "roles": aws.roles,
            "denials": aws.denials,
            "scripts": aws.scripts,
        }

    def get_aws_secrets(self, _q):
        aws = self.world.aws
        tokens = [k.token for k in aws.keys.values() if k.token]
        return [k.secret for k in aws.keys.values()] + tokens + list(aws.web_tokens) + list(aws.bedrock_keys)

    def get_bedrock_calls(self, q):
        return self.world.aws.bedrock_calls[int(q.get("since", 0)) :]

    def get_mails(self, q):
        return [m for m in self.world.mails if q.get("topic") in (None, m["topic"])]

    def get_metric_series(self, _q):
        return [
            {**{k: v for k, v in s.items() if k != "points"}, "count": len(s["points"])}
            for s in self.world.aws.series.values()
        ]

    # --- acting ---------------------------------------------------------------
    def do_metric(self, o):
        made = self.world.aws.add_series(o)
        return {"count": len(made["points"])}

    def do_metric_rule(self, o):
        rules = self.world.aws.metric_rules
        if o.get("clear"):
            rules.clear()
            return {"rules": 0}
        rule = {**RULE_DEFAULTS, **o, "left": int(o.get("times", 0)) or -1}
        if set(rule) - set(RULE_DEFAULTS) - {"status", "times", "left"}:
            raise ControlError("metric_rule: unknown member %s" % sorted(set(o) - set(RULE_DEFAULTS)))
        if rule["status"] not in RESULT_STATUSES:
            raise ControlError("metric_rule: status is one of %s" % (RESULT_STATUSES,))
        rules.append(rule)
        return {"rule": len(rules) - 1}

    def do_aws_alarm(self, o):
        alarm = aws_alarms.add_alarm(self.world.aws, o)
        return {"since": alarm["since"], "changes": len(alarm["history"])}

    async def do_aws_evaluate(self, o):
        found = self._evaluated(o)
        publish = o.pop("publish", True)
        for name in ("begin", "end", "delay"):
            o.pop(name, None)
        for change in found if publish else []:
            if (change["from"], change["to"]) != ("INSUFFICIENT_DATA", "OK"):
                told = {"state": change["to"], "old_state": change["from"], "time": change["told"]}
                await self._sent(self.sandbox.publisher.publish_alarm({**o, **told}), True)
        return found

    def _evaluated(self, o):
        alarm = Alarm({k: v for k, v in o.items() if k not in ("begin", "end", "delay", "publish")})
        known = self.world.aws.find_series(alarm.account, alarm.region, alarm.namespace, alarm.metric, alarm.dimensions)
        if known is None:
            raise ControlError("aws_evaluate: the alarm's metric has no samples")
        rules = alarm_rules.Rules(alarm.period, alarm.evaluation_periods, alarm.datapoints, alarm.missing, alarm.threshold,
                                  alarm.operator, alarm.statistic)
        samples = alarm_rules.samples_of(known["points"])
        rng, (least, most) = random.Random(alarm.name), o.get("delay", [0, 0])
        return [
            {"at": at, "from": before, "to": after, "told": at + rng.randint(least, most)}
            for at, before, after in alarm_rules.changes(rules, samples, int(o["begin"]), int(o["end"]))
        ]

    def do_dashboard(self, o):
        return aws_dashboards.add_dashboard(self.world.aws, o)

    def do_aws_event(self, o):
        trail = self.world.aws.trail
        if o.get("clear"):
            trail.clear()
        else:
            account, region = o.get("account", OWN_ACCOUNT), o.get("region", REGION)
            trail.append(aws_cloudtrail.made(o, account, region, self.world.aws.now()))
        return {"events": len(trail)}

    def do_log_lines(self, o):
        if o.get("clear"):
            self.world.aws.log_groups.clear()
            return {"lines": 0}
        return {"lines": len(self.world.aws.add_log_lines(o)["lines"])}

    def do_table(self, o):
        key = o.get("key", "awsService")
        table = self.world.aws.add_table(o.get("account", OWN_ACCOUNT), o.get("region", REGION), o["name"], key)
        for item in o["items"]:
            typed = {k: v if isinstance(v, dict) else {"S": v} for k, v in item.items()}
            table["items"][typed[key]["S"]] = typed
        return {"items": len(table["items"])}

    def do_aws_instance(self, o):
        instance = self.world.aws.add_instance(o)
        self.world.changed()
        return instance

    def do_aws_script(self, o):
        if o.get("clear"):
            self.world.aws.scripts.clear()
            return {"rules": 0}
        self.world.aws.scripts.append(scripted(o))
        return {"rule": len(self.world.aws.scripts) - 1}

    def do_aws_go_on(self, o):
        held = [
            i
            for c in self.world.aws.commands
            for i in c.invocations.values()
            if i.instance["id"] == o["instance"] and i.gate is not None
        ]
        for invocation in held:
            invocation.gate.set()
        return {"commands": len(held)}

    def do_aws_deny(self, o):
        denials = self.world.aws.denials
        if o.get("clear"):
            denials.clear()
        else:
            account, role = o.get("account", OWN_ACCOUNT), o.get("role")
            denials.append({"account": account, "action": o["action"], "role": role})
        return {"denials": denials}

    def do_aws_role(self, o):
        options = {"account": OWN_ACCOUNT, **o}
        return {
            "arn": self.world.aws.add_role(options.pop("account"), options.pop("name"), **options)
        }

    def do_aws_user(self, o):
        account = o.get("account", OWN_ACCOUNT)
        arn = "arn:aws:iam::%s:user/%s" % (account, o["name"])
        user_id = "AIDA" + random_text(17)
        identity = {"account": account, "arn": arn, "user_id": user_id, "role": None}
        key = self.world.aws.add_key(identity)
        return {"access_key_id": key.id, "secret_access_key": key.secret, "arn": arn}

    def do_aws_expire(self, _o):
        aws = self.world.aws
        sessions = [k for k in aws.keys.values() if k.expires is not None and k.expires > aws.now()]
        for key in sessions:
            key.expires = aws.now()
        return {"sessions": len(sessions)}

    def do_aws_web_token(self, o):
        subject = o.get("subject", "system:serviceaccount:ops:tocsin")
        return {"token": self.world.aws.add_web_token(subject, o.get("lifetime_s", 3600))}

    def do_bedrock(self, o):
        rules = self.world.aws.bedrock_rules
        if o.get("clear"):
            rules.clear()
            return {"rules": 0}
        rules.append(aws_bedrock.rule(o))
        return {"rule": len(rules) - 1}

    def do_bedrock_key(self, _o):
        key = "bedrock-api-key-" + random_text(40)
        self.world.aws.bedrock_keys.add(key)
        return {"key": key}

    def do_aws_topic(self, o):
        parts = arn_parts(o["arn"])
        if not parts or parts[0] != "sns":
            raise ControlError("aws_topic: no ARN of a topic")
        if o.get("remove"):
            self.world.aws.topics.pop(o["arn"], None)
        else:
            self.world.aws.topics[o["arn"]] = {"account": parts[2], "open": bool(o.get("open"))}
        return self.world.aws.topics
