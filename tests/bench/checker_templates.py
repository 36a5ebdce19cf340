"""Phrasings of true statements about a world. Each gives pieces: plain words, and slots that may be altered.

HELD_OUT is a family that was written when the check was done. docs/ANSWERS.md says what it changed since: one word.
"""
import statistics

STEP = 300_000
MINUTE = 60_000


class Slot:
    """A figure, time or name: its words, and how another value would be written in the same way."""

    def __init__(self, kind, value, write, unit=None):
        self.kind, self.value, self.write, self.unit = kind, value, write, unit
        self.text = write(value)
        self.holds = lambda other: False  # whether the sentence is true with that value, too


def digits(value, count):
    """So many digits that count, as people write them."""
    if value == 0:
        return "0"
    text = f"{value:.{count}g}"
    if "e" in text:
        text = f"{float(text):.0f}"
    return text


def grouped(text):
    whole, _, rest = text.partition(".")
    return (f"{int(whole):,}" if len(whole) > 3 else whole) + ("." + rest if rest else "")


def quantity(r, value, unit, count=None):
    """A slot with a value in one of the ways to write it."""
    count = count or r.choice([2, 3, 3])
    if unit == "Seconds" or unit == "Milliseconds":
        s = value if unit == "Seconds" else value / 1000
        if s < 1 and r.random() < 0.5:
            return Slot("figure", s, lambda v: f"{digits(v * 1000, count)}{sep}{name}", "ms") if (
                (sep := r.choice([" ", " ", ""])) is not None and (name := r.choice(["ms", "ms", "milliseconds"] if sep else ["ms"]))) else None
        name = r.choice(["s", "s", "seconds"])
        return Slot("figure", s, lambda v: f"{digits(v, count)} {name}", "s")
    if unit == "Percent":
        name = r.choice([" %", "%", " percent"])
        return Slot("figure", value, lambda v: f"{digits(v, count)}{name}", "%")
    if unit == "Bytes":
        factor, name = (1e9, "GB") if value >= 1e9 else (1e6, "MB")
        if r.random() < 0.25:
            factor, name = (1024 ** 3, "GiB") if value >= 1024 ** 3 else (1024 ** 2, "MiB")
        return Slot("figure", value, lambda v: f"{digits(v / factor, count)} {name}", name)
    if value >= 1e6 and r.random() < 0.5:
        return Slot("figure", value, lambda v: f"{digits(v / 1e6, count)} million", "plain")
    if value >= 1000:
        exact = r.random() < 0.5
        return Slot("figure", value, lambda v: grouped(f"{v:.0f}" if exact else digits(v, 3)), "plain")
    return Slot("figure", value, lambda v: digits(v, 3 if value >= 10 else 2), "plain")


def time_slot(w, ms, r=None):
    r = r or w.random
    style = r.randrange(5)

    def write(at):
        local = w.local(at)
        if style == 0:
            return local.strftime("%-I:%M %p").lower()
        if style == 1:
            return local.strftime("%H:%M ") + (local.tzname() if local.tzname().isalpha() else "local time")
        return local.strftime("%H:%M")
    return Slot("time", ms, write)


def tie(series, time, *figures):
    """An altered time at which the figures are as true is no alteration; nor is a bucket's end."""
    def holds(at):
        i = round((at - series.start) / STEP)
        return any(0 <= k < len(series.values) and all(f.write(scaled(series, k)) == f.text for f in figures) for k in (i, i - 1))
    time.holds = holds
    return time


def scaled(series, i):
    return series.values[i] / 1000 if series.unit == "Milliseconds" else series.values[i]


def tie_stretch(series, a, b, first, last, *figures):
    """The same for both ends of a stretch: altered, it may have the same least and greatest value."""
    def holds_from(i, j):
        part = [scaled(series, k) for k in range(max(0, i), min(len(series.values), j + 1))]
        return not part or {f.text for f in figures} <= {f.write(v) for f in figures for v in (max(part), min(part))}
    a.holds = lambda at: holds_from(round((at - series.start) / STEP), last)
    b.holds = lambda at: holds_from(first, round((at - series.start) / STEP)) or holds_from(first, round((at - series.start) / STEP) - 1)


