"""The second corpus: its five worlds."""
from tests.bench.checker_second import *  # noqa: F403


def day(h, peak=14, lo=0.35):  # 0..1 over the day
    return lo + (1 - lo) * (0.5 - 0.5 * math.cos(2 * math.pi * (h - peak + 12) / 24))


F_ = "0123456789abcdef"


def LOG(n, match, scanned, rows):
    return (
        f"{n} rows of {match} that match; {scanned} scanned, which is charged. Times are UTC.\n<<<data {F_} query_logs\n"
        + "\n".join(rows)
        + f"\n>>>end {F_}\n"
    )


def mail():
    w = World("mail", "Europe/Berlin", (2026, 11, 24, 12, 40), 7, "why does the outgoing mail queue keep growing since 8?", 11)
    a, b, c = w.ms("09:20"), w.ms("11:05"), w.ms("12:10")

    def dep(t):
        x = 1400 + 900 * day(w.hour(t), 11)
        if a <= t < b:
            x += (t - a) / MIN * 410
        elif b <= t < c:
            x += (b - a) / MIN * 410 - (t - b) / MIN * 480
        elif t >= c:
            x += (b - a) / MIN * 410 - (c - b) / MIN * 480
        return round(x * w.noise(0.04))

    def age(t):
        x = 38 * w.noise(0.15)
        if t >= a:
            x += min(t - a, b - a) / MIN * 23 - (max(0, min(t, c) - b) / MIN * 9)
        return round(x, 1)

    w.depth = w.metric("queue_depth", "Outbound queue depth", "Count", dep, below=8000, ns="Mail/Delivery", name="QueueDepth", stat="Maximum")
    w.age = w.metric(
        "oldest_age", "Age of oldest mail", "Seconds", age, below=900, ns="AWS/SQS", name="ApproximateAgeOfOldestMessage", stat="Maximum"
    )
    w.sent = w.metric(
        "sent",
        "Mails sent",
        "Count",
        lambda t: round(9200 * day(w.hour(t), 11) * w.noise(0.04) * (0.36 if a <= t < b else 0.8 if b <= t < c else 1)),
        ns="Mail/Delivery",
        name="Sent",
        stat="Sum",
    )
    w.defer = w.metric(
        "deferrals",
        "SMTP 4xx deferrals",
        "Count",
        lambda t: round((26 * w.noise(0.4)) + (1870 * w.noise(0.08) if a <= t < b else 240 * w.noise(0.1) if b <= t < c else 0)),
        ns="Mail/Delivery",
        name="Deferred4xx",
        stat="Sum",
    )
    w.bounce = w.metric("bounce", "Bounce rate", "Percent", lambda t: round(1.42 * w.noise(0.2), 3), below=5, ns="Mail/Delivery", name="BounceRate")
    w.lag = w.metric(
        "worker_lag",
        "Relay worker lag",
        "Milliseconds",
        lambda t: round(310 * w.noise(0.1) * (1 if t < a + 10 * MIN or t >= b else 6.4 * w.noise(0.07)), 1),
        ns="Mail/Relay",
        name="WorkerLag",
        stat="p90",
    )
    w.cpu = w.metric(
        "relay_cpu",
        "Relay CPU",
        "Percent",
        lambda t: round((21 + 24 * day(w.hour(t), 11)) * w.noise(0.05) * (0.62 if a <= t < b else 1), 2),
        ns="AWS/EC2",
        name="CPUUtilization",
    )
    w.conn = w.metric(
        "smtp_conn",
        "Open SMTP connections",
        "Count",
        lambda t: round(160 * day(w.hour(t), 11) * w.noise(0.05) * (3.1 if a <= t < b else 1)),
        ns="Mail/Relay",
        name="OpenConnections",
    )
    w.dash = [("postman", [m["id"] for m in w.metrics])]
    w.alarm(
        "mail-queue-too-deep",
        "QueueDepth",
        w.ms("09:44"),
        8000,
        11620,
        "Threshold Crossed: 3 datapoints were greater than the threshold (8000.0).",
        "Mail/Delivery",
        "Maximum",
    )
    w.alarm(
        "oldest-mail-over-15-min",
        "ApproximateAgeOfOldestMessage",
        w.ms("10:03"),
        900,
        1012,
        "Threshold Crossed: 2 out of 3 datapoints were greater than the threshold (900.0).",
        "AWS/SQS",
        "Maximum",
        unit="Seconds",
    )
    ch = [
        "2026-11-24 11:02 ModifyInstanceAttribute (ec2.amazonaws.com) by k.brandt on i-0b7e41c9d2a85f630",
        "2026-11-24 09:13 PutParameter (ssm.amazonaws.com) by ci-release on /mail/relay/max_parallel",
        "2026-11-24 07:31 RebootInstances (ec2.amazonaws.com) by patch-bot on i-04c2de917ab03f588",
    ]
    w.tools = [
        "3 changes from 2026-11-24 06:00 on, newest first. What only reads is left out.\n<<<data "
        + F_
        + " recent_changes\n"
        + "\n".join(ch)
        + "\n>>>end "
        + F_
        + "\n",
        LOG(
            4,
            27360,
            "38.2 MB",
            [
                "code=451  domain=mx.lindenpost.example  count=17203",
                "code=421  domain=mx.lindenpost.example  count=9412",
                "code=452  domain=smtp.alderbox.example  count=688",
                "code=421  domain=in.fernmail.example  count=57",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["/mail/relay/max_parallel", "i-0b7e41c9d2a85f630", "i-04c2de917ab03f588", "/aws/mail/relay"]
    return w


def game():
    w = World(
        "game", "America/Los_Angeles", (2026, 11, 20, 21, 30), 10, "players complain about matchmaking, what happened over the last 6 hours?", 23
    )
    a, b = w.ms("18:40"), w.ms("20:25")
    g = lambda t: day(w.hour(t), 20, 0.2)
    ev = lambda t: a <= t < b
    w.wait = w.metric(
        "wait_p95",
        "Match wait time p95",
        "Seconds",
        lambda t: round((11 + 9 * g(t)) * w.noise(0.07) * (1 if not ev(t) else min(7.5, 1 + (t - a) / MIN / 6) * w.noise(0.04)), 2),
        below=45,
        ns="Arena/Match",
        name="TicketWait",
        stat="p95",
    )
    w.q = w.metric(
        "queued",
        "Players in queue",
        "Count",
        lambda t: round(340 * g(t) * w.noise(0.08) * (1 if not ev(t) else min(11, 1 + (t - a) / MIN / 5) * w.noise(0.04))),
        ns="Arena/Match",
        name="QueuedPlayers",
    )
    w.st = w.metric(
        "started",
        "Matches started",
        "Count",
        lambda t: round(212 * g(t) * w.noise(0.05) * (0.41 if ev(t) else 1)),
        ns="Arena/Match",
        name="MatchesStarted",
        stat="Sum",
    )
    w.ab = w.metric(
        "abandoned",
        "Tickets abandoned",
        "Count",
        lambda t: round(6 * g(t) * w.noise(0.5) + (73 * w.noise(0.12) if a + 15 * MIN <= t < b else 0)),
        ns="Arena/Match",
        name="TicketsAbandoned",
        stat="Sum",
    )
    w.fl = w.metric(
        "active",
        "Active game servers",
        "Count",
        lambda t: (46 if ev(t) else round(24 + 62 * g(t) * w.noise(0.02))),
        ns="AWS/GameLift",
        name="ActiveInstances",
    )
    w.idle = w.metric(
        "idle",
        "Idle game servers",
        "Count",
        lambda t: (0 if ev(t) and t > a + 10 * MIN else round(9 * w.noise(0.3))),
        ns="AWS/GameLift",
        name="IdleInstances",
    )
    w.rtt = w.metric("rtt", "Player ping", "Milliseconds", lambda t: round(47.5 * w.noise(0.06), 1), below=90, ns="Arena/Net", name="PlayerRtt")
    w.api = w.metric(
        "login_api",
        "Login API latency",
        "Milliseconds",
        lambda t: round((128 + 60 * g(t)) * w.noise(0.07) + (420 * w.noise(0.1) if w.ms("17:15") <= t < w.ms("17:30") else 0), 1),
        ns="AWS/ApiGateway",
        name="Latency",
    )
    w.pl = w.metric(
        "online",
        "Players online",
        "Count",
        lambda t: round(18400 * g(t) * w.noise(0.01) * (0.88 if a + 40 * MIN <= t < b + 15 * MIN else 1)),
        ns="Arena/Net",
        name="PlayersOnline",
    )
    w.dash = [("arena-live", [m["id"] for m in w.metrics])]
    ch = [
        "2026-11-20 18:36 UpdateFleetCapacity (gamelift.amazonaws.com) by season-rollout on fleet-2f81c0de",
        "2026-11-20 20:21 UpdateFleetCapacity (gamelift.amazonaws.com) by mia.tran on fleet-2f81c0de",
        "2026-11-20 16:48 PutScalingPolicy (gamelift.amazonaws.com) by season-rollout on fleet-77aa41b9",
    ]
    w.tools = [
        "3 changes from 2026-11-20 13:30 on, newest first. What only reads is left out.\n<<<data "
        + F_
        + " recent_changes\n"
        + "\n".join(ch[i] for i in (1, 0, 2))
        + "\n>>>end "
        + F_
        + "\n",
        "4 state changes, newest first.\n<<<data 0123456789abcdef alarm_history\n2026-11-20 20:34 ALARM -> OK: Threshold Crossed\n2026-11-20 18:57 OK -> ALARM: Threshold Crossed: 3 datapoints were greater than the threshold (45.0).\n2026-11-13 19:05 ALARM -> OK: Threshold Crossed\n2026-11-13 18:42 OK -> ALARM: Threshold Crossed\n>>>end 0123456789abcdef\n",
        "arena-wait-p95-high: OK since 2026-11-20 20:34; Arena/Match TicketWait p95 Fleet=arena; > 45 in 3 of 3 periods of 5 min\n",
        LOG(2, 188, "1.7 MB", ["fleet=fleet-2f81c0de  min=10  max=46  desired=46", "fleet=fleet-77aa41b9  min=4  max=30  desired=12"]),
    ]
    w.reasons = ch
    w.names = ["fleet-2f81c0de", "fleet-77aa41b9", "arena-wait-p95-high", "Arena/Match", "TicketWait"]
    return w


def pay():
    w = World("pay", "UTC", (2026, 12, 3, 16, 5), 7, "payment errors between 13:00 and 16:00, which codes?", 37)
    a, b = w.ms("14:10"), w.ms("15:20")
    g = lambda t: day(w.hour(t), 15, 0.25)
    ev = lambda t: a <= t < b
    codes = {'code="402"': (31, 1.0), 'code="409"': (6, 1), 'code="429"': (12, 1.6), 'code="502"': (4, 61), 'code="504"': (2, 148)}
    L = list(codes)
    w.req = w.metric(
        "rps",
        "Payment requests",
        "Count/Second",
        lambda t: round(415 * g(t) * w.noise(0.03) * (1.16 if ev(t) else 1), 1),
        query="sum(rate(pay_requests_total[5m]))",
    )
    w.err = w.metric(
        "errors",
        "Payment errors",
        "Count",
        lambda t, i: round(codes[L[i]][0] * g(t) * w.noise(0.25) * (codes[L[i]][1] if ev(t) else 1)),
        query="sum by (code) (increase(pay_errors_total[5m]))",
        labels=L,
    )
    w.ok = w.metric(
        "success",
        "Payment success rate",
        "Percent",
        lambda t: round(99.63 + w.rng.uniform(-0.15, 0.15) - (5.9 * w.noise(0.12) if ev(t) else 0), 3),
        above=98.5,
        query="pay:success:ratio",
    )
    w.p50 = w.metric(
        "p50",
        "Authorize latency p50",
        "Milliseconds",
        lambda t: round(142 * w.noise(0.05) * (1.35 if ev(t) else 1), 1),
        query="histogram_quantile(0.5, pay)",
    )
    w.p99 = w.metric(
        "p99",
        "Authorize latency p99",
        "Milliseconds",
        lambda t: round(890 * w.noise(0.08) * (9.2 * w.noise(0.1) if ev(t) else 1), 0),
        below=2500,
        query="histogram_quantile(0.99, pay)",
    )
    w.pool = w.metric(
        "pool",
        "Ledger DB connections",
        "Count",
        lambda t: round(64 * g(t) * w.noise(0.05) + (0 if not ev(t) else 118)) if not ev(t) else 180,
        below=180,
        query="sum(ledger_pool_in_use)",
    )
    w.dbc = w.metric("dbcpu", "Ledger DB CPU", "Percent", lambda t: round(33 * g(t) * w.noise(0.06) + (4 if ev(t) else 0), 2), query="ledger_cpu")
    w.wh = w.metric(
        "webhook",
        "Webhook backlog",
        "Count",
        lambda t: round(85 * w.noise(0.2) + (0 if t < a else 61 * (min(t, b) - a) / MIN - (max(0, t - b) / MIN * 38))),
        query="webhook_backlog",
    )
    w.dash = [("payments-eu", [m["id"] for m in w.metrics])]
    w.alarm(
        "pay-success-below-98_5",
        "success",
        w.ms("14:22"),
        98.5,
        93.71,
        "Threshold Crossed: 2 datapoints were less than the threshold (98.5).",
        "Pay",
        "Average",
        cmp="<",
        unit="Percent",
    )
    w.alarm(
        "webhook-backlog-growing",
        "webhook",
        w.ms("14:51"),
        2000,
        2417,
        "Threshold Crossed: 3 datapoints were greater than the threshold (2000.0).",
        "Pay",
        "Maximum",
    )
    w.alarm(
        "disk-tmp-usage-ledger-2",
        "disk",
        w.ms("07:40"),
        80,
        84.2,
        "Threshold Crossed: 1 datapoint was greater than the threshold (80.0).",
        "Pay",
        "Maximum",
        unit="Percent",
    )
    ch = [
        "2026-12-03 14:06 UpdateService (ecs.amazonaws.com) by deploy-pay on payments-api",
        "2026-12-03 15:17 UpdateService (ecs.amazonaws.com) by o.lindqvist on payments-api",
        "2026-12-03 12:31 ModifyDBParameterGroup (rds.amazonaws.com) by terraform on ledger-pg15",
    ]
    w.tools = [
        "3 changes from 2026-12-03 11:00 on, newest first. What only reads is left out.\n<<<data "
        + F_
        + " recent_changes\n"
        + "\n".join(ch[i] for i in (1, 0, 2))
        + "\n>>>end "
        + F_
        + "\n",
        LOG(
            4,
            6038,
            "212 MB",
            [
                "issuer=northbank  code=504  count=3184",
                "issuer=northbank  code=502  count=2096",
                "issuer=coralpay  code=504  count=441",
                "issuer=kestrel  code=402  count=317",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["payments-api", "ledger-pg15", "/ecs/payments-api"]
    return w


def k8s():
    w = World(
        "k8s", "America/New_York", (2026, 11, 18, 11, 50), 7, "is the shop cluster healthy? pods restart and nodes run out of memory since 7am", 41
    )
    a = w.ms("09:05")
    c = w.ms("10:40")
    nodes = ['node="ip-10-3-7-21"', 'node="ip-10-3-7-88"', 'node="ip-10-3-9-140"']
    G = 2**30

    def mem(t, i):
        x = (18.4, 21.7, 16.2)[i] * G * w.noise(0.012)
        if i == 1 and t >= a:
            x = (21.7 + min(8.3, (t - a) / MIN * 0.115)) * G * w.noise(0.006) if t < c else 14.9 * G * w.noise(0.01)
        return round(x)

    w.mem = w.metric("node_mem", "Node memory used", "Bytes", mem, period=5, query="node_memory_used_bytes", labels=nodes, below=29 * G)

    def cpu(t, i):
        return round(((34, 41, 29)[i] + 8 * day(w.hour(t), 13)) * w.noise(0.05) * (1.5 if i == 1 and a <= t < c else 1), 2)

    w.cpu = w.metric("node_cpu", "Node CPU", "Percent", cpu, query="node_cpu", labels=nodes)
    w.rs = w.metric(
        "restarts",
        "Container restarts",
        "Count",
        lambda t, i: (w.rng.choice([0, 0, 0, 0, 0, 1]) if not (i == 0 and c - 30 * MIN <= t < c + 15 * MIN) else w.rng.choice([7, 8, 9, 11])),
        query="increase(kube_pod_container_status_restarts_total[5m])",
        labels=['deployment="cart-svc"', 'deployment="search-svc"'],
    )
    w.pend = w.metric(
        "pending",
        "Pending pods",
        "Count",
        lambda t: (w.rng.choice([0, 0, 1]) if not (c <= t < c + 25 * MIN) else w.rng.choice([14, 15, 17, 18])),
        query="pending",
        below=10,
    )
    w.lat = w.metric(
        "cart_p90",
        "Cart service latency p90",
        "Seconds",
        lambda t: round(0.086 * w.noise(0.08) * (1 if not (c - 40 * MIN <= t < c + 25 * MIN) else 13.5 * w.noise(0.1)), 4),
        below=0.5,
        query="cart_p90",
    )
    w.thr = w.metric(
        "throttle",
        "CPU throttling",
        "Percent",
        lambda t: round(3.1 * w.noise(0.3) + (27 * w.noise(0.1) if a + 30 * MIN <= t < c else 0), 2),
        query="throttle",
    )
    w.net = w.metric("ingress", "Ingress traffic", "Bytes/Second", lambda t: round(38.5e6 * day(w.hour(t), 14, 0.4) * w.noise(0.04)), query="ingress")
    w.dash = [("shop-cluster", [m["id"] for m in w.metrics])]
    w.alarm(
        "KubeNodeMemoryPressure",
        "node_mem",
        w.ms("10:18"),
        29,
        29.3,
        "Threshold Crossed: node memory above 29 GiB on ip-10-3-7-88.",
        "Prom",
        "Maximum",
    )
    ch = [
        "2026-11-18 08:58 UpdateNodegroupConfig (eks.amazonaws.com) by platform-ci on shop-ng-2",
        "2026-11-18 10:39 TerminateInstances (ec2.amazonaws.com) by r.okafor on i-09fe3b2c4d7711aa6",
    ]
    w.tools = [
        "2 changes from 2026-11-18 05:00 on, newest first. What only reads is left out.\n<<<data "
        + F_
        + " recent_changes\n"
        + ch[1]
        + "\n"
        + ch[0]
        + "\n>>>end "
        + F_
        + "\n",
        LOG(
            3,
            44,
            "71.4 MB",
            [
                "pod=cart-svc-7c9d6f5b8-mm4tz  reason=OOMKilled  count=23",
                "pod=cart-svc-7c9d6f5b8-x2lqv  reason=OOMKilled  count=19",
                "pod=search-svc-5d8f7c-9kk2p  reason=Error  count=2",
            ],
        ),
    ]
    w.reasons = ch
    w.names = ["shop-ng-2", "i-09fe3b2c4d7711aa6", "/eks/shop/application"]
    return w


def iot():
    w = World("iot", "Asia/Kolkata", (2026, 12, 9, 15, 10), 28, "how have the field gateways been doing over the last 7 days?", 53)
    a = w.now - 3 * DAY - 7 * 3600000
    b = a + 11 * 3600000
    d0 = w.now - 36 * DAY
    w.dev = w.metric(
        "devices",
        "Connected devices",
        "Count",
        lambda t: round(12850 * w.noise(0.006) * (0.57 if a <= t < b else 1)),
        period=60,
        above=10000,
        ns="Field/Gateway",
        name="ConnectedDevices",
    )
    w.msg = w.metric(
        "messages",
        "Messages received",
        "Count",
        lambda t: round(462000 * day(w.hour(t), 13, 0.6) * w.noise(0.03) * (0.55 if a <= t < b else 1)),
        period=60,
        ns="AWS/IoT",
        name="PublishIn.Success",
        stat="Sum",
    )
    w.rej = w.metric(
        "rejected",
        "Rejected messages",
        "Count",
        lambda t: round(310 * w.noise(0.2) + (8800 * w.noise(0.1) if b <= t < b + 4 * 3600000 else 0)),
        period=60,
        ns="AWS/IoT",
        name="PublishIn.AuthError",
        stat="Sum",
    )
    w.bat = w.metric(
        "battery",
        "Battery voltage",
        "V",
        lambda t: round(3.71 * w.noise(0.004) - 0.08 * (t - d0) / DAY / 36, 3),
        period=60,
        above=3.3,
        ns="Field/Gateway",
        name="BatteryVoltage",
    )
    w.sig = w.metric(
        "rssi",
        "Signal strength",
        "dBm",
        lambda t: round(-71 * w.noise(0.02) - (13 * w.noise(0.08) if a <= t < b else 0), 1),
        period=60,
        ns="Field/Gateway",
        name="Rssi",
    )
    w.fl = w.metric(
        "flash",
        "Flash storage used",
        "Percent",
        lambda t: round(38 + 1.12 * (t - d0) / DAY * w.noise(0.004), 2),
        period=60,
        below=90,
        ns="Field/Gateway",
        name="FlashUsed",
    )
    w.tmp = w.metric(
        "temp",
        "Enclosure temperature",
        "°C",
        lambda t: round((21 + 17 * day(w.hour(t), 14, 0.1)) * w.noise(0.02), 1),
        period=60,
        below=60,
        ns="Field/Gateway",
        name="EnclosureTemp",
    )
    w.upl = w.metric(
        "upload",
        "Upload latency",
        "Seconds",
        lambda t: round(2.35 * w.noise(0.1) * (1 if not a <= t < b else 4.1 * w.noise(0.08)), 2),
        period=60,
        ns="Field/Gateway",
        name="UploadLatency",
        stat="p90",
    )
    w.dash = [("field-gateways", [m["id"] for m in w.metrics])]
    w.alarm(
        "gateway-devices-low",
        "ConnectedDevices",
        a + 95 * MIN,
        10000,
        7326,
        "Threshold Crossed: 2 datapoints were less than the threshold (10000.0).",
        "Field/Gateway",
        "Average",
        cmp="<",
        period=3600,
    )
    w.a, w.b = a, b
    ch = [
        w.loc(a - 20 * MIN).strftime("%Y-%m-%d %H:%M") + " UpdateThingGroup (iot.amazonaws.com) by fw-campaign on gw-south-4",
        w.loc(b - 10 * MIN).strftime("%Y-%m-%d %H:%M") + " UpdateCACertificate (iot.amazonaws.com) by s.menon on field-root-ca",
    ]
    w.tools = [
        "2 changes from "
        + w.loc(w.now - 9 * DAY).strftime("%Y-%m-%d %H:%M")
        + " on, newest first. What only reads is left out.\n<<<data "
        + F_
        + " recent_changes\n"
        + ch[1]
        + "\n"
        + ch[0]
        + "\n>>>end "
        + F_
        + "\n",
        LOG(3, 323, "5.1 GB", ["firmware=4.12.0  gateways=218", "firmware=4.12.3  gateways=94", "firmware=4.9.7  gateways=11"]),
    ]
    w.reasons = ch
    w.names = ["gw-south-4", "field-root-ca", "/field/gateway"]
    return w


ALL = [mail, game, pay, k8s, iot]
