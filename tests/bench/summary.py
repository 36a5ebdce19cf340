"""A summary of 20 dashboards of 20 metrics, 15 days at 5 minutes, against tests/sandbox: what it costs, and how long the loop was
held up.

The time is that from the question to the message with its picture; the details in the thread come after it, by one message a
second, as Slack wants it. The sandbox, which makes 1.7 million values, speaks plain HTTP and shares the machine.
"""
import time

from tests.sandbox import series

from .dashboard import SCRAPE_S, longest_pass_us
from .whole import Stage, cpu_ns

DASHBOARDS, METRICS, DAYS = 20, 20, 15
SLOW = (3, 11)  # dashboards with an abnormal metric


def configured(stage):
    end = int(time.time())
    burst = series.slow_since(end - 4 * 3600, end - 3 * 3600, 40)
    ordinary = series.make(series.cpu, end, days=DAYS, seed=1)
    unusual = series.make(series.cpu, end, days=DAYS, seed=2, change=burst)
    boards = []
    for number in range(DASHBOARDS):
        metrics = []
        for n in range(METRICS):
            where = {"namespace": "Bench/Summary", "metric": "Metric%d-%d" % (number, n)}
            points = unusual if number in SLOW and n == 0 else ordinary
            stage.sb.metric(where["namespace"], where["metric"], points=points)
            metrics.append({"id": "m%d" % n, **where})
        boards.append({"name": "board%d" % number, "baseline": "14d", "metrics": metrics})
    return boards


def summary(bench):
    """Time and CPU of the message with its picture, CPU of all, the loop's longest pass, calls to CloudWatch."""
    with Stage(bench, 1) as stage:
        stage.start(dashboards=configured(stage))
        longest_pass_us(stage)
        before, began, longest, took = cpu_ns(stage.bot.pid), time.monotonic(), 0, None
        stage.sb.slash("/tocsin summary")

        def message():
            return next((m for m in stage.sb.roots() if m["text"] == "Summary: nothing open, 2 findings"), None)

        def is_shown():
            nonlocal longest
            longest = max(longest, longest_pass_us(stage))
            return message() and stage.sb.pictures(message())

        stage.wait(is_shown, "show the summary")
        took, cpu = time.monotonic() - began, cpu_ns(stage.bot.pid) - before
        stage.wait(lambda: len(stage.sb.replies(message()["ts"])) == len(SLOW), "tell the details")
        time.sleep(SCRAPE_S)
        longest = max(longest, longest_pass_us(stage))
        return {"s": took, "cpu_ms": cpu / 1e6, "whole_cpu_ms": (cpu_ns(stage.bot.pid) - before) / 1e6,
                "pass_ms": longest / 1000, "calls": len(stage.sb.aws_calls(action="GetMetricData"))}