def name_slot(name):
    return Slot("name", name, lambda v: v)


def called(r, s):
    """A way to name a series."""
    title = s.title
    forms = [title, f"the {title}", f"`{title}`", f"**{title}**"]
    words = title.split()
    if title.endswith("target response time"):
        forms += [f"{words[0]} latency", f"{words[0]}'s response time", f"the response time of {words[0]}"]
    if title.endswith("requests"):
        forms += [f"requests to {words[0]}", f"{words[0]} traffic"]
    if title.endswith("CPU"):
        forms += [f"CPU of {words[0]}", f"{words[0]}'s CPU", f"CPU usage on {words[0]}"]
    if title.endswith("errors"):
        forms += [f"5xx errors of {words[0]}", f"{words[0]}'s 5xx count"]
    if title.startswith("CPUUtilization"):
        forms += [f"CPU of {words[1]}", f"CPUUtilization of `{words[1]}`"]
    text = r.choice(forms)
    return text


def start(text):
    return text[:1].upper() + text[1:] if text[:1].isalpha() and not text.startswith(("i-", "p99")) else text


def pick(w, wanted=None):
    series = [s for s in w.series if wanted is None or wanted(s)]
    return w.random.choice(series) if series else None


def any_bucket(w, s):
    return w.random.randrange(s.from_index, len(s.values))


def peak(s):
    return max(range(s.from_index, len(s.values)), key=lambda i: s.values[i])


def low(s):
    return min(range(s.from_index, len(s.values)), key=lambda i: s.values[i])


# --- each takes a world and gives pieces or None -----------------------------------------------------------

def value_at(w):
    s = pick(w)
    r = w.random
    i = any_bucket(w, s)
    q, t = quantity(r, s.values[i], s.unit), time_slot(w, s.time(i))
    tie(s, t, q)
    n = called(r, s)
    return r.choice([
        [start(f"{n} was "), q, " at ", t, "."],
        ["At ", t, f", {n} was ", q, "."],
        [start(f"{n} stood at "), q, " at ", t, "."],
        ["At ", t, f" {n} read ", q, "."],
        [start(f"{n} reached "), q, " around ", t, "."],
        ["By ", t, f" {n} had come to ", q, "."],
        [f"- {n}: ", q, " (at ", t, ")"],
        ["Around ", t, f", I see {n} at ", q, "."],
    ])


def peaks(w):
    s = pick(w)
    r = w.random
    i = peak(s)
    q, t = quantity(r, s.values[i], s.unit), time_slot(w, s.time(i))
    n = called(r, s)
    return r.choice([
        [start(f"{n} peaked at "), q, " at ", t, "."],
        ["The highest value of ", n, " was ", q, " (", t, ")."],
        [start(f"{n} climbed as high as "), q, "."],
        ["Maximum of ", n, ": ", q, "."],
        [start(f"{n} topped out at "), q, " at ", t, "."],
        ["The peak of ", n, " came at ", t, ": ", q, "."],
        [start(f"{n} never exceeded "), q, "."],
    ])


def bottoms(w):
    s = pick(w)
    r = w.random
    i = low(s)
    if s.values[i] == 0:
        return None
    q, t = quantity(r, s.values[i], s.unit), time_slot(w, s.time(i))
    n = called(r, s)
    return r.choice([
        [start(f"{n} bottomed out at "), q, " at ", t, "."],
        ["The lowest value of ", n, " was ", q, " at ", t, "."],
        [start(f"{n} fell as low as "), q, "."],
        [start(f"{n} did not go below "), q, "."],
    ])


def means(w):
    s = pick(w)
    r = w.random
    values = s.judged()
    n = called(r, s)
    if r.random() < 0.5:
        q = quantity(r, statistics.fmean(values), s.unit)
        return r.choice([
            [start(f"{n} averaged "), q, " over the range."],
            ["On average ", n, " was ", q, "."],
            ["The mean of ", n, " is ", q, "."],
        ])
    q = quantity(r, statistics.median(values), s.unit)
    return r.choice([
        ["The median of ", n, " is ", q, "."],
        [start(f"{n} is usually around "), q, "."],
        ["Typically, ", n, " is about ", q, "."],
    ])


