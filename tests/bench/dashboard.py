"""A dashboard of 50 metrics of 15 days at 5 minutes against tests/sandbox: what it costs, and how long the loop was held up.

While it is read, judged and drawn, everybody else waits at most for the longest pass of the loop: that is the CPU time that
tocsin measures itself, so a busy machine does not lengthen it. The sandbox speaks plain HTTP.
"""
import time
import urllib.request

from tests.e2e import metrics_text
from tests.sandbox import series

from .whole import Stage, cpu_ns

METRICS, DAYS = 50, 15
SCRAPE_S = 0.1


def configured(stage):
    """50 metrics, one of which is abnormal."""
    end, metrics = int(time.time()), []
    slow = series.slow_since(end - 4 * 3600, end - 3 * 3600, 40)
    for n in range(METRICS):
        where = {"namespace": "Bench/Metrics", "metric": "Metric%d" % n}
        stage.sb.metric(where["namespace"], where["metric"],
                        points=series.make(series.cpu, end, days=DAYS, seed=n, change=slow if n == 0 else None))
        metrics.append({"id": "m%d" % n, **where})
    return [{"name": "many", "baseline": "14d", "metrics": metrics}]


def longest_pass_us(stage):
    """Since this was last asked."""
    with urllib.request.urlopen("http://%s/metrics" % stage.address, timeout=10) as answer:
        return metrics_text.parse(answer.read().decode())["tocsin_loop_longest_pass_microseconds", ()]


def dashboard(bench):
    """CPU of the whole, the loop's longest pass, calls to CloudWatch."""
    with Stage(bench, 1) as stage:
        stage.start(dashboards=configured(stage))
        longest_pass_us(stage)
        before, longest = cpu_ns(stage.bot.pid), 0
        stage.sb.slash("/dashboard")

        def is_over():
            nonlocal longest
            longest = max(longest, longest_pass_us(stage))
            roots = [m for m in stage.sb.roots() if "many: 1 finding" in m["text"]]
            return roots and all(map(stage.sb.pictures, [roots[0], *stage.sb.replies(roots[0]["ts"])[:1]])) and \
                stage.sb.replies(roots[0]["ts"])

        stage.wait(is_over, "show the dashboard")
        time.sleep(SCRAPE_S)
        longest = max(longest, longest_pass_us(stage))
        return {"cpu_ms": (cpu_ns(stage.bot.pid) - before) / 1e6, "pass_ms": longest / 1000,
                "calls": len(stage.sb.aws_calls(action="GetMetricData"))}
