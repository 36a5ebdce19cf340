"""The socket gap: people type and click while their connections are refreshed, dropped and left half-open.

    /usr/bin/python3 -m tests.e2e.socket_gap [--seconds N] [--rate N] [--connections N] [--seed N]

Each second one of the connections gets the next of three faults; meanwhile commands arrive (slash commands, mentions and
buttons by turns), overtake each other, and come again under their old ids; at a third of the time the program is
stopped, at two thirds killed, and started again. What Slack says was not heard (operation_timeout) a person does once more. At the
end each command is answered exactly once. Prints its figures and, last, the seed.

The waits are scaled by 0.02 as in every end-to-end test, but for the 5 s after which a silent connection is given up at the
earliest: they are seldom so long beside the rest, and so Slack's last two retries come as late here, too.
"""
import argparse
import collections
import concurrent.futures
import itertools
import json
import pathlib
import random
import re
import sys
import tempfile
import threading
import time

from tests.e2e import support
from tests.sandbox.client import SandboxError

FAULTS = ("refresh", "reset", "half_open", "refresh", "fin", "half_open")
CARDS = 24                     # whose buttons are pressed: each is left alone until it shows what became of it
RETRIES_S = [0.05, 400, 1000]  # scaled: at once, after 8 s and after 20 s
ACK_S = 3                      # Slack's patience
TOGETHER_S = 0.05  # of two hellos that come so soon after each other either may be read last
GHOST_S = 2.0                  # until Slack notices that a connection is half-open; the program needs 5 s at least
QUIET_S = 60
CONFIGURATION = {"runbooks": support.NO_DIAGNOSIS, "incidents": {"charts": False}}
PEOPLE = ("U0ALICE001", "U0BOB00001")


class Ends(threading.Thread):
    """How many sockets to Slack the program holds at most, as the kernel sees it."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = "%04X" % port
        self.most = ()  # (its own port, TCP state) of each
        self.over = threading.Event()

    def look(self):
        lines = pathlib.Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
        ends = [line.split() for line in lines]
        # An inode of 0: closed by the program, and only the kernel still remembers it.
        return sorted({(e[1], e[3]) for e in ends if e[2].endswith(":" + self.port) and e[9] != "0"})

    def run(self):
        while not self.over.wait(0.01):
            self.most = max(self.most, self.look(), key=len)


class Command:
    """What a person wants: one slash command, mention or click, tried until Slack takes it."""

    def __init__(self, gap, number):
        self.gap, self.number, self.tries = gap, number, []

    def say(self):
        self.tries.append(self.send())

    def states(self):
        return [self.gap.envelopes[n]["state"] for n in self.tries[-1]["envelopes"]]

    def is_over(self):
        """True when Slack has said what became of the last try."""
        return all(state in ("acked", "operation_timeout", "failed") for state in self.states())

    def is_heard(self):
        return "acked" in self.states()


class Slash(Command):
    def send(self):
        channel = self.gap.channel()
        return {"channel": channel,
                "envelopes": [self.gap.sb.slash("/tocsin ping", channel=channel, wait=False)["id"]]}

    def answers(self, one):
        return self.gap.posts[one["channel"], None]


class Mention(Command):
    def send(self):
        return self.gap.sb.mention("ping", channel=self.gap.talk)

    def answers(self, one):
        return self.gap.posts[one["channel"], one["ts"]]


class Click(Command):
    """Takes an incident over from whoever has it."""

    def __init__(self, gap, number, card):
        super().__init__(gap, number)
        self.card = card

    def send(self):
        return self.card.press()


class Card:
    """An incident's message: two people take the incident from each other by its button."""

    def __init__(self, gap, ts):
        self.gap, self.ts, self.user = gap, ts, None
        self.heard = self.told_failed = 0

    def holder(self):
        message = next(m for m in self.gap.cards if m["ts"] == self.ts)
        return next((user for user in PEOPLE if user in json.dumps(message["blocks"])), None)

    def press(self):
        self.user = PEOPLE[self.holder() == PEOPLE[0]]
        return {"envelopes": [self.gap.sb.click(self.ts, "ack", user=self.user, wait=False)["id"]]}

    def takers(self):
        """Who took it, by the thread, in order."""
        takers = []
        for reply in self.gap.sb.replies(self.ts):
            said = "".join(leaf.get("text") or leaf.get("user_id", "") for leaf in support.rich_text(reply))
            takers += re.findall(r"(U0\w+) (?:has it now|took it over)", said)
        return takers