def between(w):
    s = pick(w)
    r = w.random
    i = r.randrange(s.from_index, len(s.values) - 4)
    j = min(len(s.values) - 1, i + r.randint(3, 24))
    part = s.values[i:j + 1]
    if min(part) == 0:
        return None
    a, b = time_slot(w, s.time(i)), time_slot(w, s.time(j))
    n = called(r, s)
    hi, lo = quantity(r, max(part), s.unit), quantity(r, min(part), s.unit)
    tie_stretch(s, a, b, i, j, hi, lo)
    return r.choice([
        ["Between ", a, " and ", b, f" {n} went up to ", hi, "."],
        ["From ", a, " to ", b, f", {n} stayed between ", lo, " and ", hi, "."],
        [start(f"{n} ranged from "), lo, " to ", hi, " between ", a, " and ", b, "."],
    ])


def rose(w):
    s = pick(w)
    r = w.random
    i = r.randrange(s.from_index, len(s.values) - 4)
    j = min(len(s.values) - 1, i + r.randint(1, 6))
    if s.values[i] <= 0 or s.values[j] <= 0:
        return None
    up = s.values[j] > s.values[i]
    a, b = quantity(r, s.values[i], s.unit), quantity(r, s.values[j], s.unit)
    ta, tb = time_slot(w, s.time(i)), time_slot(w, s.time(j))
    n = called(r, s)
    tie(s, ta, a)
    tie(s, tb, b)
    verb = r.choice(["rose", "went up", "climbed"] if up else ["fell", "dropped", "went down"])
    return r.choice([
        [start(f"{n} {verb} from "), a, " at ", ta, " to ", b, " at ", tb, "."],
        [start(f"{n} {verb} from "), a, " (", ta, ") to ", b, " (", tb, ")."],
        ["Between ", ta, " and ", tb, f" {n} {verb} from ", a, " to ", b, "."],
    ])


def change_percent(w):
    s = pick(w)
    r = w.random
    i = r.randrange(s.from_index, len(s.values) - 4)
    j = min(len(s.values) - 1, i + r.randint(1, 6))
    if s.values[i] <= 0 or s.values[j] <= 0:
        return None
    change = (s.values[j] / s.values[i] - 1) * 100
    if not 6 < abs(change) < 300:
        return None
    a, b = quantity(r, s.values[i], s.unit, 3), quantity(r, s.values[j], s.unit, 3)
    ta, tb = time_slot(w, s.time(i)), time_slot(w, s.time(j))
    tie(s, ta, a)
    tie(s, tb, b)
    p = Slot("percent", abs(change), lambda v: digits(v, 2) + " %", "%")
    n = called(r, s)
    more = "more" if change > 0 else "less"
    verb = "rose" if change > 0 else "fell"
    return r.choice([
        [start(f"{n} was "), a, " at ", ta, " and ", b, " at ", tb, ", about ", p, f" {more}."],
        [start(f"{n} {verb} by about "), p, ", from ", a, " at ", ta, " to ", b, " at ", tb, "."],
    ])


def ratio(w):
    s = pick(w)
    r = w.random
    i = peak(s)
    usual = statistics.median(s.judged())
    if usual <= 0 or s.values[i] / usual < 1.8:
        return None
    times = s.values[i] / usual
    a, b = quantity(r, s.values[i], s.unit, 3), quantity(r, usual, s.unit, 3)
    t = time_slot(w, s.time(i))
    k = Slot("ratio", times, lambda v: digits(v, 2) + r_word, "x")if (r_word := r.choice([" times", "x", " times"])) else None
    n = called(r, s)
    return r.choice([
        [start(f"{n} peaked at "), a, " at ", t, ", about ", k, " its median of ", b, "."],
        ["At ", t, f" {n} hit ", a, ", roughly ", k, " the usual ", b, "."],
    ])


