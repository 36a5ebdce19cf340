"""The second corpus by somebody who had not read the check: how its slots are made. Its worlds are made as the
later ones' (checker_corpus.py)."""
import hashlib, math, random, re

from tests.bench.checker_corpus import PROGRAM, USUAL, Mechanics
from tests.bench.checker_made import DAY, MIN, Ser

SLOTS = []


class Slot:
    def __init__(s, kind, text, alts, where=""):
        s.kind, s.text = kind, text
        s.alts = [(k, a) for k, a in alts if a is not None and a != text]


def slot(kind, text, alts):
    SLOTS.append(Slot(kind, text, alts))
    return "\x01%d\x02" % (len(SLOTS) - 1)


def rnd(x, sig):
    if x == 0:
        return "0"
    e = int(math.floor(math.log10(abs(x))))
    nd = max(0, sig - 1 - e)
    r = round(x, sig - 1 - e)
    return f"{r:,.{nd}f}"


def num(t):
    return float(t.replace(",", ""))


def swapdigits(t):
    d = [i for i, c in enumerate(t) if c.isdigit()]
    best = None
    for a, b in zip(d, d[1:]):
        if t[a] == t[b] or (a == d[0] and t[b] == "0"):
            continue
        l = list(t)
        l[a], l[b] = l[b], l[a]
        u = "".join(l)
        if abs(num(u) / num(t) - 1) >= 0.05:
            best = u
            break
    return best


WRONG = {
    "s": "ms",
    "ms": "s",
    "seconds": "ms",
    "min": "s",
    "h": "min",
    "%": "ms",
    "GB": "MB",
    "MB": "GB",
    "GiB": "MiB",
    "MiB": "GiB",
    "V": "mV",
    "dBm": "%",
    "°C": "%",
    "percent": "seconds",
    "kB": "MB",
    "MB/s": "GB/s",
}
FACT = {"ms": 1e3, "min": 1 / 60, "h": 1 / 3600, "MB": 1e-6, "GB": 1e-9, "kB": 1e-3, "GiB": 1 / 2**30, "MB/s": 1e-6, "MiB": 1 / 2**20}


def rg():
    return random.Random(len(SLOTS) * 7919 + 13)


def V(x, unit="", sig=3, sp=" ", fx=None, other=None, neg=False, alt=True, small=False):
    """a value in base units shown in `unit`; fx: fixed decimals; other: another metric's figure, same base unit"""
    f = FACT.get(unit, 1)
    w = x * f
    u = sp + unit if unit else ""
    if isinstance(x, int) and fx is None and f == 1 and len(str(abs(x))) <= sig:
        fx = 0
    sh = (lambda y: f"{y:,.{fx}f}") if fx is not None else (lambda y: rnd(y, sig))
    t = sh(w)
    r = rg()
    alts = []
    lo, hi = USUAL.get(x, (None, None))  # what is said to be usual stays true anywhere within the usual band

    def far(y):
        return abs(num(sh(y)) - num(t)) >= 0.15 * abs(num(t)) and num(sh(y)) != 0 and not (lo is not None and lo <= num(sh(y)) / f <= hi)

    if alt:
        for k in (r.choice([1.18, 1.24, 1.4, 1.9]), r.choice([0.82, 0.74, 0.6, 0.45])):
            if far(w * k):
                alts.append(("value", sh(w * k) + u))
        k = r.choice([10, 0.1])
        if far(w * k):
            alts.append(("factor10", sh(w * k) + u))
        z = swapdigits(t)
        if z and not (lo is not None and lo <= num(z) / f <= hi):
            alts.append(("swap", z + u))
        if unit in WRONG:
            alts.append(("unit", t + sp + WRONG[unit]))
        if other is not None and far(other * f):
            alts.append(("other metric", sh(other * f) + u))
    return slot("value", t + u, alts)


def M(x, sig=3, unit="ms", other=None, **k):
    return V(x / 1000, unit, sig, other=None if other is None else other / 1000, **k)


def P(x, nd=0, sp=" ", sign="", unit="%", other=None):
    """a percentage that is derived, or given as such"""
    sh = lambda y: f"{sign}{y:,.{nd}f}{sp}{unit}"
    r = rg()
    alts = []
    g = lambda y: round(y, nd)
    for y in (x * r.choice([1.2, 1.35, 1.7]), x * r.choice([0.8, 0.65, 0.5])):
        if abs(g(y) - g(x)) >= max(0.15 * abs(x), 10**-nd * 2):
            alts.append(("percent", sh(y)))
    return slot("percent", sh(x), alts)


