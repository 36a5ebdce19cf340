"""What the third corpus and later ones share: how their worlds and slots are made (the second has the worlds, and slots of its own).
Figures are held against the data when they are made, and each has its alterations. What a model is told of a world, the bot's own
briefing makes (checker_briefing.c)."""
import random, datetime, math, subprocess, statistics, re, zoneinfo

from tests.bench.checker_made import DAY, MIN, Made, Ser

USUAL = {}
SLOTS = []
PROGRAM = [None]


class Mechanics(Made):
    def lines(w):
        esc = lambda x: str(x).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
        J = lambda *a: "\t".join(esc(x) for x in a)
        o = [J("zone", w.zone, w.now)]
        i = 0
        k = 0
        for d, ids in w.dash:
            o.append(J("dash", d, w.days))
            for m in w.metrics:
                if m["id"] in ids:
                    o.append(
                        J(
                            "metric",
                            m["id"],
                            m["title"],
                            m["unit"],
                            m["stat"],
                            m["period"],
                            m["below"],
                            m["above"],
                            m["ns"],
                            m["name"],
                            m["query"],
                            m["about"],
                        )
                    )
        for s in w.ser:
            o.append(J("series", s.m["id"], s.label, s.start, s.step, ",".join(repr(x) for x in s.v)))
        for a in w.alarms:
            o.append(J("alarm", *a))
        o.append(J("ask", w.question))
        for n in w.names:
            o.append(J("name", n))
        for t in w.tools:
            o.append(J("tool", t))
        for r in w.reasons:
            o.append(J("reason", r))
        return o

    def alarm(w, name, metric, at, thr, val, reason, ns, stat="Average", cmp=">", period=300, unit="None"):
        w.alarms.append((name, metric, at, thr, val, reason, ns, stat, cmp, period, unit))

    def run(w, answers):
        esc = lambda x: str(x).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
        inp = "\n".join(w.lines() + ["answer\t%s\t%s" % (i, esc(a)) for i, a in answers]) + "\n"
        p = subprocess.run([PROGRAM[0]], input=inp, capture_output=True, text=True)
        if p.returncode:
            raise SystemExit(p.stderr + str(p.returncode))
        L = p.stdout.split("\n")
        un = lambda s: re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "\\": "\\"}[m[1]], s)
        first = L[0].split("\t")
        w.text = un(first[0])
        w.frm, w.until = int(first[1]), int(first[2])
        w.F = []
        for x in first[3:]:
            q = x.split("|")
            w.F.append(
                dict(
                    id=q[0],
                    kind=q[1],
                    s=q[2],
                    o=q[3],
                    frm=int(q[4]),
                    to=int(q[5]),
                    at=int(q[6]),
                    value=float(q[7]),
                    expected=float(q[8]),
                    text=un("|".join(q[9:])),
                )
            )
        return [l.split("\t")[:4] + [un(l.split("\t")[4])] for l in L[1:] if l]

    def prep(w):
        w.run([])
        for s in w.ser:
            s.rows = {}
            s.each = None
            s.tl = None
            s.txt = {}
        # tables that the model saw
        cur = None
        mid = None
        day = None
        year = w.loc(w.now).year
        mon = {m: i + 1 for i, m in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())}
        for l in w.text.split("\n"):
            m = re.match(r"<<<data \S+ metric (\S+)", l) or re.match(r"<<<data.*metric (\w+)", l)
            if m:
                mid = m[1]
                cur = next(s for s in w.ser if s.m["id"] == mid)
                continue
            if l.startswith("series: "):
                cur = next(s for s in w.ser if s.title == l[8:] or (s.m["id"] == mid and s.label and l.endswith(s.label)))
                continue
            m = re.match(r"in the range: least (.*?) at .*greatest (.*?) at .*mean (.*?), last (.*?) at (?:\w{3} (\d+) (\w{3}) )?(\d\d):(\d\d)$", l)
            if m:
                n = w.loc(w.now)
                cur.tl = int(
                    datetime.datetime(
                        n.year, mon[m[6]] if m[6] else n.month, int(m[5]) if m[5] else n.day, int(m[7]), int(m[8]), tzinfo=w.tz
                    ).timestamp()
                    * 1000
                )
                cur.txt = dict(min=m[1], max=m[2], mean=m[3], last=m[4])
            m = re.match(r"usual at these hours: median (.*), 9 of 10 values (.*)$", l)
            if m:
                cur.txt.update(usual=m[1], band=m[2])
            m = re.match(r"(before the range, |the range, )?a line each (.*): time", l)
            if m:
                cur.each = m[2]
                continue
            m = re.match(r"(?:\w{3} (\d+) (\w{3}) )?(\d\d):(\d\d) (-?[\d.e+-]+)(?: (-?[\d.e+-]+) (-?[\d.e+-]+))?$", l)
            if m and cur is not None:
                n = w.loc(w.now)
                d = datetime.datetime(n.year, mon[m[2]] if m[2] else n.month, int(m[1]) if m[1] else n.day, int(m[3]), int(m[4]), tzinfo=w.tz)
                v = float(m[5])
                cur.rows[int(d.timestamp() * 1000)] = (v, float(m[6]) if m[6] else v, float(m[7]) if m[7] else v)
        USUAL.clear()
        for s in w.ser:
            s.prep(w.frm, s.tl + s.step)
            USUAL[s.usual] = (s.lo, s.hi)
            USUAL[s.usual / 1000] = (s.lo / 1000, s.hi / 1000)

    def f(w, kind, title=None, other=None, n=0):
        L = [
            x
            for x in w.F
            if x["kind"] == kind and (title is None or title in x["s"] + " " + x["o"]) and (other is None or other in x["s"] + " " + x["o"])
        ]
        return L[n]

    def A(w, *texts):
        for t in texts:
            w.paras.append(t)

    def cause(w, good, *texts):
        for t in texts:
            w.causes.append((good, t))


