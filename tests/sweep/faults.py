"""The fault sweep: each request of each flow meets each kind of fault, and then what became of it is looked at.

    /usr/bin/python3 -m tests.sweep --faults [--sample N] [--jobs N] [flow...]

A first run without a fault writes down its requests (the sandbox's `moments`). Then, for the n-th request of each method and
each kind of fault, a run meets that fault there, once: its flow's invariant must hold as if nothing had happened. Where a
repetition would do harm or does not pay, it may come to a remedy instead (GIVEN_UP says where): nothing is doubled,
the process is well, and one message says what failed. At last each method fails for good, by refusal and by
being down, until everything else has come to rest: then the same holds, and after the fault nothing is left undone. A Slack
that was down for no longer than it is asked again (outage()) excuses nothing.
"""
import collections
import concurrent.futures
import fnmatch
import hashlib
import json
import re
import threading
import time

from tests.e2e import support
from tests.sweep.flows_more import FLOWS

DEEP = 4                       # of many requests of one method so many are struck: the others are polls and edits like these
AWAY_S = 0.03                  # of the order of the first retries
STEADY_S = 1.5                 # without a change: it waits for a person, or for longer than anybody looks here
AWS = ("ssm", "ec2", "sts", "sns", "cloudwatch", "dynamodb", "logs", "cloudtrail", "bedrock", "aps")
# kind -> the sandbox's action; see tests/sandbox/faults.py
KINDS = {
    "refused": "away",         # the request before it is answered, and then nobody listens for a moment
    "reset_before": "reset_before", "reset_after": "reset_after",
    "timeout": {"do": "hang_after", "s": 0.2},
    "429": {"do": "429", "retry_after": 2}, "429_bare": {"do": "status", "status": 429, "body": "{}"},
    "500": "500_before", "500_after": "500_after", "malformed": "malformed_json", "truncated": "truncated",
    "drip": {"do": "drip", "s": 0.3}, "content_type": "content_type", "html": "html",
}
UPGRADE_KINDS = ("reset_before", "timeout", "429", "500")      # of a WebSocket there is no other answer
AWS_BARE = "throttle"          # AWS's own 429 without a time
MISSED = 0.2                   # of a flow's strikes so many may not find their request; the order varies a little
LAST_S = 1.5                   # how long each wait is while something fails for good
TRIES = 4                      # fewer than the tries after which an answer is given up (max_tries in commands/)
# Flows that give up: who asked is told, or asks again. All others try for ever.
ASKED = ("command", "ticket", "dashboard", "import", "ask", "summary", "weekly", "asked", "picture", "private", "account",
         "everywhere", "tools")
START = ("apps.connections.open", "auth.test", "socket.upgrade")    # without these nobody can be told anything
SAYS = re.compile("⚠|Interrupted|could not|cannot|without a model|No model|would not|not allowed|was not|were not|AWS answers|"
                  "may or may not|trying again")
# (method, kinds): what need not be tried again until it works, if only it is said.
GIVEN_UP = (
    ("jira.*", "html"),                                            # a login page or a proxy: a person must look
    ("aps.QueryMetrics", "html malformed truncated content_type"),  # no Prometheus answered
    ("logs.StartQuery", "html malformed truncated content_type"),  # it may have begun, and what it reads costs money
    ("bedrock.*", "html malformed truncated content_type"),        # once some of an answer was told it is not asked for again
    ("cloudwatch.*", "refused"), ("logs.*", "refused"), ("cloudtrail.*", "refused"), ("dynamodb.*", "refused"),
    ("aps.*", "refused"), ("bedrock.*", "refused"), ("ssm.*", "refused"), ("sts.*", "refused"),     # away for all three tries
)
# Nobody misses them, or there is nobody to tell: the log says it.
QUIET = ("sts.GetCallerIdentity", "sns.certificate", "jira.myself", "jira.mypermissions", "jira.serverInfo", "jira.link.set")
CHARTLESS = ("alarm", "response", "silence", "ack", "silenced", "picture", "resolve", "overtaken")  # an alarm's card needs none


def system_of(method, run):
    """Who is asked, by the names of the sandbox's listeners."""
    first = method.split(".")[0]
    if method in ("sns.certificate", "sns.ConfirmSubscription"):
        return "sns"
    if first == "jira":
        return "jira-" + run.site
    return "aws" if first in AWS else "slack"


def is_slack(method):
    return method.split(".")[0] not in ("jira", *AWS)


def moments_of(lane, flow):
    """[(method, n, (method, n) of the request before it)] of a run without a fault, each once."""
    run = lane.run(flow, FLOWS[flow].sites[0])
    since = len(run.sb.get("moments"))
    try:
        run.live()
        run.act()
        run.settle()
        found = run.sb.get("moments", since=since)
        run.judge()
    except Exception as error:
        raise AssertionError("%s without a fault: %s\n%s" % (flow, error, run.bot.tail(40))) from error
    finally:
        run.close()
    counts, moments, before = collections.Counter(), [], None
    for method in found:
        counts[method] += 1
        if counts[method] <= DEEP:
            moments.append((method, counts[method], before))
        before = (method, counts[method])
    return moments


