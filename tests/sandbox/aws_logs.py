"""CloudWatch Logs: DescribeLogGroups, and queries (StartQuery, GetQueryResults, StopQuery) over the lines of
POST /control/log_lines. The language is that of logs_query.py.

A query is Scheduled, then Running for the setting `logs_run_s`: meanwhile it has seen so much of the lines as of its
time, oldest first, and its rows grow. What it scanned is charged: bytesScanned are the bytes of those lines, times
`logs_scanned_times`, so that a test need not write gigabytes. `logs_ends` is the status it ends with.
"""
import time
import uuid

from . import logs_query
from .aws_world import AwsError, page

EVENT_OVERHEAD = 26  # bytes of each event besides its text
LIMIT_DEFAULT = 10000
GROUPS_MAX, GROUPS_PAGE = 50, 50
ROWS_PAGE = 10000
SCHEDULED_SHARE = 0.1  # of its time
NOT_PLAYED = ("logGroupIdentifiers", "accountIdentifiers", "includeLinkedAccounts", "logGroupClass", "queryLanguage")


def invalid(text, judged="parameters"):
    return AwsError("InvalidParameterException", text, judged=judged)


class Running:
    """A query that was started."""

    def __init__(self, account, query, limit, events, run_s):
        self.id, self.account, self.query, self.limit, self.run_s = str(uuid.uuid4()), account, query, limit, run_s
        self.events, self.begun = sorted(events, key=lambda e: e["@time"]), time.monotonic()
        self.stopped = None  # the share that it had seen when it was stopped


class Logs:
    """The groups in aws.log_groups: (account, region, name) -> {"made", "lines": [(seconds, text, stream)]}."""

    def __init__(self, world):
        self.world, self.aws = world, world.aws
        self.queries = {}

    @staticmethod
    def resource(action, params, identity, region):
        names = params.get("logGroupNames") or [params.get("logGroupName", "*")]
        name = names[0] if action == "StartQuery" else ""
        return "arn:aws:logs:%s:%s:log-group:%s:log-stream:" % (region, identity["account"], name)

    # --- groups ---------------------------------------------------------------------
    def do_DescribeLogGroups(self, params, identity, region):
        refuse_unplayed(params)
        prefix, pattern = params.get("logGroupNamePrefix"), params.get("logGroupNamePattern")
        if prefix is not None and pattern is not None:
            raise invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
        found = [
            (w[2], g) for w, g in sorted(self.aws.log_groups.items())
            if w[:2] == (identity["account"], region) and w[2].startswith(prefix or "")
            and (pattern or "").lower() in w[2].lower()
        ]
        error = invalid("The specified nextToken is invalid.")
        found, more = page(
            self.aws, found, params.get("limit", GROUPS_PAGE), params.get("nextToken"), str(prefix or pattern), error
        )
        return {"logGroups": [self._described(n, g, identity, region) for n, g in found], "nextToken": more}

    @staticmethod
    def _described(name, group, identity, region):
        return {
            "logGroupName": name,
            "creationTime": int(group["made"] * 1000),
            "metricFilterCount": 0,
            "arn": "arn:aws:logs:%s:%s:log-group:%s:*" % (region, identity["account"], name),
            "storedBytes": sum(size(text) for _, text, _ in group["lines"]),
        }

    # --- queries --------------------------------------------------------------------
    def do_StartQuery(self, params, identity, region):
        refuse_unplayed(params)
        if ("logGroupName" in params) == ("logGroupNames" in params):
            raise invalid("Exactly one of logGroupName and logGroupNames is wanted")
        names = params.get("logGroupNames", [params.get("logGroupName")])
        if not 1 <= len(names) <= GROUPS_MAX:
            raise invalid("A query reads 1 to %d log groups" % GROUPS_MAX)
        if params["startTime"] > params["endTime"]:
            raise invalid("startTime is after endTime")
        groups = [self._group(identity["account"], region, name) for name in names]
        try:
            query = logs_query.Query(params["queryString"])
        except logs_query.QueryError as error:
            raise AwsError("MalformedQueryException", str(error)) from None
        if sum(1 for q in self.queries.values() if self._is_running(q)) >= self.aws.settings["logs_queries_max"]:
            raise AwsError("LimitExceededException", "Too many queries are running")
        events = [
            logs_query.record(at, text, stream, "%s:%s" % (identity["account"], name), pointer(name, number))
            for name, group in zip(names, groups)
            for number, (at, text, stream) in enumerate(group["lines"])
            if params["startTime"] <= at < params["endTime"] + 1
        ]
        run_s = self.aws.settings["logs_run_s"] * self.world.scale
        made = Running(identity["account"], query, params.get("limit", LIMIT_DEFAULT), events, run_s)
        self.queries[made.id] = made
        return {"queryId": made.id}

    def _group(self, account, region, name):
        found = self.aws.log_groups.get((account, region, name))
        if found is None:
            raise AwsError("ResourceNotFoundException", "Log group '%s' does not exist for account ID '%s'" % (name, account))
        return found

    def _query(self, params, identity):
        found = self.queries.get(params["queryId"])
        if found is None or found.account != identity["account"]:
            raise AwsError("ResourceNotFoundException", "Query id does not exist")  # or any more
        return found

    @staticmethod
    def _share(query):
        """How much of its lines it has seen, 0 to 1."""
        if query.stopped is not None:
            return query.stopped
        return min(1.0, (time.monotonic() - query.begun) / query.run_s) if query.run_s > 0 else 1.0

    def _is_running(self, query):
        return query.stopped is None and self._share(query) < 1

    def _status(self, query, share):
        if query.stopped is not None:
            return "Cancelled"
        if share < SCHEDULED_SHARE:
            return "Scheduled"
        return "Running" if share < 1 else self.aws.settings["logs_ends"]

    def do_GetQueryResults(self, params, identity, _region):
        query = self._query(params, identity)
        share = self._share(query)
        status = self._status(query, share)
        seen = query.events[: int(len(query.events) * share)] if status != "Scheduled" else []
        rows, matched = query.query.rows(seen, query.limit)
        start = int(params.get("nextToken", "0")) if params.get("nextToken", "0").isdigit() else 0
        size_of_page = min(params.get("maxItems") or ROWS_PAGE, self.aws.settings["aws_page"] or ROWS_PAGE)
        if status != "Running":
            more = str(start + size_of_page) if len(rows) > start + size_of_page else None
            rows = rows[start : start + size_of_page]
        else:
            more = None
        return {
            "results": [[{"field": f, "value": v} for f, v in row] for row in rows],
            "statistics": {
                "recordsMatched": float(matched),
                "recordsScanned": float(len(seen)),
                "bytesScanned": float(sum(size(e["@message"]) for e in seen) * self.aws.settings["logs_scanned_times"]),
            },
            "status": status,
            "nextToken": more,
        }

    def do_StopQuery(self, params, identity, _region):
        query = self._query(params, identity)
        if not self._is_running(query):
            raise invalid("Query ID %s has ended with status %s" % (query.id, self._status(query, 1)), judged=None)
        query.stopped = self._share(query)
        return {"success": True}


def refuse_unplayed(params):
    unplayed = sorted(set(NOT_PLAYED) & set(params))
    if unplayed:
        raise invalid("the sandbox does not play %s" % unplayed[0])


def size(text):
    return len(text.encode()) + EVENT_OVERHEAD


def pointer(name, number):
    return "Cloj%sEhgKFAoQ%08d" % (name.encode().hex()[:24], number)
