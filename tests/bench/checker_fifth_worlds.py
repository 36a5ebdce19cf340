"""The fifth corpus: its five worlds."""
from tests.bench.checker_corpus import *  # noqa: F403


def HIST(rows):
    return f"{len(rows)} state changes, newest first.\n<<<data {F_} alarm_history\n" + "\n".join(rows) + f"\n>>>end {F_}\n"


def ramp(t, a, b, c):  # 0..1 between a and b, stays to c, 0 after
    return 0 if t < a or t >= c else min(1, (t - a) / (b - a))


def chat():  # ongoing at the end, three shards, slow memory growth before it
    w = World("chat", "Europe/Warsaw", (2026, 11, 26, 21, 50), 10, "messages arrive late since 19:00, which part is it?", 7103)
    a = w.ms("19:40")
    b = w.now
    ev = lambda t: a <= t < b
    g = lambda t: day(w.hour(t), 20, 0.2)
    L = ['shard="msg-a"', 'shard="msg-b"', 'shard="msg-c"']
    w.dl = w.metric(
        "delivery_p99",
        "Delivery delay p99",
        "Milliseconds",
        lambda t, i: round((312, 287, 341)[i] * w.noise(0.08) * (1 + (6.8 * ramp(t, a, a + 25 * MIN, b) if i == 2 else 0) * w.noise(0.05)), 0),
        query="delivery_delay_p99",
        labels=L,
        below=1000,
    )
    w.ms_ = w.metric(
        "messages", "Messages sent", "Count", lambda t: round(412e3 * g(t) * w.noise(0.03)), query="sum(increase(messages_sent_total[5m]))"
    )
    w.cn = w.metric(
        "sockets",
        "Open WebSocket connections",
        "Count",
        lambda t: round(187e3 * g(t) * w.noise(0.015) * (0.81 if ev(t) else 1)),
        query="sum(ws_open)",
    )
    w.rc = w.metric(
        "reconnects",
        "Reconnects",
        "Count",
        lambda t: round(640 * g(t) * w.noise(0.12) + (8900 * w.noise(0.06) if ev(t) else 0)),
        query="sum(increase(ws_reconnects_total[5m]))",
        below=5000,
    )
    w.qd = w.metric(
        "fanout_queue",
        "Fan-out queue depth",
        "Count",
        lambda t: round(210 * g(t) * w.noise(0.15) + 1460 * ramp(t, a, a + 130 * MIN, b) * 20),
        query="fanout_queue_depth",
        below=20000,
    )
    w.hp = w.metric(
        "heap",
        "Shard heap used",
        "Bytes",
        lambda t, i: round(1e9 * ((6.1, 6.4, 6.2)[i] * w.noise(0.02) + (4.7 if ev(t) and i == 2 else 0))),
        query="jvm_heap_used_bytes",
        labels=L,
        below=10.5e9,
    )
    w.gc = w.metric(
        "gc_pause", "GC pause p95", "Milliseconds", lambda t: round(46 * w.noise(0.1) * (11 * w.noise(0.08) if ev(t) else 1), 1), query="gc_pause_p95"
    )
    w.ps = w.metric(
        "push_sent",
        "Push notifications sent",
        "Count",
        lambda t: round(58e3 * g(t) * w.noise(0.05) * (1.62 if ev(t) else 1)),
        query="sum(increase(push_sent_total[5m]))",
    )
    w.er = w.metric(
        "send_errors",
        "Send error rate",
        "Percent",
        lambda t: round(0.18 * w.noise(0.3) + (1.9 * w.noise(0.1) if ev(t) and t >= a + 40 * MIN else 0), 2),
        query="send_error_rate",
        below=1,
    )
    w.db = w.metric("history_read", "History read latency", "Milliseconds", lambda t: round(19.4 * w.noise(0.07), 2), query="history_read_p90")
    w.dash = [("messaging", [m["id"] for m in w.metrics])]
    w.alarm(
        "delivery-delay-shard-c",
        "delivery_p99",
        w.ms("19:53"),
        1000,
        1587,
        "Threshold Crossed: 2 out of 3 datapoints were greater than the threshold (1000.0).",
        "Prom",
        "Maximum",
        unit="Milliseconds",
    )
    w.alarm(
        "reconnect-storm",
        "reconnects",
        w.ms("19:46"),
        5000,
        9310,
        "Threshold Crossed: 1 datapoint was greater than the threshold (5000.0).",
        "Prom",
        "Maximum",
    )
    ch = [
        "2026-11-26 19:34 UpdateService (ecs.amazonaws.com) by release-train on chat-shard-c",
        "2026-11-26 20:27 UpdateService (ecs.amazonaws.com) by k.wojcik on presence-api",
        "2026-11-26 17:05 PutParameter (ssm.amazonaws.com) by k.wojcik on /chat/fanout/batch",
    ]
    w.tools = [
        CHG("2026-11-26 15:00", ch),
        LOG(
            3,
            18802,
            "412 MB",
            [
                "shard=msg-c  reason=heap_pressure  drops=15630",
                "shard=msg-c  reason=ack_timeout  drops=2944",
                "shard=msg-a  reason=ack_timeout  drops=228",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["chat-shard-c", "presence-api", "/chat/fanout/batch", "msg-a", "msg-b", "msg-c", "/ecs/chat-shard"]
    return w


def ledger():  # a batch runs long, then quiet; two separate events
    w = World("ledger", "Europe/Zurich", (2026, 12, 8, 9, 30), 14, "what went wrong with the end of day run last night between 21:00 and 6:00?", 8117)
    E = w.ms("22:30", -1)
    F = w.ms("01:10")
    a2 = w.ms("04:20")
    b2 = w.ms("04:55")
    ev = lambda t: E <= t < F
    e2 = lambda t: a2 <= t < b2
    h = w.hour
    run = lambda t: 22 <= h(t) < 23
    w.po = w.metric(
        "postings",
        "Postings booked",
        "Count",
        lambda t: round(
            (61200 if run(t) else 2350) * w.noise(0.06) * (0.34 if ev(t) and run(t) else 1) + (19400 * w.noise(0.05) if ev(t) and not run(t) else 0)
        ),
        ns="Bank/Ledger",
        name="PostingsBooked",
        stat="Sum",
    )
    w.rj = w.metric(
        "rejected",
        "Postings rejected",
        "Count",
        lambda t: (w.rng.choice([1, 2, 2, 3, 4]) if not ev(t) else w.rng.choice([116, 121, 127, 133, 139, 144])),
        below=50,
        ns="Bank/Ledger",
        name="PostingsRejected",
        stat="Sum",
    )
    w.cm = w.metric(
        "commit_p95",
        "Commit latency p95",
        "Milliseconds",
        lambda t: round((14.2 if not run(t) else 22.5) * w.noise(0.08) * (5.3 * w.noise(0.07) if ev(t) else 1), 1),
        below=100,
        ns="Bank/Db",
        name="CommitLatency",
        stat="p95",
    )
    w.io = w.metric(
        "write_iops",
        "Ledger DB write IOPS",
        "Count/Second",
        lambda t: round((8100 if run(t) else 940) * w.noise(0.05) if not ev(t) else 3000),
        ns="AWS/RDS",
        name="WriteIOPS",
    )
    w.rl = w.metric(
        "replica_lag",
        "Replica lag",
        "Seconds",
        lambda t: round(0.9 * w.noise(0.2) + (412 * ramp(t, E, F - 20 * MIN, F) if ev(t) else 0) + (37 * w.noise(0.1) if e2(t) else 0), 1),
        below=30,
        ns="AWS/RDS",
        name="ReplicaLag",
        stat="Maximum",
    )
    w.rc = w.metric(
        "open_items",
        "Unreconciled items",
        "Count",
        lambda t: round(118 * w.noise(0.1) + 2780 * ramp(t, E, F, w.ms("03:25"))),
        below=1000,
        ns="Bank/Recon",
        name="OpenItems",
        stat="Maximum",
    )
    w.ap = w.metric(
        "api_p90",
        "Balance API latency p90",
        "Milliseconds",
        lambda t: round(73 * w.noise(0.06) * (1.9 * w.noise(0.05) if e2(t) else 1), 1),
        below=200,
        ns="Bank/Api",
        name="Latency",
        stat="p90",
    )
    w.st = w.metric(
        "storage",
        "Ledger DB free storage",
        "Bytes",
        lambda t: round((742e9 - 6.3e9 * (t - w.start) / DAY) * w.noise(0.001)),
        above=200e9,
        ns="AWS/RDS",
        name="FreeStorageSpace",
        stat="Minimum",
    )
    w.sw = w.metric(
        "swift_out",
        "SWIFT messages sent",
        "Count",
        lambda t: round(310 * day(h(t), 12, 0.05) * w.noise(0.1)),
        ns="Bank/Swift",
        name="MessagesOut",
        stat="Sum",
    )
    w.dash = [("core-ledger", [m["id"] for m in w.metrics])]
    w.alarm(
        "eod-rejections",
        "PostingsRejected",
        w.ms("22:41", -1),
        50,
        129,
        "Threshold Crossed: 2 datapoints were greater than the threshold (50.0).",
        "Bank/Ledger",
        "Sum",
    )
    w.alarm(
        "ledger-replica-lag",
        "ReplicaLag",
        w.ms("04:27"),
        30,
        38.4,
        "Threshold Crossed: 1 datapoint was greater than the threshold (30.0).",
        "AWS/RDS",
        "Maximum",
        unit="Seconds",
    )
    ch = [
        "2026-12-07 20:52 ModifyDBInstance (rds.amazonaws.com) by cost-guard on ledger-db-prod",
        "2026-12-08 01:04 ModifyDBInstance (rds.amazonaws.com) by m.brunner on ledger-db-prod",
        "2026-12-08 04:16 CreateDBSnapshot (rds.amazonaws.com) by backup-plan on ledger-db-ro2",
    ]
    w.tools = [
        CHG("2026-12-07 18:00", ch),
        HIST(
            [
                "2026-12-08 04:27 OK -> ALARM: Threshold Crossed: 1 datapoint was greater than the threshold (30.0).",
                "2026-12-08 01:18 ALARM -> OK: Threshold Crossed",
                "2026-12-07 22:44 OK -> ALARM: Threshold Crossed: 1 datapoint was greater than the threshold (30.0).",
            ]
        ),
        LOG(
            3,
            4063,
            "57.2 MB",
            [
                "job=interest-accrual  code=LG-409  rejected=2871",
                "job=card-clearing  code=LG-409  rejected=988",
                "job=fx-revaluation  code=LG-112  rejected=204",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["ledger-db-prod", "ledger-db-ro2", "interest-accrual", "card-clearing", "fx-revaluation", "LG-409", "LG-112", "/bank/eod/runner"]
    return w


def ci():  # over 3 days, in 15 min steps; a degradation from a new image, plus a full cache disk
    w = World("ci", "America/New_York", (2026, 12, 10, 16, 0), 14, "why are builds slower than usual today since 8:00?", 9133)
    a = w.ms("10:05")
    b = w.ms("14:50")
    ev = lambda t: a <= t < b
    g = lambda t: day(w.hour(t), 14, 0.1)
    L = ['pool="linux-large"', 'pool="linux-small"', 'pool="mac"']
    w.du = w.metric(
        "build_p75",
        "Build duration p75",
        "Seconds",
        lambda t: round(431 * w.noise(0.06) * (2.35 * w.noise(0.05) if ev(t) else 1), 0),
        query="build_duration_p75",
        below=900,
    )
    w.qt = w.metric(
        "queue_time",
        "Queue time p90",
        "Seconds",
        lambda t, i: round((28, 17, 64)[i] * w.noise(0.12) + (((1260, 390, 0)[i]) * ramp(t, a, a + 80 * MIN, b) * w.noise(0.04)), 1),
        query="queue_time_p90",
        labels=L,
        below=600,
    )
    w.rn = w.metric(
        "runners",
        "Busy runners",
        "Count",
        lambda t, i: (round((94, 60, 11)[i] * g(t) * w.noise(0.06)) if not ev(t) or i == 2 else (120, 80)[i]),
        query="runners_busy",
        labels=L,
    )
    w.ch = w.metric(
        "cache_hit",
        "Build cache hit ratio",
        "Percent",
        lambda t: round((82.6 + w.rng.uniform(-1.6, 1.6)) if not ev(t) else 23.9 + w.rng.uniform(-2.2, 2.2), 1),
        query="cache_hit_ratio",
        above=70,
    )
    w.bd = w.metric(
        "builds",
        "Builds finished",
        "Count",
        lambda t: round(146 * g(t) * w.noise(0.07) * (0.58 if ev(t) else 1)),
        query="sum(increase(builds_finished_total[5m]))",
    )
    w.fl = w.metric(
        "failed",
        "Failed builds",
        "Percent",
        lambda t: round(7.8 * w.noise(0.2) + (9.6 * w.noise(0.1) if ev(t) else 0), 1),
        query="failed_builds_ratio",
        below=15,
    )
    w.eg = w.metric(
        "artifact_pull",
        "Artifact download",
        "Bytes/Second",
        lambda t: round(64e6 * g(t) * w.noise(0.05) * (4.4 * w.noise(0.04) if ev(t) else 1)),
        query="rate(artifact_bytes_total[5m])",
    )
    w.dk = w.metric(
        "cache_disk",
        "Cache node disk used",
        "Percent",
        lambda t: round(71.4 + 1.16 * (t - w.now + 30 * DAY) / DAY * 0.6 * w.noise(0.002), 2),
        query="disk_used",
        below=95,
    )
    w.nt = w.metric(
        "nightly", "Nightly test runs", "Count", lambda t: (0 if not 2 <= w.hour(t) < 3 else round(1830 * w.noise(0.05))), query="nightly_runs"
    )
    w.tk = w.metric(
        "git_fetch",
        "Git fetch time p95",
        "Seconds",
        lambda t: round(6.3 * w.noise(0.09) + (18.5 * w.noise(0.08) if w.ms("12:15") <= t < w.ms("12:40") else 0), 2),
        query="git_fetch_p95",
        below=20,
    )
    w.dash = [("build-farm", [m["id"] for m in w.metrics])]
    w.alarm(
        "ci-queue-linux-large",
        "queue_time",
        w.ms("10:58"),
        600,
        847,
        "Threshold Crossed: 3 datapoints were greater than the threshold (600.0).",
        "Prom",
        "Maximum",
        unit="Seconds",
    )
    w.alarm(
        "cache-hit-low",
        "cache_hit",
        w.ms("10:17"),
        70,
        24.8,
        "Threshold Crossed: 2 datapoints were less than the threshold (70.0).",
        "Prom",
        "Average",
        cmp="<",
        unit="Percent",
    )
    ch = [
        "2026-12-10 09:56 PutLifecycleConfiguration (s3.amazonaws.com) by storage-janitor on build-cache-use1",
        "2026-12-10 14:38 DeleteBucketLifecycle (s3.amazonaws.com) by t.okafor on build-cache-use1",
        "2026-12-10 11:21 UpdateAutoScalingGroup (autoscaling.amazonaws.com) by t.okafor on runners-linux-large",
        "2026-12-10 07:42 CreateImage (ec2.amazonaws.com) by image-factory on runner-golden-211",
    ]
    w.tools = [
        CHG("2026-12-10 06:00", ch),
        LOG(
            4,
            23541,
            "2.7 GB",
            [
                "repo=monolith  step=restore_cache  result=miss  count=14210",
                "repo=web-app  step=restore_cache  result=miss  count=6655",
                "repo=android  step=restore_cache  result=miss  count=2307",
                "repo=monolith  step=checkout  result=retry  count=369",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["build-cache-use1", "runners-linux-large", "runner-golden-211", "/ci/runner/agent", "linux-large", "linux-small"]
    return w


def search():  # last 24 hours, index rollover; one node hot; rollback brings it back halfway only
    w = World("search", "Asia/Tokyo", (2026, 12, 3, 18, 10), 14, "search feels slow, how was it over the last 12 hours?", 10151)
    a = w.ms("11:00")
    m = w.ms("14:30")
    b = w.now
    e1 = lambda t: a <= t < m
    e2 = lambda t: m <= t < b
    g = lambda t: day(w.hour(t), 21, 0.3)
    lv = lambda t, x, y: (x if e1(t) else y if e2(t) else 1)
    L = ['node="es-hot-1"', 'node="es-hot-2"', 'node="es-hot-3"']
    w.q9 = w.metric(
        "query_p99",
        "Query latency p99",
        "Milliseconds",
        lambda t: round(184 * w.noise(0.06) * lv(t, 7.1, 2.2) * w.noise(0.03)),
        query="query_p99",
        below=800,
    )
    w.q5 = w.metric("query_p50", "Query latency p50", "Milliseconds", lambda t: round(23.6 * w.noise(0.05) * lv(t, 1.7, 1.25), 1), query="query_p50")
    w.qs = w.metric("qps", "Queries", "Count/Second", lambda t: round(2860 * g(t) * w.noise(0.03)), query="qps")
    w.zr = w.metric(
        "zero_results", "Zero-result rate", "Percent", lambda t: round(4.3 * w.noise(0.08) * lv(t, 3.1, 1), 2), query="zero_result_rate", below=8
    )
    w.cp = w.metric(
        "node_cpu",
        "Node CPU",
        "Percent",
        lambda t, i: round(min(99.6, (41, 43, 39)[i] * w.noise(0.07) + (51 if i == 1 and e1(t) else 17 if i == 1 and e2(t) else 0)), 1),
        query="node_cpu",
        labels=L,
        below=90,
    )
    w.hq = w.metric(
        "search_rejected",
        "Rejected searches",
        "Count",
        lambda t: round((w.rng.choice([0, 0, 0, 1, 2]) if not e1(t) else 268 * w.noise(0.07))),
        query="increase(rejected_total[5m])",
        below=100,
    )
    w.ix = w.metric(
        "indexed",
        "Documents indexed",
        "Count",
        lambda t: round(95400 * w.noise(0.06) * (0.46 if e1(t) else 1)),
        query="sum(increase(indexed_total[5m]))",
    )
    w.rf = w.metric(
        "index_age", "Index age", "Seconds", lambda t: round(34 * w.noise(0.15) + 3380 * ramp(t, a, m, m + 10 * MIN), 1), query="index_age", below=900
    )
    w.sg = w.metric(
        "segments",
        "Segments",
        "Count",
        lambda t: round(318 * w.noise(0.04) + (1170 * w.noise(0.03) if e1(t) else 430 * w.noise(0.05) if e2(t) else 0)),
        query="segments",
    )
    w.ht = w.metric(
        "query_cache",
        "Query cache hit ratio",
        "Percent",
        lambda t: round(67.2 + w.rng.uniform(-2, 2) - (0 if not (e1(t) or e2(t)) else 38.5 if e1(t) else 11.3), 1),
        query="query_cache_hits",
    )
    w.ld = w.metric(
        "suggest",
        "Suggest latency p95",
        "Milliseconds",
        lambda t: round(11.8 * w.noise(0.08) + (46 * w.noise(0.08) if w.ms("08:05") <= t < w.ms("08:30") else 0), 1),
        query="suggest_p95",
        below=40,
    )
    w.dash = [("search", [m_["id"] for m_ in w.metrics])]
    w.alarm(
        "query-p99-over-800ms",
        "query_p99",
        w.ms("11:09"),
        800,
        1316,
        "Threshold Crossed: 2 datapoints were greater than the threshold (800.0).",
        "Prom",
        "Maximum",
        unit="Milliseconds",
    )
    w.alarm(
        "index-age-15min",
        "index_age",
        w.ms("12:06"),
        900,
        1004,
        "Threshold Crossed: 1 datapoint was greater than the threshold (900.0).",
        "Prom",
        "Maximum",
        unit="Seconds",
    )
    ch = [
        "2026-12-03 10:52 UpdateDomainConfig (es.amazonaws.com) by relevance-deploy on catalog-search-jp",
        "2026-12-03 14:19 UpdateDomainConfig (es.amazonaws.com) by y.nakamura on catalog-search-jp",
        "2026-12-03 08:02 PutRule (events.amazonaws.com) by suggest-rebuild on suggest-nightly",
    ]
    w.tools = [
        CHG("2026-12-03 05:00", ch),
        LOG(
            3,
            9871,
            "733 MB",
            [
                "analyzer=kuromoji-v7  took=slow  queries=8420",
                "analyzer=kuromoji-v6  took=slow  queries=1035",
                "analyzer=ngram-2  took=slow  queries=416",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["catalog-search-jp", "suggest-nightly", "es-hot-1", "es-hot-2", "es-hot-3", "kuromoji-v7", "kuromoji-v6", "/search/slowlog"]
    return w


def scada():  # a factory's gateway: short outages, a metric that stops, temperature drift, data gap
    w = World("scada", "Europe/Prague", (2026, 11, 30, 15, 20), 21, "line 4 stopped, what happened today since 6 am?", 11173)
    a = w.ms("09:25")
    b = w.ms("10:50")
    a2 = w.ms("13:05")
    b2 = w.ms("13:30")
    e1 = lambda t: a <= t < b
    e2 = lambda t: a2 <= t < b2
    h = w.hour
    shift = lambda t: 6 <= h(t) < 22
    L = ['line="L2"', 'line="L3"', 'line="L4"']
    w.pk = w.metric(
        "parts",
        "Parts produced",
        "Count",
        lambda t, i: round(((142, 118, 131)[i] * w.noise(0.04) if shift(t) else 0) * (0 if i == 2 and (e1(t) or e2(t)) else 1)),
        query="increase(parts_total[5m])",
        labels=L,
    )
    w.tg = w.metric(
        "tags_late",
        "Late tag updates",
        "Count",
        lambda t: round(38 * w.noise(0.25) + (1730 * w.noise(0.06) if e1(t) else 610 * w.noise(0.08) if e2(t) else 0)),
        query="increase(tags_late_total[5m])",
        below=500,
    )
    w.rt = w.metric(
        "poll_rtt",
        "PLC poll time p95",
        "Milliseconds",
        lambda t: round(28.4 * w.noise(0.07) * (14 * w.noise(0.06) if e1(t) else 6.2 * w.noise(0.06) if e2(t) else 1), 1),
        query="poll_rtt_p95",
        below=120,
    )
    w.ls = w.metric(
        "net_loss",
        "Cell network loss",
        "Percent",
        lambda t: round(0.06 * w.noise(0.5) + (8.4 * w.noise(0.1) if e1(t) else 3.1 * w.noise(0.1) if e2(t) else 0), 2),
        query="packet_loss",
        below=1,
    )
    w.ou = w.metric(
        "outbox",
        "Gateway outbox",
        "Bytes",
        lambda t: round(1e6 * (4.2 * w.noise(0.15) + (0 if not e1(t) else 3.55 * (t - a) / MIN))),
        query="outbox_bytes",
        below=150e6,
    )
    w.sc = w.metric(
        "scrap",
        "Scrap rate",
        "Percent",
        lambda t, i: round((1.9, 2.3, 2.1)[i] * w.noise(0.2) + (5.2 * w.noise(0.08) if i == 2 and b <= t < b + 45 * MIN else 0), 2),
        query="scrap_rate",
        labels=L,
        below=5,
    )
    w.ot = w.metric(
        "oven_temp",
        "Curing oven temperature",
        "None",
        lambda t: round(184.5 + w.rng.uniform(-1.3, 1.3) + (0 if not e1(t) else -17.5 * ramp(t, a, a + 40 * MIN, b)), 1),
        query="oven_temp_celsius",
        above=175,
    )
    w.kw = w.metric(
        "power", "Plant power", "None", lambda t: round((1240 if shift(t) else 310) * w.noise(0.03) - (186 if e1(t) else 0)), query="plant_power_kw"
    )
    w.bt = w.metric("ups", "UPS battery charge", "Percent", lambda t: round(99.1 + w.rng.uniform(-0.5, 0.5), 1), query="ups_charge", above=80)
    w.cf = w.metric(
        "cfg_push",
        "Configuration pushes",
        "Count",
        lambda t: (0 if not (6 <= h(t) < 6.25) else 24 + w.rng.choice([-2, -1, 0, 1, 2])),
        query="increase(cfg_push_total[5m])",
    )
    w.dash = [("plant-brno", [m["id"] for m in w.metrics])]
    w.alarm(
        "plc-poll-slow",
        "poll_rtt",
        w.ms("09:33"),
        120,
        402,
        "Threshold Crossed: 2 datapoints were greater than the threshold (120.0).",
        "Prom",
        "Maximum",
        unit="Milliseconds",
    )
    w.alarm(
        "cell-network-loss",
        "net_loss",
        w.ms("13:12"),
        1,
        3.3,
        "Threshold Crossed: 1 datapoint was greater than the threshold (1.0).",
        "Prom",
        "Maximum",
        unit="Percent",
    )
    ch = [
        "2026-11-30 09:17 UpdateThingShadow (iot.amazonaws.com) by ot-provisioner on gw-cell-4",
        "2026-11-30 10:43 UpdateThingShadow (iot.amazonaws.com) by p.novotny on gw-cell-4",
        "2026-11-30 13:01 CreateDeployment (greengrassv2.amazonaws.com) by ot-provisioner on edge-historian",
        "2026-11-30 07:28 AttachPolicy (iot.amazonaws.com) by sec-audit on gw-cell-2",
    ]
    w.tools = [
        CHG("2026-11-30 05:00", ch),
        LOG(
            3,
            6218,
            "24.6 MB",
            [
                "gw=gw-cell-4  err=modbus_timeout  count=5107",
                "gw=gw-cell-4  err=crc_mismatch  count=892",
                "gw=gw-cell-2  err=modbus_timeout  count=219",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["gw-cell-4", "gw-cell-2", "edge-historian", "/ot/gateway/poller"]
    return w


ALL = [chat, ledger, ci, search, scada]