def kinds_of(moment):
    method, _, before = moment
    kinds = UPGRADE_KINDS if method == "socket.upgrade" else list(KINDS)
    return [kind for kind in kinds if kind != "refused" or before]


def lasting_kinds(method, flow):
    """Down; down for longer than it is asked again; refuses."""
    return ["down", "down long", "refuses"] if is_slack(method) and flow in ASKED else ["down", "refuses"]


def arm(run, moment, kind):
    """Returns the number of the rule."""
    method, number, before = moment
    action = KINDS[kind]
    if kind == "refused":
        action = {"do": "away", "s": AWAY_S, "system": system_of(method, run)}
        method, number = before
    elif kind == "429_bare" and system_of(method, run) == "aws" and not method.startswith("aps."):
        action = AWS_BARE
    return run.sb.fault(action, method=method, nth=number)["rule"]


# --- what must be true whatever failed ---------------------------------------------------------------------------------
def everything_shown(run):
    """Messages of the run's channel, and what was whispered there."""
    whispers = [e for e in run.sb.get("ephemerals") if run.channel[2:] in e["channel"]]
    return run.sb.bot_messages(run.channel) + whispers


def nothing_doubled(run):
    keys = collections.Counter(json.dumps(m["metadata"], sort_keys=True) for m in run.sb.bot_messages(run.channel)
                               if m["metadata"])
    assert not keys or max(keys.values()) == 1, "posted twice: %s" % keys.most_common(1)
    issues = run.issues()
    assert len(issues) <= 1, "%d issues" % len(issues)
    for issue in issues:
        texts = collections.Counter(c["text"] for c in issue["comments"])
        assert not texts or max(texts.values()) == 1, "commented twice: %s" % texts.most_common(1)
    for part in ("top: here", "agent: here", "agent restarted"):
        assert len(run.commands(part)) <= 1, "sent twice: " + part
    mails = collections.Counter(m["subject"] for m in run.mails() if run.name in m["message"])
    repeats = [m for m in run.mails() if "may be a repeat" in m["message"]]
    assert sum(mails.values()) - len(mails) <= len(repeats), "mailed twice: %s" % mails


def remedies(run):
    """The messages that say that something failed."""
    return [m for m in everything_shown(run) if SAYS.search(support.shown(m))]


def told_to_model(run):
    """Whether the model heard of a tool that failed: it is the one that asked."""
    calls = [json.dumps(c["params"]) for c in run.sb.model_calls()]
    return any(run.name in call and '"status": "error"' in call for call in calls)


def one_remedy(run, method):
    """What was given up is said, with a reason, and not by several messages (an issue's stage, and the answer to a person);
    of an alarm's picture on the alarm's own card."""
    found = remedies(run)
    most = max(2, len(run.roots())) if method == "cloudwatch.GetMetricData" else 2
    if system_of(method, run) == "slack" or run.name.startswith("tools-") and told_to_model(run):
        return                         # there is nobody else to tell
    chart = method == "cloudwatch.GetMetricData" and run.name.split("-")[0] in CHARTLESS
    if chart or any(fnmatch.fnmatchcase(method, pattern) for pattern in QUIET):
        assert run.bot.logged(" warn "), "neither said nor logged"
        return
    assert found, "nothing is said of it (%s): %s" % (run.why[:200], [support.shown(m)[-700:] for m in everything_shown(run)])
    assert len(found) <= most, "said %d times: %s" % (len(found), [support.shown(m)[-300:] for m in found])


def ended_well(run):
    text = run.bot.log.read_text("utf-8", "replace")
    assert not support.SANITIZER.search(text), "a sanitizer spoke up"
    run.bot.stop()
    assert not run.bot.flows(), "flows are left in the journal: %s" % run.bot.flows()


# --- one fault, once ---------------------------------------------------------------------------------------------------
def strike(run, moment, kind):
    """One run with that fault. Returns what came of it: "held", "given up" or "not struck"."""
    rule = arm(run, moment, kind)
    run.live()
    run.act()
    run.settle()
    struck = run.sb.get("faults")[rule]["fired"]
    try:
        run.judge()
        return "held" if struck else "not struck"
    except AssertionError as error:
        if not may_give_up(moment[0], kind):
            raise
        run.why = str(error)
    nothing_doubled(run)
    one_remedy(run, moment[0])
    ended_well(run)
    return "given up"


def may_give_up(method, kind):
    return any(fnmatch.fnmatchcase(method, pattern) and kind in kinds.split() for pattern, kinds in GIVEN_UP)


# --- one that lasts ------------------------------------------------------------------------------------------------------
def refusal(method, run):
    """What the system says when it does not want to, ever."""
    system = system_of(method, run)
    if method.startswith("aps.") or method in ("upload", "response_url") or system in ("sns", "jira-" + run.site):
        return {"do": "status", "status": 403, "body": '{"errorMessages": ["Not you."], "errors": {}}'}
    if system == "aws":
        return {"do": "error", "error": "AccessDeniedException", "status": 403}
    return "ok_false:restricted_action" if method.startswith("chat.") else "ok_false:missing_scope"