CUR = [None]
ERR = []


class Slot:
    def __init__(s, kind, text, alts):
        s.kind, s.text = kind, text
        seen = set()
        s.alts = []
        for k, a in alts:
            if a is not None and a != text and a not in seen:
                seen.add(a)
                s.alts.append((k, a))


def slot(kind, text, alts):
    SLOTS.append(Slot(kind, text, alts))
    return "\x01%d\x02" % (len(SLOTS) - 1)


def rg():
    return random.Random(len(SLOTS) * 104729 + 71)


UNITS = {
    "Seconds": ("s", 1),
    "Milliseconds": ("s", 1e-3),
    "Percent": ("%", 1),
    "Count": ("n", 1),
    "Bytes": ("B", 1),
    "Bytes/Second": ("B/s", 1),
    "Count/Second": ("/s", 1),
    "None": ("n", 1),
}
TX = {
    "s": ("s", 1),
    "sec": ("s", 1),
    "second": ("s", 1),
    "seconds": ("s", 1),
    "ms": ("s", 1e-3),
    "milliseconds": ("s", 1e-3),
    "min": ("s", 60),
    "minutes": ("s", 60),
    "minute": ("s", 60),
    "h": ("s", 3600),
    "hours": ("s", 3600),
    "days": ("s", 86400),
    "d": ("s", 86400),
    "%": ("%", 1),
    "percent": ("%", 1),
    "GB": ("B", 1e9),
    "MB": ("B", 1e6),
    "TB": ("B", 1e12),
    "GiB": ("B", 2**30),
    "MB/s": ("B/s", 1e6),
    "GB/s": ("B/s", 1e9),
    "/s": ("/s", 1),
    "M": ("n", 1e6),
    "million": ("n", 1e6),
    "k": ("n", 1e3),
    "": ("n", 1),
}
WRONG = {
    "s": "ms",
    "sec": "min",
    "seconds": "minutes",
    "ms": "s",
    "milliseconds": "seconds",
    "min": "s",
    "minutes": "hours",
    "h": "min",
    "hours": "minutes",
    "%": "ms",
    "percent": "seconds",
    "GB": "MB",
    "MB": "GB",
    "GiB": "MiB",
    "MB/s": "GB/s",
    "GB/s": "MB/s",
    "M": "k",
    "million": "thousand",
    "TB": "GB",
}


