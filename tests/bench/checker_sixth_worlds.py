"""The sixth corpus: its five worlds."""
from tests.bench.checker_corpus import *  # noqa: F403


def ramp(t, a, b, per, fall):
    return 0 if t < a else per * (min(t, b) - a) / MIN - min(1, max(0, t - b) / MIN / fall) * per * (b - a) / MIN


def podcast():
    w = World("podcast", "America/Los_Angeles", (2026, 11, 26, 9, 20), 10, "why do episode downloads fail since 5:00?", 31107)
    a, b = w.ms("06:10"), w.ms("08:05")
    ev = lambda t: a <= t < b
    ev0 = lambda t: a - 10 * MIN <= t < b
    g = lambda t: day(w.hour(t), 8, 0.25)
    w.dl = w.metric(
        "downloads",
        "Episode downloads",
        "Count",
        lambda t: round(9450 * g(t) * w.noise(0.03) * (0.57 if ev(t) else 1)),
        ns="Pod/Edge",
        name="Downloads",
        stat="Sum",
    )
    w.er = w.metric(
        "dl_errors",
        "Download error rate",
        "Percent",
        lambda t: round(0.32 * w.noise(0.2) + (11.7 * w.noise(0.09) if ev(t) else 0), 2),
        below=2,
        ns="Pod/Edge",
        name="ErrorRate",
    )
    w.ff = w.metric(
        "feed_p95",
        "Feed fetch latency p95",
        "Milliseconds",
        lambda t: round(217 * w.noise(0.08) * (6.2 * w.noise(0.06) if ev0(t) else 1)),
        below=900,
        ns="Pod/Feed",
        name="FetchLatency",
        stat="p95",
    )
    w.ch = w.metric(
        "cache_hits",
        "Cache hit ratio",
        "Percent",
        lambda t: round((93.6 if not ev0(t) else 58.8) * w.noise(0.013), 2),
        above=80,
        ns="Pod/Edge",
        name="CacheHitRatio",
    )
    w.og = w.metric(
        "origin",
        "Origin traffic",
        "Bytes/Second",
        lambda t: round(322e6 * g(t) * w.noise(0.04) * (3.7 if ev0(t) else 1)),
        ns="Pod/Origin",
        name="BytesOut",
    )
    w.tj = w.metric(
        "transcode",
        "Transcode jobs waiting",
        "Count",
        lambda t: round(19 * w.noise(0.25) + ramp(t, w.ms("07:00"), b, 7.3, 45)),
        below=250,
        ns="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        stat="Maximum",
    )
    w.ad = w.metric(
        "ad_time", "Ad insertion time", "Milliseconds", lambda t: round(87 * w.noise(0.09), 1), below=300, ns="Pod/Ads", name="InsertionTime"
    )
    w.st = w.metric(
        "stats_export",
        "Statistics export time",
        "Seconds",
        lambda t: round(23.5 * w.noise(0.1) + (338 * w.noise(0.03) if 6 <= w.hour(t) < 6.25 else 0), 1),
        ns="Pod/Stats",
        name="ExportSeconds",
        stat="Maximum",
    )
    w.mo = w.metric(
        "origin_mem",
        "Origin memory",
        "Bytes",
        lambda t: round(8.9e9 * w.noise(0.02) if not ev(t) else 27.6e9 * w.noise(0.015)),
        below=30e9,
        ns="Pod/Origin",
        name="MemoryUsed",
        stat="Maximum",
    )
    w.dash = [("publishing", [m["id"] for m in w.metrics])]
    w.alarm(
        "podcast-download-errors",
        "ErrorRate",
        w.ms("06:21"),
        2,
        11.9,
        "Threshold Crossed: 2 datapoints were greater than the threshold (2.0).",
        "Pod/Edge",
        unit="Percent",
    )
    w.alarm(
        "transcode-backlog",
        "ApproximateNumberOfMessagesVisible",
        w.ms("07:41"),
        250,
        291,
        "Threshold Crossed: 2 out of 3 datapoints were greater than the threshold (250.0).",
        "AWS/SQS",
        "Maximum",
    )
    ch = [
        "2026-11-26 05:52 UpdateDistribution (cloudfront.amazonaws.com) by cache-policy-rollout on media-edge",
        "2026-11-26 07:58 UpdateDistribution (cloudfront.amazonaws.com) by d.okafor on media-edge",
        "2026-11-26 06:49 UpdateAutoScalingGroup (autoscaling.amazonaws.com) by spot-balancer on transcode-workers",
    ]
    w.tools = [
        CHG("2026-11-26 04:00", ch),
        LOG(
            4,
            51780,
            "640 MB",
            [
                "origin=media-origin-a  status=503  reason=upstream_busy  count=38914",
                "origin=media-origin-b  status=503  reason=upstream_busy  count=9627",
                "origin=media-origin-a  status=504  reason=upstream_timeout  count=2805",
                "origin=media-origin-b  status=416  reason=bad_range  count=434",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["media-edge", "transcode-workers", "media-origin-a", "media-origin-b", "/podcast/origin"]
    return w


def lift():
    w = World("lift", "Europe/Zurich", (2026, 12, 27, 14, 10), 14, "what happened at the lift gates since 8:00?", 32213)
    a, b = w.ms("09:20"), w.ms("10:05")
    c_, d_ = w.ms("11:30"), w.ms("12:40")
    e1 = lambda t: a <= t < b
    e2 = lambda t: c_ <= t < d_
    g = lambda t: day(w.hour(t), 12, 0.08)
    L = ['lift="gletscher"', 'lift="sonnegg"', 'lift="rothorn"']
    w.sc = w.metric(
        "scans",
        "Gate scans",
        "Count",
        lambda t, i: round((510, 284, 397)[i] * g(t) * w.noise(0.04) * (0.62 if e1(t) else 0.31 if e2(t) and i == 1 else 1)),
        query="sum by (lift) (increase(gate_scans_total[5m]))",
        labels=L,
    )
    w.va = w.metric(
        "validation",
        "Ticket validation latency p99",
        "Milliseconds",
        lambda t: round(263 * w.noise(0.08) * (9.4 * w.noise(0.06) if e1(t) else 1)),
        query="ticket_validation_p99",
        below=1000,
    )
    w.rj = w.metric(
        "rejected",
        "Rejected tickets",
        "Count",
        lambda t: round(12 * w.noise(0.35) + (176 * w.noise(0.08) if e1(t) else 0)),
        query="sum(increase(rejected_tickets_total[5m]))",
        below=60,
    )
    w.on = w.metric(
        "turnstiles",
        "Turnstiles online",
        "Count",
        lambda t: (w.rng.choice([63, 64, 64, 64]) if not e2(t) else w.rng.choice([46, 47, 47, 48])),
        query="sum(turnstile_up)",
        above=60,
    )
    w.qu = w.metric(
        "queue_time",
        "Queue time",
        "Seconds",
        lambda t, i: round((190, 155, 240)[i] * w.noise(0.07) * (4.1 * w.noise(0.05) if e2(t) and i == 1 else 1.9 * w.noise(0.05) if e1(t) else 1)),
        query="queue_seconds",
        labels=L,
        below=600,
    )
    w.co = w.metric(
        "pass_db",
        "Pass database connections",
        "Count",
        lambda t: round((44 + 36 * g(t)) * w.noise(0.06) if not e1(t) else 199 * w.noise(0.004)),
        query="pass_db_connections",
        below=180,
    )
    w.sa = w.metric(
        "shop_sales",
        "Day passes sold",
        "Count",
        lambda t: round(71 * g(t) * w.noise(0.1) + (290 * w.noise(0.05) if 8 <= w.hour(t) < 8.25 else 0)),
        query="sum(increase(day_passes_sold_total[5m]))",
    )
    w.cu = w.metric("webcam", "Webcam upload", "Bytes/Second", lambda t: round(6.7e6 * w.noise(0.06)), query="webcam_upload_rate")
    w.bt = w.metric("controller_temp", "Controller CPU", "Percent", lambda t: round(27.5 * w.noise(0.09), 1), query="avg(controller_cpu)", below=85)
    w.dash = [("lift-gates", [m["id"] for m in w.metrics])]
    w.alarm(
        "gates-rejected-tickets",
        "rejected",
        w.ms("09:31"),
        60,
        181,
        "Threshold Crossed: 2 datapoints were greater than the threshold (60.0).",
        "Prom",
        "Sum",
    )
    w.alarm(
        "gates-turnstiles-offline",
        "turnstiles",
        w.ms("11:43"),
        60,
        47,
        "Threshold Crossed: 2 datapoints were less than the threshold (60.0).",
        "Prom",
        "Minimum",
        cmp="<",
    )
    ch = [
        "2026-12-27 09:11 ModifyDBInstance (rds.amazonaws.com) by season-scaling on pass-db",
        "2026-12-27 10:02 RebootDBInstance (rds.amazonaws.com) by l.caflisch on pass-db",
        "2026-12-27 11:22 UpdateThingShadow (iot.amazonaws.com) by firmware-wave on sonnegg-controllers",
        "2026-12-27 12:36 UpdateThingShadow (iot.amazonaws.com) by r.tschudi on sonnegg-controllers",
    ]
    w.tools = [
        CHG("2026-12-27 06:00", ch),
        LOG(
            3,
            2914,
            "18.6 MB",
            [
                "lift=sonnegg  event=controller_reboot  firmware=4.12.0  count=1963",
                "lift=sonnegg  event=heartbeat_lost  firmware=4.12.0  count=872",
                "lift=rothorn  event=heartbeat_lost  firmware=4.11.3  count=79",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["pass-db", "sonnegg-controllers", "/lift/controllers", "gletscher", "sonnegg", "rothorn"]
    return w


def hotel():
    w = World("hotel", "Asia/Singapore", (2026, 12, 3, 20, 40), 14, "why did bookings drop between 12:00 and 19:00?", 33301)
    a, b = w.ms("14:15"), w.ms("16:45")
    ev = lambda t: a <= t < b
    g = lambda t: day(w.hour(t), 20, 0.3)
    k = dict(period=15)
    w.bk = w.metric(
        "bookings",
        "Bookings confirmed",
        "Count",
        lambda t: round(486 * g(t) * w.noise(0.05) * (0.38 if ev(t) else 1)),
        ns="Stay/Booking",
        name="BookingsConfirmed",
        stat="Sum",
        **k
    )
    w.se = w.metric(
        "search_p95",
        "Availability search latency p95",
        "Seconds",
        lambda t: round(0.84 * w.noise(0.08) * (5.7 * w.noise(0.06) if ev(t) else 1), 3),
        below=3,
        ns="Stay/Search",
        name="SearchLatency",
        stat="p95",
        **k
    )
    w.rl = w.metric(
        "rate_lag",
        "Rate sync lag",
        "Seconds",
        lambda t: round(96 * w.noise(0.12) + ramp(t, w.ms("13:45"), b, 11.5, 60)),
        below=900,
        ns="Stay/Rates",
        name="SyncLag",
        stat="Maximum",
        **k
    )
    w.lt = w.metric(
        "lock_timeouts",
        "Inventory lock timeouts",
        "Count",
        lambda t: (w.rng.choice([0, 1, 2, 2, 3]) if not ev(t) else round(137 * w.noise(0.1))),
        below=25,
        ns="Stay/Inventory",
        name="LockTimeouts",
        stat="Sum",
        **k
    )
    w.dc = w.metric(
        "db_conn",
        "Inventory DB connections",
        "Count",
        lambda t: round((88 + 60 * g(t)) * w.noise(0.05) if not ev(t) else 472 * w.noise(0.015)),
        below=450,
        ns="AWS/RDS",
        name="DatabaseConnections",
        stat="Maximum",
        **k
    )
    w.pc = w.metric(
        "price_cache",
        "Price cache hit rate",
        "Percent",
        lambda t: round((88.2 if not ev(t) else 51.7) * w.noise(0.02), 1),
        above=70,
        ns="Stay/Search",
        name="PriceCacheHitRate",
        **k
    )
    w.sz = w.metric(
        "cache_size",
        "Price cache size",
        "Bytes",
        lambda t: round(3.42e9 * w.noise(0.02) if not ev(t) else 1.16e9 * w.noise(0.04)),
        ns="AWS/ElastiCache",
        name="BytesUsedForCache",
        stat="Maximum",
        **k
    )
    w.pe = w.metric(
        "partner_err",
        "Partner API errors",
        "Count",
        lambda t: round(27 * w.noise(0.2)),
        below=120,
        ns="Stay/Partners",
        name="ApiErrors",
        stat="Sum",
        **k
    )
    w.iv = w.metric(
        "invoice",
        "Invoice run time",
        "Seconds",
        lambda t: round(48 * w.noise(0.1) + (1130 * w.noise(0.03) if 18 <= w.hour(t) < 18.25 else 0)),
        ns="Stay/Invoices",
        name="RunSeconds",
        stat="Maximum",
        **k
    )
    w.dash = [("bookings", [m["id"] for m in w.metrics])]
    w.alarm(
        "inventory-lock-timeouts",
        "LockTimeouts",
        w.ms("14:37"),
        25,
        141,
        "Threshold Crossed: 1 datapoint was greater than the threshold (25.0).",
        "Stay/Inventory",
        "Sum",
        period=900,
    )
    w.alarm(
        "rate-sync-lagging",
        "SyncLag",
        w.ms("15:19"),
        900,
        1004,
        "Threshold Crossed: 1 datapoint was greater than the threshold (900.0).",
        "Stay/Rates",
        "Maximum",
        period=900,
        unit="Seconds",
    )
    ch = [
        "2026-12-03 13:38 ModifyCacheCluster (elasticache.amazonaws.com) by cost-optimizer on price-cache-prod",
        "2026-12-03 16:41 ModifyCacheCluster (elasticache.amazonaws.com) by p.anand on price-cache-prod",
        "2026-12-03 14:06 UpdateFunctionCode (lambda.amazonaws.com) by channel-ci on rate-importer",
    ]
    w.tools = [
        CHG("2026-12-03 10:00", ch),
        LOG(
            4,
            15266,
            "1.4 GB",
            [
                "channel=direct  table=room_inventory  error=lock_wait_timeout  count=8451",
                "channel=agencies  table=room_inventory  error=lock_wait_timeout  count=5390",
                "channel=direct  table=rate_plan  error=deadlock  count=1102",
                "channel=agencies  table=rate_plan  error=deadlock  count=323",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["price-cache-prod", "rate-importer", "room_inventory", "rate_plan", "/stay/inventory"]
    return w


def dns():
    w = World("dns", "Europe/Amsterdam", (2026, 12, 11, 10, 50), 14, "what was wrong with the name servers over the last 5 hours?", 34417)
    a, b = w.ms("07:35"), w.ms("09:10")
    ev = lambda t: a <= t < b
    g = lambda t: day(w.hour(t), 13, 0.45)
    o = lambda t, i: ev(t) and i == 2
    L = ['site="ams"', 'site="sin"', 'site="gru"']
    w.qs = w.metric(
        "queries",
        "Answered queries",
        "Count/Second",
        lambda t, i: round((38200, 27400, 16900)[i] * g(t) * w.noise(0.02) * (0.44 if o(t, i) else 1.16 if ev(t) and i == 0 else 1)),
        query="sum by (site) (rate(answers_total[5m]))",
        labels=L,
    )
    w.sf = w.metric(
        "servfail",
        "SERVFAIL rate",
        "Percent",
        lambda t, i: round((0.18, 0.22, 0.27)[i] * w.noise(0.2) + (8.4 * w.noise(0.09) if o(t, i) else 0), 3),
        query="servfail_ratio",
        labels=L,
        below=1.5,
    )
    w.la = w.metric(
        "answer_p99",
        "Answer time p99",
        "Milliseconds",
        lambda t, i: round((6.3, 8.1, 9.6)[i] * w.noise(0.09) * (14 * w.noise(0.07) if o(t, i) else 1), 1),
        query="answer_time_p99",
        labels=L,
        below=50,
    )
    w.pr = w.metric(
        "propagation",
        "Zone propagation delay",
        "Seconds",
        lambda t: round(17 * w.noise(0.15) + ramp(t, w.ms("07:20"), b, 8.6, 25)),
        query="max(zone_propagation_seconds)",
        below=300,
    )
    w.nq = w.metric(
        "notify",
        "NOTIFY queue",
        "Count",
        lambda t: round(140 * w.noise(0.2) + (5300 * w.noise(0.06) if ev(t) else 0)),
        query="notify_queue_length",
        below=2000,
    )
    w.me = w.metric(
        "ns_mem",
        "Name server memory",
        "Bytes",
        lambda t, i: round((11.8e9, 11.2e9, 10.4e9)[i] * w.noise(0.015) if not o(t, i) else 31.1e9 * w.noise(0.01)),
        query="process_resident_memory",
        labels=L,
        below=34e9,
    )
    w.zs = w.metric(
        "signing",
        "Zones signed",
        "Count",
        lambda t: round(210 * w.noise(0.12) + (7400 * w.noise(0.03) if 6.5 <= w.hour(t) < 6.75 else 0)),
        query="sum(increase(zones_signed_total[5m]))",
    )
    w.api = w.metric("api_p95", "Record API latency p95", "Milliseconds", lambda t: round(93 * w.noise(0.08), 1), query="record_api_p95", below=400)
    w.dash = [("nameservers", [m["id"] for m in w.metrics])]
    w.alarm(
        "dns-servfail-high",
        "servfail",
        w.ms("07:46"),
        1.5,
        8.62,
        "Threshold Crossed: 2 datapoints were greater than the threshold (1.5).",
        "Prom",
        "Maximum",
        unit="Percent",
    )
    w.alarm(
        "dns-propagation-slow",
        "propagation",
        w.ms("08:03"),
        300,
        362,
        "Threshold Crossed: 2 datapoints were greater than the threshold (300.0).",
        "Prom",
        "Maximum",
        unit="Seconds",
    )
    ch = [
        "2026-12-11 07:26 UpdateService (ecs.amazonaws.com) by zonefile-release on gru-nameserver",
        "2026-12-11 09:04 UpdateService (ecs.amazonaws.com) by e.vandijk on gru-nameserver",
        "2026-12-11 07:12 PutParameter (ssm.amazonaws.com) by notify-tuning on notify-batch-size",
    ]
    w.tools = [
        CHG("2026-12-11 05:00", ch),
        LOG(
            3,
            24870,
            "96 MB",
            [
                "site=gru  zone=shop.example  reason=zone_load_failed  count=17342",
                "site=gru  zone=bank.example  reason=zone_load_failed  count=6215",
                "site=sin  zone=shop.example  reason=stale_serial  count=1313",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["gru-nameserver", "notify-batch-size", "/dns/nameserver", "shop.example", "bank.example", "ams", "sin", "gru"]
    return w


def scope():
    w = World("scope", "America/Santiago", (2026, 12, 14, 11, 25), 21, "how has the observatory pipeline been over the last 4 days?", 35527)
    a = w.ms("22:00", -2)
    b = w.ms("10:00", -1)
    ev = lambda t: a <= t < b
    d0 = w.start
    w.a, w.b = a, b
    nt = lambda t: 1 if w.hour(t) >= 21 or w.hour(t) < 6 else 0
    L = ['cam="blue"', 'cam="red"']
    w.fr = w.metric(
        "frames",
        "Frames captured",
        "Count",
        lambda t, i: round((142, 118)[i] * nt(t) * w.noise(0.06) + w.rng.choice([2, 3, 4, 5])),
        period=60,
        query="sum by (cam) (increase(frames_total[1h]))",
        labels=L,
    )
    w.rt = w.metric(
        "reduction",
        "Frame reduction time p90",
        "Seconds",
        lambda t: round(38.4 * w.noise(0.07) * (4.6 * w.noise(0.06) if ev(t) else 1), 1),
        period=60,
        query="reduction_p90",
        below=90,
    )
    w.bl = w.metric(
        "backlog",
        "Unreduced frames",
        "Count",
        lambda t: round(46 * w.noise(0.2) + ramp(t, a + 60 * MIN, b, 1.9, 420)),
        period=60,
        query="unreduced_frames",
        below=600,
    )
    w.cf = w.metric(
        "calib_fail",
        "Calibration failures",
        "Count",
        lambda t: round(2.8 * w.noise(0.8) + (57 * w.noise(0.12) if ev(t) else 0)),
        period=60,
        query="sum(increase(calibration_failures_total[1h]))",
        below=20,
    )
    w.tr = w.metric(
        "transfer",
        "Archive transfer",
        "Bytes/Second",
        lambda t: round(71e6 * w.noise(0.06) * (0.41 if ev(t) else 1)),
        period=60,
        query="rate(archive_bytes_total[1h])",
    )
    w.sd = w.metric(
        "scratch",
        "Scratch disk used",
        "Percent",
        lambda t: round(31.2 + 0.74 * (t - d0) / DAY * w.noise(0.004), 2),
        period=60,
        query="scratch_used",
        below=75,
    )
    w.gc = w.metric(
        "gpu",
        "Reduction GPU utilization",
        "Percent",
        lambda t: round((34.5 if not ev(t) else 7.9) * w.noise(0.07), 1),
        period=60,
        query="gpu_utilization",
    )
    w.tp = w.metric(
        "temp_sync",
        "Catalogue sync time",
        "Seconds",
        lambda t: round(75 * w.noise(0.1) + (1460 * w.noise(0.03) if 13 <= w.hour(t) < 15 else 0)),
        period=60,
        query="catalogue_sync_seconds",
    )
    w.do = w.metric(
        "dome", "Dome command latency", "Milliseconds", lambda t: round(148 * w.noise(0.08), 1), period=60, query="dome_latency_p95", below=500
    )
    w.dash = [("observatory", [m["id"] for m in w.metrics])]
    w.alarm(
        "pipeline-calibration-failures",
        "calib_fail",
        a + 67 * MIN,
        20,
        59,
        "Threshold Crossed: 1 datapoint was greater than the threshold (20.0).",
        "Prom",
        "Sum",
        period=3600,
    )
    w.alarm(
        "pipeline-unreduced-frames",
        "backlog",
        a + 433 * MIN,
        600,
        718,
        "Threshold Crossed: 1 datapoint was greater than the threshold (600.0).",
        "Prom",
        "Maximum",
        period=3600,
    )
    d = lambda t: w.loc(t).strftime("%Y-%m-%d %H:%M")
    w.chg = [a - 34 * MIN, b - 9 * MIN, a - 27 * 3600000]
    ch = [
        d(w.chg[0]) + " SubmitJob (batch.amazonaws.com) by driver-upgrade on reduction-gpu-fleet",
        d(w.chg[1]) + " UpdateComputeEnvironment (batch.amazonaws.com) by m.huerta on reduction-gpu-fleet",
        d(w.chg[2]) + " PutBucketPolicy (s3.amazonaws.com) by survey-admin on raw-frames-archive",
    ]
    w.tools = [
        CHG("2026-12-10 11:00", ch),
        LOG(
            3,
            1921,
            "27.3 MB",
            [
                "camera=blue  step=flat_field  error=cuda_unavailable  count=1044",
                "camera=red  step=flat_field  error=cuda_unavailable  count=782",
                "camera=red  step=bias  error=missing_master  count=95",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["reduction-gpu-fleet", "raw-frames-archive", "/observatory/reduction"]
    return w


ALL = [podcast, lift, hotel, dns, scope]
