"""Alarms, their history and the list of metrics in the sandbox's CloudWatch; boto3 is the client."""
import json
import time

from tests.unit_py.aws_clients import refused

NOW = int(time.time())
BOTH = ["MetricAlarm", "CompositeAlarm"]


def names(answer):
    return [a["AlarmName"] for kind in ("MetricAlarms", "CompositeAlarms") for a in answer[kind]]


def test_alarms_of_the_kinds_that_are_asked_for(aws, sandbox):
    sandbox.known_alarm("kinds-cpu", state="ALARM", reason="too hot", threshold=90, dimensions={"InstanceId": "i-1"},
                        periods=3, datapoints=2, since=NOW - 60, description="CPU")
    sandbox.known_alarm("kinds-all", rule="ALARM(kinds-cpu)")
    assert names(aws.cloudwatch.describe_alarms(AlarmNamePrefix="kinds-")) == ["kinds-cpu"]
    answer = aws.cloudwatch.describe_alarms(AlarmNamePrefix="kinds-", AlarmTypes=BOTH)
    assert names(answer) == ["kinds-cpu", "kinds-all"]
    alarm = answer["MetricAlarms"][0]
    assert (alarm["StateValue"], alarm["StateReason"], alarm["Threshold"]) == ("ALARM", "too hot", 90)
    assert alarm["StateTransitionedTimestamp"].timestamp() == NOW - 60
    assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"], alarm["Statistic"]) == (3, 2, "Average")
    assert alarm["Dimensions"] == [{"Name": "InstanceId", "Value": "i-1"}]
    assert alarm["AlarmArn"] == "arn:aws:cloudwatch:us-east-1:123456789012:alarm:kinds-cpu"
    assert answer["CompositeAlarms"][0]["AlarmRule"] == "ALARM(kinds-cpu)"
    only = aws.cloudwatch.describe_alarms(AlarmNamePrefix="kinds-", AlarmTypes=BOTH, StateValue="OK")
    assert names(only) == ["kinds-all"]
    assert names(aws.cloudwatch.describe_alarms(AlarmNames=["kinds-cpu", "absent"])) == ["kinds-cpu"]
    assert names(aws.client("cloudwatch", region="eu-west-1").describe_alarms(AlarmNamePrefix="kinds-")) == []
    assert sandbox.judged() == []


def test_pages_of_alarms(aws, sandbox):
    for number in range(5):
        sandbox.known_alarm("paged-%d" % number, **({"rule": "ALARM(x)"} if number % 2 else {}))
    found = aws.cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix="paged-", AlarmTypes=BOTH, PaginationConfig={"PageSize": 2})
    pages = [names(page) for page in found]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(sum(pages, [])) == ["paged-%d" % n for n in range(5)]
    token = aws.cloudwatch.describe_alarms(AlarmNamePrefix="paged-", AlarmTypes=BOTH, MaxRecords=2)["NextToken"]
    with refused("InvalidNextToken", 400):
        aws.cloudwatch.describe_alarms(AlarmNamePrefix="other-", AlarmTypes=BOTH, MaxRecords=2, NextToken=token)


def test_history_newest_first_and_within_the_range(aws, sandbox):
    sandbox.known_alarm("past", history=[
        {"at": NOW - 300, "to": "OK"}, {"at": NOW - 200, "to": "ALARM", "reason": "hot"}, {"at": NOW - 100, "to": "OK"}])
    ask = {"AlarmName": "past", "HistoryItemType": "StateUpdate"}
    items = aws.cloudwatch.describe_alarm_history(**ask)["AlarmHistoryItems"]
    assert [i["Timestamp"].timestamp() for i in items] == [NOW - 100, NOW - 200, NOW - 300]
    assert items[1]["HistorySummary"] == "Alarm updated from OK to ALARM"
    data = json.loads(items[1]["HistoryData"])
    assert (data["oldState"]["stateValue"], data["newState"]["stateReason"]) == ("OK", "hot")
    some = aws.cloudwatch.describe_alarm_history(**ask, StartDate=NOW - 250, EndDate=NOW - 150)["AlarmHistoryItems"]
    assert [i["Timestamp"].timestamp() for i in some] == [NOW - 200]
    pages = aws.cloudwatch.get_paginator("describe_alarm_history").paginate(**ask, PaginationConfig={"PageSize": 2})
    assert [len(p["AlarmHistoryItems"]) for p in pages] == [2, 1]
    assert aws.cloudwatch.describe_alarm_history(AlarmName="absent")["AlarmHistoryItems"] == []
    alarm = aws.cloudwatch.describe_alarms(AlarmNames=["past"])["MetricAlarms"][0]
    assert (alarm["StateValue"], alarm["StateUpdatedTimestamp"].timestamp()) == ("OK", NOW - 100)