def bad(m):
    ERR.append(m)


def parse(t):
    m = re.match(r"^(\D*?)(-?\d[\d,]*(?:\.\d+)?)([ -]?)(.*)$", t)
    pre, n, sp, u = m[1], m[2], m[3], m[4]
    q = re.match(r"(?:%|percent|[A-Za-z]+(?:/s)?|/s)?", u)
    un = q[0]
    if un not in TX:
        un = ""
    return pre, n, sp, un, u


def fmt(y, like):
    d = len(like.split(".")[1]) if "." in like else 0
    if d == 0 and re.search(r"[1-9]0+$", like.replace(",", "")):  # keeps its round look
        z = len(re.search(r"0+$", like.replace(",", ""))[0])
        y2 = round(y, -z)
        if y2 and abs(y2 / y - 1) < 0.04:
            y = y2
    return (
        (f"{y:,.{d}f}" if ("," in like or abs(y) < 10000 and d == 0 and "," not in like and y < 1000) else f"{y:.{d}f}")
        if not ("," in like)
        else f"{y:,.{d}f}"
    )


def nv(t):
    return float(t.replace(",", ""))


def swap(n, r):
    d = [i for i, c in enumerate(n) if c.isdigit()]
    c = []
    for a, b in zip(d, d[1:]):
        if n[a] == n[b] or (a == d[0] and n[b] == "0"):
            continue
        l = list(n)
        l[a], l[b] = l[b], l[a]
        u = "".join(l)
        if abs(nv(u) / nv(n) - 1) >= 0.05:
            c.append(u)
    return c[0] if c else None


def stat(s, st):
    """what a series says: base value in canonical unit, and the true band if it has one"""
    f = UNITS[s.m["unit"]][1]
    if st in ("max", "min", "mean", "last", "first", "usual", "lo", "hi"):
        x = getattr(s, st)
    elif st[0] in "@^_":
        x = s.rows[s.w.P(st[1:])]["@_^".index(st[0])]
    else:
        x = s.at(s.w.P(st))
    return x * f


def v(text, x, st=None, ap=0, other=True, kind="value", ok=None, dirs=(1, 1), ex=1):
    """a figure; x: number in the canonical unit of the text (s, B, %, n), or a series with st. ap: relative tolerance when the text says about.
    ok(y): y (canonical) would be true as well. dirs: whether smaller / greater ones are made (for 'over', 'at least')"""
    pre, n, sp, un, rest = parse(text)
    kindu, f = TX[un]
    s = None
    w = CUR[0]
    if isinstance(x, Ser):
        s = x
        su = UNITS[s.m["unit"]][0]
        x = stat(s, st)
        if su != kindu and not (su in ("/s",) and kindu == "n") and not (su == "%" and kindu == "n") and not (kindu == "n" and ex == 0):
            bad(f"unit {text} {s.title} {st}")
        if kindu == "n" and un == "" and su not in ("n", "/s", "%"):
            f = UNITS[s.m["unit"]][1] if ex else f
    d = len(n.split(".")[1]) if "." in n else 0
    z = re.search(r"[1-9](0+)$", n.replace(",", "")) if not d else None
    half = 0.5 * 10**-d * f * 1.0001
    val = nv(n) * f
    if z:
        half = min(0.04 * abs(val), 0.5 * 10 ** len(z[1]) * f) if val != x else 0
    if ap:
        half = max(half, ap * abs(x))
    if abs(val - x) > half + 1e-12:
        bad(f'FALSE {text!r} is {x/f:g} ({s.title if s else ""} {st or ""})')
    lo = hi = None
    if s is not None and st == "usual":
        g = UNITS[s.m["unit"]][1]
        lo, hi = s.lo * g, s.hi * g
        for q in w.F:
            if q["s"] == s.title:
                m = re.search(r"\(usual[^:]*: ([\d.,]+)", q["text"])
    r = rg()
    alts = []
    step = 10**-d * f

    def add(k, y, n2=None):
        n2 = n2 or fmt(y / f, n)
        y = nv(n2) * f
        if n2 == n or y <= 0 and val > 0:
            return
        if y < val and not dirs[0] or y > val and not dirs[1]:
            return
        lim = max(0.08 * abs(x), 1.5 * step if k != "count" else 0, (0.2 * abs(x) if ap else 0), 2.5 * half if z else 0)
        if k != "swap" and abs(y - x) < lim:
            return
        if k == "swap" and abs(y - x) < max(1.5 * step, 0.2 * abs(x) if ap else 0.05 * abs(x), 2 * half if z else 0):
            return
        if lo is not None and lo * 0.98 <= y <= hi * 1.02:
            return
        if ok and ok(y):
            return
        alts.append((k, pre + n2 + sp + rest))

    K = kind
    add(K if K != "value" else "value x0.5..2", x * r.choice([0.5, 0.55, 0.6, 0.68, 1.45, 1.6, 1.8, 2]))
    add(K if K != "value" else "+-10..30 %", x * r.choice([0.72, 0.78, 0.84, 0.88, 1.12, 1.16, 1.22, 1.28]))
    sw = swap(n, r)
    if sw:
        add("swap" if K == "value" else K, None, sw) if True else 0
    if K == "value":
        q = r.choice([10, 0.1])
        add("decimal", x * q)
        if un in WRONG and dirs == (1, 1) and not ok:
            rr = rest[len(un) :]
            alts.append(("unit", pre + n + (sp or (" " if un == "%" else "")) + WRONG[un] + rr))
        if other and s is not None:
            c = []
            for o in w.ser:
                if o is s or o.m["unit"] != s.m["unit"] and UNITS[o.m["unit"]][0] != kindu:
                    continue
                for k in ("max", "min", "mean", "last", "usual"):
                    y = stat(o, k)
                    if y > 0 and abs(y - x) >= 0.15 * abs(x) and 0.02 * x < y < 50 * x:
                        c.append(y)
            if c:
                add("other metric", r.choice(c))
    return slot(kind, text, alts)


