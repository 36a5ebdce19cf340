"""The flows that the crash sweep walks through. A new flow: two small functions and a line in FLOWS.

stimulus(run)    does to the running program what the world would do, without waiting for it to live:
                 it may die at any moment. run.name is a name that no other run uses.
invariant(run)   asserts what must be true once everything has settled, whatever happened.
"""
import json
import time

from tests.e2e.support import shown, texts


def once(items, what):
    assert len(items) == 1, "%d times: %s\n%s" % (len(items), what, "\n".join(map(str, items)))
    return items[0]


def own_posts(run, word):
    """Every chat.postMessage of this run that took effect and holds the word, deleted or not."""
    return [r for r in run.requests("chat.postMessage") if (r.get("response") or {}).get("ok")
            and word in "".join(texts(r["args"]))]


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


# --- a mention: Slack delivers it again until it is acknowledged ---------------------------------
def mention(run):
    run.said = run.sb.mention("ping " + run.name, channel=run.channel)
    run.meanwhile(lambda: run.sb.replies(run.said["ts"], run.channel))


def mention_holds(run):
    once(run.sb.replies(run.said["ts"], run.channel), "pong")
    once([r for r in run.requests("chat.postMessage") if r["args"].get("thread_ts") == run.said["ts"]
          and (r.get("response") or {}).get("ok")], "post")


# --- a slash command: never delivered again, so it may be lost before the ack, never after ------------
def slash(run):
    run.envelope = run.sb.slash("/tocsin ping", channel=run.channel, wait=False)["id"]
    run.meanwhile(lambda: run.sb.envelopes()[run.envelope]["state"] == "acked" and run.sb.bot_messages(run.channel))


def slash_holds(run):
    posts = [r for r in run.requests("chat.postMessage") if (r.get("response") or {}).get("ok")]
    acked = run.sb.envelopes()[run.envelope]["state"] == "acked"
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


FLOWS = {
    "alarm": (alarm, alarm_holds),
    "overtaken": (overtaken, alarm_holds),
    "mention": (mention, mention_holds),
    "slash": (slash, slash_holds),
    "notice": (notice, notice_holds),
}
