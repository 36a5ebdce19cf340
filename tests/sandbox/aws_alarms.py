"""What CloudWatch knows besides values: DescribeAlarms, DescribeAlarmHistory, ListMetrics.

Alarms are those of POST /control/aws_alarm, and every one that was published (POST /control/alarm), with its changes
of state. Metrics are those whose samples were given.
"""
import json

from .aws_world import OWN_ACCOUNT, REGION, AwsError, page

BOTH = ("MetricAlarm", "CompositeAlarm")
ALARMS_DEFAULT, ALARMS_MAX, HISTORY_MAX, METRICS_MAX = 50, 100, 100, 500
HISTORY_DATA_MAX = 4095
ACTIVE_S = 3 * 3600
LISTED_S = 14 * 86400  # metrics without values for so long are not listed
NOT_PLAYED = {
    "DescribeAlarms": {"ActionPrefix", "ChildrenOfAlarmName", "ParentsOfAlarmName"},
    "DescribeAlarmHistory": {"AlarmContributorId"},
    "ListMetrics": {"IncludeLinkedAccounts", "OwningAccount"},
}


def invalid(text, code="ValidationError"):
    return AwsError(code, text, judged="parameters")


def refuse_unplayed(action, params):
    unplayed = sorted(NOT_PLAYED[action] & set(params))
    if unplayed:
        raise invalid("the sandbox does not play %s of %s" % (unplayed[0], action))


class AlarmReader:
    """Mixed into CloudWatch (aws_cloudwatch.py)."""

    def _list_page(self, params, items, size, name):
        """`items` are of one page; the token of the next is good for the same parameters only."""
        binding = json.dumps([name, {k: v for k, v in params.items() if k != "NextToken"}], sort_keys=True, default=str)
        error = AwsError("InvalidNextToken", "The next token specified is invalid.", judged="parameters")
        return page(self.aws, items, size, params.get("NextToken"), binding, error)

    # --- alarms -------------------------------------------------------------------
    def do_DescribeAlarms(self, params, identity, region):
        refuse_unplayed("DescribeAlarms", params)
        if "AlarmNames" in params and "AlarmNamePrefix" in params:
            raise invalid("AlarmNames and AlarmNamePrefix cannot both be specified")
        kinds = params.get("AlarmTypes", ["MetricAlarm"])
        found = [
            a for w, a in sorted(self.aws.alarms.items())
            if w[:2] == (identity["account"], region) and a["kind"] in kinds
            and a["state"] == params.get("StateValue", a["state"])
            and a["name"].startswith(params.get("AlarmNamePrefix", ""))
            and a["name"] in params.get("AlarmNames", [a["name"]])
        ]
        found, more = self._list_page(params, found, params.get("MaxRecords", ALARMS_DEFAULT), "alarms")
        return {
            "MetricAlarms": [described(a) for a in found if a["kind"] == "MetricAlarm"],
            "CompositeAlarms": [described(a) for a in found if a["kind"] == "CompositeAlarm"],
            "NextToken": more,
        }

    def do_DescribeAlarmHistory(self, params, identity, region):
        refuse_unplayed("DescribeAlarmHistory", params)
        kinds = params.get("AlarmTypes", ["MetricAlarm"])
        start, end = seconds(params.get("StartDate", 0)), seconds(params.get("EndDate", self.aws.now()))
        if start > end:
            raise invalid("StartDate must be before EndDate")
        found = [
            (change["at"], a, change)
            for w, a in sorted(self.aws.alarms.items())
            if w[:2] == (identity["account"], region) and a["kind"] in kinds
            and a["name"] == params.get("AlarmName", a["name"])
            for change in a["history"]
            if start <= change["at"] <= end and params.get("HistoryItemType", "StateUpdate") == "StateUpdate"
        ]
        newest = params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        found.sort(key=lambda f: f[0], reverse=newest)
        found, more = self._list_page(params, found, params.get("MaxRecords", HISTORY_MAX), "history")
        return {"AlarmHistoryItems": [history_item(a, change) for _, a, change in found], "NextToken": more}

    # --- metrics ------------------------------------------------------------------
    def do_ListMetrics(self, params, identity, region):
        refuse_unplayed("ListMetrics", params)
        age = ACTIVE_S if "RecentlyActive" in params else LISTED_S
        found = [
            s for s in self.aws.series_in(identity["account"], region)
            if s["namespace"] == params.get("Namespace", s["namespace"])
            and s["metric"] == params.get("MetricName", s["metric"])
            and all(
                d["Name"] in s["dimensions"] and d.get("Value") in (None, s["dimensions"][d["Name"]])
                for d in params.get("Dimensions", [])
            )
            and any(at >= self.aws.now() - age for at, _ in s["points"][-1:])
        ]
        found.sort(key=lambda s: (s["namespace"], s["metric"], sorted(s["dimensions"].items())))
        found, more = self._list_page(params, found, METRICS_MAX, "metrics")
        return {
            "Metrics": [
                {"Namespace": s["namespace"], "MetricName": s["metric"], "Dimensions": pairs(s["dimensions"])} for s in found
            ],
            "NextToken": more,
        }


def seconds(value):
    return value.timestamp() if hasattr(value, "timestamp") else value


def pairs(dimensions):
    return [{"Name": k, "Value": v} for k, v in sorted(dimensions.items())]


