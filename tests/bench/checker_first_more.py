"""The first corpus: its other four worlds."""
from tests.bench.checker_first_worlds import *  # noqa: F403
from tests.bench.checker_first_worlds import MIN, day, inc


def invoices():
    b = day(2026, 3, 10, 1)
    w = W("Europe/Berlin", b, b + 12 * 60 * MIN, b + 18 * 60 * MIN, off=3600000, seed=8)

    def dep(w, t):
        m = (t - w.t.base) / 60000
        if 13 * 60 + 30 <= m < 15 * 60 + 45:
            return round(40 + (m - 810) * 173.7)
        if 15 * 60 + 45 <= m < 16 * 60 + 30:
            return round(max(35, 23489 - (m - 945) * 521))
        return w.rng.randint(12, 55)

    dp = S(w, "q_depth", "invoice queue depth", "Count", dep, ("ApproximateNumberOfMessagesVisible", "invoices-prod"), below=1000)

    def ag(w, t):
        m = (t - w.t.base) / 60000
        if 13 * 60 + 30 <= m < 15 * 60 + 45:
            return (m - 810) * 60 + 20
        if 15 * 60 + 45 <= m < 16 * 60 + 30:
            return max(9, 8120 - (m - 945) * 180)
        return noise(w, 6.5, 0.3)

    ag_ = S(w, "q_age", "invoice queue age of oldest message", "Seconds", ag, ("ApproximateAgeOfOldestMessage",), below=900)
    le = S(
        w,
        "fn_err",
        "invoice-writer errors",
        "Count",
        lambda w, t: w.rng.randint(88, 131) if inc(w, t, "13:30", "15:45") else (1 if w.rng.random() < 0.1 else 0),
        ("Errors", "invoice-writer"),
    )
    ld = S(
        w,
        "fn_dur",
        "invoice-writer duration",
        "Milliseconds",
        lambda w, t: noise(w, 2994, 0.001) if inc(w, t, "13:30", "15:45") else noise(w, 384, 0.08),
        ("Duration",),
        below=2500,
    )
    iv = S(
        w,
        "fn_inv",
        "invoice-writer invocations",
        "Count",
        lambda w, t: round(noise(w, 735, 0.05)) if inc(w, t, "15:45", "16:30") else round(noise(w, 268, 0.05)),
        ("Invocations",),
    )
    F = w.F
    F(
        f'invoice queue depth was over its limit of 1,000 from 13:40 CET to 16:30 CET: highest {fq(dp.max,"Count")} at {w.hm(dp.tmax)} CET, outside in 33 of 34 values.'
    )
    F(
        f'invoice queue age of oldest message was over its limit of 15 min from 13:50 CET to 16:25 CET: highest {fq(ag_.max,"Seconds")} at {w.hm(ag_.tmax)} CET.'
    )
    F(
        f'invoice-writer duration rose to {fq(ld.max,"Milliseconds")} at {w.hm(ld.tmax)} CET (usual at that hour: 355 to 412 ms), unusual since 13:30; back to usual at 15:45 CET, after 2 h 15 min.'
    )
    F(
        "invoice-writer errors and invoice queue depth moved together, in the same direction, the first one 15 min before the second (rank correlation 0.69 over 72 values).",
        True,
    )
    w.texts += [
        "incident INC-7: alarm invoices-backlog is over (OK now): it fired from 13:52 to 16:34, for 2 h 42 min\nreason: Threshold Crossed: 1 datapoint [8120.0] was greater than the threshold (900.0).\n",
        "3 changes from 2026-03-10 11:00 on, newest first.\n2026-03-10 15:41 UpdateFunctionConfiguration (lambda.amazonaws.com) by jonas.weber on invoice-writer\n2026-03-10 13:27 ModifyDBInstance (rds.amazonaws.com) by terraform-ci on ledger-db\n2026-03-10 11:05 CreateLogStream (logs.amazonaws.com) by invoice-writer\n",
        "log group /aws/lambda/invoice-writer: 3,871 rows matched of 61,204 scanned (18.4 MB)\n2026-03-10 13:31:07 Task timed out after 3.00 seconds RequestId 8f1c2d34-77aa-4b0e-9a51-0c2f6d1e9b42\n2026-03-10 13:31:09 could not connect to ledger-db.c9akciq32.eu-central-1.rds.amazonaws.com:5432\n",
    ]
    w.reasons += [
        "2026-03-10 15:41 UpdateFunctionConfiguration (lambda.amazonaws.com) by jonas.weber on invoice-writer",
        "2026-03-10 13:27 ModifyDBInstance (rds.amazonaws.com) by terraform-ci on ledger-db",
    ]
    w.q = "what happened to the invoices this afternoon?"
    t = w.tm
    ms = w.t.ms
    A = w.A
    okd = [x for x in iv.win("15:45", "16:30")]
    A(
        f"The invoice queue backed up between {t(ms('13:30'))} and {t(ms('16:30'))} CET and is normal again. At its worst, {q(dp.max,'',4)} messages were waiting ({t(dp.tmax)}, F1).",
        f"The backlog peaked at {q(dp.max,'messages',5)} at {t(dp.tmax)} CET.",
        f"~{q(dp.max/1000,'',3)}k messages piled up by {t(dp.tmax)}".replace("\x02k", "\x02k"),
        f"The oldest message was {q(ag_.max/3600,'hours',2,kind='duration')} old at {t(ag_.tmax)} CET (limit {lit('value','15 min','25 min','15 s','15 h')}).",
        f"- *Errors*: {cnt(le.max,le.max+50,le.max-45)} at most in 5 minutes, {cnt(le.sum if isinstance(le.sum,int) else int(le.sum))} in total\n- *Duration*: about {q(2.994,'ms',2,tight=False)} instead of ~{q(ld.usual/1000,'ms',2)}\n- *Timeouts*: `Task timed out after {lit('value','3.00','5.00','30.00')} seconds`",
        f"`invoice-writer` ran into its timeout: duration jumped from around {q(ld.usual/1000,'ms',2)} to {q(ld.max/1000,'ms',4)}, i.e. {ratio(ld.max/ld.usual,'{} times',1)} as long.",
        f"Duration is {pc((ld.max/ld.usual-1)*100,0)} above its usual {q(ld.usual/1000,'ms',3)}.",
        f"The errors preceded the backlog by {lit('duration','15 min','35 min','5 min','2 h')} (rank correlation {lit('value','0.69','0.96','0.49')}).",
        f"It ended at {t(ms('15:45'))} CET, {dur(4,'{} minutes',(3.8,4.2))} after `{name('UpdateFunctionConfiguration','UpdateFunctionCode','UpdateEventSourceMapping')}` by {name('jonas.weber','jonas.becker','julia.weber')} at {t(ms('15:41'))}.",
        f"Three minutes before the start, at {t(ms('13:27'))} CET, `{name('terraform-ci','terraform-cd','github-ci')}` changed `{name('ledger-db','ledger-db-2','orders-db')}` (`{name('ModifyDBInstance','RebootDBInstance','ModifyDBCluster')}`).",
        f"The alarm `{name('invoices-backlog','invoice-errors','invoices-backlog-dlq')}` fired at {t(ms('13:52'))} and cleared at {t(ms('16:34'))} ({lit('duration','2 h 42 min','3 h 42 min','1 h 22 min','2 h 24 min')}).",
        f"INC-7 lasted {lit('duration','162 minutes','126 minutes','62 minutes','262 minutes')}.",
        f"{cnt(3871,3781,2871)} log rows match the timeout (of {cnt(61204,62104,16204)} scanned, {lit('value','18.4 MB','14.8 MB','18.4 GB')}).",
        f"One of them: `{lit('name','RequestId 8f1c2d34-77aa-4b0e-9a51-0c2f6d1e9b42','RequestId 8f1c2d34-77aa-4b0e-9a51-0c2f6d1e9b43','RequestId 0a1c2d34-77ab-4b0e-9a51-1c2f6d1e9b42')}` at {t(ms('13:31'),'{}:07')}.",
        f"The function could not reach `ledger-db.c9akciq32.eu-central-1.rds.amazonaws.com:{lit('value','5432','3306','5433')}`.",
        f"Once the queue drained, invocations rose to {q(max(okd),'',3)} per 5 min ({q(iv.usual,'',3)} usual), and by {t(ms('16:30'))} the backlog was gone.",
        f"While draining (15:45–16:30), invocations averaged {q(iv.wmean('15:45','16:30'),'',3)} per bucket, {ratio(iv.wmean('15:45','16:30')/iv.usual,'{}x',1)} the usual rate.",
        f"Current state: depth {cnt(dp.last,dp.last+70,dp.last*12)}, oldest message {q(ag_.last,'s',2)}, no errors in the last bucket."
        if le.last == 0
        else f"Current state: depth {cnt(dp.last,dp.last+70,dp.last*12)}, oldest message {q(ag_.last,'s',2)}.",
        f"At {t(ms('15:00'))} CET there were {q(dp.at('15:00'),'',4)} messages in the queue and the oldest one was {q(ag_.at('15:00')/60,'minutes',2)} old.",
        f"Depth grew by about {q((dp.at('15:40')-dp.at('13:40'))/2,'',2)} messages an hour between 13:40 and 15:40."
        if 0
        else f"Within two hours (13:40 to 15:40) the depth grew from {q(dp.at('13:40'),'',3)} to {q(dp.at('15:40'),'',3)}.",
        f"Age of oldest message: limit 900 s, highest {q(ag_.max,'s',4)} → {ratio(ag_.max/900,'{} times',1)} the limit",
        f"Duration was pinned at {q(3.0,'s',2,tight=False)} for {lit('duration','2 h 15 min','3 h 15 min','1 h 15 min','2 h 51 min')} (13:30–15:45), F3.",
        f"Out of {cnt(34,44,24)} values, {cnt(33,23,31)} were over the limit of {cnt(1000,2000,100)}.",
        f"Errors never exceeded {cnt(le.max,le.max-30,le.max+60)} per bucket; outside the window there was at most {cnt(1,7,12)}.",
        f"The depth at 16:00 was already down to {q(dp.at('16:00'),'',3)}, from {q(dp.at('15:40'),'',3)} twenty minutes earlier.",
        f"Messages waited for up to {lit('duration','2 h 14 min','3 h 14 min','1 h 14 min') if abs(ag_.max/60-134)<3 else q(ag_.max/60,'min',3)}.",
    )
    w.causes = [
        ("The queue backed up because invoice-writer errors rose (F4).", 0),
        ("ModifyDBInstance on ledger-db caused the outage.", 0),
        ("The outage was caused by a poison message.", 1),
        ("It recovered thanks to the configuration change of invoice-writer at 15:41.", 0),
        ("A regional AWS outage caused the backlog.", 1),
        ("Throttling led to the backlog.", 1),
        ("The backlog built up as a consequence of expired credentials.", 1),
        ("The backlog was due to slow DNS.", 1),
    ]

    return w