def pc(text, x, ap=0, **k):
    return v(text, x, ap=ap, kind="percent", **k)


def ra(text, x, ap=0, **k):
    """a ratio, '4.2' or '4.2 times'"""
    pre, n, sp, un, rest = parse(text)
    d = len(n.split(".")[1]) if "." in n else 0
    val = nv(n)
    if abs(val - x) > max(0.5 * 10**-d * 1.0001, ap * x):
        bad(f"FALSE ratio {text} is {x:g}")
    r = rg()
    alts = []
    for y in (x * r.choice([0.5, 0.6, 1.6, 2]), x * r.choice([0.72, 0.8, 1.25, 1.3])):
        n2 = fmt(y, n)
        if n2 != n and nv(n2) > 1 and abs(nv(n2) - x) >= max(1.5 * 10**-d, (0.25 if ap else 0.12) * x):
            alts.append(("ratio", pre + n2 + sp + rest))
    return slot("ratio", text, alts)


def c(text, x, big=True, ok=()):
    pre, n, sp, un, rest = parse(text)
    if nv(n) != x:
        bad(f"FALSE count {text} is {x}")
    r = rg()
    g = lambda m: f"{m:,}" if "," in n or m < 1000 else str(m)
    x = int(x)
    alts = [("count +-1", pre + g(m) + sp + rest) for m in ([x + 1, x - 1] if x > 1 else [x + 1]) if m not in ok]
    if big:
        m = r.choice([x * 2 + 1, x + r.choice([3, 5, 8]), max(1, x - r.choice([3, 4, 6]))])
        if m not in ok and m != x:
            alts.append(("count +-n", pre + g(m) + sp + rest))
    return slot("count", text, alts)


def mins(t):
    m = re.search(r"(?:(\d+) ?d(?:ays?)?)?\s*(?:(\d+)[ -]?h(?:ours?|r)?)?(?:\s*(?:and )?(\d+)[ -]?m(?:in(?:utes?)?)?)?", t)
    return int(m[1] or 0) * 1440 + int(m[2] or 0) * 60 + int(m[3] or 0)