def test_long_data_are_cut_and_no_json(aws, sandbox):
    sandbox.known_alarm("long", history=[{"at": NOW - 10, "to": "ALARM", "reason": "x" * 5000}])
    item = aws.cloudwatch.describe_alarm_history(AlarmName="long")["AlarmHistoryItems"][0]
    assert len(item["HistoryData"]) == 4095 and not item["HistoryData"].endswith("}")


def test_a_published_alarm_is_known(aws, sandbox):
    """Of each kind; the later message changes its state."""
    for kind in ("plain", "math", "anomaly", "composite"):
        name = "told-" + kind
        sandbox.alarm(name=name, kind=kind, time=NOW - 100, wait=False)
        sandbox.alarm(name=name, kind=kind, state="OK", time=NOW - 50, wait=False)
        answer = aws.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=BOTH)
        alarm = (answer["MetricAlarms"] + answer["CompositeAlarms"])[0]
        assert (alarm["StateValue"], alarm["StateUpdatedTimestamp"].timestamp()) == ("OK", NOW - 50)
        items = aws.cloudwatch.describe_alarm_history(AlarmName=name, AlarmTypes=BOTH)["AlarmHistoryItems"]
        assert [i["HistorySummary"] for i in items] == ["Alarm updated from ALARM to OK", "Alarm updated from OK to ALARM"]


def test_metrics_are_listed_by_what_they_are(aws, sandbox):
    for host in ("a", "b"):
        sandbox.metric("List/Test", "Load", dimensions={"Host": host, "Zone": "z"}, points=[(NOW - 60, 1)])
    sandbox.metric("List/Test", "Old", points=[(NOW - 5 * 3600, 1)])
    sandbox.metric("List/Test", "Gone", points=[(NOW - 20 * 86400, 1)])

    def listed(**ask):
        found = aws.cloudwatch.list_metrics(Namespace="List/Test", **ask)["Metrics"]
        return [(m["MetricName"], *(d["Value"] for d in m["Dimensions"])) for m in found]

    assert listed() == [("Load", "a", "z"), ("Load", "b", "z"), ("Old",)]
    assert listed(RecentlyActive="PT3H") == [("Load", "a", "z"), ("Load", "b", "z")]
    assert listed(MetricName="Old") == [("Old",)]
    assert listed(Dimensions=[{"Name": "Host", "Value": "b"}]) == [("Load", "b", "z")]
    assert len(listed(Dimensions=[{"Name": "Host"}])) == 2
    sandbox.settings(aws_page=1)
    pages = aws.cloudwatch.get_paginator("list_metrics").paginate(Namespace="List/Test")
    assert [len(p["Metrics"]) for p in pages] == [1, 1, 1]


def test_refusals(aws, sandbox):
    sandbox.deny("cloudwatch:DescribeAlarms")
    with refused("AccessDeniedException", text="not authorized to perform: cloudwatch:DescribeAlarms"):
        aws.cloudwatch.describe_alarms()
    sandbox.allow_all()
    with refused("ValidationError", text="cannot both"):
        aws.cloudwatch.describe_alarms(AlarmNames=["a"], AlarmNamePrefix="b")
    with refused("ValidationException", text="enum value set"):
        aws.client("cloudwatch", validate=False).describe_alarms(StateValue="FINE")
    sandbox.settings(aws_tps={"DescribeAlarmHistory": 1})
    aws.cloudwatch.describe_alarm_history()
    with refused("ThrottlingException"):
        aws.cloudwatch.describe_alarm_history()
    aws.cloudwatch.describe_alarms()