def described(alarm):
    """An alarm as DescribeAlarms tells it."""
    since = alarm["since"]
    common = {
        "AlarmName": alarm["name"],
        "AlarmArn": "arn:aws:cloudwatch:%s:%s:alarm:%s" % (alarm["region"], alarm["account"], alarm["name"]),
        "AlarmDescription": alarm["description"] or None,
        "AlarmConfigurationUpdatedTimestamp": alarm["made"],
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "StateValue": alarm["state"],
        "StateReason": alarm["reason"],
        "StateUpdatedTimestamp": since,
        "StateTransitionedTimestamp": since,
    }
    if alarm["kind"] == "CompositeAlarm":
        return {**common, "AlarmRule": alarm["rule"]}
    shape = {"EvaluationPeriods": alarm["periods"], "DatapointsToAlarm": alarm["datapoints"]}
    shape.update(ComparisonOperator=alarm["operator"], TreatMissingData=alarm["missing"])
    if alarm["metrics"] is not None:
        return {**common, **shape, "Threshold": alarm["threshold"], "Metrics": alarm["metrics"],
                "ThresholdMetricId": alarm["threshold_id"]}
    percentile = alarm["stat"].startswith("p")
    return {
        **common, **shape, "Namespace": alarm["namespace"], "MetricName": alarm["metric"],
        "Dimensions": pairs(alarm["dimensions"]), "Period": alarm["period"], "Threshold": alarm["threshold"],
        "Statistic": None if percentile else alarm["stat"], "ExtendedStatistic": alarm["stat"] if percentile else None,
    }


def history_item(alarm, change):
    data = {
        "version": "1.0",
        "oldState": {"stateValue": change["from"], "stateReason": change["from_reason"]},
        "newState": {"stateValue": change["to"], "stateReason": change["reason"]},
    }
    return {
        "AlarmName": alarm["name"],
        "AlarmType": alarm["kind"],
        "Timestamp": change["at"],
        "HistoryItemType": "StateUpdate",
        "HistorySummary": "Alarm updated from %s to %s" % (change["from"], change["to"]),
        "HistoryData": json.dumps(data)[:HISTORY_DATA_MAX],
    }


# --- making them ------------------------------------------------------------------
DEFAULTS = {
    "state": "OK", "reason": "Threshold Crossed: no datapoints were breaching.", "description": "",
    "namespace": "AWS/EC2", "metric": "CPUUtilization", "dimensions": {}, "stat": "Average", "period": 60, "periods": 1,
    "datapoints": None, "missing": "missing", "threshold": 80.0, "operator": "GreaterThanThreshold", "rule": None, "metrics": None,
    "threshold_id": None, "since": None, "account": OWN_ACCOUNT, "region": REGION, "history": [],
}


def add_alarm(aws, options):
    """An alarm from the options of POST /control/aws_alarm; see aws_control.py."""
    unknown = set(options) - set(DEFAULTS) - {"name"}
    if unknown:
        raise ValueError("aws_alarm: unknown member %s" % sorted(unknown))
    alarm = {**DEFAULTS, **options, "made": aws.now() - 3 * 86400}
    alarm["kind"] = "CompositeAlarm" if alarm["rule"] else "MetricAlarm"
    alarm["datapoints"] = alarm["datapoints"] or alarm["periods"]
    alarm["history"] = []
    for change in options.get("history", []):
        add_change(alarm, change["at"], change.get("from"), change["to"], change.get("reason", "scripted"))
    if alarm["history"] and "state" not in options:
        alarm.update(state=alarm["history"][-1]["to"], reason=options.get("reason", alarm["history"][-1]["reason"]))
    alarm["since"] = options.get("since") or (alarm["history"][-1]["at"] if alarm["history"] else aws.now())
    aws.alarms[alarm["account"], alarm["region"], alarm["name"]] = alarm
    return alarm


def add_change(alarm, at, before, after, reason):
    last = alarm["history"][-1] if alarm["history"] else None
    before = before or (last["to"] if last else "INSUFFICIENT_DATA")
    alarm["history"].append(
        {"at": at, "from": before, "to": after, "reason": reason, "from_reason": last["reason"] if last else "Unchecked"}
    )


def publish(aws, alarm):
    """What an Alarm of alarms.py says is known to CloudWatch, too."""
    where = (alarm.account, alarm.region, alarm.name)
    if where not in aws.alarms:
        band = {"Id": "ad1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "ReturnData": True}
        stat = {
            "Metric": {"Namespace": alarm.namespace, "MetricName": alarm.metric, "Dimensions": pairs(alarm.dimensions)},
            "Period": alarm.period, "Stat": alarm.statistic,
        }
        watched = {"Id": "m1", "MetricStat": stat, "ReturnData": alarm.kind == "anomaly"}
        formula = {"Id": "e1", "Expression": alarm.expression, "ReturnData": True}
        rule = alarm.rule or " OR ".join('ALARM("%s")' % n for n in alarm.child_names())
        add_alarm(aws, {
            "account": alarm.account, "region": alarm.region, "name": alarm.name, "description": alarm.description,
            "namespace": alarm.namespace, "metric": alarm.metric, "dimensions": alarm.dimensions,
            "stat": alarm.statistic, "period": alarm.period, "periods": alarm.evaluation_periods,
            "datapoints": alarm.datapoints, "missing": alarm.missing,
            "threshold": None if alarm.kind == "anomaly" else alarm.threshold,
            "operator": "LessThanLowerOrGreaterThanUpperThreshold" if alarm.kind == "anomaly" else alarm.operator,
            "rule": rule if alarm.kind == "composite" else None,
            "metrics": {"math": [formula, watched], "anomaly": [watched, band]}.get(alarm.kind),
            "threshold_id": "ad1" if alarm.kind == "anomaly" else None,
        })
    known, at = aws.alarms[where], alarm.stamp.timestamp()
    add_change(known, at, alarm.old_state, alarm.state, alarm.reason)
    known["history"].sort(key=lambda change: change["at"])
    known.update(state=known["history"][-1]["to"], reason=known["history"][-1]["reason"], since=known["history"][-1]["at"])
