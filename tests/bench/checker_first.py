"""The first corpus by somebody who had not read the check: how its worlds and slots are made."""
import random, datetime, re, math, subprocess, sys, statistics

UTC = datetime.timezone.utc
SLOTS = []


class Slot:
    def __init__(s, kind, text, alts):
        s.kind, s.text = kind, text
        s.alts = [(k, a) for k, a in alts if a != text]


def slot(kind, text, alts):
    SLOTS.append(Slot(kind, text, alts))
    return "\x01%d\x02" % (len(SLOTS) - 1)


def grp(x, nd):
    return f"{x:,.{nd}f}"


def nice(v, sig):
    if v == 0:
        return "0"
    nd = max(0, sig - 1 - int(math.floor(math.log10(abs(v)))))
    r = round(v, sig - 1 - int(math.floor(math.log10(abs(v)))))
    return grp(r, nd)


SC = {
    "s": 1,
    "ms": 1e3,
    "µs": 1e6,
    "min": 1 / 60,
    "h": 1 / 3600,
    "seconds": 1,
    "milliseconds": 1e3,
    "MB": 1e-6,
    "GB": 1e-9,
    "kB": 1e-3,
    "MiB": 1 / 2**20,
    "GiB": 1 / 2**30,
    "KiB": 1 / 1024,
    "TB": 1e-12,
    "B": 1,
    "bytes": 1,
}
WRONG = {
    "s": ["ms", "min", "%"],
    "ms": ["s", "MB"],
    "min": ["s", "h"],
    "h": ["min", "s"],
    "%": ["ms", "GB"],
    "MB": ["GB", "%"],
    "GB": ["MB", "s"],
    "MiB": ["GiB"],
    "GiB": ["MiB"],
    "kB": ["MB"],
    "seconds": ["milliseconds"],
    "milliseconds": ["seconds"],
}


def swap(txt):
    d = [i for i, c in enumerate(txt) if c.isdigit()]
    for a, b in zip(d, d[1:]):
        if txt[a] != txt[b] and not (txt[b] == "0" and a == d[0]):
            l = list(txt)
            l[a], l[b] = l[b], l[a]
            return "".join(l)
    return None


def q(v, unit="", sig=3, sp=" ", other=None, kind="value", tight=True, pre=""):
    """a value in base unit, shown in `unit`"""
    f = SC.get(unit, 1)
    w = v * f

    def s(x):
        return pre + nice(x, sig) + (sp + unit if unit else "")

    t = s(w)
    alts = [("up", s(w * 1.29)), ("down", s(w * 0.76)), ("x10", s(w * 10)), ("/10", s(w / 10))]
    if tight and sig >= 3:
        alts += [("some", s(w * 1.11)), ("somed", s(w * 0.9))]
    x = swap(nice(w, sig))
    if x and abs(float(x.replace(",", "")) / w - 1) > 0.04:
        alts.append(("swap", pre + x + (sp + unit if unit else "")))
    for u in WRONG.get(unit, []):
        alts.append(("unit", pre + nice(w, sig) + sp + u))
    if other is not None:
        alts.append(("other", s(other * f)))
    return slot(kind, t, alts)


def pc(v, nd=0, sp=" ", kind="percent", sign="", al=(1.5, 0.6)):
    def s(x):
        return f"{sign}{x:.{nd}f}{sp}%" if x < 1000 else f"{sign}{x:,.{nd}f}{sp}%"

    return slot(kind, s(v), [("up", s(v * al[0] + 1)), ("down", s(v * al[1] - 1 if v * al[1] > 2 else v * al[1]))])


def ratio(v, style="{} times", nd=0, al=(1.7, 0.55)):
    s = lambda x: style.format(f"{x:.{nd}f}")
    return (
        slot("ratio", s(v), [("up", s(v * al[0] + (1 if nd == 0 else 0))), ("down", s(max(v * al[1], 1.3 if nd else 2)))])
        if v * al[1] > 1.2
        else slot("ratio", s(v), [("up", s(v * al[0] + (1 if nd == 0 else 0)))])
    )


def word(true, *false, kind="ratio"):
    return slot(kind, true, [("word", f) for f in false])


class T:
    def __init__(s, base, off=0):
        s.base = base
        s.off = off  # base: ms of local midnight

    def ms(s, hm):
        h, m = hm.split(":")
        return s.base + (int(h) * 60 + int(m)) * 60000

    def hm(s, ms):
        m = (ms - s.base) // 60000
        m %= 1440
        return f"{m//60:02d}:{m%60:02d}"