def cdn():
    b = day(2026, 8, 5, -3)
    w = W("America/Sao_Paulo", b, b + 13 * 60 * MIN, b + 16 * 60 * MIN, off=-3 * 3600000, seed=11, days=6)

    def wave(base, a, r):
        return lambda w, t: noise(w, base * (1 + a * math.sin(2 * math.pi * ((t - w.t.base) / 86400000 - 0.3))), r)

    ch = S(w, "cf_hit", "CDN cache hit ratio", "Percent", lambda w, t: noise(w, 93.4, 0.006), ("CacheHitRate", "E2QWRUHAPOMQZL"), above=85)
    c4 = S(
        w, "cf_4xx", "CDN 4xx rate", "Percent", lambda w, t: 7.84 if w.hm(t) == "14:25" and t >= w.frm else noise(w, 1.12, 0.15), ("4xxErrorRate",)
    )
    bd = S(w, "cf_bytes", "CDN bytes downloaded", "Bytes", wave(38.4e9, 0.35, 0.03), ("BytesDownloaded",))
    tf = S(w, "ttfb", "origin time to first byte", "Milliseconds", lambda w, t: noise(w, 146, 0.05), ("OriginLatency",), below=400)
    rq = S(w, "cf_req", "CDN requests", "Count", lambda w, t: round(wave(1.21e6, 0.35, 0.02)(w, t)), ("Requests",))
    F = w.F
    F(f"CDN 4xx rate rose to 7.84 % at 14:25 -03 (usual at that hour: 0.97 to 1.27 %), for 5 min.")
    F(f'CDN bytes downloaded rose to {fq(bd.max,"Bytes")} at {w.hm(bd.tmax)} -03, as at that hour on 5 of 6 weekdays before: recurring.')
    w.texts += [
        "none\n",
        "No alarm is in ALARM; 12 of 14 alarms are OK, 2 have INSUFFICIENT_DATA: cdn-canary, cdn-waf-blocked.\n",
        "top paths of 4xx between 2026-08-05 14:20 and 2026-08-05 14:30:\npath count\n/static/app.4f1e.js 9214\n/favicon.ico 1187\n/api/v2/cart 62\nclient 203.0.113.77 sent 8840 of them\n",
    ]
    w.q = "is the CDN ok? compare with yesterday"
    t = w.tm
    ms = w.t.ms
    y = lambda s, h: s.at(h, -1)
    w.A(
        f"The CDN looks healthy: cache hit ratio {q(ch.last,'%',3)} (usual {q(ch.usual,'%',3)}), origin time to first byte {q(tf.last/1000,'ms',3)}.",
        f"Only one blip: the 4xx rate went to {pc(7.84,2)} at {t(ms('14:25'))} for {dur(5,'{} minutes',(3,6))}, where {lit('percent','0.97 to 1.27 %','1.97 to 2.27 %','0.27 to 0.97 %')} is usual (F1).",
        f"4xx: {ratio(7.84/c4.usual,'{} times')} the usual rate at {t(ms('14:25'))}, back to about {q(c4.usual,'%',2)} right after.",
        f"Most of the 4xx were for `{name('/static/app.4f1e.js','/static/app.5f2e.js','/static/vendor.js','/api/v3/cart')}` ({cnt(9214,9124,8214)} of them), and {cnt(8840,8480,6840)} came from one client, `{name('203.0.113.77','203.0.113.78','198.51.100.4')}`.",
        f"| Path | 4xx |\n|:--|--:|\n| `/static/app.4f1e.js` | {cnt(9214,9124,4214)} |\n| `/favicon.ico` | {cnt(1187,1817,2187)} |\n| `/api/v2/cart` | {cnt(62,26,162)} |",
        f"Download volume peaked at {q(bd.max,'GB',3)} per 5 min at {t(bd.tmax)}, as on {lit('count','5 of 6','3 of 6','5 of 9')} weekdays before (F2, recurring).",
        f"{lit('count','12 of 14','10 of 14','12 of 41')} alarms are OK; `cdn-canary` and `{name('cdn-waf-blocked','cdn-waf-allowed','waf-cdn')}` have INSUFFICIENT_DATA.",
        f"Requests in the range: between {q(rq.min/1e6,'M',3)} and {q(rq.max/1e6,'M',3)} per 5 min.",
        f"Cache hit ratio stayed between {q(ch.min,'%',3)} and {q(ch.max,'%',3)}, well above the limit of {pc(85,0)}.",
        f"On average {q(tf.mean/1000,'ms',3)} to first byte, never more than {q(tf.max/1000,'ms',3)}; limit {lit('value','400 ms','300 ms','40 ms','400 s')}.",
        f"In the last bucket the 4xx rate is {q(c4.last,'%',3)}, i.e. nothing unusual.",
        f"Apart from {t(ms('14:25'))}, the CDN 4xx rate never exceeded {q(sorted(x for _,x in c4.r)[-2],'%',3)}.",
        f"Data volume: {q(bd.first,'GB',3)} at {t(ms('13:00'))} -> {q(bd.last,'GB',3)} now.",
        f"The median cache hit ratio at these hours is {q(ch.usual,'%',3)}; now it is {q(ch.last,'%',3)}, so nothing to worry about.",
        f"Total requests since 13:00: {q(rq.sum/1e6,'million',3)}.",
        f"_Time to first byte_ is {q(tf.last/1000,'s',3)} (limit {lit('value','0.4 s','0.6 s','4 s')})",
        f"The spike at {t(ms('14:25'))} lasted a single bucket; {pc(8840/(9214+1187+62)*100,0) if 0 else cnt(8840,8440,7840)} requests of one client explain most of it.",
        f"Errors were {pc((7.84/c4.usual-1)*100,0)} above normal at 14:25.",
        f"4xx rate was {lit('percent','6.7 percentage points','4.7 percentage points','9.7 percentage points') if abs(7.84-c4.usual-6.7)<.06 else q(7.84-c4.usual,'percentage points',2)} above its usual {q(c4.usual,'%',3)} at 14:25",
        f"Distribution `{name('E2QWRUHAPOMQZL','E2QWRUHAPOMQZX','E3QWRUHAPOMQZL')}` served {q(bd.sum,'TB',3)} in the three hours.".replace(
            " TB", " TB"
        ),
        f"Lowest time to first byte: {q(tf.min/1000,'ms',3)} at {t(tf.tmin)}; highest: {q(tf.max/1000,'ms',3)} at {t(tf.tmax)}.",
        f"CDN requests peaked at {q(rq.max,'',4)} ({t(rq.tmax)}).",
        f"Everything is within limits: hit ratio {q(ch.last,'%',3,sp='')} > 85%, TTFB {q(tf.last/1000,'ms',3)} < 400 ms.",
        f"Since {t(ms('14:30'),al=(-30,-60,-90,-125))} the 4xx rate has stayed under {q(1.4,'%',2,tight=False) if max(c4.win('14:30','16:00'))<1.4 else pc(2,0)}.",
        f"The cache hit ratio dipped to {q(ch.min,'%',4)} at {t(ch.tmin)}, which is within the usual band.",
        f"No action needed. If it recurs, look at `203.0.113.77`: it sent {pc(8840/(8840/1)*100,0) if 0 else cnt(8840,9840,880)} requests between {t(ms('14:20'))} and {t(ms('14:30'))}.",
    )
    w.causes = [("The 4xx spike was caused by a broken release.", 1), ("The spike is due to a scanner.", 1), ("A bot attack caused the spike.", 1)]

    return w


