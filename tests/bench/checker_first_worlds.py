"""The first corpus: two of its worlds, what may truly be said of them, and causes (1: invented)."""
from tests.bench.checker_first import *  # noqa: F403

MIN = 60000


def day(y, m, d, off=0):
    return int(datetime.datetime(y, m, d, tzinfo=UTC).timestamp() * 1000) - off * 3600000


def inc(w, t, a, bb):
    return w.t.ms(a) <= t < w.t.ms(bb)


def checkout():
    b = day(2026, 11, 26)
    w = W("UTC", b, b + 8 * 60 * MIN, b + 10 * 60 * MIN, seed=3)

    def lat(w, t):
        v = noise(w, 0.121, 0.07)
        if inc(w, t, "09:05", "09:10"):
            return 0.4137
        if inc(w, t, "09:10", "09:50"):
            v = {"09:20": 1.534}.get(w.hm(t), noise(w, 0.874, 0.12))
        if inc(w, t, "09:50", "10:00"):
            v = noise(w, 0.31, 0.05)
        return v

    l = S(w, "checkout_latency", "Checkout response time", "Seconds", lat, ("TargetResponseTime", "app/checkout-alb/50dc6c495c0c9188"), below=0.5)
    e = S(
        w,
        "alb_5xx",
        "ALB 5xx",
        "Count",
        lambda w, t: 287 + w.rng.randint(-60, 80) if inc(w, t, "09:05", "09:55") else w.rng.randint(0, 4),
        ("HTTPCode_ELB_5XX_Count",),
    )
    r = S(w, "requests", "Requests", "Count", lambda w, t: round(noise(w, 4180, 0.04)), ("RequestCount",))
    c = S(
        w,
        "cpu",
        "Checkout CPU",
        "Percent",
        lambda w, t: noise(w, 61, 0.06) if inc(w, t, "09:05", "10:00") else noise(w, 34, 0.07),
        ("CPUUtilization", "checkout-svc"),
    )
    F = w.F
    F(
        f'Checkout response time was over its limit of 0.5 s from 09:10 UTC to 09:50 UTC: highest {fq(l.max,"Seconds")} at 09:20 UTC, outside in 8 of 8 values.'
    )
    F(f'ALB 5xx rose to {fq(e.max,"Count")} at {w.hm(e.tmax)} UTC (usual: 0 to 4), unusual since 09:05; back to usual at 09:55 UTC, after 50 min.')
    F(
        f'Does the growth of Requests explain that of Checkout response time? No: Requests was about {fq(r.mean,"Count")} (usual {fq(r.usual,"Count")}), Checkout response time about 0.87 s (usual 0.12 s); so much load used to go with about 0.122 s.'
    )
    F(f"Checkout response time and ALB 5xx moved together, in the same direction, at the same time (rank correlation 0.81 over 24 values).", True)
    w.texts += [
        "incident INC-41: alarm checkout-5xx-high is in ALARM since 09:08, for 52 min\nreason: Threshold Crossed: 3 out of the last 3 datapoints were greater than the threshold (25.0).\n",
        "2 changes from 2026-11-26 08:00 on, newest first. What only reads is left out.\n2026-11-26 09:02 UpdateService (ecs.amazonaws.com) by deploy-bot on checkout-svc\n2026-11-26 08:14 PutMetricAlarm (monitoring.amazonaws.com) by marta on checkout-5xx-high\n",
        "214 rows of log group /ecs/checkout, 3 shown\n2026-11-26 09:06:12 ERROR PoolTimeout: no connection within 2000 ms (pool checkout-rw, 20 of 20 in use)\n2026-11-26 09:07:40 ERROR PoolTimeout: no connection within 2000 ms (pool checkout-rw, 20 of 20 in use)\n2026-11-26 09:11:03 WARN retry 3 of 3 failed for order 88213\n",
    ]
    w.reasons += ["2026-11-26 09:02 UpdateService (ecs.amazonaws.com) by deploy-bot on checkout-svc"]
    w.q = "Why is checkout slow since 9 and are there errors?"
    t = w.tm
    ms = w.t.ms
    up = (l.max - l.usual) / l.usual * 100
    w.A(
        f"Checkout is slow: response time went from {q(l.usual,'s',2,other=c.usual)} to {q(l.wmean('09:10','09:50'),'s',2)} on average between 09:10 and 09:50, with a peak of {q(l.max,'s',3,other=r.max)} at {t(l.tmax)} UTC (F1).",
        f"**Checkout response time** peaked at **{q(l.max,'s',3)}** at {t(l.tmax)} UTC, against a usual {q(l.usual,'s',2,pre='~')}.",
        f"- p99 is not in the data; the average response time reached {q(l.max,'s',3)} (F1)\n- ALB 5xx: up to {cnt(e.max)} per 5 min, usually {lit('count','0 to 4','0 to 40','10 to 14')}\n- CPU: {q(c.max,'%',3,other=l.max)} at the most",
        f"Short version: errors and latency both jumped at {t(ms('09:05'))} UTC, {dur(3,'{} minutes',(3.4,4.7))} after the deploy of `checkout-svc` at {t(ms('09:02'))}.",
        f"ALB 5xx rose to {cnt(e.max)} at {t(e.tmax)} UTC and stayed elevated for about {dur(50)}; it was back to normal at {t(ms('09:55'))}.",
        f"The alarm `{name('checkout-5xx-high','checkout-4xx-high','payment-5xx-high')}` has been in ALARM since {t(ms('09:08'))} ({dur(52)} now).",
        f"Response time is about {ratio(l.max/l.usual,'{} times')} its usual level at the peak.",
        f"At {t(l.tmax)} UTC the response time was {q(l.max,'s',3)}, roughly {ratio(l.max/l.usual,'{}×')} the usual {q(l.usual,'s',2)}.",
        f"from {q(l.usual,'s',2)} to {q(l.max,'s',3)} ({pc(up,0,sign='+')})",
        f"Traffic does not explain it: requests were about {q(r.mean,'',2)} per 5 min, which is within the usual range (F3).",
        f"Load looks flat ({q(r.mean,'',4)} requests per bucket on average vs. {q(r.usual,'',4)} usual), so this is not a traffic spike (F3).",
        f"CPU sits at {q(c.last,'%',3,sp='')} now, up from {q(c.usual,'%',3,sp='')} as usual at these hours.",
        f"CPU nearly doubled: {q(c.wmean('09:05','10:00'),'%',3)} on average since 09:05, where {q(c.usual,'%',2)} is usual.",
        f"| Metric | Usual | Peak | Now |\n|---|---|---|---|\n| Checkout response time | {q(l.usual,'s',3)} | {q(l.max,'s',3)} | {q(l.last,'s',3)} |\n| ALB 5xx | {q(e.usual,'',1) if e.usual else '0'} | {cnt(e.max)} | {cnt(e.last,e.last+9,fmt='{}')} |\n| CPU | {q(c.usual,'%',3)} | {q(c.max,'%',3)} | {q(c.last,'%',3)} |\n",
        f"### Timeline (UTC)\n- **{t(ms('09:02'))}** `UpdateService` by `{name('deploy-bot','release-bot','deploy-bot2')}` on `checkout-svc`\n- **{t(ms('09:05'))}** latency and 5xx begin to rise\n- **{t(ms('09:08'))}** `checkout-5xx-high` fires\n- **{t(l.tmax)}** latency peaks at {q(l.max,'s',3)}\n- **{t(ms('09:55'))}** 5xx back to usual",
        f"The logs of `/ecs/checkout` show {cnt(214,314,241)} rows, e.g. `PoolTimeout: no connection within {lit('value','2000 ms','5000 ms','200 ms','2000 s')}`, with {lit('count','20 of 20','12 of 20','20 of 40')} connections in use.",
        f"Log lines such as \"PoolTimeout: no connection within 2000 ms\" begin at {t(ms('09:06'),'{}:12')}.",
        f"The threshold of the alarm is {lit('value','25','35','250','52')} and {lit('count','3 out of the last 3','2 out of the last 3','3 out of the last 5')} datapoints crossed it.",
        f"All {lit('count','8 of 8','6 of 8','8 of 12')} values between {t(ms('09:10'))} and {t(ms('09:50'))} were over the limit of {q(0.5,'s',1,tight=False)} (F1).",
        f"It's recovering: response time was down to {q(l.last,'s',2)} in the last bucket, still {ratio(l.last/l.usual,'{}x',1)} of usual.",
        f"Latency and 5xx move together (rank correlation {lit('value','0.81','0.18','0.61','0.93')}, F4).",
        f"The only change near the start is `{name('UpdateService','DeleteService','UpdateFunction','StopTask')}` at {t(ms('09:02'))} UTC; the other one, `{name('PutMetricAlarm','PutMetricData','DeleteAlarms')}` at {t(ms('08:14'))}, only touched the alarm.",
        f"Worst bucket: {q(l.max*1000,'',4)} ms ({t(l.tmax)}), i.e. {q(l.max-0.5,'s',3)} above the {lit('value','500 ms','300 ms','5 s','50 ms')} limit.".replace(
            "\x02 ms (", "\x02 ms ("
        ),
        f"Between {t(ms('09:10'))} and {t(ms('09:50'))} UTC (i.e. {dur(40)}) the response time never fell below the limit of 0.5 s.",
        f"There were {q(sum(e.win('09:05','09:55')),'',4)} 5xx in total between 09:05 and 09:55.",
        f"Before {t(ms('09:05'),al=(25,65,130))} everything was quiet: response time between {q(min(l.win('08:00','09:05')),'s',3)} and {q(max(l.win('08:00','09:05')),'s',3)}.",
        f"In the last bucket ({t(l.tlast)}) we see {q(l.last,'s',3)} and {cnt(e.last,e.last+8,e.last+31)} errors.",
        f"*Impact:* roughly {pc(sum(e.win('09:10','09:50'))/sum(r.win('09:10','09:50'))*100,0,sp='')} of requests failed between 09:10 and 09:50.",
    )
    w.causes = [
        ("The slowdown was caused by the deploy of checkout-svc at 09:02.", 0),
        ("Response time rose because of the UpdateService on checkout-svc at 09:02 UTC.", 0),
        ("The slowdown was caused by a full disk.", 1),
        ("Latency went up because the database ran out of memory.", 1),
        ("A DNS outage led to the errors.", 1),
        ("The errors are due to a network partition.", 1),
        ("This is the result of a memory leak.", 1),
        ("The root cause is a misconfigured cache.", 1),
        ("Exhausted threads triggered the errors.", 1),
        ("The errors stem from garbage collection pauses.", 1),
        ("A thundering herd is responsible for the latency.", 1),
        ("Retries drove CPU up.", 1),
        ("The culprit is an expired certificate.", 1),
        ("A bad certificate is behind the errors.", 1),
        ("Garbage collection explains the latency.", 1),
        ("The latency may be caused by a full disk.", 0),
        ("It was not caused by load.", 0),
        ("Slow queries made the response time climb.", 1),
        ("The latency spike is attributable to lock contention.", 1),
        ("Cache misses resulted in slow answers.", 1),
        ("The pool filled up, which caused the timeouts.", 1),
        ("The timeouts come from an exhausted network link.", 1),
        ("Because the cache was cold, answers were slow.", 1),
        ("Since the cache was cold, answers were slow.", 1),
        ("Thanks to the restart of the database, it recovered.", 1),
        ("The restart of the router fixed it.", 1),
        ("Whether the deploy caused this is unclear.", 0),
        ("Possibly a GC pause caused it.", 0),
        ("Could a GC pause have caused it?", 0),
        ("The rollout broke DNS, therefore latency rose.", 1),
        ("It recovered after the cache was flushed, so the cache was the problem.", 1),
        ("Memory pressure brought checkout down.", 1),
    ]

    return w


