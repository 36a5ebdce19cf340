"""The flows that the crash sweep walks through. A new flow: two small functions and a line in FLOWS.

stimulus(run)    does to the running program what the world would do, without waiting for it to live:
                 it may die at any moment. run.name is a name that no other run uses.
invariant(run)   asserts what must be true once everything has settled, whatever happened.

What each costs is in its line of FLOWS. A flow that calls many systems passes hundreds of points, most of them the same
(send, sent, answered, woken, committed) around another request: `response` dies at each second one, `silence`, which shares
most of its way with it, at each third, and a second death comes to few of their runs. These two, `command` and
`ticket` then take four to five minutes on two cores, and all flows six. `--every 1` walks through all.
"""
import dataclasses
import json
import time
from collections.abc import Callable

from tests.e2e.support import NO_DIAGNOSIS, just_now, seed_incident, seed_schedule, shown, texts
from tests.sandbox import series
from tests.sandbox.client import SandboxError

SITES = ("cloud", "datacenter")
INSTANCE = "i-0123456789abcdef0"
# Scripted results of SSM commands: (what the script holds, output).
SCRIPTED = (("top: here", "top: here\nload 7.5\n"), ("agent: here", "agent: stopped\n"))
# Short scripts in place of the built-in ones. The restart really runs, so that the sandbox counts its starts.
RUNBOOKS = [
    {"name": "top", "linux": "echo top: here", "on": {"metric": "CPUUtilization", "to": "ALARM"}},
    {"name": "agent", "linux": "echo agent: here"},
    {"name": "agent-restart", "linux": "echo agent restarted", "changes": True},
]


