"""The third corpus: its five worlds."""
from tests.bench.checker_corpus import *  # noqa: F403


def vod():
    w = World("vod", "Europe/Amsterdam", (2026, 11, 25, 13, 25), 7, "why are encodes taking so long since 10?", 1009)
    a, b = w.ms("10:35"), w.ms("12:30")
    ev = lambda t: a <= t < b
    g = lambda t: day(w.hour(t), 16, 0.3)
    w.enc = w.metric(
        "encode_p90",
        "Encode time p90",
        "Seconds",
        lambda t: round(214 * w.noise(0.08) * (3.7 * w.noise(0.06) if ev(t) else 1), 1),
        below=600,
        ns="Studio/Encode",
        name="EncodeSeconds",
        stat="p90",
    )
    w.wait = w.metric(
        "jobs_waiting",
        "Jobs waiting",
        "Count",
        lambda t: round(37 * g(t) * w.noise(0.2) + (0 if t < a else 7.3 * (min(t, b) - a) / MIN - min(1, max(0, t - b) / MIN / 70) * 7.3 * 115)),
        below=400,
        ns="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        stat="Maximum",
    )
    w.done = w.metric(
        "jobs_done",
        "Jobs completed",
        "Count",
        lambda t: round(88 * g(t) * w.noise(0.06) * (0.37 if ev(t) else 1)),
        ns="Studio/Encode",
        name="JobsCompleted",
        stat="Sum",
    )
    w.fail = w.metric(
        "jobs_failed",
        "Jobs failed",
        "Count",
        lambda t: (w.rng.choice([0, 0, 1, 1, 2]) if not ev(t) else w.rng.choice([13, 15, 16, 18, 21])),
        ns="Studio/Encode",
        name="JobsFailed",
        stat="Sum",
    )
    w.gpu = w.metric(
        "gpu",
        "GPU utilization",
        "Percent",
        lambda t: round((46 + 21 * g(t)) * w.noise(0.04) if not ev(t) else 98.2 * w.noise(0.012), 2),
        below=95,
        ns="Studio/Worker",
        name="GpuUtilization",
    )
    w.wk = w.metric(
        "workers",
        "Active workers",
        "Count",
        lambda t: (40 if ev(t) and t >= a + 20 * MIN else round(12 + 17 * g(t) * w.noise(0.05))),
        ns="AWS/AutoScaling",
        name="GroupInServiceInstances",
    )
    w.outp = w.metric(
        "output",
        "Output written",
        "Bytes",
        lambda t: round(31.6e9 * g(t) * w.noise(0.05) * (0.42 if ev(t) else 1)),
        ns="Studio/Encode",
        name="OutputBytes",
        stat="Sum",
    )
    w.pack = w.metric(
        "packager", "Packager latency", "Milliseconds", lambda t: round(63 * w.noise(0.09), 1), below=250, ns="Studio/Package", name="Latency"
    )
    w.src = w.metric(
        "source_rate",
        "Source download rate",
        "Bytes/Second",
        lambda t: round(412e6 * g(t) * w.noise(0.05) * (0.44 if ev(t) else 1)),
        ns="Studio/Ingest",
        name="DownloadRate",
    )
    w.dash = [("encoding", [m["id"] for m in w.metrics])]
    w.alarm(
        "encode-time-p90-high",
        "EncodeSeconds",
        w.ms("10:47"),
        600,
        781.4,
        "Threshold Crossed: 2 datapoints were greater than the threshold (600.0).",
        "Studio/Encode",
        "p90",
        unit="Seconds",
    )
    w.alarm(
        "encode-backlog",
        "ApproximateNumberOfMessagesVisible",
        w.ms("11:33"),
        400,
        437,
        "Threshold Crossed: 2 out of 3 datapoints were greater than the threshold (400.0).",
        "AWS/SQS",
        "Maximum",
    )
    ch = [
        "2026-11-25 10:28 UpdateJobTemplate (mediaconvert.amazonaws.com) by preset-pipeline on ladder-av1-hq",
        "2026-11-25 12:26 UpdateJobTemplate (mediaconvert.amazonaws.com) by j.vermeer on ladder-av1-hq",
        "2026-11-25 10:52 SetDesiredCapacity (autoscaling.amazonaws.com) by asg-scaler on gpu-workers-g5",
    ]
    w.tools = [
        CHG("2026-11-25 08:00", ch),
        LOG(
            4,
            2914,
            "640 MB",
            [
                "preset=av1-2160p-hq  error=timeout  jobs=291",
                "preset=av1-1080p-hq  error=timeout  jobs=74",
                "preset=h264-720p  error=source_missing  jobs=12",
                "preset=hevc-2160p  error=timeout  jobs=3",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["ladder-av1-hq", "gpu-workers-g5", "/studio/encode/worker"]
    return w


def clinic():
    w = World("clinic", "America/Chicago", (2026, 12, 2, 11, 40), 14, "what happened with appointment booking between 7:00 and 11:00?", 2027)
    a, b = w.ms("08:10"), w.ms("09:35")
    ev = lambda t: a <= t < b
    g = lambda t: day(w.hour(t), 11, 0.15)
    rem = lambda t: 1 if w.ms("00:00") % DAY == 0 else (9 <= w.hour(t) < 9.25)
    w.p95 = w.metric(
        "book_p95",
        "Booking latency p95",
        "Milliseconds",
        lambda t: round(486 * w.noise(0.07) * (8.3 * w.noise(0.08) if ev(t) else 1), 0),
        below=1500,
        ns="Clinic/Api",
        name="BookLatency",
        stat="p95",
    )
    w.p50 = w.metric(
        "search_p50",
        "Slot search latency p50",
        "Milliseconds",
        lambda t: round(92 * w.noise(0.06) * (1.45 * w.noise(0.03) if ev(t) else 1), 1),
        ns="Clinic/Api",
        name="SearchLatency",
        stat="p50",
    )
    w.bk = w.metric(
        "booked",
        "Appointments booked",
        "Count",
        lambda t: round(154 * g(t) * w.noise(0.06) * (0.28 if ev(t) else 1.5 if b <= t < b + 20 * MIN else 1)),
        ns="Clinic/Api",
        name="Booked",
        stat="Sum",
    )
    w.e5 = w.metric(
        "http_5xx",
        "HTTP 5xx responses",
        "Count",
        lambda t: round(2.2 * w.noise(0.8) + (318 * w.noise(0.09) if ev(t) else 0)),
        below=50,
        ns="AWS/ApplicationELB",
        name="HTTPCode_Target_5XX_Count",
        stat="Sum",
    )
    w.lock = w.metric(
        "lock_wait",
        "Schedule DB lock waits",
        "Count",
        lambda t: round(5 * w.noise(0.5) + (143 * w.noise(0.06) if ev(t) else 0)),
        ns="Clinic/Db",
        name="LockWaits",
        stat="Maximum",
    )
    w.dbc = w.metric(
        "db_conn",
        "Schedule DB connections",
        "Count",
        lambda t: (250 if ev(t) and t >= a + 10 * MIN else round(74 * w.noise(0.06) + 48 * g(t))),
        below=240,
        ns="AWS/RDS",
        name="DatabaseConnections",
        stat="Maximum",
    )
    w.cpu = w.metric(
        "db_cpu",
        "Schedule DB CPU",
        "Percent",
        lambda t: round((17 + 19 * g(t)) * w.noise(0.05) * (1.12 if ev(t) else 1), 2),
        below=85,
        ns="AWS/RDS",
        name="CPUUtilization",
    )
    w.sms = w.metric(
        "reminders",
        "SMS reminders sent",
        "Count",
        lambda t: round(23 * w.noise(0.2) + (1920 * w.noise(0.05) if 9 <= w.hour(t) < 9.25 else 0)),
        ns="Clinic/Notify",
        name="SmsSent",
        stat="Sum",
    )
    w.ehr = w.metric(
        "ehr_sync",
        "EHR sync age",
        "Seconds",
        lambda t: round(48 * w.noise(0.15) + (0 if t < a else 0.74 * (min(t, b) - a) / 1000 - min(1, max(0, t - b) / MIN / 25) * 0.74 * 85 * 60), 1),
        below=1800,
        ns="Clinic/Ehr",
        name="SyncAge",
        stat="Maximum",
    )
    w.dash = [("patient-portal", [m["id"] for m in w.metrics])]
    w.alarm(
        "portal-5xx-many",
        "HTTPCode_Target_5XX_Count",
        w.ms("08:17"),
        50,
        307,
        "Threshold Crossed: 2 datapoints were greater than the threshold (50.0).",
        "AWS/ApplicationELB",
        "Sum",
    )
    w.alarm(
        "schedule-db-connections",
        "DatabaseConnections",
        w.ms("08:31"),
        240,
        250,
        "Threshold Crossed: 2 datapoints were greater than the threshold (240.0).",
        "AWS/RDS",
        "Maximum",
    )
    ch = [
        "2026-12-02 08:04 ModifyDBInstance (rds.amazonaws.com) by schema-migrator on schedule-db-1",
        "2026-12-02 09:31 RebootDBInstance (rds.amazonaws.com) by d.castellanos on schedule-db-1",
        "2026-12-02 06:18 UpdateFunctionCode (lambda.amazonaws.com) by portal-ci on reminder-sender",
    ]
    w.tools = [
        CHG("2026-12-02 05:00", ch),
        LOG(
            3,
            5127,
            "96.3 MB",
            [
                "table=appointment_slot  wait=lock_timeout  count=4386",
                "table=provider_calendar  wait=lock_timeout  count=702",
                "table=patient_contact  wait=deadlock  count=39",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["schedule-db-1", "reminder-sender", "/clinic/portal/api"]
    return w


def dwh():
    w = World("dwh", "Asia/Singapore", (2026, 11, 27, 7, 10), 14, "did the nightly warehouse load go well since midnight?", 3037)
    a, b = w.ms("02:30"), w.ms("05:45")
    ev = lambda t: a <= t < b
    d0 = w.now - 23 * DAY
    ld = lambda t: 1 <= w.hour(t) < 3.5
    w.lag = w.metric(
        "freshness",
        "Orders table freshness",
        "Seconds",
        lambda t: round(640 * w.noise(0.1) + (0 if t < a else 0.93 * (min(t, b) - a) / 1000 - min(1, max(0, t - b) / MIN / 30) * 0.93 * 195 * 60)),
        below=5400,
        ns="Dwh/Load",
        name="FreshnessSeconds",
        stat="Maximum",
    )
    w.rows = w.metric(
        "rows",
        "Rows loaded",
        "Count",
        lambda t: round((2.63e6 if ld(t) else 118e3) * w.noise(0.06) * (0.21 if ev(t) else 1)),
        ns="Dwh/Load",
        name="RowsLoaded",
        stat="Sum",
    )
    w.fail = w.metric(
        "copy_errors",
        "COPY errors",
        "Count",
        lambda t: (w.rng.choice([0, 0, 0, 1]) if not ev(t) else w.rng.choice([24, 27, 28, 31, 33])),
        ns="Dwh/Load",
        name="CopyErrors",
        stat="Sum",
    )
    w.cpu = w.metric(
        "cpu",
        "Cluster CPU",
        "Percent",
        lambda t: round((71 if ld(t) else 23) * w.noise(0.05) if not ev(t) else 36.5 * w.noise(0.05), 2),
        ns="AWS/Redshift",
        name="CPUUtilization",
    )
    w.q = w.metric(
        "queued",
        "Queries queued",
        "Count",
        lambda t: round((9 if ld(t) else 1.6) * w.noise(0.5) + (57 * w.noise(0.08) if ev(t) else 0)),
        below=40,
        ns="AWS/Redshift",
        name="WLMQueueLength",
    )
    w.disk = w.metric(
        "disk",
        "Disk space used",
        "Percent",
        lambda t: round(58.1 + 0.83 * (t - d0) / DAY * w.noise(0.004), 2),
        below=85,
        ns="AWS/Redshift",
        name="PercentageDiskSpaceUsed",
    )
    w.spill = w.metric(
        "spill",
        "Spilled to disk",
        "Bytes",
        lambda t: round((7.4e9 if ld(t) else 310e6) * w.noise(0.1) + (46e9 * w.noise(0.07) if ev(t) else 0)),
        ns="Dwh/Query",
        name="SpilledBytes",
        stat="Sum",
    )
    w.dur = w.metric(
        "query_p90",
        "Query duration p90",
        "Seconds",
        lambda t: round(12.8 * w.noise(0.1) * (5.6 * w.noise(0.06) if ev(t) else 1.3 if ld(t) else 1), 1),
        below=60,
        ns="Dwh/Query",
        name="QueryDuration",
        stat="p90",
    )
    w.get = w.metric(
        "s3_gets",
        "S3 objects read",
        "Count",
        lambda t: round((5300 if ld(t) else 240) * w.noise(0.07) * (0.25 if ev(t) else 1)),
        ns="Dwh/Load",
        name="ObjectsRead",
        stat="Sum",
    )
    w.dash = [("warehouse", [m["id"] for m in w.metrics])]
    w.alarm(
        "orders-freshness",
        "FreshnessSeconds",
        w.ms("04:03"),
        5400,
        5786,
        "Threshold Crossed: 3 datapoints were greater than the threshold (5400.0).",
        "Dwh/Load",
        "Maximum",
        unit="Seconds",
    )
    w.alarm(
        "wlm-queue-long",
        "WLMQueueLength",
        w.ms("02:43"),
        40,
        61.5,
        "Threshold Crossed: 2 datapoints were greater than the threshold (40.0).",
        "AWS/Redshift",
    )
    ch = [
        "2026-11-27 02:24 ModifyClusterParameterGroup (redshift.amazonaws.com) by wlm-tuner on dwh-wlm-main",
        "2026-11-27 05:41 ModifyClusterParameterGroup (redshift.amazonaws.com) by h.tanaka on dwh-wlm-main",
        "2026-11-26 23:52 PutBucketPolicy (s3.amazonaws.com) by terraform-run on lake-landing-sg",
    ]
    w.tools = [
        CHG("2026-11-26 22:00", ch),
        LOG(
            3,
            1131,
            "18.9 MB",
            ["table=fact_orders  error=1216  count=812", "table=fact_order_lines  error=1216  count=264", "table=dim_customer  error=1023  count=55"],
        ),
    ]
    w.reasons = ch
    w.names = ["dwh-wlm-main", "lake-landing-sg", "/dwh/copy/loader", "fact_orders", "fact_order_lines", "dim_customer"]
    return w


def ride():
    w = World("ride", "America/Sao_Paulo", (2026, 11, 28, 22, 15), 10, "riders wait forever, how is dispatch doing over the last 6 hours?", 4049)
    a, b = w.ms("19:20"), w.ms("21:05")
    ev = lambda t: a <= t < b
    g = lambda t: day(w.hour(t), 20, 0.25)
    C_ = ['city="campinas"', 'city="recife"', 'city="santos"']
    w.mt = w.metric(
        "match_time",
        "Match time p90",
        "Seconds",
        lambda t, i: round((21, 26, 19)[i] * w.noise(0.08) * (5.4 * w.noise(0.06) if ev(t) and i == 1 else 1), 1),
        query="match_time_p90",
        labels=C_,
        below=60,
    )
    w.rq = w.metric(
        "requests", "Ride requests", "Count", lambda t: round(1840 * g(t) * w.noise(0.04)), query="sum(increase(ride_requests_total[5m]))"
    )
    w.un = w.metric(
        "unfulfilled",
        "Unfulfilled requests",
        "Count",
        lambda t: round(47 * g(t) * w.noise(0.2) + (386 * w.noise(0.07) if ev(t) else 0)),
        below=200,
        query="sum(increase(ride_unfulfilled_total[5m]))",
    )
    w.dr = w.metric(
        "drivers", "Drivers online", "Count", lambda t: round(2630 * g(t) * w.noise(0.02) * (0.71 if ev(t) else 1)), query="drivers_online"
    )
    w.eta = w.metric(
        "eta_err",
        "ETA error",
        "Percent",
        lambda t: round(11.6 * w.noise(0.12) * (2.9 * w.noise(0.07) if ev(t) else 1), 2),
        below=25,
        query="eta_error_ratio",
    )
    w.geo = w.metric(
        "geo_p99",
        "Geo index latency p99",
        "Milliseconds",
        lambda t: round(38 * w.noise(0.09) * (21 * w.noise(0.08) if ev(t) else 1), 1),
        below=300,
        query="geo_p99",
    )
    w.red = w.metric(
        "redis_mem",
        "Geo Redis memory",
        "Bytes",
        lambda t: round(2**30 * (5.15 * w.noise(0.02) if not ev(t) else 11.86 * w.noise(0.003))),
        below=12 * 2**30,
        query="redis_memory_used_bytes",
    )
    w.ev = w.metric(
        "evicted",
        "Redis evicted keys",
        "Count",
        lambda t: (0 if not ev(t) else round(20400 * w.noise(0.1))),
        query="increase(redis_evicted_keys_total[5m])",
    )
    w.push = w.metric(
        "push",
        "Push delivery time",
        "Seconds",
        lambda t: round(1.34 * w.noise(0.1) + (4.9 * w.noise(0.05) if w.ms("17:10") <= t < w.ms("17:25") else 0), 2),
        query="push_delivery_p95",
        below=5,
    )
    w.dash = [("dispatch", [m["id"] for m in w.metrics])]
    w.alarm(
        "unfulfilled-rides-high",
        "unfulfilled",
        w.ms("19:32"),
        200,
        431,
        "Threshold Crossed: 2 datapoints were greater than the threshold (200.0).",
        "Prom",
        "Maximum",
    )
    w.alarm(
        "geo-index-slow",
        "geo_p99",
        w.ms("19:28"),
        300,
        812,
        "Threshold Crossed: 1 datapoint was greater than the threshold (300.0).",
        "Prom",
        "Maximum",
        unit="Milliseconds",
    )
    ch = [
        "2026-11-28 19:14 UpdateService (ecs.amazonaws.com) by shipit on geo-indexer",
        "2026-11-28 21:02 UpdateService (ecs.amazonaws.com) by l.moreira on geo-indexer",
        "2026-11-28 16:37 ModifyReplicationGroup (elasticache.amazonaws.com) by infra-bot on geo-redis-a",
    ]
    w.tools = [
        CHG("2026-11-28 14:00", ch),
        "4 state changes, newest first.\n<<<data 0123456789abcdef alarm_history\n2026-11-28 19:28 OK -> ALARM: Threshold Crossed\n2026-11-21 20:49 ALARM -> OK: Threshold Crossed\n2026-11-21 20:18 OK -> ALARM: Threshold Crossed: 1 datapoint was greater than the threshold (300.0).\n>>>end 0123456789abcdef\n".replace(
            "4 state", "3 state"
        ),
        LOG(
            3,
            71260,
            "1.1 GB",
            [
                "build=geo-indexer:3.14.0  msg=cell_missing  count=68914",
                "build=geo-indexer:3.13.6  msg=cell_missing  count=131",
                "build=geo-indexer:3.14.0  msg=slow_scan  count=2215",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["geo-indexer", "geo-redis-a", "/ecs/geo-indexer"]
    return w


def cdn():
    w = World("cdn", "UTC", (2026, 12, 14, 9, 20), 28, "how did the edge do over the last 7 days?", 5051)
    a = w.ms("03:00", -4)
    b = w.ms("14:00", -4)
    ev = lambda t: a <= t < b
    g = lambda t: day(w.hour(t), 19, 0.4)
    d0 = w.start
    w.a, w.b = a, b
    L = ['pop="fra2"', 'pop="iad7"', 'pop="nrt4"']
    w.hit = w.metric(
        "hit_ratio",
        "Cache hit ratio",
        "Percent",
        lambda t, i: round((94.6, 93.1, 91.8)[i] + w.rng.uniform(-0.8, 0.8) - ((33.5 + w.rng.uniform(-2, 2)) if ev(t) and i == 0 else 0), 2),
        period=60,
        query="hit_ratio",
        labels=L,
        above=85,
    )
    w.eg = w.metric("egress", "Edge egress", "Bytes/Second", lambda t: round(18.7e9 * g(t) * w.noise(0.04)), period=60, query="egress")
    w.og = w.metric(
        "origin_rps",
        "Origin requests",
        "Count/Second",
        lambda t: round(3150 * g(t) * w.noise(0.04) * (3.4 * w.noise(0.05) if ev(t) else 1)),
        period=60,
        query="origin_rps",
        below=9000,
    )
    w.ol = w.metric(
        "origin_p95",
        "Origin latency p95",
        "Milliseconds",
        lambda t: round(178 * w.noise(0.07) * (4.4 * w.noise(0.06) if ev(t) else 1), 1),
        period=60,
        query="origin_p95",
        below=500,
    )
    w.e5 = w.metric(
        "edge_5xx",
        "Edge 5xx rate",
        "Percent",
        lambda t: round(0.21 * w.noise(0.2) + (2.75 * w.noise(0.12) if ev(t) else 0), 3),
        period=60,
        query="edge_5xx",
        below=1,
    )
    w.tls = w.metric("tls", "TLS handshake time", "Milliseconds", lambda t: round(27.5 * w.noise(0.06), 2), period=60, query="tls")
    w.dk = w.metric(
        "cache_disk", "Cache disk used", "Percent", lambda t: round(41 + 0.97 * (t - d0) / DAY * w.noise(0.004), 2), period=60, query="disk", below=90
    )
    w.pg = w.metric(
        "purges", "Purge requests", "Count", lambda t: round(64 * w.noise(0.3) + (41200 if a - 3600000 <= t < a else 0)), period=60, query="purges"
    )
    w.dash = [("edge", [m["id"] for m in w.metrics])]
    w.alarm(
        "edge-5xx-above-1pct",
        "edge_5xx",
        a + 71 * MIN,
        1,
        2.94,
        "Threshold Crossed: 2 datapoints were greater than the threshold (1.0).",
        "Prom",
        "Average",
        period=3600,
        unit="Percent",
    )
    d = lambda t: w.loc(t).strftime("%Y-%m-%d %H:%M")
    ch = [
        d(a - 55 * MIN) + " CreateInvalidation (cloudfront.amazonaws.com) by catalog-sync on E2QX7PL94KD0WN",
        d(b - 6 * MIN) + " UpdateDistribution (cloudfront.amazonaws.com) by n.adeyemi on E2QX7PL94KD0WN",
        d(a - 29 * 3600000) + " UpdateOriginRequestPolicy (cloudfront.amazonaws.com) by edge-ci on static-assets-v3",
    ]
    w.ch = [a - 55 * MIN, b - 6 * MIN, a - 29 * 3600000]
    w.tools = [
        CHG("2026-12-06 09:00", ch),
        LOG(
            3,
            98250,
            "7.4 GB",
            ["path=/img/catalog  status=504  count=61480", "path=/img/hero  status=504  count=30117", "path=/api/geo  status=503  count=6653"],
        ),
    ]
    w.reasons = ch
    w.names = ["E2QX7PL94KD0WN", "static-assets-v3", "/edge/access", "fra2", "iad7", "nrt4"]
    return w


ALL = [vod, clinic, dwh, ride, cdn]