def dur(mins, style=None, al=(1.6, 0.55)):
    def s(m):
        m = round(m)
        if style:
            return style.format(m)
        return f"{m} min"

    return slot("duration", s(mins), [("up", s(mins * al[0])), ("down", s(mins * al[1]))])


def lit(kind, t, *alts):
    return slot(kind, t, [("lit", a) for a in alts])


def name(t, *alts):
    return slot("name", t, [("name", a) for a in alts])


def cnt(n, *alts, fmt="{}"):
    alts = alts or (n + max(3, n // 3), max(1, n - max(2, n // 3)))
    return slot("count", fmt.format(grp(n, 0)), [("count", fmt.format(grp(a, 0))) for a in alts if a != n])


def fq(v, unit):
    f = {"Seconds": ("s",), "Milliseconds": ("ms",)}

    def num(x):
        a = abs(x)
        if 0 < a < 1:
            return f"{x:.3g}"
        if a >= 999.5:
            return f"{x:,.0f}"
        nd = 0 if a >= 99.95 else 1 if a >= 9.995 else 2
        t = f"{x:.{nd}f}"
        return t.rstrip("0").rstrip(".") if "." in t else t

    base, per = (unit, "")
    if unit.endswith("/Second"):
        base, per = unit[:-7], "/s"
    if base in ("Seconds", "Milliseconds"):
        y = v if base == "Seconds" else v / 1000
        lim = 0.1 if base == "Seconds" else 1
        if y == 0:
            return "0 s"
        for a, k, u in ((10800, 1 / 3600, "h"), (600, 1 / 60, "min"), (lim, 1, "s"), (1e-4, 1e3, "ms"), (0, 1e6, "µs")):
            if abs(y) >= a * 0.9995:
                return num(y * k) + " " + u
    if base == "Bytes":
        for a, k, u in ((1e12, 1e-12, "TB"), (1e9, 1e-9, "GB"), (1e6, 1e-6, "MB"), (1e3, 1e-3, "kB"), (0, 1, "B")):
            if abs(v) >= a * 0.9995:
                return num(v * k) + " " + u + per
    if base == "Percent":
        return num(v) + " %"
    if base in ("Count", "None", ""):
        for a, k, u in ((1e9, 1e-9, " G"), (1e6, 1e-6, " M"), (0, 1, "")):
            if abs(v) >= a * 0.9995:
                return num(v * k) + u + per
    return num(v) + " " + unit


def fspan(a, b, u):
    x, y = fq(a, u), fq(b, u)
    if x == y:
        return "about " + y
    if " " in x and " " in y and x.split(" ", 1)[1] == y.split(" ", 1)[1]:
        return x.split(" ")[0] + " to " + y
    return x + " to " + y


def fdur(mins):
    mins = int(mins)
    h, m = divmod(mins, 60)
    d, h = divmod(h, 24)
    if d:
        return f"{d} d {h} h" if h else f"{d} d"
    return (f"{h} h {m} min" if m else f"{h} h") if h else f"{m} min"


NICE = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440]


class S:
    def __init__(s, w, id, title, unit, fn, names=(), above=None, below=None, step=5):
        s.w, s.id, s.title, s.unit, s.names, s.above, s.below = w, id, title, unit, names, above, below
        s.step = step * 60000
        s.start = w.frm - w.days * 86400000
        n = (w.until - s.start) // s.step
        s.v = [fn(w, s.start + i * s.step) for i in range(n)]
        r = [(s.start + i * s.step, x) for i, x in enumerate(s.v) if s.start + i * s.step >= w.frm]
        s.r = r
        vals = [x for _, x in r]
        s.max = max(vals)
        s.tmax = next(t for t, x in r if x == s.max)
        s.min = min(vals)
        s.tmin = next(t for t, x in r if x == s.min)
        s.mean = sum(vals) / len(vals)
        s.last = vals[-1]
        s.tlast = r[-1][0]
        s.first = vals[0]
        s.sum = sum(vals)
        L = w.until - w.frm
        same = sorted(
            x
            for d in range(1, w.days + 1)
            for i, x in enumerate(s.v)
            if w.frm - d * 86400000 <= s.start + i * s.step < w.until - d * 86400000 and s.start + i * s.step < w.frm
        )
        if L >= 86400000:
            same = sorted(s.v[: (w.frm - s.start) // s.step])
        s.usual = statistics.median(same)
        s.lo = same[int(0.05 * (len(same) - 1))]
        s.hi = same[int(0.95 * (len(same) - 1))]
        w.series.append(s)

    def at(s, hm, day=0):
        ms = hm if isinstance(hm, int) else s.w.t.ms(hm) + day * 86400000
        return s.v[(ms - s.start) // s.step]

    def win(s, a, b):
        return [x for t, x in s.r if s.w.t.ms(a) <= t < s.w.t.ms(b)]

    def wmean(s, a, b):
        x = s.win(a, b)
        return sum(x) / len(x)


class W:
    def __init__(s, zone, base, frm, until, days=3, off=0, seed=1):
        s.zone = zone
        s.rng = random.Random(seed)
        s.t = T(base, off)
        s.frm, s.until, s.days = frm, until, days
        s.series = []
        s.findings = []
        s.reasons = []
        s.texts = []
        s.names = []
        s.paras = []
        s.causes = []
        s.q = ""
        s.now = until
        s.abbr = "UTC"

    def hm(s, ms):
        return s.t.hm(ms)

    def wt(s, ms):
        m = (ms - s.t.base) // 60000
        if m < 0 or m >= 1440:
            d = datetime.datetime.fromtimestamp((ms + s.t.off) / 1000, UTC)
            return d.strftime("%a ") + str(d.day) + d.strftime(" %b ") + s.hm(ms)
        return s.hm(ms)

    def tm(s, ms, fmt="{}", al=(-45, 25, 65, -130)):
        return slot("time", fmt.format(s.hm(ms)), [("time%+d" % a, fmt.format(s.hm(ms + a * 60000))) for a in al])

    def F(s, x, reason=False):
        s.findings.append(x)
        reason and s.reasons.append(x)

    def A(s, *p):
        s.paras += p

    def lines(s):
        """What the check is given, as a briefing gives it."""
        yield ["zone", s.zone]
        for n in s.names:
            yield ["name", n]
        for x in s.series:
            for n in (x.id, x.title) + tuple(x.names):
                yield ["name", n]
        for x in s.series:
            yield ["text", s.said(x)]
            before = s.frm - max(3600000, s.until - s.frm)
            yield s.values(x, x.start, x.step, before, s.until, x.v)
            yield s.values(x, x.start, x.step, s.frm, s.until, x.v)
            for a, b, lines in ((before, s.frm, 24), (s.frm, s.until, 72)):
                each = next(k for k in NICE if k * lines >= (b - a) // x.step)
                if each > 1:
                    of = x.v[(a - x.start) // x.step : (b - x.start) // x.step]
                    means = [sum(of[i : i + each]) / len(of[i : i + each]) for i in range(0, len(of), each)]
                    yield s.values(x, a, each * x.step, a, b, means)
        for i, f in enumerate(s.findings):
            yield ["text", f]
            yield ["name", "F%d" % (i + 1)]
        for r in s.reasons:
            yield ["reason", r]
        for x in s.texts:
            yield ["text", x]
        yield ["text", s.q]
        for at in (s.now, s.frm, s.until):
            yield ["time", at]

    def values(s, x, start, step, frm, until, v):
        return ["means", x.title, x.unit, start, step, frm, until, ",".join(repr(value) for value in v)]

    def said(s, x):
        t = (
            f"{x.title} in the range: least {fq(x.min,x.unit)} at {s.wt(x.tmin)}, greatest {fq(x.max,x.unit)} at {s.wt(x.tmax)}, "
            f"mean {fq(x.mean,x.unit)}, last {fq(x.last,x.unit)} at {s.wt(x.tlast)}\n"
            f"{x.title} usual at these hours: median {fq(x.usual,x.unit)}, 9 of 10 values {fspan(x.lo,x.hi,x.unit)}\n"
        )
        if x.below is not None or x.above is not None:
            limits = [f"above {fq(x.above,x.unit)}"] if x.above is not None else []
            limits += [f"below {fq(x.below,x.unit)}"] if x.below is not None else []
            t += f"{x.title} normal: {' and '.join(limits)}\n"
        return t


def noise(w, v, r):
    return v * (1 + w.rng.uniform(-r, r))