def finding(w):
    if not w.findings:
        return None
    f = w.random.choice(w.findings)
    if f["kind"] not in ("sudden_change", "level_shift"):
        return None
    s = w.series[f["subject"]]
    r = w.random
    n = called(r, s)
    a, t = quantity(r, f["value"], s.unit), time_slot(w, f["at"])
    begin = time_slot(w, f["from"])
    if f["kind"] == "level_shift":
        return r.choice([
            [start(f"{n} has been at about "), a, " since ", begin, f" ({f['id']})."],
            ["Since ", begin, f", {n} is around ", a, f" [{f['id']}]."],
        ])
    lasts = Slot("duration", (f["to"] - f["from"]) / MINUTE, lambda v: f"{v:.0f} min" if v < 120 else f"{digits(v / 60, 2)} h", "min")
    return r.choice([
        [f"{f['id']}: {n} jumped to ", a, " at ", t, "."],
        [start(f"{n} spiked to "), a, " at ", t, f" ({f['id']})."],
        ["The episode on ", n, f" ({f['id']}) began at ", begin, " and lasted ", lasts, "."],
        [start(f"{n} was unusual from "), begin, " to ", time_slot(w, f["to"]), f" ({f['id']})."],
    ])


def alarm(w):
    r = w.random
    a, t = name_slot(w.alarm), time_slot(w, w.alarm_at)
    tick = r.choice(["`", "", "**"])
    return r.choice([
        [f"The alarm {tick}", a, f"{tick} went off at ", t, "."],
        [f"Alarm {tick}", a, f"{tick} has been in ALARM since ", t, "."],
        ["At ", t, f" the alarm {tick}", a, f"{tick} fired."],
        ["Only one alarm is firing: `", a, "`, since ", t, "."],
    ])


def deploy(w):
    r = w.random
    t = time_slot(w, w.deploy_at)
    v = name_slot(w.version)
    return r.choice([
        [f"{start(w.deployer)} deployed {w.shops[0]} ", v, " at ", t, "."],
        ["A deploy of ", w.shops[0], " (", v, ") happened at ", t, "."],
        ["Shortly before, at ", t, f", {w.shops[0]} ", v, " was rolled out."],
    ])


def deploy_then(w):
    r = w.random
    gap = (w.alarm_at - w.deploy_at) // MINUTE
    t, u = time_slot(w, w.deploy_at), time_slot(w, w.alarm_at)
    d = Slot("duration", gap, lambda v: f"{v:.0f} {unit}", "min") if (unit := r.choice(["min", "minutes"])) else None
    return r.choice([
        [f"The deploy of {w.shops[0]} was at ", t, "; the alarm `", name_slot(w.alarm), "` fired ", d, " later, at ", u, "."],
        ["Between the deploy at ", t, " and the alarm at ", u, " lie ", d, "."],
    ])


def instance(w):
    r = w.random
    i = name_slot(w.instances[1])
    n = Slot("figure", w.answered, lambda v: f"{v:.0f}", "plain")
    return r.choice([
        ["The log of ", i, " shows ", n, " answers with 503."],
        [f"On `", i, f"`, /{w.shops[0]} answered 503 ", n, " times."],
        ["Instance ", i, " returned status 503 ", n, " times."],
    ])


def two_metrics(w):
    r = w.random
    a = pick(w)
    b = pick(w, lambda s: s.unit != a.unit)
    if b is None:
        return None
    i = any_bucket(w, a)
    t = time_slot(w, a.time(i))
    x, y = quantity(r, a.values[i], a.unit), quantity(r, b.values[i], b.unit)
    tie(a, t, x)
    first = t.holds
    tie(b, t, y)
    second = t.holds
    t.holds = lambda at: first(at) or second(at)
    m, n = called(r, a), called(r, b)
    return r.choice([
        ["At ", t, f" {m} was ", x, f" while {n} was ", y, "."],
        ["At ", t, f", {m} showed ", x, f" and {n} ", y, "."],
        [start(f"{m} was at "), x, " and ", n, " at ", y, " at ", t, "."],
    ])


def last_value(w):
    r = w.random
    s = pick(w)
    q = quantity(r, s.values[-1], s.unit)
    n = called(r, s)
    return r.choice([
        ["The latest value of ", n, " is ", q, "."],
        [start(f"{n} is now at "), q, "."],
        [start(f"{n} currently reads "), q, "."],
    ])


