"""Questions against tests/sandbox: how long the model's first words take to be on their way to Slack, and what an answer costs.

Both moments are the sandbox's, on one clock: when it wrote the model's first text into the stream, and when the request came
that first showed some of it. In between are the event stream, the check of every figure, Markdown made harmless, and Slack's
pacing. The sandbox speaks plain HTTP, on the same machine.
"""
import statistics
import time

from tests.sandbox import series

from .whole import Stage, channel, cpu_ns

QUESTIONS = 6
MODEL = "bench.model-v1:0"
ANSWER = ("The answer time was over its limit, as the findings say. " * 12).strip()


def configured(stage):
    """A dashboard of one metric, so that reading it takes no time worth mentioning."""
    end = int(time.time())
    where = {"namespace": "Bench/Metrics", "metric": "Latency"}
    stage.sb.metric(where["namespace"], where["metric"], points=series.make(series.latency, end, days=4))
    return {"dashboards": [{"name": "shop", "baseline": "3d", "metrics": [{"id": "latency", **where}]}],
            "bedrock": {"model": MODEL}}


def first_shown(stage, where):
    """When some of the answer first reached Slack."""
    return min(r["time"] for r in stage.sb.requests()
               if r["method"] in ("chat.startStream", "chat.appendStream") and r["args"]["channel"] == where
               and (r["args"].get("markdown_text") or r["args"].get("chunks")))


def ask(bench):
    """The latest of some questions, and their median; CPU of each."""
    with Stage(bench, QUESTIONS) as stage:
        stage.start(**configured(stage))
        stage.sb.model_says(ANSWER, times=0, pause_s=0.02)
        late, before = [], cpu_ns(stage.bot.pid)
        for number in range(QUESTIONS):
            asked = stage.sb.mention("how is the latency?", channel=channel(number))["ts"]
            stage.wait(lambda: any("Answered" in m["text"] for m in stage.sb.replies(asked, channel(number))), "answer")
            late.append(first_shown(stage, channel(number)) - stage.sb.model_calls()[-1]["first_text"])
        return {"ms": statistics.median(late) * 1000, "worst_ms": max(late) * 1000,
                "cpu_ms": (cpu_ns(stage.bot.pid) - before) / 1e6 / QUESTIONS}
