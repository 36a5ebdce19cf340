"""CloudWatch's GetMetricData: validation, periods by age, statistics, math, pages. Alarms: aws_alarms.py. Dashboards: aws_dashboards.py.

What the service does silently is done silently here, too: a period that is too fine for the age of StartTime, a
unit that nobody sent and a metric that nobody knows give a result without values, not an error. `AwsWorld.series`
holds samples; a statistic is computed over the samples of each period, as the service does.

The state of a page is its token: how many values of each result were given already. The order in which pages
spread the results is not documented; setting `cloudwatch_spread` plays two: "queries" (one result after the
other, cut within one) and "time" (each page a stretch of time of all of them).
"""
import base64
import functools
import json
import math
import re
import statistics
from hashlib import sha256

from . import metric_math
from .aws_alarms import AlarmReader
from .aws_dashboards import DashboardReader
from .aws_world import AwsError

QUERIES_MAX = 500
POINTS_MAX = 100800
ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
STATISTIC = re.compile(r"SampleCount|Average|Sum|Minimum|Maximum|IQM|p(\d{1,2}(\.\d{1,10})?|100)|(tm|wm|tc|ts)(\d{1,2}(\.\d+)?)")
TIMEZONE = re.compile(r"[+-]\d{4}")
SEARCH = re.compile(r"\{([^,}]+)((?:,[^,}]+)*)\}(.*)", re.S)
DAY_S = 86400
KEPT_DAYS = 455


def invalid(text):
    return AwsError("ValidationException", text, judged="parameters")