def total(w):
    r = w.random
    s = pick(w, lambda s: s.unit == "Count" and "requests" in s.title)
    if s is None:
        return None
    q = quantity(r, sum(s.judged()), "Count")
    return ["In total there were ", q, f" {called(r, s)}."]


def heading_list(w):
    """A subject in a heading, its values as a list."""
    r = w.random
    s = pick(w)
    i, j = peak(s), any_bucket(w, s)
    q = quantity(r, s.values[j], s.unit)
    return [f"**{s.title}**\n- peak: ", quantity(r, s.values[i], s.unit), " at ", time_slot(w, s.time(i)), "\n- at ",
            tie(s, time_slot(w, s.time(j)), q), ": ", q]


def table(w):
    r = w.random
    s = pick(w)
    first = r.randrange(s.from_index, len(s.values) - 4)
    out = [f"| time | {s.title} |\n|---|---|\n"]
    for i in range(first, first + 3):
        q = quantity(r, s.values[i], s.unit, 3)
        out += ["| ", tie(s, Slot("time", s.time(i), w.clock), q), " | ", q, " |\n"]
    return out


def idle(w):
    """Nothing that could be altered: must not be marked."""
    return [w.random.choice([
        "There are two things to look at: the deploy and the database.",
        "Look at p99 rather than at the mean; 5xx responses are what users see.",
        "1. Check the logs.\n2. Roll back if it gets worse.\n3. Tell the team.",
        "One of the likely places is the connection pool.",
        "I cannot see the load balancer's logs, so I do not know which path is slow.",
        "Nothing else stands out; the other metrics are as usual.",
        "HTTP/2 and TLS are not involved here.",
        "S3 and DynamoDB were not asked about.",
        "First, compare both hosts; second, look at the slow queries.",
    ])]


TEMPLATES = [value_at, value_at, value_at, peaks, peaks, bottoms, means, between, rose, change_percent, ratio, finding, finding,
             alarm, deploy, deploy_then, instance, two_metrics, last_value, total, heading_list, table, idle]


# --- written later, at first held out; what they showed was mended --------------------------------------------

def plain_unit(r, value, unit):
    """Decimals and thousands as German, French and Spanish write them."""
    if unit == "Seconds" or unit == "Milliseconds":
        s = value if unit == "Seconds" else value / 1000
        return Slot("figure", s, lambda v: digits(v, 3).replace(".", ",") + " s", "s")
    if unit == "Percent":
        return Slot("figure", value, lambda v: digits(v, 3).replace(".", ",") + " %", "%")
    if unit == "Bytes":
        return Slot("figure", value, lambda v: digits(v / 1e6, 3) + " MB", "MB")
    return Slot("figure", value, lambda v: grouped(f"{v:.0f}").replace(",", "."), "plain")


def held_quote(w):
    r = w.random
    s = pick(w)
    i = any_bucket(w, s)
    q, t = quantity(r, s.values[i], s.unit), time_slot(w, s.time(i))
    tie(s, t, q)
    return r.choice([
        ["What the data shows for ", t, " is ", q, f" on {called(r, s)}."],
        ["> ", q, f" - that is what {called(r, s)} measured at ", t, "."],
        ["If you look at ", t, f" you will find {called(r, s)} at ", q, ", nothing more."],
        [start(f"{called(r, s)} ("), q, " at ", t, ") deserves a look."],
        ["Reading at ", t, f" for {called(r, s)}: *", q, "*."],
    ])


def held_paragraph(w):
    """The subject in the first sentence, the figures behind it."""
    r = w.random
    s = pick(w)
    i, j = peak(s), any_bucket(w, s)
    a, b = quantity(r, s.values[i], s.unit), quantity(r, s.values[j], s.unit)
    ta, tb = time_slot(w, s.time(i)), time_slot(w, s.time(j))
    tie(s, tb, b)
    return r.choice([
        [f"Let us look at {called(r, s)}. It hit its maximum of ", a, " at ", ta, ". Then, at ", tb, ", it was ", b, "."],
        [start(f"{called(r, s)} is worth a look: its worst point, "), a, ", came at ", ta, "; the reading at ", tb, " is ", b, "."],
        ["Regarding ", called(r, s), " you asked for numbers. The largest one, ", a, ", is from ", ta, "."],
    ])


