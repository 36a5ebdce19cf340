"""A life of the program for the crash sweep: a sandbox, a process on it, what becomes of both."""
import json
import pathlib
import shutil
import signal
import time
import uuid

import yaml

from tests.e2e import support
from tests.ports import free_port
from tests.sweep.flows import INSTANCE, SCRIPTED, SITES
from tests.sweep.flows_more import FLOWS

SCALE = "0.02"
PATIENCE_S = 15.0              # until everything must have settled; it takes a second at most


class Lane:
    """One sandbox, used for many runs, each with its own channel, state and port."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.sb = support.start_sandbox(self.directory / "sandbox", scale=SCALE)
        # A dead bot is a normal sight here: nobody waits long for it, and nobody gives up.
        self.sb.settings(ack_deadline_ms=250, event_retries_s=[1] * 400, sns_retries=400, sns_retry_delay_s=2,
                         linger_s=0.01)
        self.count = self.requests = 0
        for match, output in SCRIPTED:
            self.sb.script_command(match, output=output, delay=0.5)

    def run(self, flow, site):
        return Run(self, flow, site)

    def requests_so_far(self):
        """How many there were; only the new ones are fetched."""
        self.requests += len(self.sb.requests(since=self.requests))
        return self.requests

    def close(self):
        self.sb.stop()


class Run:
    """One life of a flow: a stimulus, perhaps crashes, the end."""

    patience_s = PATIENCE_S
    lost = ""                  # the method of which an answer may be lost, so that it may be asked for twice
    wait_s = None              # how long each wait of a stimulus may take; None: patience_s
    patience = None            # seconds; None: a stimulus waits for what it is to bring about

    def __init__(self, lane, flow, site):
        lane.count += 1
        self.sb = lane.sb
        self.flow, self.site, self.instance = FLOWS[flow], site, INSTANCE
        self.name = "%s-%s" % (flow, uuid.uuid4().hex[:10])
        self.channel = "C0SWEEP%04d" % lane.count
        self.directory = lane.directory / self.name
        self.directory.mkdir()
        self.began = time.time()
        self.first_request = lane.requests_so_far()
        self.judged = self.sb.judged(), self.sb.get("jira_judged")["violations"]
        self.first_delivery = len(self.sb.deliveries())
        self.first_envelope = len(self.sb.envelopes())
        self.first_command, self.first_mail = len(self.sb.aws_commands()), len(self.sb.mails())
        self.messages, self.acted, self.alarm = {}, False, {}      # alarm: its own options
        self.done = set()              # what do_once() did
        self.interrupted = []          # for each death: (plan, step) of every flow in the journal
        self.sb.post("channel", id=self.channel, name=self.name)
        self.bot = support.Tocsin(self.configuration(), self.directory, scale=SCALE)
        self.bot.aws = self.sb.aws_env()
        self.sb.settings(endpoint="http://%s/sns" % self.bot.settings["http"]["listen"])

    def configuration(self):
        settings = yaml.safe_load(pathlib.Path(self.sb.config).read_text())
        settings["http"]["listen"] = "127.0.0.1:%d" % free_port()
        settings["slack"].update(channel=self.channel, connections=1)
        settings["state"]["path"] = str(self.directory / "tocsin.db")
        settings.update(self.flow.configuration(self))
        path = self.directory / "tocsin.yaml"
        path.write_text(yaml.safe_dump(settings))
        return path

    # --- what stimuli and invariants use ---------------------------------------------------------
    def publish(self, message, **options):
        return self.sb.publish(message, wait=False, **options)

    def publish_alarm(self, state, when, again=False):
        """again: SNS delivers the same message once more."""
        if not again:
            self.messages[state] = str(uuid.uuid4())
        self.sb.alarm(name=self.name, state=state, time=when, message_id=self.messages[state],
                      dimensions={"InstanceId": self.instance}, **self.alarm, wait=False)

    def do_once(self, name, act):
        """Does it unless an earlier life of the process has seen it."""
        if name not in self.done:
            self.done.add(name)
            act()

    def meanwhile(self, condition):
        """Waits until the condition holds or the process is dead; with `patience`, or has nothing to do for so long."""
        end = time.monotonic() + (self.wait_s or self.patience_s)
        quiet = time.monotonic()
        while time.monotonic() < end and self.bot.alive() and not condition():
            time.sleep(0.01)
            if self.patience is None or not self.settled():
                quiet = time.monotonic()
            elif time.monotonic() > quiet + self.patience:
                return

    def roots(self):
        """Messages in the channel itself, but for what tocsin says about itself."""
        return [m for m in self.sb.bot_messages(self.channel)
                if m["thread_ts"] in (None, m["ts"]) and not m["text"].startswith("tocsin: ")]

    def card(self):
        """The one message of the channel, as text; empty when there is none."""
        roots = self.roots()
        return " ".join(support.shown(roots[0]).split()) if roots else ""

    def incident(self):
        """Its number, by the buttons of its card."""
        return next(e["value"] for b in self.roots()[0]["blocks"] if b["type"] == "actions" for e in b["elements"]
                    if e["action_id"] == "ack")

    def issues(self):
        """Those that name this run, on either site."""
        return [i for site in SITES for i in self.sb.jira_issues(site)
                if self.name in i["summary"] + i["description"]["text"]]

    def commands(self, part):
        return [c for c in self.sb.aws_commands()[self.first_command:] if part in c["script"]]

    def mails(self):
        return self.sb.mails()[self.first_mail:]

    def died_at(self, plan, step):
        """How often the process died while a flow stood there."""
        return sum((plan, step) in flows for flows in self.interrupted)

    def replies(self, card):
        return self.sb.replies(card["ts"], self.channel)

    def requests(self, method):
        return self.sb.requests(method, self.first_request)

    def history(self, card):
        return support.World.history(self, card, self.channel)

    # --- a life -----------------------------------------------------------------------------------------
    def live(self, crash_at=None, points=None, crash_of=None, slow_ms=None):
        """Starts the process; it may be dead when this returns. crash_of, slow_ms: bot/crash.h."""
        env = {"TOCSIN_CRASH_AT": crash_at and str(crash_at), "TOCSIN_CRASH_LOG": points and str(points),
               "TOCSIN_CRASH_OF": crash_of, "TOCSIN_CRASH_SLOW_MS": slow_ms and str(slow_ms)}
        self.bot.spawn(env=env)
        address = self.bot.address()
        end = time.monotonic() + support.START_S
        while self.bot.alive() and time.monotonic() < end:
            with support.socket.socket() as probe:
                if probe.connect_ex(address) == 0:
                    return
            time.sleep(0.005)

    def act(self):
        """What the world does: at first, and for some flows in each life of the process."""
        if self.acted and not self.flow.goes_on:
            return
        self.acted = True
        self.meanwhile(self.sb.live)
        self.flow.stimulus(self)

    def life(self, crash_at):
        """One that may end at that point; True when it did."""
        self.live(crash_at=crash_at)
        self.act()
        self.rest()
        return self.died()

    def died(self):
        """Ends this life. True when it killed itself; a point that is not reached yet may come up in the stop."""
        if self.bot.alive():
            self.bot.signal(signal.SIGTERM)
        status = self.bot.wait()
        assert status in (0, -signal.SIGKILL), "it ended with %s" % status
        if status != 0:
            saved = [json.loads(row[3]) for row in self.bot.flows()] if self.bot.database().exists() else []
            self.interrupted.append([(flow["plan"], flow["step"]) for flow in saved])
        return status != 0

    def heard(self):
        """What SNS has sent."""
        return all(d["state"] == "delivered" for d in self.sb.deliveries(self.first_delivery))

    def delivered(self):
        return (self.heard() and
                all(e["state"] in ("acked", "operation_timeout") for e in self.sb.envelopes(self.first_envelope)
                    if self.channel in e["what"] or e["type"] == "slash_commands"))

    def settled(self):
        """Everything is delivered and done, or the process is dead."""
        try:
            return self.delivered() and self.bot.metric("tocsin_flows") == 0
        except (OSError, support.http.client.HTTPException):
            return not self.bot.alive()

    def rest(self):
        """Waits until it has settled or died."""
        end = time.monotonic() + self.patience_s
        while self.bot.alive() and not self.settled():
            assert time.monotonic() < end, "it does not come to rest"
            time.sleep(0.01)

    def settle(self):
        self.rest()
        assert self.bot.alive(), "it died while nobody killed it"

    def judge(self):
        self.flow.invariant(self)
        self.judge_process()

    def judge_process(self):
        """What holds whatever the flow."""
        assert (self.sb.judged(), self.sb.get("jira_judged")["violations"]) == self.judged, "a call was malformed"
        text = self.bot.log.read_text("utf-8", "replace")
        assert not support.SANITIZER.search(text), "a sanitizer spoke up"
        self.bot.stop()
        assert not self.bot.flows(), "flows are left in the journal: %s" % self.bot.flows()

    def close(self):
        if self.bot.process is not None:
            self.bot.kill()
        shutil.rmtree(self.directory, ignore_errors=True)
