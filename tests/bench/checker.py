#!/usr/bin/env python3
"""make bench-checker: how many altered figures of an answer the check catches, and how many true ones it marks.

    /usr/bin/python3 tests/bench/checker.py --checker build/tests/bench/checker --briefing build/tests/bench/checker_briefing [--worlds N] [--show]

True sentences are written about worlds made from a seed (checker_worlds.py, checker_templates.py) and go through the real code, beside
the same ones with one figure, time or name altered; then the corpora of checker_jury.py. Exits 1 when a floor is missed.
"""
import argparse
import collections
import pathlib
import random
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench import checker_templates as templates  # noqa: E402
from tests.bench import checker_jury, checker_telemetry, checker_telemetry_templates  # noqa: E402
from tests.bench.checker_worlds import World  # noqa: E402

MARK = " [not in the data]"
MINUTE = 60_000
CAUGHT_FLOOR = 0.95
MARKED_CEILING = 0.02
ANSWERS = 40  # sentences of one world


def escape(field):
    return str(field).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def unescape(text):
    return text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")


class Checker:
    def __init__(self, program, world):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for line in world.lines():
            self.say(line)
        world.findings = list(self.findings()) if hasattr(world, "random") else []

    def say(self, fields):
        self.process.stdin.write("\t".join(escape(field) for field in fields) + "\n")

    def findings(self):
        self.process.stdin.flush()
        while (line := self.process.stdout.readline().rstrip("\n")) != ".":
            f = line.split("\t")
            yield {"id": f[0], "kind": f[1], "subject": int(f[2]), "from": int(f[4]), "to": int(f[5]), "at": int(f[6]),
                   "value": float(f[7]), "expected": float(f[8]), "text": unescape(f[9])}

    def check(self, text):
        self.say(["answer", text])
        self.process.stdin.flush()
        shown, checked, marked, _ = self.process.stdout.readline().rstrip("\n").split("\t")
        return unescape(shown), int(checked), int(marked)

    def check_all(self, texts):
        for text in texts:
            self.say(["answer", text])
        self.process.stdin.flush()
        rows = [self.process.stdout.readline().rstrip("\n").split("\t") for _ in texts]
        return [(unescape(shown), int(checked), int(marked), int(softened)) for shown, checked, marked, softened in rows]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def write(pieces, swap=None, text=None):
    return "".join(text if piece is swap else piece.text if isinstance(piece, templates.Slot) else piece for piece in pieces)


def swap_digits(slot, r):
    """Two neighbouring digits change places; the first one stays a digit that counts."""
    text = slot.text
    at = [i for i in range(len(text) - 1) if text[i].isdigit() and text[i + 1].isdigit() and text[i] != text[i + 1] and text[i + 1] != "0"]
    if not at:
        return None
    i = r.choice(at)
    return text[:i] + text[i + 1] + text[i] + text[i + 2:]


def other_unit(slot):
    for unit, other in ((" ms", " s"), ("ms", "s"), (" milliseconds", " seconds"), (" seconds", " ms"), (" s", " ms"), (" %", " ms"), ("%", " s"),
                        (" percent", " ms"), (" GB", " MB"), (" MB", " GB"), (" GiB", " MiB"), (" MiB", " GiB"), (" min", " h"),
                        (" minutes", " hours"), (" million", " thousand")):
        if slot.text.endswith(unit):
            return slot.text[:-len(unit)] + other
    return None


def another_metrics(slot, world, r):
    """Another series' value, in this slot's way of writing."""
    family = {"s": ("Seconds", "Milliseconds"), "ms": ("Seconds", "Milliseconds"), "%": ("Percent",), "plain": ("Count",)}
    series = [s for s in world.series if s.unit in family.get(slot.unit, ("Bytes",))]
    s = r.choice(series) if series else None
    if s is None:
        return None
    value = r.choice(s.judged())
    value = value / 1000 if s.unit == "Milliseconds" else value
    return slot.write(value) if abs(value - slot.value) > 0.12 * abs(slot.value) and value > 0 else None


def alterations(slot, world, r):
    """(kind, text) pairs; a text that says the same is left out."""
    if slot.kind in ("figure", "percent", "ratio", "duration"):
        yield "digits swapped", swap_digits(slot, r)
        yield "factor 10", slot.write(slot.value * r.choice([10, 0.1]))
        yield "some 20 % off", slot.write(slot.value * r.choice([0.8, 1.2, 0.75, 1.25]))
        yield "another unit", other_unit(slot)
        if slot.kind == "figure":
            yield "another metric's value", another_metrics(slot, world, r)
    elif slot.kind == "time":
        shifted = slot.value + r.choice([-1, 1]) * r.choice([10, 15, 20, 30, 45, 60, 90, 120, 180]) * MINUTE
        yield "time shifted", None if slot.holds(shifted) else slot.write(shifted)
    else:
        name = slot.text
        at = [i for i, c in enumerate(name) if c.isalnum() and i > 1]
        i = r.choice(at)
        other = r.choice([c for c in ("0123456789" if name[i].isdigit() else "abcdef") if c != name[i]])
        yield "another name", name[:i] + other + name[i + 1:]