def held_compare(w):
    r = w.random
    s = pick(w)
    i, j = any_bucket(w, s), any_bucket(w, s)
    if s.values[i] <= 0 or s.values[j] <= 0 or i == j:
        return None
    a, b = quantity(r, s.values[i], s.unit, 3), quantity(r, s.values[j], s.unit, 3)
    ta, tb = time_slot(w, s.time(i)), time_slot(w, s.time(j))
    tie(s, ta, a)
    tie(s, tb, b)
    return r.choice([
        ["Compare ", a, " at ", ta, " with ", b, " at ", tb, f": that is how {called(r, s)} moved."],
        [f"For {called(r, s)} we have ", a, " (", ta, ") versus ", b, " (", tb, ")."],
        [start(f"{called(r, s)}: "), ta, " -> ", a, ", ", tb, " -> ", b, "."],
    ])


def held_german(w):
    r = w.random
    s = pick(w)
    i = any_bucket(w, s)
    q, t = plain_unit(r, s.values[i], s.unit), Slot("time", s.time(i), w.clock)
    tie(s, t, q)
    return r.choice([
        [f"Um ", t, f" Uhr lag {s.title} bei ", q, "."],
        [f"{s.title} betrug um ", t, " Uhr ", q, "."],
        ["À ", t, f", {s.title} était à ", q, "."],
        ["A las ", t, f" {s.title} estaba en ", q, "."],
        ["Às ", t, f", {s.title} estava em ", q, "."],
    ])


def held_peak_german(w):
    r = w.random
    s = pick(w)
    i = peak(s)
    q, t = plain_unit(r, s.values[i], s.unit), Slot("time", s.time(i), w.clock)
    return r.choice([
        [f"Der Höchstwert von {s.title} war ", q, " um ", t, " Uhr."],
        [f"{s.title} a atteint un pic de ", q, " à ", t, "."],
        [f"El pico de {s.title} fue ", q, " a las ", t, "."],
    ])


def held_since(w):
    r = w.random
    s = pick(w)
    i = r.randrange(s.from_index, len(s.values) - 6)
    part = s.values[i:]
    if min(part) <= 0:
        return None
    t, q = time_slot(w, s.time(i)), quantity(r, max(part), s.unit)
    tie_stretch(s, t, Slot("time", 0, lambda v: ""), i, len(s.values), q)
    m = quantity(r, statistics.fmean(part), s.unit)
    t2 = time_slot(w, s.time(i))
    return r.choice([
        ["Since ", t, f" the maximum of {called(r, s)} is ", q, "."],
        [start(f"{called(r, s)} has averaged "), m, " since ", t2, "."],
    ])


def held_table(w):
    r = w.random
    a = pick(w)
    b = pick(w, lambda s: s is not a)
    first = r.randrange(a.from_index, len(a.values) - 3)
    out = [f"| Time | {a.title} | {b.title} |\n|:--|--:|--:|\n"]
    for i in range(first, first + 2):
        x, y = quantity(r, a.values[i], a.unit, 3), quantity(r, b.values[i], b.unit, 3)
        t = Slot("time", a.time(i), w.clock)
        tie(a, t, x)
        out += ["| ", t, " | ", x, " | ", y, " |\n"]
    return out


