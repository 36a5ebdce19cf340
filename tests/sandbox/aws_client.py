"""The AWS side of the test client (client.py): instances, scripted commands, mails, judgements.

    sb.add_instance("i-0123456789abcdef1", platform="Windows")
    sb.script_command("Get-Process", output="...", delay=2)
    sb.deny("ssm:SendCommand")
    ...
    assert sb.mails()[-1]["subject"] == "..." and not sb.judged()

The options are those of aws_control.py. sb.aws_env() is what the bot needs in its environment.
"""


class AwsClient:
    """Mixed into Sandbox; uses its get() and post()."""

    def aws_env(self):
        """Environment of the bot: endpoint, region and working credentials of the own account."""
        return dict(self.ready["bot_env"])

    # --- acting ---------------------------------------------------------------
    def add_instance(self, instance, **options):
        """Makes an instance, or changes the members that are given."""
        return self.post("aws_instance", id=instance, **options)

    def script_command(self, match, **options):
        """script_command("systemctl restart", status="ExecutionTimedOut", delay=5)"""
        return self.post("aws_script", match=match, **options)

    def go_on(self, instance):
        """The next step of a command whose script is held."""
        return self.post("aws_go_on", instance=instance)

    def clear_scripts(self):
        return self.post("aws_script", clear=True)

    def deny(self, action, account="123456789012", role=None):
        """deny("ssm:SendCommand"); patterns such as "ec2:*" work."""
        return self.post("aws_deny", action=action, account=account, role=role)

    def allow_all(self):
        return self.post("aws_deny", clear=True)

    def add_topic(self, arn, **options):
        return self.post("aws_topic", arn=arn, **options)

    def expire_sessions(self):
        return self.post("aws_expire")

    def metric(self, namespace, name, **options):
        """Defines the samples of a CloudWatch metric: points=[(seconds, value)], or start, step, values."""
        return self.post("metric", namespace=namespace, metric=name, **options)

    def evaluate(self, begin, end, **alarm):
        """Evaluates an alarm over the samples of its metric, and publishes its changes (publish=False: does not)."""
        return self.post("aws_evaluate", begin=begin, end=end, **alarm)

    def metric_rule(self, status, **options):
        """metric_rule("Forbidden", match={"metric": "Latency"}, times=1)"""
        return self.post("metric_rule", status=status, **options)

    def clear_metric_rules(self):
        return self.post("metric_rule", clear=True)

    def known_alarm(self, name, **options):
        """What CloudWatch tells of an alarm: known_alarm("db", state="ALARM", history=[{"at": 1.7e9, "to": "ALARM"}])"""
        return self.post("aws_alarm", name=name, **options)

    def changed(self, name, **options):
        """An event of CloudTrail: changed("UpdateService", user="ada", at=time.time() - 600, resources=["checkout"])"""
        return self.post("aws_event", name=name, **options)

    def log_lines(self, group, lines=(), **options):
        """log_lines("/shop/checkout", ["ERROR one", [1.7e9, "older", "stream"]]); without lines: an empty group."""
        return self.post("log_lines", group=group, lines=list(lines), **options)

    def clear_logs(self):
        return self.post("log_lines", clear=True)

    def clear_changes(self):
        return self.post("aws_event", clear=True)

    def table(self, name, items, **options):
        """A DynamoDB table with these items, strings unless they say their types."""
        return self.post("table", name=name, items=items, **options)

    def model_says(self, text=None, **options):
        """model_says("p99 is {{p99=(\\S+)}}.", match="why", pause_s=0.1); options: see aws_bedrock.py"""
        return self.post("bedrock", **({} if text is None else {"text": text}), **options)

    def clear_model(self):
        return self.post("bedrock", clear=True)

    def bedrock_key(self):
        return self.post("bedrock_key")["key"]

    # --- reading --------------------------------------------------------------
    def model_calls(self, since=0):
        return self.get("bedrock_calls", since=since)

    def mails(self, topic=None):
        """What was published to a topic, or to any."""
        return self.get("mails", topic=topic)

    def aws_calls(self, service=None, action=None, since=0):
        return self.get("aws_calls", service=service, action=action, since=since)

    def aws_actions(self):
        """The IAM actions that the calls needed, as a policy names them: {"ssm:SendCommand", ...}.

        Unsigned calls and GetCallerIdentity need no permission.
        """
        needed = {"Converse": "InvokeModel", "ConverseStream": "InvokeModelWithResponseStream"}
        return {
            "%s:%s" % (c["service"], needed.get(c["action"], c["action"]))
            for c in self.aws_calls()
            if c["principal"] and c["action"] != "GetCallerIdentity"
        }

    def aws_commands(self):
        return self.get("aws_commands")

    def judged(self):
        return self.get("judged")
