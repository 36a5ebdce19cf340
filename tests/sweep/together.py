"""All flows of the sweep at once, against one process that is killed at random while they are under way.

A wave: several incidents and commands of each kind begin, each in a channel and with a name of its own, some of them only in a
later life of the process. It is killed eight times, by turns at a random crash point and at a random moment; twice the point is behind an acknowledgement, on a slow disk. Then
it is left alone, and each flow's own invariant must hold: nothing lost, nothing doubled, no flow left in the
journal. Meanwhile people say "ping" all the time. The dice are seeded, and the seed is printed; what the kernel and the network do meanwhile is not repeated by it.
"""
import collections
import concurrent.futures
import random
import signal
import threading
import time
import uuid

import yaml

from tests.e2e import support
from tests.sweep import flows
from tests.sweep.flows import FLOWS, Flow, SITES, once
from tests.sweep.life import Lane, Run

KILLS_A_WAVE = 8
LATEST_POINT = 400             # of a life; a whole wave passes some thousand
LATEST_ACK = 12                # of a life that dies behind one
SLOW_MS = 30                   # each commit of that life takes longer by this
LATEST_S = 2.0
PAUSE_S = 0.08                 # between two words of people
PATIENCE_S = 60
# How many of each are under way together.
PARTS = {"response": 3, "alarm": 2, "overtaken": 1, "mention": 2, "slash": 2, "notice": 1, "silence": 1, "ack": 1, "silenced": 1,
         "command": 2, "ticket": 2, "dashboard": 1, "import": 1, "ask": 2, "summary": 1, "picture": 1}
# Alarms that no runbook is for. Those of "response" and "silence" have one.
PLAIN = {"metric": "NetworkOut"}


def summary_holds(run):
    """What it says depends on what else is going on; that it is said once does not."""
    message = once(run.roots(), "summary")
    assert message["text"].startswith("Daily summary"), message["text"]
    once(run.replies(message), "details of the dashboard")


OWN = {"summary": Flow(flows.summary, summary_holds)}


class Part(Run):
    """One flow among the others. What it sees is its own: its channel, its name, its instance."""

    patience_s = PATIENCE_S

    def __init__(self, wave, kind, number):
        self.wave, self.sb, self.bot, self.site = wave, wave.sb, wave.bot, wave.site
        self.kind, self.flow = kind, OWN.get(kind, FLOWS[kind])
        self.name = "%s-%s" % (kind, uuid.uuid4().hex[:10])
        self.channel = wave.new_channel(self.name)
        self.instance = "i-%017x" % (wave.lane.count * 100 + number)
        self.sb.add_instance(self.instance)
        self.alarm = {} if kind == "response" else PLAIN
        self.directory, self.interrupted = wave.directory, wave.interrupted
        self.began = time.time()
        self.messages, self.done, self.acted = {}, set(), False
        self.first_request, self.first_delivery, self.first_envelope = (
            wave.first_request, wave.first_delivery, wave.first_envelope)
        self.first_command, self.first_mail = wave.first_command, wave.first_mail
        self.life = wave.dice.randrange(5)       # in which it begins

    def heard(self):
        own = [d for d in self.sb.deliveries(self.first_delivery) if self.name in d["message"]]
        return all(d["state"] == "delivered" for d in own)

    def delivered(self):
        return self.heard()

    def requests(self, method):
        return [r for r in super().requests(method) if r["args"].get("channel") == self.channel]

    def commands(self, part):
        return [c for c in super().commands(part) if self.instance in c["invocations"]]

    def mails(self):
        return [m for m in super().mails() if self.name in m["message"]]

    def go_on(self, life, last):
        """What the world does of this flow in this life of the process."""
        if life < self.life and not last:
            return
        try:
            self.act()
        except OSError:                         # killed while it was being looked at
            assert not last


