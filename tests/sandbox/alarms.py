"""Messages of CloudWatch alarms in the documented shapes of both paths: SNS and EventBridge."""
import datetime
import json
import secrets
import uuid

REGION_NAMES = {
    "us-east-1": "US East (N. Virginia)",
    "us-west-2": "US West (Oregon)",
    "eu-west-1": "EU (Ireland)",
    "eu-central-1": "EU (Frankfurt)",
    "ap-northeast-1": "Asia Pacific (Tokyo)",
    "cn-north-1": "China (Beijing)",
}
PHRASES = {
    "GreaterThanThreshold": "greater than",
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
DEFAULTS = {
    "name": "web-1-cpu",
    "state": "ALARM",
    "old_state": None,
    "reason": None,
    "metric": "CPUUtilization",
    "namespace": "AWS/EC2",
    "dimensions": {"InstanceId": "i-0123456789abcdef0"},
    "threshold": 80.0,
    "value": None,
    "time": None,
    "via": "sns",
    "kind": "plain",
    "account": "123456789012",
    "region": "us-east-1",
    "period": 60,
    "evaluation_periods": 1,
    "datapoints": None,
    "missing": "missing",
    "operator": "GreaterThanThreshold",
    "statistic": "Average",
    "unit": None,
    "description": "",
    "children": None,
    "rule": None,
    "expression": "m1/m2*100",
    "extra": None,
}


def parse_time(value):
    """Unix seconds, ISO 8601 or None (now) -> aware datetime in UTC with milliseconds."""
    utc = datetime.timezone.utc
    if value is None:
        stamp = datetime.datetime.now(utc)
    elif isinstance(value, (int, float)):
        stamp = datetime.datetime.fromtimestamp(value, utc)
    else:
        stamp = datetime.datetime.fromisoformat(
            value.replace("Z", "+00:00").replace("+0000", "+00:00")
        )
    return stamp.astimezone(utc).replace(microsecond=stamp.microsecond // 1000 * 1000)


def cloudwatch_time(stamp):
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + "%03d+0000" % (stamp.microsecond // 1000)


class Alarm:
    """One state change; message_sns() and message_eventbridge() are two views of it."""

    def __init__(self, options):
        unknown = set(options) - set(DEFAULTS)
        if unknown:
            raise ValueError("alarm: unknown option %s" % ", ".join(sorted(unknown)))
        for name, value in {**DEFAULTS, **options}.items():
            setattr(self, name, value)
        self.stamp = parse_time(self.time)
        if self.old_state is None:
            self.old_state = "OK" if self.state == "ALARM" else "ALARM"
        if self.value is None and self.threshold is not None:
            above = self.operator.startswith("Greater")
            breach = self.state == "ALARM"
            self.value = round(self.threshold * (1.2 if above == breach else 0.3), 4)
        self.datapoints = self.datapoints or self.evaluation_periods
        self.arn = self.arn_of(self.name)
        self.reason = self.reason if self.reason is not None else self.default_reason()

    def arn_of(self, name):
        partition = "aws-cn" if self.region.startswith("cn-") else "aws"
        return "arn:%s:cloudwatch:%s:%s:alarm:%s" % (partition, self.region, self.account, name)

    def child_names(self):
        return self.children or ["web-1-cpu", "web-1-memory"]

    def default_reason(self):
        if self.kind == "composite":
            return "%s transitioned to %s at %s" % (
                self.arn_of(self.child_names()[0]),
                self.state,
                self.stamp.strftime("%A %d %B, %Y %H:%M:%S UTC"),
            )
        if self.state == "INSUFFICIENT_DATA":
            return "Insufficient Data: %d datapoint%s unknown." % (
                self.evaluation_periods,
                " was" if self.evaluation_periods == 1 else "s were",
            )
        point = "[%s (%s)]" % (self.value, self.stamp.strftime("%d/%m/%y %H:%M:00"))
        verb = "was" if self.state == "ALARM" else "was not"
        arrow = "OK -> ALARM" if self.state == "ALARM" else "ALARM -> OK"
        count = "%d out of the last %d datapoints" % (1, self.evaluation_periods)
        tail = " (minimum 1 datapoint for %s transition)." % arrow
        if self.kind == "anomaly":
            return (
                "Thresholds Crossed: %s %s %s less than the lower thresholds [%s] or "
                "greater than the upper thresholds [%s]%s"
                % (count, point, verb, self.threshold * 0.4, self.threshold, tail)
            )
        return "Threshold Crossed: %s %s %s %s the threshold (%s)%s" % (
            count,
            point,
            verb,
            PHRASES[self.operator],
            float(self.threshold),
            tail,
        )

    # --- SNS ------------------------------------------------------------------
    def subject(self):
        return '%s: "%s" in %s' % (
            self.state,
            self.name,
            REGION_NAMES.get(self.region, self.region),
        )

    def _dimensions(self):
        return [{"value": v, "name": k} for k, v in self.dimensions.items()]

    def _metric_stat(self, identifier, metric, returned):
        return {
            "Id": identifier,
            "MetricStat": {
                "Metric": {
                    "Dimensions": self._dimensions(),
                    "MetricName": metric,
                    "Namespace": self.namespace,
                },
                "Period": self.period,
                "Stat": self.statistic,
            },
            "ReturnData": returned,
        }

    def _trigger(self):
        common = {
            "Period": self.period,
            "EvaluationPeriods": self.evaluation_periods,
            "DatapointsToAlarm": self.datapoints,
            "ComparisonOperator": self.operator,
            "Threshold": self.threshold,
            "TreatMissingData": self.missing,
            "EvaluateLowSampleCountPercentile": "",
        }
        if self.kind == "math":
            return {
                **common,
                "Metrics": [
                    {
                        "Expression": self.expression,
                        "Id": "e1",
                        "Label": "Expression1",
                        "ReturnData": True,
                    },
                    self._metric_stat("m1", self.metric, False),
                    self._metric_stat("m2", "RequestCount", False),
                ],
            }
        if self.kind == "anomaly":
            del common["Threshold"]
            return {
                **common,
                "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
                "ThresholdMetricId": "ad1",
                "Metrics": [
                    self._metric_stat("m1", self.metric, True),
                    {
                        "Expression": "ANOMALY_DETECTION_BAND(m1, 2)",
                        "Id": "ad1",
                        "Label": "%s (expected)" % self.metric,
                        "ReturnData": True,
                    },
                ],
            }
        extended = self.statistic[0] == "p" and self.statistic[1:2].isdigit()
        statistic = (
            {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": self.statistic}
            if extended
            else {"StatisticType": "Statistic", "Statistic": self.statistic.upper()}
        )
        return {
            "MetricName": self.metric,
            "Namespace": self.namespace,
            **statistic,
            "Unit": self.unit,
            "Dimensions": self._dimensions(),
            **common,
        }

    def message_sns(self):
        """The string that the alarm's SNS action publishes."""
        body = {
            "AlarmName": self.name,
            "AlarmDescription": self.description,
            "AWSAccountId": self.account,
            "AlarmConfigurationUpdatedTimestamp": cloudwatch_time(
                self.stamp - datetime.timedelta(days=3)
            ),
            "NewStateValue": self.state,
            "NewStateReason": self.reason,
            "StateChangeTime": cloudwatch_time(self.stamp),
            "Region": REGION_NAMES.get(self.region, self.region),
            "AlarmArn": self.arn,
            "OldStateValue": self.old_state,
            "OKActions": [],
            "AlarmActions": [],
            "InsufficientDataActions": [],
        }
        if self.kind == "composite":
            names = self.child_names()
            body["AlarmRule"] = self.rule or " OR ".join('ALARM("%s")' % n for n in names)
            body["TriggeringChildren"] = [
                {
                    "Arn": self.arn_of(n),
                    "State": {"Value": self.state, "Timestamp": cloudwatch_time(self.stamp)},
                }
                for n in names
            ]
        else:
            body["Trigger"] = self._trigger()
        body.update(self.extra or {})
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

    # --- EventBridge ----------------------------------------------------------
    def _metric_event(self, identifier, metric, returned):
        return {
            "id": identifier,
            "metricStat": {
                "metric": {
                    "namespace": self.namespace,
                    "name": metric,
                    "dimensions": self.dimensions,
                },
                "period": self.period,
                "stat": self.statistic,
            },
            "returnData": returned,
        }

    def _configuration(self):
        if self.kind == "composite":
            return {
                "alarmRule": self.rule or " OR ".join("ALARM(%s)" % n for n in self.child_names())
            }
        metrics = [self._metric_event(secrets.token_hex(4), self.metric, True)]
        if self.kind == "math":
            metrics = [
                {
                    "id": "e1",
                    "expression": self.expression,
                    "label": "Expression1",
                    "returnData": True,
                },
                self._metric_event("m1", self.metric, False),
                self._metric_event("m2", "RequestCount", False),
            ]
        elif self.kind == "anomaly":
            metrics = [
                self._metric_event("m1", self.metric, True),
                {
                    "id": "ad1",
                    "expression": "ANOMALY_DETECTION_BAND(m1, 2)",
                    "label": "%s (expected)" % self.metric,
                    "returnData": True,
                },
            ]
        described = {"description": self.description} if self.description else {}
        return {**described, "metrics": metrics}

    def _reason_data(self):
        start = self.stamp - datetime.timedelta(seconds=self.period * self.evaluation_periods)
        if self.kind == "composite":
            return {
                "triggeringAlarms": [
                    {
                        "arn": self.arn_of(n),
                        "state": {"value": self.state, "timestamp": cloudwatch_time(self.stamp)},
                    }
                    for n in self.child_names()
                ]
            }
        data = {
            "version": "1.0",
            "queryDate": cloudwatch_time(self.stamp),
            "startDate": cloudwatch_time(start),
            "statistic": self.statistic,
            "period": self.period,
            "recentDatapoints": [self.value],
        }
        if self.kind == "anomaly":
            return {
                **data,
                "recentLowerThresholds": [self.threshold * 0.4],
                "recentUpperThresholds": [self.threshold],
            }
        return {**data, "threshold": self.threshold}

    def message_eventbridge(self):
        """The same change as the EventBridge event that a rule hands to SNS."""
        before = self.stamp - datetime.timedelta(hours=1)
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "CloudWatch Alarm State Change",
            "source": "aws.cloudwatch",
            "account": self.account,
            "time": self.stamp.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": self.region,
            "resources": [self.arn],
            "detail": {
                "alarmName": self.name,
                "state": {
                    "value": self.state,
                    "reason": self.reason,
                    "reasonData": json.dumps(self._reason_data(), separators=(",", ":")),
                    "timestamp": cloudwatch_time(self.stamp),
                },
                "previousState": {
                    "value": self.old_state,
                    "reason": "Unchecked: Initial alarm creation",
                    "timestamp": cloudwatch_time(before),
                },
                "configuration": self._configuration(),
            },
        }
        return json.dumps(event, ensure_ascii=False, separators=(",", ":"))

    def notifications(self):
        """[(subject or None, message)] in the order in which they leave."""
        out = []
        if self.via in ("sns", "both"):
            out.append((self.subject()[:99], self.message_sns()))
        if self.via in ("eventbridge", "both"):
            out.append((None, self.message_eventbridge()))
        if not out:
            raise ValueError("via: sns, eventbridge or both")
        return out