def orders_db():
    b = day(2026, 11, 25, 9)
    w = W("Asia/Tokyo", b, b + 6 * 60 * MIN, b + 12 * 60 * MIN, off=9 * 3600000, seed=5, days=4)
    w.abbr = "JST"
    start = b - 4 * 86400000
    cn = S(
        w,
        "db_conn",
        "orders-db connections",
        "Count",
        lambda w, t: round(noise(w, 412, 0.03)) if inc(w, t, "10:40", "12:00") else round(noise(w, 138, 0.06)),
        ("DatabaseConnections", "orders-db-1"),
        below=450,
    )
    fm = S(
        w,
        "db_mem",
        "orders-db freeable memory",
        "Bytes",
        lambda w, t: noise(w, 6.42e9 - (t - start) / 86400000 * 1.11e9 * 0.9, 0.004),
        ("FreeableMemory",),
        above=1e9,
    )
    rl = S(
        w,
        "db_read",
        "orders-db read latency",
        "Seconds",
        lambda w, t: noise(w, 0.0183, 0.09) if inc(w, t, "10:40", "12:00") else noise(w, 0.00242, 0.09),
        ("ReadLatency",),
    )
    cp = S(w, "db_cpu", "orders-db CPU", "Percent", lambda w, t: noise(w, 88.5, 0.03) if inc(w, t, "10:40", "12:00") else noise(w, 27, 0.08), ())
    io = S(
        w,
        "db_iops",
        "orders-db read IOPS",
        "Count/Second",
        lambda w, t: noise(w, 1910, 0.05) if inc(w, t, "10:40", "12:00") else noise(w, 640, 0.06),
        ("ReadIOPS",),
    )
    F = w.F
    F(f"orders-db CPU has been higher since 10:40 JST: about 88.5 %, where about 27 % was usual; for 1 h 20 min now, and still so at 12:00 JST.")
    F(
        f'orders-db connections rose to {fq(cn.max,"Count")} at {w.hm(cn.tmax)} JST (usual at that hour: 130 to 146), unusual since 10:40; still so at 12:00 JST, for 1 h 20 min. It stays below its limit of 450.'
    )
    F(
        "orders-db freeable memory falls slowly: from about 6.4 GB on Sat 21 Nov to about 1.93 GB at 12:00 JST, about 1 GB a day. At this rate it reaches its limit of 1 GB in about 22 h."
    )
    F(
        "orders-db connections and orders-db read latency moved together, in the same direction, the first one 5 min before the second (rank correlation 0.77 over 72 values).",
        True,
    )
    w.texts += [
        "incident INC-88: alarm orders-db-connections is in ALARM since 10:47, for 1 h 13 min\nreason: Threshold Crossed: 2 out of the last 2 datapoints [409.0 (25/11/26 01:45:00), 415.0 (25/11/26 01:40:00)] were greater than the threshold (400.0).\n",
        "0 changes from 2026-11-25 06:00 on, newest first. What only reads is left out.\n",
        "orders-db storage: could not be read: AccessDenied for rds:DescribeDBInstances\n",
    ]
    w.q = "what is wrong with orders-db?"
    t = w.tm
    ms = w.t.ms
    J = " JST"
    wm = lambda s: s.wmean("10:40", "12:00")
    w.A(
        f"`orders-db-1` is under pressure since {t(ms('10:40'))} JST: CPU about {pc(88.5,1)} (usual {pc(27,0)}), connections up to {cnt(cn.max,round(cn.max*1.3),round(cn.max*.8))} (usual {lit('count','130 to 146','130 to 246','30 to 46')}).",
        f"**CPU** – {q(cp.last,'%',3)} now, was {q(cp.usual,'%',2)} at these hours on the days before (F1).",
        f"Connections went from {q(cn.usual,'',3)} to {q(cn.max,'',3)}, about {ratio(cn.max/cn.usual,'{} times')} as many.",
        f"Connections roughly {word('tripled','doubled','quadrupled')}: {q(cn.usual,'',3)} → {q(cn.max,'',3)} (F2).",
        f"Freeable memory is falling by about {q(1e9,'GB',1,tight=False)} a day and reaches its limit of {q(1e9,'GB',1,tight=False)} in about {dur(22,'{} h')} (F3).",
        f"Freeable memory: {q(fm.last,'GB',3)} left ({q(fm.last,'GiB',3)}).",
        f"Memory fell from {q(6.4e9,'GB',2)} on {lit('date','Sat 21 Nov','Fri 20 Nov','Mon 23 Nov','Sat 21 Oct')} to {q(1.93e9,'GB',3)} at {t(ms('12:00'))} JST.",
        f"Read latency is {q(rl.last,'ms',3)} against {q(rl.usual,'ms',3)} usually, {ratio(rl.last/rl.usual,'{}x',1)}.",
        f"Read latency climbed to a maximum of {q(rl.max,'ms',3)} at {t(rl.tmax)} JST.",
        f"Read IOPS averaged {q(wm(io),'',3)}/s after 10:40 compared to {q(io.usual,'',3)}/s usually (≈ {ratio(wm(io)/io.usual,'{}×',1)}).",
        f"Connections lead read latency by {dur(5,'{} min',(3,4.1))} (rank correlation {lit('value','0.77','0.57','0.97')}, F4).",
        f"The alarm {name('orders-db-connections','orders-db-conns','orders-db-cpu')} fired at {t(ms('10:47'))} JST because the last two datapoints (409 and 415) were above the threshold of {lit('value','400','300','450','4000')}.",
        f"It's been {dur(73,'1 h 13 min') if 0 else lit('duration','1 h 13 min','2 h 13 min','43 min')} since the alarm fired; the limit of {cnt(450,350,540)} connections has not been reached yet.",
        f"The highest value so far is {cnt(cn.max,cn.max+41,cn.max-60)} at {t(cn.tmax)}, i.e. {cnt(450-cn.max,450-cn.max+25,450-cn.max+60)} below the limit of 450.",
        f"Headroom is small: {cnt(cn.max,cn.max+35,cn.max-90)} of {cnt(450,550,540)} connections.",
        f"I see no changes since {t(ms('06:00'))} JST in CloudTrail, and storage could not be read (`{name('rds:DescribeDBInstances','rds:DescribeDBClusters','ec2:DescribeInstances')}` was denied).",
        f"CPU never went above {q(cp.max,'%',3)} and never under {q(cp.min,'%',3)} in the range.",
        f"* CPU: {q(wm(cp),'%',3)} on average since 10:40\n* Connections: {q(wm(cn),'',3)} on average since 10:40\n* Read latency: {q(wm(rl),'ms',3)} on average since 10:40",
        f"Over the six hours the average CPU was {q(cp.mean,'%',3)}.",
        f"The rise began at {t(ms('10:40'))}, {dur(7,'{} minutes',(2.6,4.5))} before the alarm at {t(ms('10:47'))}.",
        f"At {t(ms('08:00'),al=(200,220))} CPU was still {q(cp.at('08:00'),'%',3)}.",
        f"CPU is {pc(88.5-27,1,sp='').replace('%','%') if 0 else lit('percent','61.5 percentage points','41.5 percentage points','16.5 percentage points')} above its usual level (88.5 % vs 27 %).",
        f"Two things stand out:\n1. connections at {q(cn.last,'',3)} (usual median {q(cn.usual,'',3)})\n2. memory at {q(fm.last,'GB',3)} and falling",
        f"Nothing recovered so far: at {t(ms('12:00'))} JST CPU is still near {pc(88,0)} and connections near {q(cn.last,'',2)}.",
        f"Lowest freeable memory in the range: {q(fm.min,'GB',4)} ({t(fm.tmin)} JST).",
        f"Memory dropped by {q(fm.first-fm.last,'MB',2)} within the range, from {q(fm.first,'GB',4)} to {q(fm.last,'GB',4)}.",
    )
    w.causes = [
        ("Read latency rose because connections rose (F4).", 0),
        ("The CPU load was caused by a missing index.", 1),
        ("A memory leak causes the fall of freeable memory.", 1),
        ("The high CPU comes from a runaway query.", 1),
        ("The connection growth drove read latency up.", 0),
        ("Swap usage led to the CPU load.", 1),
        ("Vacuum is the reason for the high CPU.", 1),
        ("An unclosed session leak is causing the memory to shrink.", 1),
    ]

    return w