class Gap:
    """One run."""

    def __init__(self, world, seconds, rate, seed):
        self.world, self.sb = world, world.sb
        self.seconds, self.rate = seconds, rate
        self.dice = random.Random(seed)
        self.envelopes, self.open, self.done = {}, [], []
        self.cards, self.free, self.waiting = [], collections.deque(), []
        self.posts, self.failed = collections.Counter(), collections.Counter()
        self.connections, self.killed = [], None  # killed: (just before, just after)
        self.repeated = self.replayed = self.struck = 0
        self.numbers, self.names = itertools.count(), itertools.count()
        self.channels, self.talk = [], None

    # --- before -------------------------------------------------------------------------------------
    def prepare(self):
        self.sb.settings(event_retries_s=RETRIES_S, ghost_life_s=GHOST_S, envelope_delay_s=[0, 0.2])
        self.channels = [self.channel() for _ in range(int(self.seconds * self.rate / 3))]
        self.talk = self.channel()
        for number in range(CARDS):
            self.sb.alarm(name="gap-%03d" % number, wait=False)
        self.world.wait(lambda: self.look() or len(self.cards) == CARDS, "the cards")
        self.world.settle()
        self.look()
        self.free.extend(Card(self, message["ts"]) for message in self.cards)

    def channel(self):
        """One of its own for each slash command, so that its answers are known; those at hand first."""
        if self.channels:
            return self.channels.pop()
        name = "c0gap%05d" % next(self.names)
        self.sb.post("channel", id=name.upper(), name=name)
        return name.upper()

    # --- what Slack knows -------------------------------------------------------------------------------
    def look(self):
        """The envelopes of what is not settled yet, and the cards as they show now."""
        first = min((n for c in self.open for n in c.tries[-1]["envelopes"]), default=None)
        if first is not None:
            self.envelopes.update((e["id"], e) for e in self.sb.envelopes(first))
        self.cards = [m for m in self.sb.get("messages", channel=self.sb.channel, roots=1) if "ack" in support.buttons(m)]

    def settle(self):
        """What was heard is done; what was not, a person does again."""
        self.look()
        still = []
        for command in self.open:
            if not command.is_over():
                still.append(command)
            elif isinstance(command, Click):
                self.settle_click(command)
            elif command.is_heard():
                self.done.append(command)
            else:
                self.repeated += 1
                command.say()
                still.append(command)
        self.open = still
        self.free.extend(card for card in self.waiting if card.holder() == card.user)
        self.waiting = [card for card in self.waiting if card.holder() != card.user]

    def settle_click(self, command):
        card = command.card
        self.done.append(command)
        if command.is_heard():
            card.heard += 1
            self.waiting.append(card)
        else:              # whether it was stored before its connection ended, the card tells
            card.told_failed += 1
            self.repeated += 1
            self.free.append(card)

    # --- meanwhile --------------------------------------------------------------------------------------
    def command(self):
        number = next(self.numbers)
        if number % 3 == 2 and self.free:
            return Click(self, number, self.free.popleft())
        return (Slash, Mention)[number % 2](self, number)

    def strike(self, fault):
        """The next fault, on one of those that still live; with none there is nothing to break."""
        alive = [c["id"] for c in self.sb.live() if c["frozen"] is None]
        if not alive:
            return
        one = self.dice.choice(alive)
        options = {"reason": "refresh_requested"} if fault == "refresh" else {}
        try:
            self.sb.socket("disconnect" if fault == "refresh" else fault, connection=one, **options)
            self.struck += 1
        except SandboxError:             # it has just ended by itself
            pass

    def replay(self):
        """Something that was heard before, on whichever connection."""
        heard = [n for c in list(self.done) for n in c.tries[-1]["envelopes"] if self.envelopes[n]["state"] == "acked"]
        if heard:
            try:
                self.sb.socket("repeat", envelope=self.dice.choice(heard))
                self.replayed += 1
            except SandboxError:         # no connection at all
                pass

    def trouble(self, began):
        """A fault and a replay each second, and the restarts; beside the commands, as a thread."""
        faults = itertools.cycle(FAULTS)
        restarts = [(self.seconds / 3, False), (self.seconds * 2 / 3, True)]
        for second in range(1, int(self.seconds)):
            time.sleep(max(0, began + second - time.monotonic()))
            self.strike(next(faults))
            self.replay()
            if restarts and second >= restarts[0][0]:
                self.restart(restarts.pop(0)[1])

    def restart(self, hard):
        if not hard:
            self.world.bot.restart()
            return
        before = time.time()
        self.world.bot.kill()
        self.killed = before, time.time()
        self.world.bot.start()

    def run(self):
        began = time.monotonic()
        said, look_at = 0, 0.0
        with concurrent.futures.ThreadPoolExecutor(1) as executor:
            trouble = executor.submit(self.trouble, began)
            while (now := time.monotonic() - began) < self.seconds:
                if now >= said / self.rate:
                    self.open.append(self.command())
                    self.open[-1].say()
                    said += 1
                if now >= look_at:
                    self.settle()
                    look_at = time.monotonic() - began + 0.25
                time.sleep(max(0, said / self.rate - (time.monotonic() - began)))
            trouble.result()

    def rest(self):
        """No faults any more: everything comes to its end."""
        self.sb.settings(envelope_delay_s=[0, 0])
        end = time.monotonic() + QUIET_S
        while self.open or self.waiting:
            assert time.monotonic() < end, "not settled: %s\n%s" % (
                [(type(c).__name__, c.states()) for c in self.open],
                [(card.user, card.holder(), card.takers()) for card in self.waiting])
            self.settle()
            time.sleep(0.05)
        self.world.settle(QUIET_S)

    # --- after ------------------------------------------------------------------------------------------
    def judge(self):
        self.connections = self.sb.connections()
        for post in self.world.posts():
            self.posts[post["args"]["channel"], post["args"].get("thread_ts")] += 1
        for command in self.done:
            for one in command.tries:
                self.judge_failed([self.envelopes[n] for n in one["envelopes"]])
            if isinstance(command, Click):
                continue
            *failed, last = [command.answers(one) for one in command.tries]
            assert last == 1, "answered %d times: %s" % (last, command.tries)
            assert all(count <= 1 for count in failed), "run twice: %s %s" % (command.tries, failed)
        for card in self.free:
            takers = card.takers()
            assert all(a != b for a, b in zip(takers, takers[1:])), takers
            assert card.heard <= len(takers) <= card.heard + card.told_failed, (card.heard, card.told_failed, takers)

    def judge_failed(self, envelopes):
        """Told to have failed: there was no connection, or each that it went to ended, or was half-open by then."""
        if any(e["state"] == "acked" for e in envelopes):
            return
        for attempt in (a for e in envelopes for a in e["attempts"]):
            for number, at in [(attempt["connection"], attempt["time"]), *attempt["again"]]:
                self.failed["no connection" if number is None else "lost with its connection"] += 1
                if number is not None and at < attempt["time"] + ACK_S - 2:  # a busy machine needs the rest
                    end = self.connections[number]["frozen"] or self.connections[number]["closed_time"]
                    assert end and end < attempt["time"] + ACK_S + 1, "not heard: %s" % attempt

    def judge_hellos(self, allowed):
        """num_connections of the hellos: the last one is in the metrics, each that tells of ghosts in the log."""
        hellos = [c for c in self.sb.connections() if c["hello"]]
        last = max(c["hello"] for c in hellos)
        counts = {c["num_connections"] for c in hellos if c["hello"] > last - TOGETHER_S}
        assert self.world.bot.metric("tocsin_slack_hello_connections") in counts
        told = [c for c in hellos if c["num_connections"] > allowed and not self.died_with_it(c)]
        assert len(self.world.bot.logged("slack.ghosts")) >= len(told)
        return max(c["num_connections"] for c in hellos)

    def died_with_it(self, connection):
        """Whether it ended by the kill: its hello may not have been read."""
        if self.killed is None:
            return False
        before, after = self.killed
        return connection["hello"] <= after and (connection["closed_time"] or after) >= before


