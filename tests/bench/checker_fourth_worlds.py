"""The fourth corpus: its five worlds."""
from tests.bench.checker_corpus import *  # noqa: F403


def ramp(t, a, b, per, fall):
    return 0 if t < a else per * (min(t, b) - a) / MIN - min(1, max(0, t - b) / MIN / fall) * per * (b - a) / MIN


def parcel():
    w = World("parcel", "Europe/Warsaw", (2026, 11, 24, 8, 45), 10, "what slowed the sorter between 4:00 and 8:00?", 6121)
    a, b = w.ms("04:40"), w.ms("06:55")
    ev = lambda t: a <= t < b
    g = lambda t: day(w.hour(t), 5, 0.2)
    w.so = w.metric(
        "sorted",
        "Parcels sorted",
        "Count",
        lambda t: round(1260 * g(t) * w.noise(0.05) * (0.34 if ev(t) else 1)),
        ns="Hub/Sorter",
        name="ParcelsSorted",
        stat="Sum",
    )
    w.nr = w.metric(
        "noread",
        "No-read rate",
        "Percent",
        lambda t: round(1.72 * w.noise(0.15) * (8.4 * w.noise(0.07) if ev(t) else 1), 2),
        below=5,
        ns="Hub/Vision",
        name="NoReadRate",
    )
    w.re = w.metric(
        "recirc",
        "Recirculating parcels",
        "Count",
        lambda t: round(84 * w.noise(0.12) + ramp(t, a, b, 6.1, 50)),
        below=500,
        ns="Hub/Sorter",
        name="Recirculating",
        stat="Maximum",
    )
    w.sc = w.metric(
        "decision",
        "Scan decision time p99",
        "Milliseconds",
        lambda t: round(118 * w.noise(0.08) * (5.3 * w.noise(0.07) if ev(t) else 1), 1),
        below=400,
        ns="Hub/Vision",
        name="DecisionTime",
        stat="p99",
    )
    w.im = w.metric(
        "images",
        "Label images stored",
        "Bytes",
        lambda t: round(5.4e9 * g(t) * w.noise(0.05) * (0.29 if ev(t) else 1)),
        ns="Hub/Vision",
        name="ImageBytes",
        stat="Sum",
    )
    w.oc = w.metric(
        "ocr_queue",
        "OCR queue",
        "Count",
        lambda t: round(21 * w.noise(0.3) + ramp(t, a + 10 * MIN, b, 11.4, 35)),
        below=600,
        ns="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        stat="Maximum",
    )
    w.cp = w.metric(
        "vision_cpu",
        "Vision server CPU",
        "Percent",
        lambda t: round((31 + 17 * g(t)) * w.noise(0.04) if not ev(t) else 92.4 * w.noise(0.02), 2),
        below=90,
        ns="AWS/EC2",
        name="CPUUtilization",
    )
    w.ch = w.metric(
        "chutes",
        "Full chutes",
        "Count",
        lambda t: (w.rng.choice([1, 2, 2, 3, 4]) if not ev(t) else w.rng.choice([17, 18, 19, 21, 22])),
        below=12,
        ns="Hub/Sorter",
        name="FullChutes",
        stat="Maximum",
    )
    w.mx = w.metric(
        "manifest",
        "Manifest export time",
        "Seconds",
        lambda t: round(14.2 * w.noise(0.1) + (297 * w.noise(0.03) if 5 <= w.hour(t) < 5.25 else 0), 1),
        ns="Hub/Manifest",
        name="ExportSeconds",
        stat="Maximum",
    )
    w.dash = [("sorting-hall", [m["id"] for m in w.metrics])]
    w.alarm(
        "hub-noread-rate",
        "NoReadRate",
        w.ms("04:52"),
        5,
        13.9,
        "Threshold Crossed: 2 datapoints were greater than the threshold (5.0).",
        "Hub/Vision",
        unit="Percent",
    )
    w.alarm(
        "hub-ocr-queue",
        "ApproximateNumberOfMessagesVisible",
        w.ms("05:48"),
        600,
        654,
        "Threshold Crossed: 2 out of 3 datapoints were greater than the threshold (600.0).",
        "AWS/SQS",
        "Maximum",
    )
    ch = [
        "2026-11-24 04:33 UpdateService (ecs.amazonaws.com) by release-train on vision-decoder",
        "2026-11-24 06:51 UpdateService (ecs.amazonaws.com) by k.nowak on vision-decoder",
        "2026-11-24 03:12 ModifyDBParameterGroup (rds.amazonaws.com) by nightly-tune on manifest-db",
    ]
    w.tools = [
        CHG("2026-11-24 02:00", ch),
        LOG(
            4,
            8462,
            "212 MB",
            [
                "symbology=datamatrix  result=decode_timeout  count=7120",
                "symbology=code128  result=decode_timeout  count=1088",
                "symbology=qr  result=low_contrast  count=193",
                "symbology=code128  result=low_contrast  count=61",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["vision-decoder", "manifest-db", "/hub/vision/decoder"]
    return w


def vpn():
    w = World("vpn", "America/Toronto", (2026, 11, 30, 16, 35), 14, "what is wrong with the gateways over the last 4 hours?", 7207)
    a, b = w.ms("14:05"), w.ms("15:20")
    ev = lambda t: a <= t < b
    g = lambda t: day(w.hour(t), 15, 0.3)
    o = lambda t, i: ev(t) and i == 1
    L = ['gateway="yyz1"', 'gateway="ord2"', 'gateway="lhr1"']
    w.hs = w.metric(
        "handshake",
        "Handshake time p95",
        "Milliseconds",
        lambda t, i: round((143, 158, 131)[i] * w.noise(0.07) * (7.2 * w.noise(0.06) if o(t, i) else 1), 1),
        query="handshake_p95",
        labels=L,
        below=800,
    )
    w.se = w.metric(
        "sessions", "Active sessions", "Count", lambda t: round(21400 * g(t) * w.noise(0.02) * (0.77 if ev(t) else 1)), query="sum(vpn_sessions)"
    )
    w.af = w.metric(
        "auth_failures",
        "Authentication failures",
        "Count",
        lambda t: round(34 * w.noise(0.25) + (871 * w.noise(0.08) if ev(t) else 0)),
        query="sum(increase(auth_failures_total[5m]))",
        below=300,
    )
    w.tp = w.metric(
        "throughput",
        "Tunnel throughput",
        "Bytes/Second",
        lambda t: round(2.94e9 * g(t) * w.noise(0.03) * (0.64 if ev(t) else 1)),
        query="sum(rate(tunnel_bytes_total[5m]))",
    )
    w.ls = w.metric(
        "loss",
        "Packet loss",
        "Percent",
        lambda t, i: round((0.07, 0.06, 0.11)[i] * w.noise(0.3) + (3.37 * w.noise(0.1) if o(t, i) else 0), 3),
        query="packet_loss",
        labels=L,
        below=1,
    )
    w.cp = w.metric(
        "gw_cpu",
        "Gateway CPU",
        "Percent",
        lambda t, i: round((38, 41, 33)[i] * w.noise(0.06) if not o(t, i) else 97.1 * w.noise(0.015), 2),
        query="gateway_cpu",
        labels=L,
        below=90,
    )
    w.kr = w.metric(
        "rotations",
        "Key rotations",
        "Count",
        lambda t: round(46 * w.noise(0.2) + (1790 * w.noise(0.04) if 15 <= w.hour(t) < 15.25 else 0)),
        query="sum(increase(key_rotations_total[5m]))",
    )
    w.dn = w.metric("dns", "DNS resolver latency", "Milliseconds", lambda t: round(11.4 * w.noise(0.1), 2), query="dns_latency_avg", below=50)
    w.ra = w.metric(
        "radius",
        "RADIUS latency",
        "Milliseconds",
        lambda t: round(24.6 * w.noise(0.09) * (6.1 * w.noise(0.06) if ev(t) else 1), 1),
        query="radius_p95",
    )
    w.dash = [("gateways", [m["id"] for m in w.metrics])]
    w.alarm(
        "vpn-packet-loss",
        "loss",
        w.ms("14:14"),
        1,
        3.52,
        "Threshold Crossed: 2 datapoints were greater than the threshold (1.0).",
        "Prom",
        "Maximum",
        unit="Percent",
    )
    w.alarm(
        "vpn-auth-failures",
        "auth_failures",
        w.ms("14:19"),
        300,
        894,
        "Threshold Crossed: 2 datapoints were greater than the threshold (300.0).",
        "Prom",
        "Sum",
    )
    ch = [
        "2026-11-30 13:58 UpdateStack (cloudformation.amazonaws.com) by netops-deploy on ord2-edge-stack",
        "2026-11-30 15:17 UpdateStack (cloudformation.amazonaws.com) by s.ferland on ord2-edge-stack",
        "2026-11-30 11:46 PutSecretValue (secretsmanager.amazonaws.com) by rotation-job on radius-shared-key",
    ]
    w.tools = [
        CHG("2026-11-30 10:00", ch),
        LOG(
            3,
            66340,
            "402 MB",
            [
                "gateway=ord2  reason=radius_timeout  count=59811",
                "gateway=ord2  reason=bad_credentials  count=3704",
                "gateway=lhr1  reason=bad_credentials  count=2825",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["ord2-edge-stack", "radius-shared-key", "/vpn/gateway/auth", "yyz1", "ord2", "lhr1"]
    return w


def tax():
    w = World("tax", "Europe/Madrid", (2026, 12, 1, 14, 20), 14, "how did the tax portal cope since 8:00?", 8311)
    a, b = w.ms("09:30"), w.ms("10:15")
    c_, d_ = w.ms("11:45"), w.ms("13:05")
    e1 = lambda t: a <= t < b
    e2 = lambda t: c_ <= t < d_
    g = lambda t: day(w.hour(t), 12, 0.15)
    today = lambda t: t >= w.ms("07:00")
    w.fi = w.metric(
        "filed",
        "Returns filed",
        "Count",
        lambda t: round(312 * g(t) * w.noise(0.05) * (2.3 if today(t) else 1) * (0.41 if e1(t) else 1)),
        ns="Tax/Portal",
        name="ReturnsFiled",
        stat="Sum",
    )
    w.lo = w.metric(
        "logins",
        "Logins",
        "Count",
        lambda t: round(684 * g(t) * w.noise(0.04) * (2.4 if today(t) else 1)),
        ns="Tax/Identity",
        name="Logins",
        stat="Sum",
    )
    w.sg = w.metric(
        "sign_p99",
        "Signature latency p99",
        "Milliseconds",
        lambda t: round(716 * w.noise(0.08) * (8.9 * w.noise(0.05) if e1(t) else 1)),
        below=2500,
        ns="Tax/Signature",
        name="SignLatency",
        stat="p99",
    )
    w.st = w.metric(
        "sign_timeouts",
        "Signature timeouts",
        "Count",
        lambda t: (w.rng.choice([0, 1, 1, 2, 3]) if not e1(t) else w.rng.choice([88, 91, 94, 97, 103])),
        below=30,
        ns="Tax/Signature",
        name="SignTimeouts",
        stat="Sum",
    )
    w.rq = w.metric(
        "receipts_waiting",
        "Receipts waiting",
        "Count",
        lambda t: round(63 * w.noise(0.2) + ramp(t, c_, d_, 52, 40)),
        below=1500,
        ns="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        stat="Maximum",
    )
    w.rt = w.metric(
        "render_p90",
        "Receipt rendering time p90",
        "Seconds",
        lambda t: round(3.37 * w.noise(0.09) * (6.6 * w.noise(0.06) if e2(t) else 1), 2),
        below=15,
        ns="Tax/Receipts",
        name="RenderSeconds",
        stat="p90",
    )
    w.me = w.metric(
        "render_mem",
        "Renderer memory",
        "Bytes",
        lambda t: round(6.14e9 * w.noise(0.03) if not e2(t) else 14.7e9 * w.noise(0.02)),
        below=16e9,
        ns="Tax/Receipts",
        name="MemoryBytes",
        stat="Maximum",
    )
    w.db = w.metric(
        "db_cpu",
        "Filing DB CPU",
        "Percent",
        lambda t: round((14 + 16 * g(t) * (2.5 if today(t) else 1)) * w.noise(0.05), 2),
        below=85,
        ns="AWS/RDS",
        name="CPUUtilization",
    )
    w.cl = w.metric(
        "cert_lookups", "Certificate lookups", "Count/Second", lambda t: round(48.5 * w.noise(0.06), 1), ns="Tax/Identity", name="CertLookups"
    )
    w.bf = w.metric(
        "bank_file",
        "Bank file upload",
        "Bytes",
        lambda t: round(21e6 * w.noise(0.2) + (3.86e9 * w.noise(0.04) if 12 <= w.hour(t) < 12.33 else 0)),
        ns="Tax/Bank",
        name="UploadBytes",
        stat="Sum",
    )
    w.dash = [("tax-portal", [m["id"] for m in w.metrics])]
    w.alarm(
        "signature-timeouts",
        "SignTimeouts",
        w.ms("09:38"),
        30,
        94,
        "Threshold Crossed: 2 datapoints were greater than the threshold (30.0).",
        "Tax/Signature",
        "Sum",
    )
    w.alarm(
        "receipts-backlog",
        "ApproximateNumberOfMessagesVisible",
        w.ms("12:17"),
        1500,
        1623,
        "Threshold Crossed: 2 datapoints were greater than the threshold (1500.0).",
        "AWS/SQS",
        "Maximum",
    )
    ch = [
        "2026-12-01 09:24 UpdateFunctionConfiguration (lambda.amazonaws.com) by hsm-rollout on sign-broker",
        "2026-12-01 10:12 UpdateFunctionConfiguration (lambda.amazonaws.com) by m.ibarra on sign-broker",
        "2026-12-01 11:39 UpdateService (ecs.amazonaws.com) by receipts-ci on receipt-renderer",
        "2026-12-01 13:02 UpdateService (ecs.amazonaws.com) by receipts-ci on receipt-renderer",
    ]
    w.tools = [
        CHG("2026-12-01 06:00", ch),
        LOG(
            3,
            3318,
            "51.7 MB",
            [
                "form=modelo-303  step=sign  error=hsm_timeout  count=2406",
                "form=modelo-130  step=sign  error=hsm_timeout  count=788",
                "form=modelo-303  step=render  error=out_of_memory  count=124",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["sign-broker", "receipt-renderer", "/tax/portal/sign", "modelo-303", "modelo-130"]
    return w


def power():
    w = World("power", "Europe/Oslo", (2026, 12, 9, 19, 50), 21, "why were the auction results late between 12:00 and 18:00?", 9413)
    a, b = w.ms("13:15"), w.ms("16:00")
    ev = lambda t: a <= t < b
    g = lambda t: day(w.hour(t), 13, 0.4)
    k = dict(period=15)
    w.cl = w.metric(
        "clearing",
        "Clearing time",
        "Seconds",
        lambda t: round(93 * w.noise(0.09) * (5.5 * w.noise(0.07) if ev(t) else 1), 1),
        below=300,
        ns="Market/Solver",
        name="ClearingSeconds",
        stat="Maximum",
        **k
    )
    w.gp = w.metric(
        "gap",
        "Optimality gap",
        "Percent",
        lambda t: round(0.14 * w.noise(0.2) + (2.83 * w.noise(0.1) if ev(t) else 0), 3),
        below=1,
        ns="Market/Solver",
        name="OptimalityGap",
        stat="Maximum",
        **k
    )
    w.bd = w.metric(
        "bids",
        "Bids received",
        "Count",
        lambda t: round(4100 * g(t) * w.noise(0.05) + (17800 * w.noise(0.03) if 12 <= w.hour(t) < 12.25 else 0)),
        ns="Market/Bids",
        name="BidsReceived",
        stat="Sum",
        **k
    )
    w.rj = w.metric(
        "rejected",
        "Rejected bids",
        "Count",
        lambda t: round(38 * w.noise(0.3) + (437 * w.noise(0.08) if ev(t) else 0)),
        below=200,
        ns="Market/Bids",
        name="BidsRejected",
        stat="Sum",
        **k
    )
    w.me = w.metric(
        "solver_mem",
        "Solver memory",
        "Bytes",
        lambda t: round(24.8e9 * w.noise(0.04) if not ev(t) else 59.6e9 * w.noise(0.02)),
        below=64e9,
        ns="Market/Solver",
        name="MemoryBytes",
        stat="Maximum",
        **k
    )
    w.wa = w.metric(
        "weather_age",
        "Weather feed age",
        "Seconds",
        lambda t: round(410 * w.noise(0.1) + ramp(t, w.ms("12:45"), w.ms("15:30"), 60, 60)),
        below=3600,
        ns="Market/Feeds",
        name="WeatherAge",
        stat="Maximum",
        **k
    )
    w.pb = w.metric(
        "published",
        "Results published",
        "Count",
        lambda t: (w.rng.choice([11, 12, 12, 12, 13]) if not ev(t) else w.rng.choice([3, 3, 4, 4, 5])),
        ns="Market/Publish",
        name="ResultsPublished",
        stat="Sum",
        **k
    )
    w.ap = w.metric(
        "api_p95",
        "Trading API latency p95",
        "Milliseconds",
        lambda t: round(67 * w.noise(0.08), 1),
        below=250,
        ns="Market/Api",
        name="Latency",
        stat="p95",
        **k
    )
    w.sc = w.metric(
        "solver_cpu",
        "Solver CPU",
        "Percent",
        lambda t: round((36 + 14 * g(t)) * w.noise(0.05) if not ev(t) else 88.7 * w.noise(0.03), 2),
        below=95,
        ns="Market/Solver",
        name="CpuPercent",
        **k
    )
    w.dash = [("day-ahead", [m["id"] for m in w.metrics])]
    w.alarm(
        "clearing-too-slow",
        "ClearingSeconds",
        w.ms("13:34"),
        300,
        487,
        "Threshold Crossed: 1 datapoint was greater than the threshold (300.0).",
        "Market/Solver",
        "Maximum",
        period=900,
        unit="Seconds",
    )
    w.alarm(
        "weather-feed-stale",
        "WeatherAge",
        w.ms("13:52"),
        3600,
        4130,
        "Threshold Crossed: 1 datapoint was greater than the threshold (3600.0).",
        "Market/Feeds",
        "Maximum",
        period=900,
        unit="Seconds",
    )
    ch = [
        "2026-12-09 13:07 RegisterTaskDefinition (ecs.amazonaws.com) by solver-pipeline on clearing-solver",
        "2026-12-09 15:56 UpdateService (ecs.amazonaws.com) by i.haugen on clearing-solver",
        "2026-12-09 12:41 UpdateEventSourceMapping (lambda.amazonaws.com) by feed-migration on weather-ingest",
    ]
    w.tools = [
        CHG("2026-12-09 10:00", ch),
        LOG(
            4,
            7036,
            "1.9 GB",
            [
                "zone=NO2  phase=branching  warning=node_limit  count=5214",
                "zone=SE3  phase=branching  warning=node_limit  count=1390",
                "zone=NO5  phase=presolve  warning=numerics  count=318",
                "zone=DK1  phase=presolve  warning=numerics  count=114",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["clearing-solver", "weather-ingest", "/market/solver", "NO2", "SE3", "NO5", "DK1"]
    return w


def photo():
    w = World("photo", "Asia/Tokyo", (2026, 12, 7, 10, 15), 28, "how has the photo archive been over the last 7 days?", 10529)
    a = w.ms("02:00", -3)
    b = w.ms("13:00", -3)
    ev = lambda t: a <= t < b
    g = lambda t: day(w.hour(t), 20, 0.35)
    d0 = w.start
    w.a, w.b = a, b
    L = ['tier="warm"', 'tier="cold"', 'tier="deep"']
    w.rs = w.metric(
        "restore_wait",
        "Restore wait p90",
        "Seconds",
        lambda t, i: round((42, 380, 5150)[i] * w.noise(0.06) * (6.3 * w.noise(0.07) if ev(t) and i == 1 else 1), 1 if i == 0 else 0),
        period=60,
        query="restore_wait_p90",
        labels=L,
    )
    w.ig = w.metric(
        "ingested",
        "Photos ingested",
        "Count",
        lambda t: round(118e3 * g(t) * w.noise(0.04) * (0.52 if ev(t) else 1)),
        period=60,
        query="sum(increase(photos_ingested_total[1h]))",
    )
    w.th = w.metric(
        "thumb_p95",
        "Thumbnail time p95",
        "Milliseconds",
        lambda t: round(236 * w.noise(0.07) * (3.8 * w.noise(0.06) if ev(t) else 1), 1),
        period=60,
        query="thumb_p95",
        below=600,
    )
    w.cs = w.metric(
        "checksum",
        "Checksum mismatches",
        "Count",
        lambda t: round(3.2 * w.noise(0.7) + (212 * w.noise(0.12) if ev(t) else 0)),
        period=60,
        query="sum(increase(checksum_mismatch_total[1h]))",
        below=40,
    )
    w.us = w.metric(
        "volume",
        "Archive volume used",
        "Percent",
        lambda t: round(44.5 + 0.86 * (t - d0) / DAY * w.noise(0.003), 2),
        period=60,
        query="volume_used",
        below=85,
    )
    w.dd = w.metric(
        "dedup",
        "Dedup hit rate",
        "Percent",
        lambda t: round(31.6 + w.rng.uniform(-1.1, 1.1) - (17.2 + w.rng.uniform(-1, 1) if ev(t) else 0), 2),
        period=60,
        query="dedup_hit_rate",
        above=20,
    )
    w.eg = w.metric(
        "download",
        "Download traffic",
        "Bytes/Second",
        lambda t: round(842e6 * g(t) * w.noise(0.05)),
        period=60,
        query="rate(download_bytes_total[1h])",
    )
    w.bk = w.metric(
        "scrub",
        "Scrubbed objects",
        "Count",
        lambda t: round(5200 * w.noise(0.1) + (96e3 * w.noise(0.03) if 3 <= w.hour(t) < 5 else 0)),
        period=60,
        query="sum(increase(scrubbed_objects_total[1h]))",
    )
    w.dash = [("archive", [m["id"] for m in w.metrics])]
    w.alarm(
        "archive-checksum",
        "checksum",
        a + 64 * MIN,
        40,
        207,
        "Threshold Crossed: 1 datapoint was greater than the threshold (40.0).",
        "Prom",
        "Sum",
        period=3600,
    )
    w.alarm(
        "archive-thumbs-slow",
        "thumb_p95",
        a + 129 * MIN,
        600,
        911,
        "Threshold Crossed: 2 datapoints were greater than the threshold (600.0).",
        "Prom",
        "Average",
        period=3600,
        unit="Milliseconds",
    )
    d = lambda t: w.loc(t).strftime("%Y-%m-%d %H:%M")
    w.ch = [a - 23 * MIN, b - 11 * MIN, a - 31 * 3600000]
    ch = [
        d(w.ch[0]) + " PutLifecycleConfiguration (s3.amazonaws.com) by tiering-bot on archive-cold-2",
        d(w.ch[1]) + " PutLifecycleConfiguration (s3.amazonaws.com) by y.okabe on archive-cold-2",
        d(w.ch[2]) + " UpdateFunctionCode (lambda.amazonaws.com) by thumbs-ci on thumb-maker",
    ]
    w.tools = [
        CHG("2026-11-30 10:00", ch),
        LOG(
            3,
            2544,
            "3.3 GB",
            [
                "bucket=archive-cold-2  check=sha256  status=mismatch  count=2217",
                "bucket=archive-cold-1  check=sha256  status=mismatch  count=231",
                "bucket=archive-warm-1  check=size  status=mismatch  count=96",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["archive-cold-2", "archive-cold-1", "archive-warm-1", "thumb-maker", "/archive/verify"]
    return w


ALL = [parcel, vpn, tax, power, photo]