def held_alarm(w):
    r = w.random
    a, t = name_slot(w.alarm), time_slot(w, w.alarm_at)
    gap = Slot("duration", (w.alarm_at - w.deploy_at) // MINUTE, lambda v: f"{v:.0f} minutes", "min")
    return r.choice([
        ["`", a, "` turned red at ", t, "."],
        ["What paged you is \"", a, "\"; it has been red since ", t, "."],
        ["Note that `", a, "` fired ", gap, " after the deploy of ", w.shops[0], "."],
        ["The page came from ", a, " (", t, ")."],
    ])


def held_finding(w):
    found = [f for f in w.findings if f["kind"] == "sudden_change"]
    if not found:
        return None
    r = w.random
    f = r.choice(found)
    s = w.series[f["subject"]]
    q, t = quantity(r, f["value"], s.unit), time_slot(w, f["at"])
    return r.choice([
        [f"As {f['id']} says, ", called(r, s), " got to ", q, " (", t, ")."],
        [f"See {f['id']}: ", q, f" on {called(r, s)} at ", t, "."],
        [start(f"{called(r, s)} went through the roof at "), t, " with ", q, f" ({f['id']})."],
    ])


TEMPLATES += [held_quote, held_paragraph, held_compare, held_german, held_peak_german, held_since, held_table, held_alarm, held_finding]


# --- held out: written when the check was done ------------------------------------------------------------------

def last_nothing_above(w):
    r = w.random
    s = pick(w)
    i, j = peak(s), low(s)
    if s.values[j] <= 0:
        return None
    return r.choice([
        ["Nothing above ", quantity(r, s.values[i], s.unit), f" was seen on {called(r, s)}."],
        [start(f"{called(r, s)} has its minimum, "), quantity(r, s.values[j], s.unit), ", at ", time_slot(w, s.time(j)), "."],
        ["I checked ", called(r, s), ": the highest point is ", quantity(r, s.values[i], s.unit), ", the lowest ",
         quantity(r, s.values[j], s.unit), "."],
    ])


def last_how_long(w):
    r = w.random
    s = pick(w)
    i = r.randrange(s.from_index, len(s.values) - 8)
    j = i + r.randint(2, 7)
    if s.values[i] <= 0 or s.values[j] <= 0:
        return None
    a, b = quantity(r, s.values[i], s.unit, 3), quantity(r, s.values[j], s.unit, 3)
    ta, tb = time_slot(w, s.time(i)), time_slot(w, s.time(j))
    tie(s, ta, a)
    tie(s, tb, b)
    lasts = Slot("duration", (j - i) * 5, lambda v: f"{v:.0f} minutes", "min")
    return r.choice([
        ["It took ", lasts, f" for {called(r, s)} to get from ", a, " at ", ta, " to ", b, " at ", tb, "."],
        [start(f"{called(r, s)} read "), a, " at ", ta, " and, ", lasts, " later at ", tb, ", ", b, "."],
    ])


def last_above_average(w):
    r = w.random
    s = pick(w)
    i = peak(s)
    mean = statistics.fmean(s.judged())
    if mean <= 0 or s.values[i] < 1.1 * mean:
        return None
    p = Slot("percent", (s.values[i] / mean - 1) * 100, lambda v: digits(v, 2) + " %", "%")
    return [start(f"{called(r, s)} peaked at "), quantity(r, s.values[i], s.unit, 3), ", roughly ", p, " above its average of ",
            quantity(r, mean, s.unit, 3), "."]


def last_summary(w):
    """A longer answer, as a model gives it."""
    r = w.random
    a = pick(w)
    b = pick(w, lambda s: s is not a)
    i, j = peak(a), any_bucket(w, b)
    q = quantity(r, b.values[j], b.unit)
    t = tie(b, time_slot(w, b.time(j)), q)
    return [f"**Summary**\n\nThe page for {w.shops[0]} came at ", time_slot(w, w.alarm_at), " (`", name_slot(w.alarm),
            f"`).\n\n1. **{a.title}** peaked at ", quantity(r, a.values[i], a.unit), " at ", time_slot(w, a.time(i)),
            f".\n2. **{b.title}** was ", q, " at ", t, ".\n\nTwo things to check next: the deploy of ", name_slot(w.version),
            " and the connection pool."]


def last_host(w):
    r = w.random
    return r.choice([
        [name_slot(w.instances[1]), " is the host that logged ", Slot("figure", w.answered, lambda v: f"{v:.0f}", "plain"), " of these."],
        ["Version ", name_slot(w.version), f" of {w.shops[0]} is live since ", time_slot(w, w.deploy_at), "."],
        ["Who changed something? ", start(w.deployer), ", at ", time_slot(w, w.deploy_at), ": ", name_slot(w.version), "."],
    ])


HELD_OUT = [last_nothing_above, last_how_long, last_above_average, last_summary, last_summary, last_host]