@dataclasses.dataclass
class Flow:
    """A line of FLOWS."""

    stimulus: Callable
    invariant: Callable
    configuration: Callable = lambda run: {"runbooks": NO_DIAGNOSIS}
    goes_on: bool = False    # the stimulus is called in each life of the process, see Run.do_once
    sites: tuple = SITES[:1]  # Jira's kinds, by turns
    every: int = 1           # only each N-th point
    second: int = 5          # a second crash for each N-th point

    def site_of(self, at):
        return self.sites[at // self.every % len(self.sites)]


def once(items, what):
    assert len(items) == 1, "%d times: %s\n%s" % (len(items), what, "\n".join(map(str, items)))
    return items[0]


def own_posts(run, word=""):
    """Every chat.postMessage of this run that took effect and holds the word, deleted or not."""
    return [r for r in run.requests("chat.postMessage") if (r.get("response") or {}).get("ok")
            and word in "".join(texts(r["args"])) and not r["args"].get("text", "").startswith("tocsin: ")]


def asked_once(run, calls):
    """The model costs: whatever dies, it is asked once; a lost answer alone is asked for again."""
    assert len(calls) <= 1 + run.lost.startswith("bedrock."), "the model was asked %d times" % len(calls)


# --- an alarm's whole way: ALARM, the same again, OK ------------------------------------------
def alarm(run):
    # Between the steps the effects are awaited (for a moment only: the program may be dead), so that
    # the points of each of them are passed alone, not all mixed up.
    run.publish_alarm("ALARM", run.began - 120)
    run.meanwhile(lambda: run.roots() and run.history(run.roots()[0]))
    run.publish_alarm("ALARM", run.began - 120, again=True)
    run.publish_alarm("OK", run.began - 60)


def alarm_holds(run):
    card = once(run.roots(), "message of the incident")
    assert card["text"].startswith("RESOLVED"), card["text"]
    assert "after 60 s" in shown(card) or "after 1 min" in shown(card), shown(card)
    lines = run.history(card)
    assert len(lines) == 2, "the thread shows %d changes: %s" % (len(lines), lines)
    assert len([l for l in lines if "OK" in l.split("Threshold")[0].rsplit("→", 1)[-1]]) == 1, lines
    posts = own_posts(run, run.name)
    shown_now = 1 + len(run.replies(card))
    assert len(posts) == shown_now, "%d posts for %d messages" % (len(posts), shown_now)


# --- an OK that overtakes its ALARM on the way: two lines are born in one change ------------------------
def overtaken(run):
    run.publish_alarm("OK", run.began - 60)
    run.publish_alarm("ALARM", run.began - 120)
    run.meanwhile(lambda: run.roots() and run.history(run.roots()[0]))


# --- many alarms at once: each has its message in its turn, and one card tells of those that wait ----------------------------
STORM = 15


def storm(run):
    # The first posts take a while, so that the others wait.
    run.sb.fault({"do": "delay", "s": 0.8}, times=3, method="chat.postMessage", channel=run.channel)
    for number in range(STORM):
        run.sb.alarm(name="%s-%02d" % (run.name, number), time=run.began - 120 + number, wait=False)
    run.meanwhile(lambda: len(run.roots()) >= STORM)


def storm_holds(run):
    cards = [m for m in run.roots() if "Many alarms at once" in shown(m)]
    assert len(cards) <= 1, "%d cards" % len(cards)  # none where they came one by one: after a death, on a busy machine
    assert all("all are posted" in shown(card) for card in cards), shown(cards[0])
    assert len(run.roots()) == STORM + len(cards), "%d messages" % len(run.roots())
    for number in range(STORM):
        name = "%s-%02d" % (run.name, number)
        card = once([m for m in run.roots() if m["text"].startswith("ALARM") and name in m["text"]], "message of " + name)
        once(run.history(card), "line of history")
    posts = [r for r in run.requests("chat.postMessage") if (r.get("response") or {}).get("ok")
             and r["args"]["channel"] == run.channel and "thread_ts" not in r["args"]]
    assert len(posts) == STORM + len(cards), "%d posts" % len(posts)


# --- a mention: Slack delivers it again until it is acknowledged ---------------------------------
def mention(run):
    run.said = run.sb.mention("ping " + run.name, channel=run.channel)
    run.meanwhile(lambda: run.sb.replies(run.said["ts"], run.channel))


def mention_holds(run):
    once(run.sb.replies(run.said["ts"], run.channel), "pong")
    once([r for r in run.requests("chat.postMessage") if r["args"].get("thread_ts") == run.said["ts"]
          and (r.get("response") or {}).get("ok")], "post")


# --- a slash command: never delivered again, so it may be lost before the ack, never after ------------
def slash_state(run):
    return run.sb.envelopes(run.envelope)[0]["state"]


def slash(run):
    run.envelope = run.sb.slash("/tocsin ping", channel=run.channel, wait=False)["id"]
    run.meanwhile(lambda: slash_state(run) == "operation_timeout" or (
        slash_state(run) == "acked" and run.sb.bot_messages(run.channel)))


def slash_holds(run):
    posts = own_posts(run)
    acked = slash_state(run) == "acked"
    assert len(posts) <= 1, "answered %d times" % len(posts)
    assert posts or not acked, "acknowledged, and never answered"


# --- any other event of AWS ----------------------------------------------------------------------------
def notice(run):
    run.publish(json.dumps({
        "version": "0", "id": run.name, "detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2",
        "account": "123456789012", "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "region": "us-east-1",
        "resources": [], "detail": {"instance-id": run.name, "state": "stopped"}}), copies=2)
    run.meanwhile(run.roots)


def notice_holds(run):
    once(run.roots(), "message of the event")
    once(own_posts(run, run.name), "post")


# --- an alarm with all that tocsin does about it: diagnosis, issue, comment, mail, and OK ------------------------
def whole(run):
    jira = {**run.sb.ready["jira"][run.site]["config"], "client": "Example Corp"}
    jira.update(resolve_to="Done", reopen_to="To Do")
    return {"runbooks": RUNBOOKS, "jira": jira, "mail": {"topic": run.sb.ready["mail_topic"], "on_ok": True}}


def over(run):
    """Diagnosis, ticket and mail are done, by the card; of a mail it may not know (ended_well)."""
    return run.card().count("✅") + run.card().count("⚠") >= 3


def response(run):
    run.do_once("ALARM", lambda: run.publish_alarm("ALARM", run.began - 120))
    run.meanwhile(lambda: over(run) and run.delivered())
    if run.heard():                # an OK that overtakes its ALARM is another flow's matter
        run.do_once("OK", lambda: run.publish_alarm("OK", run.began - 60))


def one_issue(run, outputs):
    """The run's only issue: closed, linked, each output and the end as one comment."""
    issue = once(run.issues(), "issue")
    assert issue["site"] == run.site and issue["category"] == "done", issue["status"]
    link = once(issue["links"], "link to the chat")
    assert "/archives/%s/p" % run.channel in link["url"], link
    said = [c["text"].replace("*", "") for c in issue["comments"]]
    for output in outputs:
        once([c for c in said if output in c], "comment with " + output)
    once([c for c in said if "→ OK" in c], "comment about the end")
    assert len(said) == len(outputs) + 1, said
    assert issue["key"] in run.card(), "the card does not show %s" % issue["key"]
    return issue


def mails_hold(run, state, issue):
    """One for the change; a second, which says so, only where nobody can know whether it was published."""
    mails = [m for m in run.mails() if "] %s: " % state in m["subject"]]
    allowed = min(2, 1 + run.died_at("mail", "send") + (run.lost == "sns.Publish"))
    assert 1 <= len(mails) <= allowed or (not mails and allowed == 2), "%d mails about %s" % (len(mails), state)
    for number, mail in enumerate(mails):
        # On a busy machine issue or output may come later than 90 s, scaled; then the mail says so.
        text = mail["message"]
        assert run.name in text and (issue["url"] in text or "issue is not there yet" in text), text
        assert number == 0 or "may be a repeat" in mail["message"], mail["message"]


def ended_well(run):
    card = once(run.roots(), "message of the incident")
    assert card["text"].startswith("RESOLVED"), card["text"]
    # Killed twice while a mail was being published, it says that it does not know.
    unsure = run.died_at("mail", "send") >= 2 and run.card().count("⚠") == 1 and "Mail ⚠" in run.card()
    assert "⏳" not in run.card() and ("⚠" not in run.card() or unsure), run.card()
    return card


def once_in_thread(run, card, text):
    once([r for r in run.replies(card) if text in shown(r)], "reply with " + text)


def response_holds(run):
    card = ended_well(run)
    once_in_thread(run, card, "load 7.5")
    assert len(run.history(card)) == 2, run.history(card)
    once(run.commands("top: here"), "command")
    issue = one_issue(run, ["load 7.5"])
    mails_hold(run, "ALARM", issue)
    mails_hold(run, "OK", issue)
    states = [m["subject"].split("] ")[1].split(":")[0] for m in run.mails()]
    assert states == sorted(states), "the mail about the end came first: %s" % states
    first = run.mails()[0]["message"]      # killed twice while it was being published, it may be the one about the end
    assert "load 7.5" in first or "not there yet" in first or states[0] == "OK", first


# --- no data: EC2, the agent's status, a proposal, a person's click, the restart, OK ------------------------------
def silent(run):
    return {**whole(run), "mail": {"topic": run.sb.ready["mail_topic"]}}


def silence_begins(run):
    run.sb.alarm(name=run.name, namespace="CWAgent", metric="mem_used_percent", state="INSUFFICIENT_DATA",
                 dimensions={"InstanceId": run.instance}, old_state="OK", time=run.began - 120, wait=False)


def buttons(run):
    return [e["action_id"] for m in run.roots() for b in m["blocks"] if b["type"] == "actions" for e in b["elements"]]


def press(run, button):
    """A person clicks; and again when Slack says that it was not heard and the button is still there."""
    if button not in run.done and button in buttons(run):
        try:
            envelope = run.sb.click(run.roots()[0]["ts"], button, channel=run.channel)
        except SandboxError:       # an earlier click was heard after all: the button has just gone
            return
        if envelope["state"] == "acked":
            run.done.add(button)


def approve(run):
    press(run, "approve")
    return "approved by" in run.card()


def silence(run):
    run.do_once("silence", lambda: silence_begins(run))
    run.meanwhile(lambda: approve(run))
    run.meanwhile(lambda: "done, approved" in run.card())
    if run.bot.alive():
        run.do_once("OK", lambda: run.sb.alarm(
            name=run.name, namespace="CWAgent", metric="mem_used_percent", state="OK",
            dimensions={"InstanceId": run.instance}, time=run.began - 60, wait=False))


def silence_holds(run):
    card = ended_well(run)
    assert "done, approved by" in run.card(), run.card()
    once(run.commands("agent: here"), "status of the agent asked")
    restart = once(run.commands("agent restarted"), "restart sent")
    assert restart["invocations"][run.instance]["runs"] == 1, restart
    for text in ("agent: stopped", "agent restarted"):
        once_in_thread(run, card, text)
    mails_hold(run, "NO DATA", one_issue(run, ["agent: stopped", "agent restarted"]))


# --- somebody acknowledges an incident: a click, and later words; the issue is told of both -------------------------------
def tickets(run):
    return {"runbooks": NO_DIAGNOSIS, "jira": run.sb.ready["jira"][run.site]["config"]}


def say_once(run, name, words):
    """A mention; True once it is answered. The next life waits for the answer of an earlier one."""
    run.do_once(name, lambda: setattr(run, name, run.sb.mention(words, channel=run.channel)))
    run.meanwhile(lambda: run.replies(getattr(run, name)))
    return bool(run.replies(getattr(run, name)))


def acknowledged(run):
    press(run, "ack")              # until Slack says that it was heard: a click in vain must not come after the unack
    return "ack" in run.done and "has it since" in run.card()


def ack(run):
    run.do_once("ALARM", lambda: run.publish_alarm("ALARM", run.began - 120))
    run.meanwhile(lambda: "Ticket ✅" in run.card())
    run.meanwhile(lambda: "unack" in run.done or acknowledged(run))
    if "unack" in run.done or acknowledged(run):
        say_once(run, "unack", "unack " + run.incident())
        run.meanwhile(lambda: "has it since" not in run.card())


def ack_holds(run):
    card = once([m for m in run.roots() if m["text"].startswith("ALARM")], "message of the incident")
    assert "has it since" not in run.card(), run.card()
    for words in ("has it now", "gave it back"):
        once_in_thread(run, card, words)
        once([c for c in once(run.issues(), "issue")["comments"] if words in c["text"]], "comment with " + words)
    once(run.replies(run.unack), "answer")


# --- an alarm that is silenced: nothing is said of it until somebody ends that ------------------------------------------
def silenced(run):
    if not say_once(run, "begin", "silence %s 1h deploy" % run.name):
        return
    run.do_once("ALARM", lambda: run.publish_alarm("ALARM", run.began - 120))
    run.meanwhile(run.delivered)
    if not run.heard():
        return
    run.do_once("look", lambda: setattr(run, "early", run.roots()))
    say_once(run, "end", "unsilence 1")
    run.meanwhile(lambda: run.roots() and len(run.history(run.roots()[0])) == 2)


def silenced_holds(run):
    assert "look" in run.done, "it never came to be silenced"
    assert not run.early, "posted while it was silenced: %s" % run.early
    once(run.replies(run.begin), "answer")
    once(run.replies(run.end), "answer")
    card = once(run.roots(), "message of the incident")
    once_in_thread(run, card, "The silence is over")
    once([line for line in run.history(card) if "→" in line], "line of history")
    once([r for r in own_posts(run, run.name) if "thread_ts" not in r["args"]], "post of the message")
    once(run.issues(), "issue")


# --- somebody asks for a diagnosis ------------------------------------------------------------------------------------
def command(run):
    run.said = run.sb.mention("top " + run.instance, channel=run.channel)
    run.meanwhile(lambda: any("load 7.5" in shown(r) for r in run.replies(run.said)))


def command_holds(run):
    answer = once(run.replies(run.said), "answer")
    assert "load 7.5" in shown(answer) and "⏳" not in shown(answer), shown(answer)
    once(own_posts(run), "post")
    once(run.commands("top: here"), "command")


# --- somebody opens a ticket in words of his own --------------------------------------------------------------------
def ticket(run):
    run.said = run.sb.mention("ticket the printer of %s is on fire" % run.name, channel=run.channel)
    run.meanwhile(lambda: run.replies(run.said))


def ticket_holds(run):
    issue = once(run.issues(), "issue")
    assert run.name in issue["summary"], issue["summary"]
    answer = once(run.replies(run.said), "answer")
    assert issue["url"] in shown(answer) and "✅" in shown(answer), shown(answer)


# --- somebody looks at a dashboard: text, small multiples, each finding with its chart ------------------------------------
SHOP = {"LoadBalancer": "app/shop/0123456789abcdef"}


def board(run):
    """The answers were slow for a while: one finding."""
    end = int(run.began)
    slow = series.slow_since(end - 4 * 3600, end - 3 * 3600, 1.4)
    run.sb.metric("AWS/ApplicationELB", "TargetResponseTime", dimensions=SHOP,
                  points=series.make(series.latency, end, days=4, change=slow))
    return {"runbooks": NO_DIAGNOSIS, "dashboards": [{
        "name": "shop", "baseline": "3d", "metrics": [{
            "id": "latency", "title": "Answer time", "namespace": "AWS/ApplicationELB", "unit": "Seconds",
            "metric": "TargetResponseTime", "dimensions": SHOP, "normal": {"below": 0.5}}]}]}


def dashboard(run):
    run.said = run.sb.mention("dashboard shop", channel=run.channel)
    run.meanwhile(lambda: len(run.replies(run.said)) == 2 and all(map(run.sb.pictures, run.replies(run.said))))


def dashboard_holds(run):
    replies = run.replies(run.said)
    result = once([r for r in replies if "shop: 1 finding" in shown(r)], "result")
    chart = once([r for r in replies if r["ts"] != result["ts"]], "chart of the finding")
    assert "F1" in shown(result) and "F1" in shown(chart) and "⚠" not in shown(result), shown(result)
    assert len(run.sb.pictures(result)) == len(run.sb.pictures(chart)) == 1
    assert len(own_posts(run)) == 2


# --- CloudWatch's dashboard as configuration: the answer and its parts in the thread, each once -----------------------------
def hosts(run):
    rows = [["App", "Requests", "Host", "host-%03d.example.com" % n] for n in range(60)]
    run.sb.post("dashboard", name="Hosts", body={"widgets": [{"type": "metric", "properties": {"metrics": rows}}]})
    return {"runbooks": NO_DIAGNOSIS}


def import_(run):
    run.said = run.sb.mention("dashboard import Hosts", channel=run.channel)
    run.meanwhile(lambda: any("host-059" in json.dumps(reply) for reply in run.replies(run.said)))


def import_holds(run):
    replies = run.replies(run.said)
    once([r for r in replies if "to be pasted" in shown(r)], "answer")
    for host in ("host-000", "host-059"):
        once([r for r in replies if host in json.dumps(r["blocks"])], "part with " + host)


# --- an alarm's own chart, beside its message ------------------------------------------------------------------------------
def picture(run):
    run.sb.alarm(name=run.name, namespace="AWS/ApplicationELB", metric="TargetResponseTime", dimensions=SHOP,
                 threshold=0.5, time=run.began - 120, wait=False)
    run.meanwhile(lambda: run.roots() and run.sb.pictures(run.roots()[0]))


def picture_holds(run):
    card = once(run.roots(), "message of the incident")
    assert len(run.sb.pictures(card)) == 1, card["blocks"]
    once([r for r in own_posts(run, run.name) if "thread_ts" not in r["args"]], "post of the message")


# --- somebody asks a question: the model is called once, however often the process dies -----------------------------------
def answers(run):
    """The sandbox's model answers this run's question, as often as it is asked."""
    run.sb.model_says("The answers were slow then (F1).", match=run.name, times=0)
    return {**board(run), "bedrock": {"model": "anthropic.claude-test-v1:0"}}


def said(run, word):
    return [r for r in run.replies(run.said) if word in shown(r)]


def ask(run):
    run.said = run.sb.mention("why is the shop slow since yesterday, %s?" % run.name, channel=run.channel)
    run.meanwhile(lambda: said(run, "Answered") and any(map(run.sb.pictures, run.replies(run.said))))


def ask_holds(run):
    """Exactly one answer, or an honest "interrupted"."""
    calls = [c for c in run.sb.model_calls() if run.name in json.dumps(c["params"])]
    head = once(said(run, "Answered") + said(run, "Interrupted by a restart"), "head")
    assert "ask_stop" not in json.dumps(head["blocks"]), head
    asked_once(run, calls)
    assert len(said(run, "The answers were slow then (F1).")) <= 1
    if "Interrupted" in shown(head):
        assert "ask_again" in json.dumps(head["blocks"]), head
        assert run.interrupted, "interrupted, and nobody died"
        return
    assert calls
    once(said(run, "The answers were slow then (F1)."), "answer")
    once([r for r in run.replies(run.said) if run.sb.pictures(r)], "chart of the finding")


# --- the summary: what is open, what flapped and would be quieter, a dashboard with a finding, a model's words ---------------
BLIPS = 6        # of five minutes, in the last hours
STEP = 300


def noisy(run):
    """An alarm that fired for each blip of its metric, and one that is open since two hours ago."""
    end = int(run.began) // STEP * STEP - 2 * STEP
    begin = end - 576 * STEP
    blips = [576 - 12 * (n + 1) for n in range(BLIPS)][::-1]
    alarm = {"name": run.name, "namespace": "Shop", "metric": "Blips", "dimensions": {"Run": run.name}, "threshold": 500.0,
             "period": STEP}
    run.sb.metric("Shop", "Blips", dimensions=alarm["dimensions"], start=begin, step=STEP,
                  values=[900.0 if n in blips else 100.0 for n in range(576)])
    run.sb.post("aws_alarm", **alarm)
    changes = [(begin + (n + 1 + i) * STEP, state) for n in blips for i, state in enumerate("AO")]
    database = run.directory / "tocsin.db"
    seed_incident(database, 1, {"name": run.name}, changes, run.channel)
    seed_incident(database, 2, {"name": "open"}, [(run.began - 7200, "A")], run.channel)


def asked_for(run):
    """The dashboard has this run's name, by which its model's calls are known."""
    settings = answers(run)
    settings["dashboards"][0]["name"] = run.name
    noisy(run)
    return settings


def due(run):
    """By schedule, at once, as if the process had been down."""
    line = just_now()
    seed_schedule(run.directory / "tocsin.db", "daily", line)
    return {**asked_for(run), "summary": {"schedule": line}}


def due_weekly(run):
    """Likewise the weekly one, at the same minute: one message."""
    settings = due(run)
    line = settings["summary"]["weekly"] = settings["summary"]["schedule"]
    seed_schedule(run.directory / "tocsin.db", "weekly", line)
    return settings


def summary(run):
    run.meanwhile(lambda: run.roots() and run.replies(run.roots()[0]))


def summary_is_whole(run, kind, message, detail):
    assert message["text"] == kind + ": 1 open, 1 resolved, 1 finding", message["text"]
    text = shown(message)
    assert "⚠" not in text and "%s fired %d times" % (run.name, BLIPS) in text, text
    assert "1 resolved; %d firings ended, after 5 min" % BLIPS in text.replace("\n", ""), text
    assert len(run.sb.pictures(message)) == 1
    assert len(run.sb.pictures(detail)) == 2, "the dashboard and its finding"
    assert len(own_posts(run)) == 2
    calls = [c for c in run.sb.model_calls() if run.name in json.dumps(c["params"])]
    asked_once(run, calls)
    if "I was restarted" in text:
        assert run.interrupted, "interrupted, and nobody died"
    else:
        assert calls and "The answers were slow then" in text, text


def summary_holds(run, kind="Daily summary"):
    message = once(run.roots(), "summary")
    summary_is_whole(run, kind, message, once(run.replies(message), "details of the dashboard"))


def weekly_holds(run):
    summary_holds(run, "Weekly summary")


def summary_asked(run):
    run.said = run.sb.mention("summary", channel=run.channel)
    run.meanwhile(lambda: len(run.replies(run.said)) == 2)


def summary_asked_holds(run):
    message = once(said(run, "1 open"), "summary")
    summary_is_whole(run, "Summary", message, once([r for r in run.replies(run.said) if r["ts"] != message["ts"]], "details"))


FLOWS = {
    "alarm": Flow(alarm, alarm_holds),
    "overtaken": Flow(overtaken, alarm_holds),
    "storm": Flow(storm, storm_holds, every=61, second=240),
    "mention": Flow(mention, mention_holds),
    "slash": Flow(slash, slash_holds),
    "notice": Flow(notice, notice_holds),
    "response": Flow(response, response_holds, whole, goes_on=True, sites=SITES, every=3, second=23),
    "silence": Flow(silence, silence_holds, silent, goes_on=True, sites=SITES[::-1], every=4, second=41),
    "ack": Flow(ack, ack_holds, tickets, goes_on=True, every=4, second=29),
    "silenced": Flow(silenced, silenced_holds, tickets, goes_on=True, every=3, second=29),
    "command": Flow(command, command_holds, whole, second=9),
    "ticket": Flow(ticket, ticket_holds, whole, sites=SITES, second=9),
    "dashboard": Flow(dashboard, dashboard_holds, board, every=2, second=9),
    "import": Flow(import_, import_holds, hosts, every=2, second=9),
    "ask": Flow(ask, ask_holds, answers, every=3, second=17),
    "summary": Flow(summary, summary_holds, due, every=6, second=41),
    "weekly": Flow(summary, weekly_holds, due_weekly, every=18, second=0),
    "asked": Flow(summary_asked, summary_asked_holds, asked_for, every=12, second=67),
    "picture": Flow(picture, picture_holds, board, every=2, second=9),
}
