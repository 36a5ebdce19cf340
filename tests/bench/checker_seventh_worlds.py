"""The seventh corpus: its five worlds."""
from tests.bench.checker_corpus import *  # noqa: F403


def ramp(t, a, b, per, fall):
    return 0 if t < a else per * (min(t, b) - a) / MIN - min(1, max(0, t - b) / MIN / fall) * per * (b - a) / MIN


def tickets():
    w = World("tickets", "Europe/London", (2026, 12, 4, 13, 20), 14, "is it safe to deploy the seat service? anything odd since 8:00?", 41011)
    a, b = w.ms("09:55"), w.ms("11:20")
    ev = lambda t: a <= t < b
    ev0 = lambda t: a <= t < b + 15 * MIN
    g = lambda t: day(w.hour(t), 12, 0.3)
    w.od = w.metric(
        "orders",
        "Orders placed",
        "Count",
        lambda t: round(640 * g(t) * w.noise(0.04) * (0.49 if ev(t) else 1)),
        ns="Tix/Shop",
        name="OrdersPlaced",
        stat="Sum",
    )
    w.sh = w.metric(
        "hold_p95",
        "Seat hold latency p95",
        "Milliseconds",
        lambda t: round(184 * w.noise(0.09) * (11.3 * w.noise(0.06) if ev(t) else 1)),
        below=800,
        ns="Tix/Seats",
        name="HoldLatency",
        stat="p95",
    )
    w.ex = w.metric(
        "hold_exp",
        "Expired seat holds",
        "Count",
        lambda t: round(21 * w.noise(0.3) + (263 * w.noise(0.09) if ev0(t) else 0)),
        below=90,
        ns="Tix/Seats",
        name="ExpiredHolds",
        stat="Sum",
    )
    w.wr = w.metric(
        "waiting_room",
        "Waiting room visitors",
        "Count",
        lambda t: round(410 * w.noise(0.15) + ramp(t, w.ms("10:05"), b, 118, 55)),
        below=6000,
        ns="Tix/Queue",
        name="WaitingVisitors",
        stat="Maximum",
    )
    w.rc = w.metric(
        "lock_cpu",
        "Seat lock Redis CPU",
        "Percent",
        lambda t: round((17 + 9 * g(t)) * w.noise(0.07) + (68.5 * w.noise(0.03) if ev(t) else 0), 1),
        below=80,
        ns="AWS/ElastiCache",
        name="EngineCPUUtilization",
        stat="Maximum",
    )
    w.hp = w.metric(
        "map_heap",
        "Seat map heap",
        "Bytes",
        lambda t: round(2.74e9 * w.noise(0.03) if not ev(t) else 5.52e9 * w.noise(0.02)),
        below=6e9,
        ns="Tix/Seats",
        name="HeapUsed",
        stat="Maximum",
    )
    w.pd = w.metric(
        "pdf_p90", "Ticket PDF time p90", "Seconds", lambda t: round(1.27 * w.noise(0.09), 3), below=5, ns="Tix/Pdf", name="RenderTime", stat="p90"
    )
    w.rf = w.metric(
        "refunds",
        "Refund batch time",
        "Seconds",
        lambda t: round(31 * w.noise(0.12) + (512 * w.noise(0.03) if 8.5 <= w.hour(t) < 8.75 else 0)),
        ns="Tix/Refunds",
        name="BatchSeconds",
        stat="Maximum",
    )
    w.bc = w.metric(
        "gate_scans", "Venue barcode checks", "Count/Second", lambda t: round(52 * w.noise(0.08), 1), ns="Tix/Venues", name="BarcodeChecks"
    )
    w.dash = [("ticket-shop", [m["id"] for m in w.metrics])]
    w.alarm(
        "seat-holds-expiring",
        "ExpiredHolds",
        w.ms("10:07"),
        90,
        287,
        "Threshold Crossed: 2 datapoints were greater than the threshold (90.0).",
        "Tix/Seats",
        "Sum",
    )
    w.alarm(
        "waiting-room-long",
        "WaitingVisitors",
        w.ms("11:02"),
        6000,
        6480,
        "Threshold Crossed: 2 datapoints were greater than the threshold (6000.0).",
        "Tix/Queue",
        "Maximum",
    )
    ch = [
        "2026-12-04 09:51 UpdateService (ecs.amazonaws.com) by seatmap-pipeline on seat-service",
        "2026-12-04 11:14 UpdateService (ecs.amazonaws.com) by h.whitlock on seat-service",
        "2026-12-04 10:26 ModifyReplicationGroup (elasticache.amazonaws.com) by j.adeyemi on seat-lock-redis",
    ]
    w.tools = [
        CHG("2026-12-04 07:00", ch),
        LOG(
            4,
            18422,
            "212 MB",
            [
                "venue=arena-leeds  error=lock_contention  version=7.3.0  count=11970",
                "venue=hall-bristol  error=lock_contention  version=7.3.0  count=4816",
                "venue=arena-leeds  error=hold_lost  version=7.3.0  count=1351",
                "venue=hall-bristol  error=hold_lost  version=7.2.4  count=285",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["seat-service", "seat-lock-redis", "/tix/seats", "arena-leeds", "hall-bristol"]
    return w


def logpipe():
    w = World("logpipe", "UTC", (2026, 11, 30, 18, 45), 10, "which of the two log collectors is worse, since 11:00?", 42013)
    a, b = w.ms("13:05"), w.ms("14:20")
    c_, d_ = w.ms("15:40"), w.ms("17:25")
    e1 = lambda t, i: i == 0 and a <= t < b
    e2 = lambda t, i: i == 1 and c_ <= t < d_
    g = lambda t: day(w.hour(t), 15, 0.5)
    L = ['collector="north"', 'collector="south"']
    w.il = w.metric(
        "ingested",
        "Ingested lines",
        "Count/Second",
        lambda t, i: round((61300, 44700)[i] * g(t) * w.noise(0.03) * (0.71 if e1(t, i) else 0.38 if e2(t, i) else 1)),
        query="sum by (collector) (rate(lines_ingested_total[5m]))",
        labels=L,
    )
    w.dl = w.metric(
        "dropped",
        "Dropped lines",
        "Count",
        lambda t, i: round((84, 61)[i] * w.noise(0.25) + (7350 * w.noise(0.08) if e1(t, i) else 2140 * w.noise(0.1) if e2(t, i) else 0)),
        query="sum by (collector) (increase(lines_dropped_total[5m]))",
        labels=L,
        below=600,
    )
    w.lg = w.metric(
        "index_lag",
        "Indexing lag",
        "Seconds",
        lambda t, i: round((26, 33)[i] * w.noise(0.14) + (ramp(t, c_, d_, 13.4, 35) if i == 1 else 74 * w.noise(0.1) if e1(t, i) else 0)),
        query="max by (collector) (indexing_lag_seconds)",
        labels=L,
        below=240,
    )
    w.sp = w.metric(
        "spool",
        "Spool disk used",
        "Percent",
        lambda t, i: round((22.4, 27.9)[i] * w.noise(0.05) + (66.3 * w.noise(0.02) if e2(t, i) else 0), 1),
        query="max by (collector) (spool_used)",
        labels=L,
        below=85,
    )
    w.bw = w.metric(
        "bulk_p99",
        "Bulk write time p99",
        "Milliseconds",
        lambda t, i: round((372, 415)[i] * w.noise(0.08) * (5.2 * w.noise(0.06) if e1(t, i) else 8.1 * w.noise(0.05) if e2(t, i) else 1)),
        query="bulk_write_p99",
        labels=L,
        below=1500,
    )
    w.sq = w.metric("search_p95", "Search query time p95", "Seconds", lambda t: round(0.93 * w.noise(0.1), 2), query="search_query_p95", below=4)
    w.ro = w.metric(
        "rollovers",
        "Index rollovers",
        "Count",
        lambda t: round(5 * w.noise(0.5) + (118 * w.noise(0.05) if 16 <= w.hour(t) < 16.25 else 0)),
        query="sum(increase(index_rollovers_total[5m]))",
    )
    w.ih = w.metric("indexer_heap", "Indexer heap", "Bytes", lambda t: round(13.6e9 * w.noise(0.03)), query="max(indexer_heap_bytes)", below=24e9)
    w.dash = [("log-pipeline", [m["id"] for m in w.metrics])]
    w.alarm(
        "logs-dropped-north",
        "dropped",
        w.ms("13:14"),
        600,
        7512,
        "Threshold Crossed: 2 datapoints were greater than the threshold (600.0).",
        "Prom",
        "Sum",
    )
    w.alarm(
        "logs-lag-south",
        "index_lag",
        w.ms("16:08"),
        240,
        391,
        "Threshold Crossed: 2 datapoints were greater than the threshold (240.0).",
        "Prom",
        "Maximum",
        unit="Seconds",
    )
    ch = [
        "2026-11-30 12:57 PutRule (events.amazonaws.com) by sampling-bot on north-sampling-rules",
        "2026-11-30 14:13 PutRule (events.amazonaws.com) by k.lindqvist on north-sampling-rules",
        "2026-11-30 15:22 ModifyVolume (ec2.amazonaws.com) by disk-saver on south-spool-volume",
        "2026-11-30 17:17 ModifyVolume (ec2.amazonaws.com) by k.lindqvist on south-spool-volume",
    ]
    w.tools = [
        CHG("2026-11-30 10:00", ch),
        LOG(
            3,
            9046,
            "58.4 MB",
            [
                "collector=south  reason=spool_full  index=audit  count=5772",
                "collector=south  reason=spool_full  index=access  count=2981",
                "collector=north  reason=rate_limited  index=access  count=293",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["north-sampling-rules", "south-spool-volume", "/logs/collector", "north", "south"]
    return w


def checkin():
    w = World("checkin", "Asia/Dubai", (2026, 12, 8, 11, 35), 14, "how long did the check-in trouble last, since 4:30?", 43019)
    a, b = w.ms("06:45"), w.ms("08:20")
    ev = lambda t: a <= t < b
    k = lambda t: w.ms("06:55") <= t < b + 10 * MIN
    g = lambda t: day(w.hour(t), 7, 0.2)
    w.bp = w.metric(
        "passes",
        "Boarding passes issued",
        "Count",
        lambda t: round(385 * g(t) * w.noise(0.04) * (0.33 if ev(t) else 1)),
        ns="Air/CheckIn",
        name="PassesIssued",
        stat="Sum",
    )
    w.ko = w.metric(
        "kiosks",
        "Kiosks online",
        "Count",
        lambda t: (w.rng.choice([118, 119, 119, 120]) if not k(t) else w.rng.choice([71, 72, 72, 73])),
        above=110,
        ns="Air/Kiosk",
        name="KiosksOnline",
        stat="Minimum",
    )
    w.pn = w.metric(
        "pnr_p99",
        "Booking lookup latency p99",
        "Milliseconds",
        lambda t: round(447 * w.noise(0.08) * (13.2 * w.noise(0.05) if ev(t) else 1)),
        below=2000,
        ns="Air/Booking",
        name="LookupLatency",
        stat="p99",
    )
    w.pf = w.metric(
        "passport_fail",
        "Passport check failures",
        "Percent",
        lambda t: round(1.12 * w.noise(0.2) + (18.6 * w.noise(0.08) if ev(t) else 0), 2),
        below=4,
        ns="Air/Passport",
        name="CheckFailures",
    )
    w.bt = w.metric(
        "bag_tags",
        "Bag tags printed",
        "Count",
        lambda t: round(272 * g(t) * w.noise(0.05) * (0.52 if ev(t) else 1)),
        ns="Air/Bags",
        name="TagsPrinted",
        stat="Sum",
    )
    w.sc = w.metric(
        "seat_queue",
        "Seat change queue",
        "Count",
        lambda t: round(37 * w.noise(0.25) + ramp(t, w.ms("07:00"), b, 9.7, 40)),
        below=400,
        ns="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        stat="Maximum",
    )
    w.gs = w.metric(
        "gds",
        "GDS sessions",
        "Count",
        lambda t: round((260 + 240 * g(t)) * w.noise(0.04) if not ev(t) else 988 * w.noise(0.008)),
        below=950,
        ns="Air/Gds",
        name="Sessions",
        stat="Maximum",
    )
    w.sm = w.metric(
        "session_mem",
        "Session cache memory",
        "Bytes",
        lambda t: round(4.15e9 * w.noise(0.02) if not ev(t) else 7.36e9 * w.noise(0.02)),
        below=8e9,
        ns="AWS/ElastiCache",
        name="BytesUsedForCache",
        stat="Maximum",
    )
    w.ls = w.metric(
        "load_sheets",
        "Load sheet time",
        "Seconds",
        lambda t: round(42 * w.noise(0.1) + (377 * w.noise(0.03) if 5 <= w.hour(t) < 5.25 else 0), 1),
        ns="Air/Ops",
        name="LoadSheetSeconds",
        stat="Maximum",
    )
    w.pu = w.metric("push", "App notifications sent", "Count/Second", lambda t: round(138 * w.noise(0.07), 1), ns="Air/App", name="NotificationsSent")
    w.dash = [("check-in", [m["id"] for m in w.metrics])]
    w.alarm(
        "checkin-passport-failures",
        "CheckFailures",
        w.ms("06:54"),
        4,
        19.3,
        "Threshold Crossed: 2 datapoints were greater than the threshold (4.0).",
        "Air/Passport",
        unit="Percent",
    )
    w.alarm(
        "checkin-kiosks-offline",
        "KiosksOnline",
        w.ms("07:06"),
        110,
        72,
        "Threshold Crossed: 2 datapoints were less than the threshold (110.0).",
        "Air/Kiosk",
        "Minimum",
        cmp="<",
    )
    ch = [
        "2026-12-08 06:33 UpdateSecret (secretsmanager.amazonaws.com) by rotation-lambda on gds-gateway-credentials",
        "2026-12-08 08:11 UpdateSecret (secretsmanager.amazonaws.com) by n.farouk on gds-gateway-credentials",
        "2026-12-08 07:38 RebootInstances (ec2.amazonaws.com) by t.menon on kiosk-controller",
    ]
    w.tools = [
        CHG("2026-12-08 03:30", ch),
        LOG(
            4,
            27713,
            "1.1 GB",
            [
                "terminal=T3  step=passport  error=gds_auth_failed  count=16204",
                "terminal=T1  step=passport  error=gds_auth_failed  count=7385",
                "terminal=T3  step=booking  error=gds_timeout  count=3309",
                "terminal=T1  step=bag  error=printer_offline  count=815",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["gds-gateway-credentials", "kiosk-controller", "/air/checkin", "T1", "T3"]
    return w


def backup():
    w = World("backup", "America/New_York", (2026, 12, 3, 9, 30), 21, "what changed since Monday?", 44021)
    a = w.ms("22:00", -2)
    b = w.ms("11:00", -1)
    ev = lambda t: a <= t < b
    d0 = w.start
    w.a, w.b = a, b
    nt = lambda t: 1 if w.hour(t) >= 20 or w.hour(t) < 5 else 0.22
    L = ['vault="east"', 'vault="west"']
    e = lambda t, i: ev(t) and i == 0
    w.jb = w.metric(
        "jobs",
        "Backup jobs finished",
        "Count",
        lambda t, i: round((318, 246)[i] * nt(t) * w.noise(0.05) * (0.41 if e(t, i) else 1)),
        period=60,
        query="sum by (vault) (increase(backup_jobs_finished_total[1h]))",
        labels=L,
    )
    w.fj = w.metric(
        "failed_jobs",
        "Failed backup jobs",
        "Count",
        lambda t, i: round(2.4 * w.noise(0.9) + (94 * w.noise(0.12) if e(t, i) else 0)),
        period=60,
        query="sum by (vault) (increase(backup_jobs_failed_total[1h]))",
        labels=L,
        below=20,
    )
    w.wt = w.metric(
        "write_rate",
        "Vault write rate",
        "Bytes/Second",
        lambda t, i: round((212e6, 148e6)[i] * w.noise(0.05) * (0.27 if e(t, i) else 1)),
        period=60,
        query="sum by (vault) (rate(vault_written_bytes_total[1h]))",
        labels=L,
    )
    w.dd = w.metric(
        "dedup",
        "Deduplication savings",
        "Percent",
        lambda t: round((72.6 if not ev(t) else 43.1) * w.noise(0.02), 1),
        period=60,
        query="dedup_savings",
        above=60,
    )
    w.rt = w.metric(
        "restore_p90",
        "Restore time p90",
        "Seconds",
        lambda t: round(388 * w.noise(0.07) * (4.4 * w.noise(0.05) if ev(t) else 1)),
        period=60,
        query="restore_p90",
        below=1200,
    )
    w.vb = w.metric(
        "verify",
        "Verification backlog",
        "Count",
        lambda t: round(58 * w.noise(0.2) + ramp(t, a + 120 * MIN, b, 1.35, 360)),
        period=60,
        query="verification_backlog",
        below=500,
    )
    w.st = w.metric(
        "storage",
        "Vault storage used",
        "Percent",
        lambda t: round(38.5 + 0.83 * (t - d0) / DAY * w.noise(0.003), 2),
        period=60,
        query="vault_storage_used",
        below=80,
    )
    w.pr = w.metric(
        "prune",
        "Prune run time",
        "Seconds",
        lambda t: round(96 * w.noise(0.1) + (2280 * w.noise(0.03) if 6 <= w.hour(t) < 7 else 0)),
        period=60,
        query="prune_run_seconds",
    )
    w.cq = w.metric(
        "catalog_p95",
        "Catalog query time p95",
        "Milliseconds",
        lambda t: round(121 * w.noise(0.09), 1),
        period=60,
        query="catalog_query_p95",
        below=600,
    )
    w.dash = [("backup-service", [m["id"] for m in w.metrics])]
    w.alarm(
        "backup-jobs-failing",
        "failed_jobs",
        a + 64 * MIN,
        20,
        97,
        "Threshold Crossed: 1 datapoint was greater than the threshold (20.0).",
        "Prom",
        "Sum",
        period=3600,
    )
    w.alarm(
        "backup-verification-late",
        "verify",
        a + 512 * MIN,
        500,
        594,
        "Threshold Crossed: 1 datapoint was greater than the threshold (500.0).",
        "Prom",
        "Maximum",
        period=3600,
    )
    d = lambda t: w.loc(t).strftime("%Y-%m-%d %H:%M")
    w.chg = [a - 23 * MIN, b - 11 * MIN, a - 31 * 3600000]
    ch = [
        d(w.chg[0]) + " UpdateAgent (datasync.amazonaws.com) by agent-rollout on east-vault-writers",
        d(w.chg[1]) + " UpdateAgent (datasync.amazonaws.com) by c.delgado on east-vault-writers",
        d(w.chg[2]) + " PutLifecyclePolicy (backup.amazonaws.com) by retention-admin on west-archive-tier",
    ]
    w.tools = [
        CHG("2026-11-30 00:00", ch),
        LOG(
            3,
            1877,
            "34.2 MB",
            [
                "vault=east  stage=chunking  error=chunk_size_mismatch  agent=5.8.0  count=1126",
                "vault=east  stage=upload  error=checksum_failed  agent=5.8.0  count=694",
                "vault=west  stage=upload  error=connection_reset  agent=5.7.2  count=57",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["east-vault-writers", "west-archive-tier", "/backup/agents", "east", "west"]
    return w


def callctr():
    w = World("callctr", "Europe/Berlin", (2026, 12, 9, 16, 50), 14, "how do callers and agents look since 9:30?", 45029)
    P = dict(period=10)
    a, b = w.ms("11:10"), w.ms("13:20")
    ev = lambda t: a <= t < b
    late = lambda t: w.ms("11:30") <= t < w.ms("13:50")
    g = lambda t: day(w.hour(t), 12, 0.3)
    w.ic = w.metric(
        "calls", "Incoming calls", "Count", lambda t: round(742 * g(t) * w.noise(0.04)), ns="Voice/Calls", name="IncomingCalls", stat="Sum", **P
    )
    w.ht = w.metric(
        "hold_p90",
        "Hold time p90",
        "Seconds",
        lambda t: round(68 * w.noise(0.1) * (8.7 * w.noise(0.06) if late(t) else 1)),
        below=240,
        ns="Voice/Calls",
        name="HoldTime",
        stat="p90",
        **P
    )
    w.ab = w.metric(
        "abandoned",
        "Abandoned calls",
        "Percent",
        lambda t: round(3.3 * w.noise(0.15) + (23.4 * w.noise(0.07) if late(t) else 0), 1),
        below=9,
        ns="Voice/Calls",
        name="AbandonedCalls",
        **P
    )
    w.ji = w.metric(
        "jitter",
        "Voice jitter p95",
        "Milliseconds",
        lambda t: round(11.4 * w.noise(0.1), 1),
        below=30,
        ns="Voice/Media",
        name="Jitter",
        stat="p95",
        **P
    )
    w.tb = w.metric(
        "trunk", "Trunk bandwidth", "Bytes/Second", lambda t: round(38e6 * g(t) * w.noise(0.04)), ns="Voice/Media", name="TrunkBytes", **P
    )
    w.ag = w.metric(
        "signed_in",
        "Agents signed in",
        "Count",
        lambda t: round(236 * w.noise(0.02) * (0.44 if ev(t) else 1)),
        above=180,
        ns="Desk/Agents",
        name="SignedIn",
        stat="Minimum",
        **P
    )
    w.sf = w.metric(
        "signin_fail",
        "Sign-in failures",
        "Count",
        lambda t: (w.rng.choice([1, 2, 2, 3, 4]) if not ev(t) else round(128 * w.noise(0.1))),
        below=25,
        ns="Desk/Identity",
        name="SignInFailures",
        stat="Sum",
        **P
    )
    w.cr = w.metric(
        "crm_p95",
        "Customer record lookup p95",
        "Seconds",
        lambda t: round(1.46 * w.noise(0.09), 2),
        below=5,
        ns="Desk/Crm",
        name="LookupTime",
        stat="p95",
        **P
    )
    w.cb = w.metric(
        "callbacks",
        "Callback list",
        "Count",
        lambda t: round(29 * w.noise(0.25) + ramp(t, w.ms("11:40"), w.ms("13:50"), 4.6, 70)),
        below=350,
        ns="Desk/Callbacks",
        name="OpenCallbacks",
        stat="Maximum",
        **P
    )
    w.su = w.metric(
        "surveys",
        "Survey mails",
        "Count",
        lambda t: round(44 * w.noise(0.2) + (1830 * w.noise(0.03) if 10.5 <= w.hour(t) < 10.75 else 0)),
        ns="Desk/Surveys",
        name="MailsSent",
        stat="Sum",
        **P
    )
    w.dm = w.metric(
        "token_mem",
        "Token service memory",
        "Bytes",
        lambda t: round(1.92e9 * w.noise(0.03) if not ev(t) else 3.31e9 * w.noise(0.02)),
        below=4e9,
        ns="Desk/Identity",
        name="MemoryUsed",
        stat="Maximum",
        **P
    )
    w.dash = [
        ("callers", ["calls", "hold_p90", "abandoned", "jitter", "trunk"]),
        ("agents", ["signed_in", "signin_fail", "crm_p95", "callbacks", "surveys", "token_mem"]),
    ]
    w.alarm(
        "desk-signin-failures",
        "SignInFailures",
        w.ms("11:22"),
        25,
        131,
        "Threshold Crossed: 1 datapoint was greater than the threshold (25.0).",
        "Desk/Identity",
        "Sum",
        period=600,
    )
    w.alarm(
        "voice-hold-time",
        "HoldTime",
        w.ms("11:48"),
        240,
        604,
        "Threshold Crossed: 1 datapoint was greater than the threshold (240.0).",
        "Voice/Calls",
        "p90",
        period=600,
        unit="Seconds",
    )
    ch = [
        "2026-12-09 10:56 UpdateUserPool (cognito-idp.amazonaws.com) by policy-sync on agent-desk-pool",
        "2026-12-09 13:12 UpdateUserPool (cognito-idp.amazonaws.com) by s.brandt on agent-desk-pool",
        "2026-12-09 12:05 UpdateQueueMaxContacts (connect.amazonaws.com) by m.ortega on billing-hotline",
    ]
    w.tools = [
        CHG("2026-12-09 08:00", ch),
        LOG(
            4,
            2206,
            "9.7 MB",
            [
                "site=leipzig  error=token_expired  client=4.1  count=1418",
                "site=rostock  error=token_expired  client=4.1  count=553",
                "site=leipzig  error=mfa_timeout  client=4.0  count=172",
                "site=rostock  error=mfa_timeout  client=4.0  count=63",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["agent-desk-pool", "billing-hotline", "/desk/identity", "leipzig", "rostock"]
    return w


ALL = [tickets, logpipe, checkin, backup, callctr]