def differs(slot, text):
    """Said differently, and not the same number again."""
    if text is None or text == slot.text or not any(c.isdigit() or c.isalpha() for c in text):
        return False
    number = "".join(c for c in text if c.isdigit() or c == ".").strip(".")
    own = "".join(c for c in slot.text if c.isdigit() or c == ".").strip(".")
    if slot.kind in ("figure", "percent", "ratio", "duration") and (number == "" or float(number or 0) == 0):
        return False
    return not (slot.kind != "time" and slot.kind != "name" and number == own and text.endswith(slot.text[-1:]) and text == slot.text)


class Tally:
    def __init__(self):
        self.true = [0, 0]                                # slots and names, of them marked
        self.altered = collections.defaultdict(lambda: [0, 0, 0])  # kind: tried, caught, in place
        self.by_template = collections.defaultdict(lambda: [0, 0, 0, 0])

    def caught(self):
        return sum(row[1] for row in self.altered.values()) / max(1, sum(row[0] for row in self.altered.values()))

    def marked(self):
        return self.true[1] / max(1, self.true[0])


def judge(checker, world, family, tally, r, show):
    for _ in range(ANSWERS):
        template = r.choice(family)
        pieces = template(world)
        if pieces is None:
            continue
        text = write(pieces)
        shown, checked, marked = checker.check(text)
        tally.true[0] += checked
        tally.true[1] += marked
        row = tally.by_template[template.__name__]
        row[0] += checked
        row[1] += marked
        if marked and show:
            print(f"TRUE    {template.__name__}: {shown!r}")
        for slot in [piece for piece in pieces if isinstance(piece, templates.Slot)]:
            for kind, other in alterations(slot, world, r):
                if not differs(slot, other):
                    continue
                shown, _, now = checker.check(write(pieces, slot, other))
                in_place = (other + MARK) in shown or (other + "`" + MARK) in shown
                counts = tally.altered[kind]
                counts[0] += 1
                counts[1] += now > marked
                counts[2] += in_place
                row[2] += 1
                row[3] += now > marked
                if now <= marked and show:
                    print(f"ALTERED {template.__name__} ({kind}): {slot.text} -> {other}: {shown!r}")


def run(program, worlds, make, family, first, show):
    tally = Tally()
    for seed in range(first, first + worlds):
        world = make(seed)
        checker = Checker(program, world)
        judge(checker, world, family, tally, random.Random(seed), show)
        checker.close()
    return tally


def report(title, tally):
    print(f"\n{title:28}{'altered':>9}{'caught':>9}{'':>9}{'in place':>9}")
    for kind in sorted(tally.altered):
        tried, caught, in_place = tally.altered[kind]
        print(f"  {kind:26}{tried:9}{caught:9}{100 * caught / tried:8.1f}%{100 * in_place / tried:8.1f}%")
    tried = sum(row[0] for row in tally.altered.values())
    print(f"  {'all':26}{tried:9}{sum(row[1] for row in tally.altered.values()):9}{100 * tally.caught():8.1f}%")
    print(f"  true facts: {tally.true[0]}, of them marked: {tally.true[1]} ({100 * tally.marked():.2f} %)")


def report_templates(tally):
    for name, (checked, marked, tried, caught) in sorted(tally.by_template.items()):
        print(f"    {name:20} true {checked:6} marked {marked:5} ({100 * marked / max(1, checked):5.1f} %)"
              f"   altered {tried:6} caught {100 * caught / max(1, tried):5.1f} %")


def by_others(options):
    """The title of every corpus that others wrote, and what fills a tally from it."""
    for half in checker_jury.FIRST:
        yield f"first corpus, {half}", lambda tally, half=half: checker_jury.first(
            half, lambda world: Checker(options.checker, world), tally, options.show)
    for half in checker_jury.SECOND:
        yield f"second corpus, {half}", lambda tally, half=half: checker_jury.second(half, options.briefing, tally, options.show)
    for title in checker_jury.LATER:
        yield title, lambda tally, title=title: checker_jury.later(title, options.briefing, tally, options.show)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--checker", required=True)
    parser.add_argument("--briefing", required=True)
    parser.add_argument("--worlds", type=int, default=24)
    parser.add_argument("--first", type=int, default=7000)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--templates", action="store_true")
    parser.add_argument("--only", help="a part of the title of the phrasings that are wanted")
    options = parser.parse_args()
    missed = False
    for title, make, family in (("phrasings worked on", World, templates.TEMPLATES), ("phrasings held out", World, templates.HELD_OUT),
                                ("another writer", checker_telemetry.World, checker_telemetry_templates.FAMILY)):
        if options.only is not None and options.only not in title:
            continue
        tally = run(options.checker, options.worlds, make, family, options.first, options.show)
        report(title, tally)
        if options.templates:
            report_templates(tally)
        missed = missed or tally.caught() < CAUGHT_FLOOR or tally.marked() > MARKED_CEILING
    for title, fill in by_others(options):
        if options.only is not None and options.only not in title:
            continue
        tally = checker_jury.Tally()
        fill(tally)
        report(title, tally)
        checker_jury.report_causes(tally)
        missed = missed or tally.caught() < CAUGHT_FLOOR or tally.marked() > MARKED_CEILING
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