def R(x, style="{} times", nd=1):
    sh = lambda y: style.format(f"{y:,.{nd}f}")
    r = rg()
    alts = []
    for y in (x * r.choice([1.2, 1.4, 1.8]), x * r.choice([0.8, 0.65, 0.5])):
        if abs(round(y, nd) / round(x, nd) - 1) >= 0.15 and round(y, nd) > 1:
            alts.append(("ratio", sh(y)))
    return slot("ratio", sh(x), alts)


def W_(true, *false, kind="word"):
    return slot(kind, true, [(kind, f) for f in false])


def C(n, unit="", more=(), style="{}"):
    """an exact count"""
    r = rg()
    return slot(
        "count",
        style.format(f"{n:,}") + unit,
        [("count±1", style.format(f"{m:,}") + unit) for m in ([n + 1, n - 1] if n > 1 else [n + 1])]
        + [("count", style.format(f"{m:,}") + unit) for m in (n * 2 + 1,)],
    )


def mutate(t):
    if not re.search(r"[-_.]", t):
        return None
    r = rg()
    at = [i for i, c in enumerate(t) if c.isalnum() and i > 1 and (c.isdigit() or not re.search(r"\d", t))]
    i = r.choice(at)
    return t[:i] + r.choice([c for c in ("0123456789" if t[i].isdigit() else "aeoklmrst") if c != t[i]]) + t[i + 1 :]


def N(t, *alts, kind="other name"):
    m = mutate(t)
    return slot("name", t, [(kind, a) for a in alts] + ([("unknown name", m)] if m and m not in alts else []))


def D(mins, style=None, step=5, about=False):
    """a duration in minutes"""

    def words(m):
        m = int(round(m))
        h, q = divmod(m, 60)
        d, h2 = divmod(h, 24)
        if style == "h":
            return f"{m/60:.0f} h" if m % 60 == 0 else f"{m/60:.1f} h"
        if style == "hours":
            return f"{m/60:.0f} hours" if m % 60 == 0 else f"{m/60:.1f} hours"
        if style == "minutes":
            return f"{m} minutes"
        if style == "hm" or (style is None and h):
            return (f"{h} h {q} min" if q else f"{h} h") if not d or style else (f"{d} d {h2} h" if h2 else f"{d} d")
        if style == "days":
            return f"{m/1440:.0f} days" if m % 1440 == 0 else f"{m/1440:.1f} days"
        if style and "{" in style:
            return style.format(m)
        return f"{m} min"

    r = rg()
    alts = []
    for y in (mins * r.choice([1.3, 1.6, 2]), mins * r.choice([0.7, 0.55, 0.4])) if mins >= 12 else (mins + 7, mins + r.choice([9, 11, 14])):
        y = round(y / step) * step
        if y > 0 and abs(y - mins) >= max(2 * step, 6, 0.15 * mins):
            alts.append(("duration", words(y)))
    return slot("duration", words(mins), alts)


class World(Mechanics):
    def T(w, t, step=5, style="{}", hold=None, far=None, later=True, earlier=True):
        """a time; hold: a function of ms that says whether the sentence were true at another time as well"""
        fm = style if "%" in style else style.replace("{}", "%H:%M")
        f = lambda x: w.loc(x).strftime(fm)
        r = rg()
        alts = []
        k = far or max(step * 3, 20)
        ds = [r.choice([1, 1.5, 2, 3]) * k, -r.choice([1, 1.5, 2, 4]) * k, r.choice([-1, 1]) * r.choice([5, 7]) * k]
        for d in ds:
            x = t + int(round(d / step) * step) * MIN
            if hold is not None and hold(x):
                continue
            if not later and d > 0 or not earlier and d < 0:
                continue
            alts.append(("time", f(x)))
        return slot("time", f(t), alts)


def near(s, x, tol=0.07):
    """for times of values: the altered time is left out where the series has about the same value then"""

    def h(t):
        i = (t - s.start) // s.step
        return 0 <= i < len(s.v) and any(abs(s.v[j] - x) <= tol * abs(x) for j in (i - 1, i) if 0 <= j < len(s.v))

    return h


def AT(s, t, style="{}", step=None, tol=0.07, **k):
    t = s.w.ms(t) if isinstance(t, str) else t
    return s.w.T(t, step or s.step // MIN, style, hold=near(s, s.at(t), tol), **k)


def BK(s, t, i=0, tol=0.07, step=10, far=30, style="{}"):
    """the time of a table's row; left out where another row has about the same"""
    w = s.w
    t = w.ms(t) if isinstance(t, str) else t
    v = s.row(t)[i]
    return w.T(t, step, style, far=far, hold=lambda x: any(abs(s.rows[k][i] - v) <= tol * abs(v) for k in s.rows if abs(k - x) <= step * MIN))