class CloudWatch(AlarmReader, DashboardReader):
    """GetMetricData over the samples in aws.series."""

    def __init__(self, world):
        self.aws = world.aws

    @staticmethod
    def resource(_action, _params, _identity, _region):
        return None  # the action knows no resource

    def do_GetMetricData(self, params, identity, region):
        queries = params["MetricDataQueries"]
        check(params, queries)
        span = rounded_span(params, self.aws.now())
        call = _Call(self.aws, identity["account"], region, queries, span)
        results = [r for q in queries for r in call.results(q)]
        descending = params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        for result in results:
            result["times"] = sorted(result["points"], reverse=descending)
        return self._page(params, results, not any("Expression" in q for q in queries))

    # --- pages ------------------------------------------------------------------
    def _page(self, params, results, paged):
        binding = sha256(
            json.dumps({k: v for k, v in params.items() if k != "NextToken"}, sort_keys=True, default=str).encode()
        ).hexdigest()
        given = self._given(params.get("NextToken"), binding, len(results))
        limit = min(params.get("MaxDatapoints", POINTS_MAX), POINTS_MAX)
        limit = min(limit, self.aws.settings["cloudwatch_page"] or limit)
        shares = self._shares(results, given, limit)
        shown, more = [], False
        for number, result in enumerate(results):
            entry, finished = self._result(result, given[number], shares[number])
            more = more or not finished
            if entry["Timestamps"] or given[number] == 0 or entry["StatusCode"] != "Complete":
                shown.append(entry)
            given[number] = -1 if finished else given[number] + len(entry["Timestamps"])
        answer = {"MetricDataResults": shown, "Messages": self.aws.settings["cloudwatch_messages"]}
        if more and paged:
            token = json.dumps([binding, given]).encode()
            answer["NextToken"] = base64.b64encode(token).decode()
        return answer

    @staticmethod
    def _given(token, binding, count):
        """How many values of each result earlier pages gave; -1: all."""
        if token is None:
            return [0] * count
        try:
            bound, given = json.loads(base64.b64decode(token, validate=True))
        except (ValueError, TypeError):
            bound = None
        if bound != binding:
            raise AwsError("InvalidNextToken", "The next token specified is invalid.", judged="parameters")
        return given

    def _shares(self, results, given, limit):
        """How many values of each result this page may hold."""
        left = [0 if g < 0 else len(r["times"]) - g for r, g in zip(results, given)]
        each = limit
        if self.aws.settings["cloudwatch_spread"] == "time":
            each = max(1, limit // (sum(1 for n in left if n) or 1))
        shares = []
        for n in left:
            shares.append(min(n, each, limit))
            limit -= shares[-1]
        return shares

    def _result(self, result, given, share):
        """(what the page says of a result, whether that is all)."""
        entry = {"Id": result["id"], "Label": result["label"], "Timestamps": [], "Values": [], "StatusCode": "Complete"}
        if given < 0:
            return entry, True
        rule = self._rule(result)
        if rule:
            entry.update(StatusCode=rule["status"], Messages=rule["messages"])
            if rule["status"] in ("Forbidden", "InternalError"):
                return entry, not rule["token"]
        total = len(result["times"])
        if rule and rule["share"] is not None:
            total = int(total * rule["share"])
        times = result["times"][given : min(given + share, total)]
        finished = given + len(times) >= total
        entry.update(Timestamps=times, Values=[result["points"][t] for t in times])
        if not finished:
            entry["StatusCode"] = "PartialData"
        return entry, finished

    def _rule(self, result):
        """A scripted status for this result; see aws_control.py."""
        for rule in self.aws.metric_rules:
            if rule["left"] == 0 or any(result["about"].get(k) != v for k, v in rule["match"].items()):
                continue
            if rule["left"] > 0:
                rule["left"] -= 1
            return rule
        return None


class _Call:
    """The data of one call: queries become results, each once."""

    def __init__(self, aws, account, region, queries, span):
        self.aws, self.account, self.region, self.span = aws, account, region, span
        self.queries = {q["Id"]: q for q in queries}
        self.names = [q["MetricStat"]["Metric"].get("MetricName") for q in queries if "MetricStat" in q]
        self.known = {}
        self.open = []  # expressions being evaluated, to notice circles

    def results(self, query):
        if not query.get("ReturnData", True):
            return
        about = {"id": query["Id"], "account": self._account(query), "region": self.region}
        metric = query.get("MetricStat", {}).get("Metric", {})
        about.update(namespace=metric.get("Namespace"), metric=metric.get("MetricName"))
        about["dimensions"] = {d["Name"]: d["Value"] for d in metric.get("Dimensions", [])}
        for series in self._series(query["Id"]):
            label = query.get("Label") or series.label or query["Id"]
            yield {"id": query["Id"], "label": label, "points": series.points, "about": about}

    def _account(self, query):
        return query.get("AccountId", self.account)

    def _series(self, name):
        """The list of series of a query."""
        if name not in self.known:
            query = self.queries[name]
            if "MetricStat" in query:
                self.known[name] = [self._metric(query["MetricStat"], self._account(query))]
            else:
                self.known[name] = self._expression(name, query)
        return self.known[name]

    def _metric(self, stat, account):
        metric = stat["Metric"]
        dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions", [])}
        where = (account, self.region, metric.get("Namespace"), metric.get("MetricName"))
        found = self.aws.find_series(*where, dimensions)
        label = metric.get("MetricName")
        if self.names.count(label) > 1:
            label = " ".join(list(dimensions.values()) + [label])
        points = self._points(found, stat["Stat"], stat["Period"], stat.get("Unit")) if found else {}
        return metric_math.Series(points, label, stat["Period"], found and expectation(found))

    def _points(self, found, stat, period, unit):
        if unit not in (None, found["unit"]) or not period_fits(period, self.aws.now() - self.span[0]):
            return {}
        begin, end = self.span
        first = max(begin, self.aws.now() - KEPT_DAYS * DAY_S)
        buckets = {}
        for at, value in found["points"]:
            if first <= at < end:
                start = int(at) - (int(at) - begin) % period
                if start in buckets:
                    buckets[start].append(value)
                else:
                    buckets[start] = [value]
        compute = SIMPLE.get(stat) or functools.partial(statistic, stat)
        return {at: compute(values) for at, values in buckets.items()}

    def _expression(self, name, query):
        if name in self.open:
            raise invalid("Error in expression '%s': it refers to itself" % name)
        text = query["Expression"]
        if text.lstrip().upper().startswith("SELECT"):
            raise invalid("Error in expression '%s': the sandbox plays no Metrics Insights" % name)
        self.open.append(name)
        try:
            used = metric_math.names(text)
            if re.search(r"\bMETRICS\(", text):
                used |= {i for i, q in self.queries.items() if "MetricStat" in q}
            unknown = sorted(used - set(self.queries))
            if unknown:
                raise metric_math.MathError("%s is not known" % unknown[0])
            series = {i: s[0] if len(s) == 1 else s for i, s in ((i, self._series(i)) for i in sorted(used))}
            return metric_math.evaluate(text, series, self._search, self.span)
        except metric_math.MathError as error:
            raise invalid("Error in expression '%s': %s" % (name, error)) from None
        finally:
            self.open.remove(name)

    def _search(self, text, stat="Average", period=300.0):
        """SEARCH('{Namespace,Dimension} MetricName="x"', 'Average', 300): those with exactly these dimensions."""
        schema = SEARCH.fullmatch(text.strip())
        if not schema:
            raise metric_math.MathError("SEARCH needs a schema in braces")
        dimensions = {d.strip() for d in schema[2].split(",") if d.strip()}
        named = re.search(r'MetricName\s*=\s*"?([\w.-]+)"?', schema[3])
        word = (named[1] if named else schema[3]).strip().lower()
        found = [
            s for s in self.aws.series_in(self.account, self.region)
            if s["namespace"] == schema[1].strip() and set(s["dimensions"]) == dimensions and word in s["metric"].lower()
        ]
        found.sort(key=lambda s: sorted(s["dimensions"].items()))
        return [
            metric_math.Series(
                self._points(s, stat, int(period), None), " ".join([*s["dimensions"].values(), s["metric"]]), int(period)
            )
            for s in found[:100]
        ]


def expectation(found):
    """The model of a metric, as metric_math.Series takes it. None: nobody trained one."""
    if found["model"] == "trained":
        hours = {}
        for at, value in found["points"]:
            hours.setdefault(at % DAY_S // 3600, []).append(value)
        known = {hour: (statistics.fmean(values), statistics.pstdev(values)) for hour, values in hours.items()}
        return lambda at: known.get(at % DAY_S // 3600)
    if found["model"]:
        return lambda at: next(((mean, dev) for a, b, mean, dev in reversed(found["model"]) if a <= at < b), None)
    return None


SIMPLE = {
    "SampleCount": lambda values: float(len(values)),
    "Sum": sum,
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
}


def statistic(name, values):
    """SampleCount ... p90 over the samples of one period; percentiles by linear interpolation."""
    if name in SIMPLE:
        return SIMPLE[name](values)
    if not name.startswith("p"):
        raise invalid("the sandbox does not play the statistic %s" % name)
    ordered = sorted(values)
    at = float(name[1:]) / 100 * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


# --- what is refused, and what is silently empty -----------------------------------
def period_fits(period, age_s):
    """Whether a StartTime of that age has data of this period."""
    if age_s > 63 * DAY_S:
        return period % 3600 == 0
    if age_s > 15 * DAY_S:
        return period % 300 == 0
    return period % 60 == 0 or age_s <= 3 * 3600


def rounded_span(params, now):
    """(from, to) in whole seconds; StartTime is rounded down by its age."""
    start, end = (seconds(params[name]) for name in ("StartTime", "EndTime"))
    age = now - start
    unit = 3600 if age > 63 * DAY_S else 300 if age > 15 * DAY_S else 60
    return int(start) // unit * unit, math.ceil(end)


def seconds(value):
    return value.timestamp() if hasattr(value, "timestamp") else value


def check(params, queries):
    """Refuses what the service refuses, in the order in which it looks."""
    if seconds(params["StartTime"]) >= seconds(params["EndTime"]):
        raise invalid("The parameter StartTime must be less than the parameter EndTime.")
    if not queries:
        raise invalid("The parameter MetricDataQueries is required.")
    if len(queries) > QUERIES_MAX:
        raise invalid("The collection MetricDataQueries must not have a size greater than %d." % QUERIES_MAX)
    if params.get("MaxDatapoints", 1) < 1:
        raise invalid("The parameter MaxDatapoints must be greater than 0.")
    zone = params.get("LabelOptions", {}).get("Timezone")
    if zone is not None and not TIMEZONE.fullmatch(zone):
        raise invalid("The parameter LabelOptions.Timezone must look like +0130.")
    ids = [q["Id"] for q in queries]
    if len(set(ids)) != len(ids):
        raise invalid("The values for parameter id in MetricDataQueries are not unique.")
    for number, query in enumerate(queries, 1):
        check_query(query, "MetricDataQueries.member.%d" % number)


def check_query(query, where):
    if not ID.fullmatch(query["Id"]):
        raise invalid("The parameter %s.Id must match ^[a-z][a-zA-Z0-9_]*$." % where)
    if ("MetricStat" in query) == ("Expression" in query):
        raise invalid("The parameter %s must have either MetricStat or Expression, not both." % where)
    stat = query.get("MetricStat")
    period = stat["Period"] if stat else query.get("Period", 60)
    if period % 60 and period not in (1, 5, 10, 20, 30):
        raise invalid("The parameter %s.Period must be 1, 5, 10, 20, 30 or a multiple of 60." % where)
    if stat is None:
        return
    if not STATISTIC.fullmatch(stat["Stat"]):
        raise invalid("The value %s for parameter %s.MetricStat.Stat is not supported." % (stat["Stat"], where))
    for name in ("Namespace", "MetricName"):
        if name not in stat["Metric"]:
            raise invalid("The parameter %s.MetricStat.Metric.%s is required." % (where, name))
    dimensions = stat["Metric"].get("Dimensions", [])
    if len({d["Name"] for d in dimensions}) != len(dimensions):
        raise invalid("The dimensions of %s are not unique." % where)
    for dimension in dimensions:
        name, value = dimension["Name"], dimension["Value"]
        if name.startswith(":") or not all(t.isascii() and t.strip() for t in (name, value)):
            raise invalid("The dimension %s=%s of %s is not valid." % (name, value, where))