def outage(run, method):
    """One run in which a method of Slack is down for a while, and people wait: all must be as if nothing had happened."""
    times = TRIES if run.name.split("-")[0] in ASKED else 0
    rule, done = run.sb.fault("503_before", method=method, times=times)["rule"], threading.Event()

    def end_it():
        while not run.sb.get("faults")[rule]["fired"] and not done.wait(0.05):
            pass
        done.wait(LAST_S)
        run.sb.clear_faults(rule)

    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        ending = executor.submit(end_it)
        try:
            run.live()
            run.act()
            run.settle()
        finally:
            done.set()
            ending.result()
    nothing_doubled(run)
    run.judge()
    return "held"


def last(run, method, kind):
    """One run in which that method fails until all else is done."""
    if kind == "down" and is_slack(method):
        return outage(run, method)
    action = refusal(method, run) if kind == "refuses" else "503_before"
    run.sb.fault(action, method=method, times=0)
    run.wait_s = LAST_S
    run.live()
    run.act()
    end = time.monotonic() + LAST_S
    while time.monotonic() < end and not run.settled():
        time.sleep(0.02)
    assert run.bot.alive(), "it died"
    nothing_doubled(run)
    if run.settled() and system_of(method, run) != "slack":     # else it is still being tried
        one_remedy(run, method)
    run.sb.clear_faults()
    run.wait_s = None
    run.act()
    run.settle()
    nothing_doubled(run)
    try:
        run.judge()
        return "held"
    except AssertionError as error:
        run.why = str(error)
    one_remedy(run, method)
    ended_well(run)
    return "given up"


# --- the sweep -----------------------------------------------------------------------------------------------------------
def plan_of(lane, flow):
    """[(function, its arguments)] of one flow."""
    moments = moments_of(lane, flow)
    plan = [(strike, moment, kind) for moment in moments for kind in kinds_of(moment)]
    methods = dict.fromkeys(method for method, _, _ in moments if method not in START)
    return plan + [(last, method, kind) for method in methods for kind in lasting_kinds(method, flow)]


def case(lane, flow, step):
    """(what came of it, why)"""
    act, what, kind = step
    number = what[1] if act is strike else 1
    run = lane.run(flow, FLOWS[flow].sites[number % len(FLOWS[flow].sites)])
    run.patience, run.why = STEADY_S, ""
    if act is strike:
        run.lost = what[0]
    try:
        return act(run, what, kind), run.why
    except Exception as error:                          # a failed case must not end the sweep
        return "failed", "%s: %s\n%s" % (type(error).__name__, error, run.bot.tail(25))
    finally:
        run.sb.clear_faults()
        run.close()


def name_of(step):
    act, what, kind = step
    return "%s#%d %s" % (what[0], what[1], kind) if act is strike else "%s %s for good" % (what, kind)


def walk(lane, flow, plan, verbose):
    results = collections.Counter()
    for step in plan:
        result, why = case(lane, flow, step)
        results[result] += 1
        if result == "failed" or verbose:
            print("%s %s: %s: %s" % (result.upper(), flow, name_of(step), why), flush=True)
    return results


def sample_of(plan, flow, options):
    """Each N-th case by a hash of its name, so that one seed gives the same cases however the plan varies; one at least."""
    def lot(step):
        drawn = hashlib.sha256(("%s %s %s" % (options.seed or 1, flow, name_of(step))).encode()).digest()
        return int.from_bytes(drawn[:8], "big")
    return [step for step in plan if lot(step) % options.sample == 0] or [min(plan, key=lot)]


def missed_too_often(seen, missed):
    """Whether so many strikes found nothing to strike that the flow was hardly tried."""
    return missed > max(1, MISSED * sum(act is strike for act, _, _ in seen))


def sweep(flow, options, lanes):
    """(passed, failed) over the cases of a flow."""
    began = time.monotonic()
    plan = plan_of(lanes[0], flow)
    seen = sample_of(plan, flow, options)
    with concurrent.futures.ThreadPoolExecutor(len(lanes)) as executor:
        parts = [executor.submit(walk, lane, flow, seen[n::len(lanes)], options.verbose) for n, lane in enumerate(lanes)]
        results = sum((part.result() for part in parts), collections.Counter())
    print("%s: %d of %d cases, %s in %.0f s" % (flow, len(seen), len(plan), ", ".join(
        "%d %s" % (n, name) for name, n in sorted(results.items())), time.monotonic() - began), flush=True)
    if missed_too_often(seen, results["not struck"]):
        print("FAILED %s: %d faults were not struck" % (flow, results["not struck"]), flush=True)
        return len(seen) - results["failed"], results["failed"] + 1
    return len(seen) - results["failed"], results["failed"]