def d(text, m, step=5, ap=0):
    """a duration of m minutes, as '1 h 55 min', '95 minutes', '3-hour', '4 days'"""
    x = mins(text) if not re.search(r"\d\.\d", text) else float(re.search(r"[\d.]+", text)[0]) * (60 if re.search("h", text) else 1440)
    tol = ap or (0.05 * 60 if "." in text else 720 if "day" in text and "h" not in text.replace("day", "") else 30 if re.search(r"d.*h", text) else 0)
    if abs(x - m) > tol + 1e-9:
        bad(f"FALSE duration {text} is {m} min")
    r = rg()
    alts = []

    def like(y):
        y = int(round(y))
        if re.search(r"\d\.\d", text):
            return re.sub(r"[\d.]+", f"{y/60:.1f}" if "h" in text else f"{y/1440:.1f}", text, count=1)
        k = re.findall(r"\d+", text)
        if len(k) == 2:
            a, b = divmod(y, 60) if "d" not in text.split("h")[0] else (y // 1440, y % 1440 // 60)
            return re.sub(k[0] + r"(\D+)" + k[1], lambda q: f"{a}{q[1]}{b}", text, count=1)
        q = y // 1440 if "d" in text else y // 60 if re.search(r"\dh|\d[ -]?h", text) else y
        return re.sub(r"\d+", str(q), text, count=1)

    for y in (m * r.choice([1.3, 1.6, 2]), m * r.choice([0.75, 0.6, 0.45])) if m >= 12 else (m + r.choice([5, 7]), m + r.choice([9, 13, 20])):
        y = round(y / step) * step
        a = like(y)
        if re.match(r"0[ -]", a):
            continue
        if y > 0 and a != text and abs(y - m) >= max(1.5 * step, 3, 0.15 * m, ap * 1.5):
            alts.append(("duration", a))
    return slot("duration", text, alts)


def n(text, *others, inv=True):
    """a name: others: known ones that make the sentence false; an invented one"""
    r = rg()
    alts = [("other name", o) for o in others]
    if inv and re.search(r"[-_./0-9]|[a-z][A-Z]", text):
        at = [i for i, ch in enumerate(text) if i > 1 and (ch.isdigit() or not re.search(r"\d", text)) and ch.isalnum()]
        for _ in range(3):
            i = r.choice(at)
            m = text[:i] + r.choice([q for q in ("0123456789" if text[i].isdigit() else "abeklmorstu") if q != text[i].lower()]) + text[i + 1 :]
            if m not in KNOWN():
                alts.append(("invented name", m))
                break
    return slot("name", text, alts)


def KNOWN():
    return {x for w in [CUR[0]] for x in w.names} | {s.m["id"] for s in CUR[0].ser}


def near(s, x, tol=0.07):
    """would the sentence be true at another time too: the series has about that value then"""
    g = UNITS[s.m["unit"]][1]

    def h(t):
        i = (t - s.start) // s.step
        if any(abs(s.v[j] * g - x) <= tol * abs(x) for j in (i - 1, i) if 0 <= j < len(s.v)):
            return True
        return any(abs(z * g - x) <= tol * abs(x) for k, rw in s.rows.items() if 0 <= t - k < (s.rstep or s.step) for z in rw)

    return h


def t(text, x=None, at=None, hold=None, later=True, earlier=True, step=5, tol=0.07):
    """a time written '10:35', 'Thu 10 Dec 03:00' ...; x: what it must be (ms or 'HH:MM'); at: (series, stat) it is the time of a value; hold(ms): also true then"""
    w = CUR[0]
    m = re.search(r"(?:(\d+) (\w{3})\w* (?:at )?)?(\d\d?):(\d\d)( ?[ap]\.?m\.?)?", text)
    if at:
        hold = near(at[0], stat(at[0], at[1]), tol)
    if at and at[1] in ("last", "first") and x is None:
        x = at[0].tlast if at[1] == "last" else at[0].r[0][0]
    if at and x is None:
        x = w.P(at[1].lstrip("@^_")) if at[1] not in ("max", "min") else (at[0].tmax if at[1] == "max" else at[0].tmin)
    if isinstance(x, str):
        x = w.P(x)
    mine = w.P(m[0]) if not m[5] else w.P(f"{int(m[3])%12+(12 if 'p' in m[5] else 0):02}:{m[4]}")
    if x is None:
        bad(f"time {text} without what it must be")
        x = mine
    if mine != x if m[1] else w.hm(mine) != w.hm(x):
        bad(f"FALSE time {text} is {w.loc(x)}")
    r = rg()
    alts = []
    MON = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    full = "January February March April May June July August September October November December".split()

    def show(y):
        l = w.loc(y)
        o = text
        hmt = (
            l.strftime("%H:%M")
            if not m[5]
            else f"{(l.hour%12) or 12}:{l.minute:02}{' ' if ' ' in m[5] else ''}{'p' if l.hour>=12 else 'a'}{'.' if '.' in m[5] else ''}m{'.' if '.' in m[5] else ''}"
        )
        new = m[0].replace(f'{m[3]}:{m[4]}{m[5] or ""}', hmt)
        if m[1]:
            new = re.sub(r"^\d+ (\w+)", lambda q: f"{l.day} " + (full[l.month - 1] if len(q[1]) > 3 else MON[l.month - 1]), new)
        o = o.replace(m[0], new)
        if m[1]:
            o = re.sub(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(\w*)", lambda q: l.strftime("%A") if q[2] else l.strftime("%a"), o)
        return o

    def add(k, y):
        y = int(y)
        if hold and hold(y):
            return
        if y > x and not later or y < x and not earlier:
            return
        if y > w.now or abs(y - x) < 2 * step * MIN and k != "time other finding" and step >= 10:
            return
        if not m[1] and w.loc(y).date() != w.loc(x).date():
            return
        alts.append((k, show(y)))

    H = w.ser[0].step >= 60 * MIN
    if H:
        add("time near", x + r.choice([-1, 1]) * r.choice([2, 3, 4]) * 60 * MIN)
        add("time hours", x + r.choice([-1, 1]) * r.choice([7, 9, 12, 26, 49]) * 60 * MIN)
    else:
        add("time near", x + r.choice([-1, 1]) * r.choice([15, 20, 25, 30, 40]) * MIN)
        add("time near", x + r.choice([-1, 1]) * r.choice([15, 20, 35, 45]) * MIN)
        add("time hours", x + r.choice([-3, -2, -1, 1, 2, 3]) * 60 * MIN)
    ev = sorted({q for f in w.F for q in (f["frm"], f["to"], f["at"])} | {a[2] for a in w.alarms})
    ev = [q for q in ev if abs(q - x) >= (180 if H else 20) * MIN and w.frm - 3600000 <= q <= w.until]
    if ev:
        add("time other finding", r.choice(ev))
    return slot("time", text, alts)


class World(Mechanics):
    def P(w, q):
        m = re.match(r"(?:(?:\w+ )?(\d+) (\w{3})\w* (?:at )?)?(\d\d?):(\d\d)$", q)
        l = w.loc(w.now)
        mon = {k: i + 1 for i, k in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())}
        return int(
            datetime.datetime(l.year, mon[m[2]] if m[2] else l.month, int(m[1] or l.day), int(m[3]), int(m[4]), tzinfo=w.tz).timestamp() * 1000
        )

    def prep(w):
        CUR[0] = w
        super().prep()
        for s in w.ser:
            k = sorted(x for x in s.rows if x >= w.frm)
            s.rstep = (k[1] - k[0]) if len(k) > 1 else s.step

    def id(w, i):
        return next(x for x in w.F if x["id"] == i)


def day(h, peak=14, lo=0.35):
    return lo + (1 - lo) * (0.5 - 0.5 * math.cos(2 * math.pi * (h - peak + 12) / 24))


F_ = "0123456789abcdef"


def LOG(n, match, scanned, rows):
    return (
        f"{n} rows of {match} that match; {scanned} scanned, which is charged. Times are UTC.\n<<<data {F_} query_logs\n"
        + "\n".join(rows)
        + f"\n>>>end {F_}\n"
    )


def CHG(frm, ch):
    return (
        f"{len(ch)} changes from {frm} on, newest first. What only reads is left out.\n<<<data {F_} recent_changes\n"
        + "\n".join(sorted(ch, reverse=True))
        + f"\n>>>end {F_}\n"
    )
