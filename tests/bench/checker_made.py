"""What the second corpus and those of checker_corpus.py share: the series of a made world, and what is true of each."""
import datetime, math, random, zoneinfo

MIN = 60000
DAY = 86400000


class Ser:
    def __init__(s, w, m, label, fn):
        s.w, s.m, s.label = w, m, label
        s.step = m["period"]
        s.start = w.start
        n = (w.now - s.start) // s.step
        s.v = [fn(s.start + i * s.step) for i in range(n)]
        s.title = m["title"] + (f" {label}" if label else "")

    def prep(s, frm, until):
        s.r = [(s.start + i * s.step, x) for i, x in enumerate(s.v) if frm <= s.start + i * s.step < until and not math.isnan(x)]
        s.base = [x for i, x in enumerate(s.v) if frm - s.w.days * DAY - s.step < s.start + i * s.step < frm and not math.isnan(x)]
        v = [x for _, x in s.r]
        s.max = max(v)
        s.min = min(v)
        s.tmax = next(t for t, x in s.r if x == s.max)
        s.tmin = next(t for t, x in s.r if x == s.min)
        s.mean = sum(v) / len(v)
        s.last = v[-1]
        s.tlast = s.r[-1][0]
        s.first = v[0]
        s.sum = sum(v)
        L = until - frm
        if L >= DAY:
            same = sorted(s.base)
        else:
            same = []
            for d in range(1, s.w.days + 1):
                a = s.w.shift(frm, d)
                b = s.w.shift(s.w.until, d)
                same += [x for i, x in enumerate(s.v) if a <= s.start + i * s.step < b and s.start + i * s.step < frm and not math.isnan(x)]
            same.sort()
        q = lambda p: (lambda h: same[int(h)] + (h - int(h)) * (same[min(int(h) + 1, len(same) - 1)] - same[int(h)]))(p * (len(same) - 1))
        s.usual, s.lo, s.hi = q(0.5), q(0.05), q(0.95)

    def at(s, t):
        t = s.w.ms(t) if isinstance(t, str) else t
        return s.v[(t - s.start) // s.step]

    def win(s, a, b):
        a = s.w.ms(a) if isinstance(a, str) else a
        b = s.w.ms(b) if isinstance(b, str) else b
        return [x for t, x in s.r if a <= t < b]

    def row(s, t):  # a line of the table that the model saw: mean, least, greatest
        t = s.w.ms(t) if isinstance(t, str) else t
        return s.rows[t]


class Made:
    def __init__(w, name, zone, now, days, question, seed):
        w.name, w.zone, w.question = name, zone, question
        w.tz = zoneinfo.ZoneInfo(zone)
        w.now = int(datetime.datetime(*now, tzinfo=w.tz).timestamp() * 1000)
        w.days = days
        w.start = w.now // 3600000 * 3600000 - days * DAY - DAY * 9
        w.rng = random.Random(seed)
        w.metrics = []
        w.ser = []
        w.alarms = []
        w.tools = []
        w.reasons = []
        w.names = []
        w.paras = []
        w.causes = []
        w.dash = []

    def loc(w, t):
        return datetime.datetime.fromtimestamp(t / 1000, w.tz)

    def ms(w, hm, day=0):
        n = w.loc(w.now)
        h, m = hm.split(":")
        return int(datetime.datetime(n.year, n.month, n.day, int(h), int(m), tzinfo=w.tz).timestamp() * 1000) + day * DAY

    def hm(w, t):
        return w.loc(t).strftime("%H:%M")

    def shift(w, t, d):
        x = w.loc(t)
        y = x.date() - datetime.timedelta(days=d)
        return int(datetime.datetime(y.year, y.month, y.day, x.hour, x.minute, tzinfo=w.tz).timestamp() * 1000)

    def hour(w, t):
        x = w.loc(t)
        return x.hour + x.minute / 60

    def metric(w, id, title, unit, fn, period=5, stat="Average", below="", above="", ns="", name="", query="", about="", labels=None):
        m = dict(id=id, title=title, unit=unit, period=period * MIN, stat=stat, below=below, above=above, ns=ns, name=name, query=query, about=about)
        w.metrics.append(m)
        out = []
        for i, l in enumerate(labels or [""]):
            s = Ser(w, m, l, (lambda t, i=i: fn(t, i)) if labels else fn)
            w.ser.append(s)
            out.append(s)
        return out if labels else out[0]

    def noise(w, a):
        return 1 + w.rng.uniform(-a, a)
