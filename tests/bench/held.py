"""Questions at every limit at once: how long the loop was held up, by the measure of dashboard.py.

A briefing of as many metrics as a question may have, with findings and incidents; a thread full of earlier answers; tools that
find more than they may tell; an answer of 64 KiB that comes as one piece, every sentence of it full of figures and names.
"""
import time

from tests.sandbox import series

from .dashboard import longest_pass_us
from .whole import Stage, channel

METRICS, INCIDENTS, EARLIER = 24, 60, 3
SCALE = "0.05"  # of all waits, so that showing 64 KiB takes no minutes
MODEL = "bench.model-v1:0"
ANSWER_BYTES, EARLIER_BYTES = 64 << 10, 20 << 10
GROUP = "/bench/app"
TOOLS = [("list_metrics", {}), ("list_incidents", {}), ("list_alarms", {}), ("recent_changes", {}),
         ("judge_metrics", {"dashboard": "many"}),
         ("query_logs", {"groups": [GROUP], "query": "fields @timestamp, @message | limit 100", "limit": 100}),
         ("read_metric", {"dashboard": "many", "id": "m1"})]


def dense(size):
    """Sentences of figures, times, names and causes, none like the other."""
    text, number = [], 0
    while sum(map(len, text)) < size:
        number += 1
        text.append("Because of the deploy, checkout step %d (m%d, i-%017x) took %.3f s at %02d:%02d, %d %% more than the %d ms "
                    "of Metric%d, which is %.1f times the usual 0.%d s. " % (
                        number, number % METRICS, number, number / 7, number % 24, number % 60, number % 97, number % 953,
                        number % METRICS, 1 + number % 40 / 3, number))
        if number % 5 == 0:
            text.append("\n\n")
    return "".join(text)[:size]


def configured(stage):
    end, metrics = int(time.time()), []
    for n in range(METRICS):
        where = {"namespace": "Bench/Metrics", "metric": "Metric%d" % n}
        slow = series.slow_since(end - (4 + n % 8) * 3600, end - 3 * 3600, 40) if n % 2 == 0 else None
        stage.sb.metric(where["namespace"], where["metric"],
                        points=series.make(series.cpu, end, days=15, seed=n, change=slow))
        metrics.append({"id": "m%d" % n, "title": "Checkout step %d" % n, "about": "How long step %d takes. " % n * 8, **where})
    stage.sb.log_lines(GROUP, [[end - 60 * n, "ERROR step %d password=hunter%d took %d ms " % (n % METRICS, n, n) * 60]
                               for n in range(100)])
    for n in range(100):
        stage.sb.changed("UpdateService", user="ada-%d" % n, at=end - 60 * n, resources=["checkout-%d" % n])
    return {"dashboards": [{"name": "many", "baseline": "14d", "metrics": metrics}],
            "bedrock": {"model": MODEL}, "answers": {"log_groups": ["/bench/*"]},
            "runbooks": [{"name": name, "linux": "true"} for name in ("top", "memory", "disk")]}


class Watch:
    """The longest pass of the loop until now."""

    def __init__(self, stage):
        self.stage, self.longest = stage, 0
        longest_pass_us(stage)

    def look(self):
        self.longest = max(self.longest, longest_pass_us(self.stage))


def ask(stage, watch, text, **more):
    """Its thread, once it is answered."""
    asked = stage.sb.mention(text, channel=channel(0), **more)["ts"]
    root = more.get("thread_ts", asked)
    before = sum("Answered" in m["text"] for m in stage.sb.replies(root, channel(0)))

    def is_over():
        watch.look()
        return sum("Answered" in m["text"] for m in stage.sb.replies(root, channel(0))) > before

    stage.wait(is_over, "answer")
    watch.look()
    return root


def held(bench):
    """The longest pass while it answers, with and without the model."""
    with Stage(bench, 1, scale=SCALE) as stage:
        stage.start(**configured(stage))
        for n in range(INCIDENTS):
            stage.sb.alarm(name="held-%d" % n, metric="Metric%d" % n, namespace="Bench/Metrics", reason="It was slow. " * 40,
                           wait=False)
        stage.wait(lambda: len(stage.sb.roots()) >= INCIDENTS, "show the incidents")
        watch = Watch(stage)
        stage.sb.model_says(dense(EARLIER_BYTES), times=EARLIER, refuse_stream="The model does not stream.")
        root = ask(stage, watch, "how is checkout in the last day?")
        for _ in range(EARLIER - 1):
            ask(stage, watch, "and which step? " + "about step 12 at 10:15, " * 100, thread_ts=root)
        stage.sb.clear_model()
        stage.sb.model_says(blocks=[{"tool": tool, "input": given} for tool, given in TOOLS])
        stage.sb.model_says(dense(ANSWER_BYTES))
        ask(stage, watch, "why is checkout slow in the last day? look at %s" % GROUP, thread_ts=root)
        stage.sb.clear_model()
        stage.sb.model_says("never", error="AccessDeniedException", times=0)
        ask(stage, watch, "why is checkout slow in the last day?")
        return {"pass_ms": watch.longest / 1000, "calls": len(stage.sb.model_calls())}