def kafka():
    b = day(2026, 2, 17)
    w = W("UTC", b, b + 2 * 60 * MIN, b + 4 * 60 * MIN, seed=21, days=2)
    I1, I2, I3 = "i-0a91c3de77b204f18", "i-0d2f6b1190ee4c7a3", "i-07bb81ce5540f9d12"
    kl = S(
        w,
        "lag",
        "kafka consumer lag",
        "Count",
        lambda w, t: round(noise(w, 48200, 0.05)) if inc(w, t, "02:47", "03:22") else round(noise(w, 310, 0.3)),
        ("SumOffsetLag", "events-ingest"),
        below=5000,
        step=1,
    )
    n1 = S(
        w,
        "net1",
        f"network in {I1}",
        "Bytes/Second",
        lambda w, t: noise(w, 2.13e6, 0.05) if inc(w, t, "02:47", "03:22") else noise(w, 41.7e6, 0.06),
        (I1, "NetworkIn"),
        step=1,
    )
    n2 = S(
        w,
        "net2",
        f"network in {I2}",
        "Bytes/Second",
        lambda w, t: noise(w, 58.9e6, 0.05) if inc(w, t, "02:47", "03:22") else noise(w, 39.8e6, 0.06),
        (I2,),
        step=1,
    )
    dk = S(
        w,
        "disk",
        f"disk used {I2}",
        "Percent",
        lambda w, t: 71.2 + (t - w.frm) / MIN * 0.0741 + w.rng.uniform(-0.02, 0.02) if t >= w.frm else 71.2 + w.rng.uniform(-0.02, 0.02),
        ("disk_used_percent",),
        below=90,
        step=1,
    )
    st = S(
        w,
        "steal",
        f"CPU steal {I1}",
        "Percent",
        lambda w, t: noise(w, 46.3, 0.08) if inc(w, t, "02:46", "03:22") else noise(w, 0.61, 0.4),
        ("cpu_usage_steal",),
        step=1,
    )
    F = w.F
    F(
        f'kafka consumer lag was over its limit of 5,000 from 02:47 UTC to 03:22 UTC: highest {fq(kl.max,"Count")} at {w.hm(kl.tmax)} UTC, outside in 35 of 35 values.'
    )
    F(
        f'CPU steal {I1} rose to {fq(st.max,"Percent")} at {w.hm(st.tmax)} UTC (usual: 0.37 to 0.85 %), unusual since 02:46; back to usual at 03:22 UTC, after 36 min.'
    )
    F(
        f'network in {I1} fell to {fq(n1.min,"Bytes/Second")} at {w.hm(n1.tmin)} UTC (usual: 39.3 to 44.1 MB/s), unusual since 02:47; back to usual at 03:22 UTC, after 35 min.'
    )
    F(
        f"CPU steal {I1} and kafka consumer lag moved together, in the same direction, the first one 1 min before the second (rank correlation 0.88 over 120 values).",
        True,
    )
    w.texts += [
        "alarms: events-ingest-lag went ALARM 2026-02-17 02:50, OK 2026-02-17 03:25; events-ingest-heartbeat OK since 2026-02-11 14:03\n",
        f"2026-02-17 03:21 RebootInstances (ec2.amazonaws.com) by oncall-sre on {I1}\n",
        f"instances of asg-events: {I1} (us-east-1a, m5.xlarge), {I2} (us-east-1b, m5.xlarge), {I3} (us-east-1c, m5.xlarge)\n",
        "kafka log: 2026-02-17 02:47:31 WARN Member consumer-4 has left group events-ingest, rebalance took 18,412 ms\n",
    ]
    w.names += [I1, I2, I3]
    w.reasons += [f"2026-02-17 03:21 RebootInstances (ec2.amazonaws.com) by oncall-sre on {I1}"]
    w.q = "Why did events-ingest lag last night?"
    t = w.tm
    ms = w.t.ms
    I = lambda i: name(i, i[:-2] + ("e1" if i[-2:] != "e1" else "a7"), i[:5] + "f" * 3 + i[8:])
    w.A(
        f"events-ingest lagged from {t(ms('02:47'))} to {t(ms('03:22'))} UTC; the consumer lag reached {q(kl.max,'',3)} messages (limit {cnt(5000,6000,500)}).",
        f"The instance `{I(I1)}` suffered from CPU steal of up to {q(st.max,'%',3)} since {t(ms('02:46'))} (usually {lit('percent','0.37 to 0.85 %','1.37 to 1.85 %','3.7 to 8.5 %')}).",
        f"Its network input dropped from about {q(n1.usual,'MB/s',3) if 0 else lit('value','%.0f MB/s'%(n1.usual/1e6),'%.0f MB/s'%(n1.usual*1.4/1e6),'%.0f kB/s'%(n1.usual/1e6))} to {lit('value','%.1f MB/s'%(n1.wmean('02:47','03:22')/1e6),'%.1f MB/s'%(n1.wmean('02:47','03:22')*1.5/1e6),'%.1f GB/s'%(n1.wmean('02:47','03:22')/1e6))}, while {I(I2)} took over.",
        f"After the reboot of `{I1}` at {t(ms('03:21'))} by {name('oncall-sre','oncall-dev','oncall-ops')} everything went back to normal at {t(ms('03:22'))}.",
        f"Lag was {ratio(kl.max/kl.usual,'{} times')} its usual value at {t(kl.tmax)}.",
        f"Lag: {q(kl.usual,'',2)} → {q(kl.max/1000,'k',3,sp='')} within one minute.",
        f"All {lit('count','35 of 35','30 of 35','35 of 53')} values between 02:47 and 03:22 were above the limit (F1).",
        f"The lag lasted {dur(35)}, {dur(36,'{} minutes')} for the steal.",
        f"The alarm `{name('events-ingest-lag','events-ingest-lags','events-egress-lag')}` went into ALARM at {t(ms('02:50'))} and back to OK at {t(ms('03:25'))} UTC.",
        f"`events-ingest-heartbeat` has been OK since {lit('date','11 Feb','12 Feb','1 Feb','11 Mar')} {t(ms('14:03')) }.",
        f"A rebalance took {lit('duration','18.4 s','14.8 s','28.4 s','18.4 ms')} at {t(ms('02:47'),'{}:31')} after `{name('consumer-4','consumer-5','consumer-14')}` left the group `events-ingest`.",
        f"Disk on {I2} grew from {q(71.2,'%',3)} to {q(dk.last,'%',3)} in the two hours, that's {q(dk.last-71.2,'percentage points',2)}.",
        f"Disk used is at {q(dk.last,'%',3)}; the limit is {pc(90,0)}, so about {lit('percent','10 points','25 points','3 points')} remain.",
        f"{I2} received {pc((n2.wmean('02:47','03:22')/n2.usual-1)*100,0)} more than usual during that time.",
        f"Steal is back at {q(st.last,'%',2)}.",
        f"*Summary*\n\n• lag max {q(kl.max,'',3)} @ {t(kl.tmax)}\n• steal max {q(st.max,'%',3)} @ {t(st.tmax)}\n• reboot @ {t(ms('03:21'))}",
        f"Steal leads the lag by {lit('duration','1 min','10 min','1 h','4 min')} with a rank correlation of {lit('value','0.88','0.58','0.98')} (F4).",
        f"Three instances are in `{name('asg-events','asg-event-ingest','asg-orders')}`, all `{name('m5.xlarge','m5.2xlarge','c5.xlarge')}`: {I(I1)}, {I(I2)} and {I(I3)}.",
        f"{I1} (in `{name('us-east-1a','us-east-1d','us-west-1a')}`) was the only one affected.",
        f"```\n02:46 steal rises\n{w.hm(kl.tmax)} lag {kl.max}\n```\nThe block above shows that lag peaked at {q(kl.max,'',5)}.",
        f"Lag average during the episode: {q(kl.wmean('02:47','03:22'),'',3)}.",
        f"Lag at {t(ms('02:40'),al=(10,15,25,30))} was still {q(kl.at('02:40'),'',2)}.",
        f"Now ({t(w.now)} UTC) lag is {q(kl.last,'',3)}.",
        f"Network in on `{I1}` was {pc((1-n1.wmean('02:47','03:22')/n1.usual)*100,0,al=(.7,.4))} lower than usual between 02:47 and 03:22.",
        f"From the reboot to the alarm's OK it took {dur(4,'{} minutes',(3.1,5.2))}.",
        f"The reboot came {dur(34,'{} min')} after the lag began ({t(ms('02:47'))} → {t(ms('03:21'))}).",
    )
    w.causes = [
        ("The lag was caused by CPU steal on i-0a91c3de77b204f18 (F4).", 0),
        ("The lag ended because the instance was rebooted.", 0),
        ("The lag was caused by a noisy neighbour.", 1),
        ("A bad Kafka broker caused the rebalance.", 1),
        ("A full disk led to the lag.", 1),
        ("An expired token made consumer-4 leave the group.", 1),
        ("The steal is the result of exhausted burst credits.", 1),
    ]

    return w