def deaf_seconds(connections, began, ended):
    """How long there was no connection that would have carried a command, as the sandbox knows it."""
    lives = sorted((c["hello"], min(c["frozen"] or ended, c["closed_time"] or ended)) for c in connections if c["hello"])
    deaf, until = 0.0, began
    for start, end in lives:
        deaf += max(0.0, min(start, ended) - max(until, began))
        until = max(until, end)
    return deaf


def gap(world, seconds, rate=20, seed=None):
    """Runs it on a started world; its figures."""
    seed = random.randrange(1 << 30) if seed is None else seed
    allowed = world.bot.settings["slack"].get("connections", 2) + 1
    run = Gap(world, seconds, rate, seed)
    ends = Ends(world.sb.ready["socket_port"])
    try:
        run.prepare()
        ends.start()
        began = time.time()
        run.run()
        ended = time.time()
        run.rest()
        ends.over.set()
        assert len(ends.most) <= allowed, "%d sockets at once: %s" % (len(ends.most), ends.most)
        run.judge()
        ghosts = run.judge_hellos(allowed)
    except AssertionError as error:
        raise AssertionError("seed %d: %s" % (seed, error)) from error
    kinds = collections.Counter(type(c).__name__ for c in run.done)
    return {"commands": len(run.done), **{k.lower(): n for k, n in sorted(kinds.items())}, "faults": run.struck,
            "repeated by people": run.repeated, **run.failed, "replayed": run.replayed, "sockets at most": len(ends.most),
            "seen by Slack at most": ghosts, "connections": len(world.sb.connections()),
            "seconds without any": round(deaf_seconds(world.sb.connections(), began, ended), 2), "seed": seed}


def main():
    parser = argparse.ArgumentParser(prog="tests.e2e.socket_gap", description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--rate", type=float, default=20, help="commands a second")
    parser.add_argument("--connections", type=int, default=2)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tocsin-gap-") as base:
        world = support.World(support.start_sandbox(base), base).configure(
            **CONFIGURATION, slack={"connections": options.connections})
        try:
            for name, value in gap(world.start(), options.seconds, options.rate, options.seed).items():
                print("%s: %s" % (name, value))
            world.bot.stop()
        finally:
            if world.bot.process is not None:
                world.bot.kill()
            world.sb.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