class Wave(Run):
    """One process and all its parts."""

    patience_s = PATIENCE_S

    def __init__(self, lane, dice, site):
        self.lane, self.dice, self.parts, self.said = lane, dice, [], []
        super().__init__(lane, "response", site)
        kinds = [kind for kind, count in PARTS.items() for _ in range(count)]
        self.parts = [Part(self, kind, number) for number, kind in enumerate(kinds)]
        self.configure()

    def new_channel(self, name):
        self.lane.count += 1
        channel = "C0SWEEP%04d" % self.lane.count
        self.sb.post("channel", id=channel, name=name)
        return channel

    def part(self, kind):
        return next(part for part in self.parts if part.kind == kind)

    def configure(self):
        """Everything is on; each part's alarm goes to its channel, and what else AWS says to that of the notice."""
        settings = self.bot.settings
        settings.update(flows.whole(self), **flows.board(self), bedrock={"model": "anthropic.claude-test-v1:0"})
        own = {runbook["name"] for runbook in flows.RUNBOOKS}
        settings["runbooks"] = flows.RUNBOOKS + [r for r in support.NO_DIAGNOSIS if r["name"] not in own]
        settings["slack"].update(channel=self.part("notice").channel, connections=2)
        settings["routes"] = [{"match": {"alarm": part.name}, "channel": part.channel} for part in self.parts]
        flows.hosts(self)
        for part in self.parts:
            if part.kind == "ask":
                self.sb.model_says("The answers were slow then (F1).", match=part.name, times=0)
        line = support.just_now()
        support.seed_schedule(self.directory / "tocsin.db", "daily", line)
        settings["summary"] = {"schedule": line, "channel": self.part("summary").channel}
        self.bot.config.write_text(yaml.safe_dump(settings))

    def chat(self):
        """People talk to it: slash commands, each in a channel of its own, and mentions."""
        channel = self.new_channel("talk-" + uuid.uuid4().hex[:10])
        while self.bot.alive():
            if len(self.said) % 2:
                own = self.new_channel("slash-" + uuid.uuid4().hex[:10])
                envelope = self.sb.slash("/tocsin ping", channel=own, wait=False)
                self.said.append((envelope["id"], own, None))
            else:
                said = self.sb.mention("ping", channel=channel)
                self.said.append((said["envelopes"][0], channel, said["ts"]))
            time.sleep(PAUSE_S)

    def delivered(self):
        """As of any run; and of all channels."""
        envelopes = self.sb.envelopes(self.first_envelope)
        return super().delivered() and all(e["state"] in ("acked", "operation_timeout") for e in envelopes)

    def judge_chat(self):
        """A mention is answered once, since it comes until it is heard; a slash command too, when it was heard."""
        answers = collections.Counter((r["args"]["channel"], r["args"].get("thread_ts")) for r in self.requests(
            "chat.postMessage") if (r.get("response") or {}).get("ok"))
        envelopes = {e["id"]: e for e in self.sb.envelopes(self.first_envelope)}
        for number, channel, thread in self.said:
            count, state = answers[channel, thread], envelopes[number]["state"]
            heard = thread is not None or state == "acked"
            assert count == 1 or (count == 0 and not heard), "answered %d times: %s" % (count, envelopes[number])

    def one_life(self, life, last=False):
        """The parts go on until all have done what they want, or the process is dead."""
        at_point = not last and life % 2 == 0
        if at_point and life % 4 == 0:          # right behind an ack: what it is for must be durable by then
            self.live(crash_at=self.dice.randint(1, LATEST_ACK), crash_of="slack.after_ack", slow_ms=SLOW_MS)
        else:
            self.live(crash_at=self.dice.randint(1, LATEST_POINT) if at_point else None)
        killer = threading.Timer(self.dice.uniform(0.02, LATEST_S), self.kill)
        if not last and not at_point:
            killer.start()
        self.meanwhile(self.sb.live)
        end = time.monotonic() + LATEST_S
        with concurrent.futures.ThreadPoolExecutor(len(self.parts) + 1) as executor:
            going = [executor.submit(part.go_on, life, last) for part in self.parts]
            if not last:
                going.append(executor.submit(self.chat))
                while self.bot.alive() and time.monotonic() < end:
                    time.sleep(0.01)
                self.kill()
            for future in going:
                future.result()
        if last:
            return
        killer.cancel()
        self.died()

    def kill(self):
        """Not by way of Tocsin.kill, which forgets the process: how it ended is looked at in died()."""
        if self.bot.alive():
            self.bot.signal(signal.SIGKILL)

    def judge(self):
        for part in self.parts:
            try:
                part.flow.invariant(part)
            except AssertionError as error:
                raise AssertionError("%s: %s" % (part.name, error)) from error
        self.judge_chat()
        self.judge_process()


def wave(lane, dice, kills, site):
    """(kills, None or what is wrong)"""
    run = Wave(lane, dice, site)
    try:
        for life in range(kills):
            run.one_life(life)
        run.one_life(kills, last=True)
        run.settle()
        run.judge()
        return len(run.interrupted), None
    except Exception as error:                          # one that failed must not end the sweep
        return len(run.interrupted), "%s: %s\n%s" % (type(error).__name__, error, run.bot.tail(25))
    finally:
        run.close()


def walk(base, job, seed, waves):
    """The waves of one lane: (passed, failed, kills)."""
    lane = Lane(base / ("together-%d" % job))
    passed = failed = deaths = 0
    try:
        for number, kills in waves:
            began = time.monotonic()
            died, wrong = wave(lane, random.Random("%d/%d" % (seed, number)), kills, SITES[number % len(SITES)])
            deaths += died
            passed, failed = passed + (not wrong), failed + bool(wrong)
            print("together: wave %d, %d kills, %.1f s%s" % (
                number, died, time.monotonic() - began, ": FAILED " + wrong if wrong else ""), flush=True)
    finally:
        lane.close()
    return passed, failed, deaths


def sweep(options, base):
    """(passed, failed) over the waves that make up options.kills."""
    seed = random.randrange(1 << 30) if options.seed is None else options.seed
    print("together: seed %d, %d flows a wave" % (seed, sum(PARTS.values())), flush=True)
    full, rest = divmod(options.kills, KILLS_A_WAVE)
    waves = list(enumerate([KILLS_A_WAVE] * full + [rest] * bool(rest)))
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as executor:
        jobs = [executor.submit(walk, base, job, seed, waves[job::options.jobs]) for job in range(options.jobs)]
        passed, failed, deaths = map(sum, zip(*(job.result() for job in jobs)))
    print("together: %d waves held, %d did not, %d kills" % (passed, failed, deaths), flush=True)
    return passed, failed