def payments():
    b = day(2026, 6, 30, 10)
    w = W("Australia/Sydney", b, b + 9 * 60 * MIN, b + 15 * 60 * MIN, off=10 * 3600000, seed=33, days=5)

    def epi(t, w):
        return inc(w, t, "11:20", "12:05")

    sr = S(
        w,
        "pay_ok",
        "payment success rate",
        "Percent",
        lambda w, t: noise(w, 71.6, 0.02) if epi(t, w) else noise(w, 98.7, 0.004),
        ("SuccessRate", "stripe-gateway"),
        above=95,
    )
    pl = S(
        w, "pay_p99", "payment p99 latency", "Milliseconds", lambda w, t: noise(w, 4870, 0.04) if epi(t, w) else noise(w, 640, 0.06), (), below=2000
    )
    ps = S(
        w,
        "pay_rps",
        "payments per minute",
        "Count",
        lambda w, t: round(noise(w, 212, 0.05)) if not epi(t, w) else round(noise(w, 388, 0.04)),
        (),
    )
    hp = S(w, "heap", "payment-api heap used", "Megabytes", lambda w, t: noise(w, 1382, 0.03), ("payment-api-7c9f4d-x2k8p",), below=2048)
    tc = S(
        w, "thr", "payment-api threads", "Count", lambda w, t: round(noise(w, 196, 0.015)) if epi(t, w) else round(noise(w, 64, 0.08)), (), below=200
    )
    w.F(
        f'payment success rate was under its limit of 95 % from 11:20 AEST to 12:05 AEST: lowest {fq(sr.min,"Percent")} at {w.hm(sr.tmin)} AEST, outside in 9 of 9 values.'
    )
    w.F(
        f'payment p99 latency was over its limit of 2 s from 11:20 AEST to 12:05 AEST: highest {fq(pl.max,"Milliseconds")} at {w.hm(pl.tmax)} AEST, outside in 9 of 9 values.'
    )
    w.F(
        f"Does the growth of payments per minute explain that of payment p99 latency? Partly: payments per minute was about 388 (usual 212), payment p99 latency about 4.87 s (usual 640 ms); so much load used to go with about 1.1 s.",
        True,
    )
    w.texts += [
        "incident INC-1203: alarm payments-success-low is over (OK now): it fired from 11:26 to 12:11, for 45 min\nreason: Threshold Crossed: 2 datapoints [71.9, 71.2] were less than the threshold (95.0).\n",
        "query of traces: 1,204 of 4,310 payments failed between 11:20 and 12:05, 1,131 of them with code GATEWAY_TIMEOUT (504), 73 with CARD_DECLINED\n",
        "version 3.18.2 of payment-api runs since 2026-06-28 16:40 on 6 pods; requests 250m CPU, limit 2 GiB memory\n",
    ]
    w.q = "payments failing?"
    t = w.tm
    ms = w.t.ms
    w.A(
        f"Payments failed between {t(ms('11:20'))} and {t(ms('12:05'))} AEST; it is over. The success rate fell to {q(sr.min,'%',3)} (usual {q(sr.usual,'%',3)}, limit {pc(95,0,al=(.5,.8))}).",
        f"**Yes.** {cnt(1204,1402,1024)} of {cnt(4310,4130,5310)} payments failed, i.e. {pc(1204/4310*100,0)}.",
        f"About {word('28 %','48 %','18 %','38 %')} of payments failed ({cnt(1204,1304,904)}/{cnt(4310,4510,3410)}).",
        f"`{name('GATEWAY_TIMEOUT','GATEWAY_ERROR','UPSTREAM_TIMEOUT')}` accounts for {cnt(1131,1311,931)} of the failures ({pc(1131/1204*100,0,al=(.7,.5))}), `CARD_DECLINED` for {cnt(73,37,173)}.",
        f"p99 latency peaked at {q(pl.max/1000,'s',3)} ({t(pl.tmax)}), limit {lit('value','2 s','3 s','2 ms')}.",
        f"p99 went from {q(pl.usual/1000,'ms',2,tight=False)} to {q(pl.max/1000,'ms',3)}, a factor of {ratio(pl.max/pl.usual,'{}',1)}.",
        f"Load explains it only in part: {q(388,'',3)} payments per minute (usual {q(212,'',3)}) used to go with about {lit('value','1.1 s','2.1 s','1.1 ms','11 s')}, but p99 was about {lit('value','4.87 s','4.37 s','8.47 s')} (F3).",
        f"Payment volume was {pc((388/212-1)*100,0,sign='+')} vs. usual.",
        f"Threads were at {cnt(tc.max,tc.max-40,tc.max+39)} of 200 at most, vs {q(tc.usual,'',2)} usually.",
        f"Thread pool nearly exhausted: {cnt(tc.max,tc.max-45,tc.max-90)}/{cnt(200,250,300)} threads",
        f"Heap is unremarkable at {q(hp.last*1e6,'GB',3)} ({lit('value','%.0f MB'%hp.last,'%.0f MB'%(hp.last*1.3),'%.0f MB'%(hp.last*.7))}) of {lit('value','2 GiB','4 GiB','2 MiB')}.",
        f"The alarm {name('payments-success-low','payments-success-high','payments-failure-low')} was in ALARM from {t(ms('11:26'))} to {t(ms('12:11'))} ({dur(45)}).",
        f"No deploy: payment-api runs version {lit('name','3.18.2','3.18.3','3.17.2')} since {lit('date','28 June','27 June','28 July','18 June')}, {t(ms('16:40'))}.",
        f"Now: success rate {q(sr.last,'%',3)}, p99 {q(pl.last/1000,'ms',3)}, {q(tc.last,'',2)} threads.",
        f"- {t(ms('11:20'))}: success rate drops below 95 %\n- {t(ms('11:26'))}: `payments-success-low` fires, {dur(6,'{} min',(2.8,4.4))} later\n- {t(ms('12:05'))}: success rate back above 95 %\n- {t(ms('12:11'))}: alarm OK",
        f"The success rate was {lit('percent','27 percentage points','37 percentage points','12 percentage points')} below usual on average between 11:20 and 12:05.",
        f"Average success rate 11:20–12:05: {q(sr.wmean('11:20','12:05'),'%',3)}.",
        f"Over the whole range the success rate averaged {q(sr.mean,'%',3)}, and p99 {q(pl.mean/1000,'ms',3)}.",
        f"For {dur(45)} every single value ({lit('count','9 of 9','7 of 9','9 of 12')}) was out of limits.",
        f"Latency is back to {q(pl.last/1000,'ms',3)}, {pc((1-pl.last/pl.max)*100,0,al=(.6,.4))} below the peak.",
        f"Six pods run, each with a limit of {lit('value','2 GiB','3 GiB','2 TiB')} and a request of {lit('value','250m','350m','500m')} CPU.",
        f"At the worst moment ({t(sr.tmin)}) more than a {word('quarter','half',kind='ratio')} of payments failed: success rate {q(sr.min,'%',4)}.",
        f"Pod `{name('payment-api-7c9f4d-x2k8p','payment-api-7c9f4d-x2k9p','payment-api-6b9f4d-x2k8p')}` held {q(hp.last*1e6,'MB',4)} of heap in the last bucket.",
        f"Throughput climbed to {cnt(ps.max,ps.max+60,ps.max-80)} payments/min at {t(ps.tmax)}, nearly {word('double','triple','four times')} the usual {q(ps.usual,'',3)}.",
        f"The limit of 2 s was exceeded by {q((pl.max-2000)/1000,'s',3)} at most.",
        f"Failed: {cnt(1204,1240,2204)}, thereof {cnt(1131,1113,1031)} with 504.",
    )
    w.causes = [
        ("The rise of payment p99 latency is partly explained by the growth of payments per minute (F3).", 0),
        ("Latency rose because payments per minute nearly doubled (F3).", 0),
        ("The payment failures were caused by an outage at Stripe.", 1),
        ("GATEWAY_TIMEOUT failures are the result of a firewall change.", 1),
        ("Heap pressure caused the failures.", 1),
        ("The exhausted thread pool caused the timeouts.", 1),
        ("Version 3.18.2 introduced a regression that caused this.", 1),
    ]

    return w
