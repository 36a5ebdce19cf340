"""Questions in plain words: heard, answered from the data by a scripted model, shown, remembered; and when it goes wrong."""
import re
import time

import pytest

from tests.e2e.support import buttons, shown
from tests.sandbox import series

MODEL = "anthropic.claude-test-v1:0"
PRICES = {MODEL: {"input": 3.0, "output": 15.0}}
LOAD_BALANCER = {"LoadBalancer": "app/checkout/0123456789abcdef"}
LATENCY = {"id": "latency", "namespace": "AWS/ApplicationELB", "metric": "TargetResponseTime", "unit": "Seconds",
           "title": "Checkout answer time", "dimensions": LOAD_BALANCER, "normal": {"below": 0.5}}
WHY = "why is checkout slow since yesterday?"


def shop(world, **bedrock):
    """A dashboard with one finding, and a model."""
    end = int(time.time())
    slow = series.slow_since(end - 4 * 3600, end - 3 * 3600, 1.4)
    world.sb.metric(LATENCY["namespace"], LATENCY["metric"], dimensions=LOAD_BALANCER,
                    points=series.make(series.latency, end, days=4, change=slow))
    world.configure(dashboards=[{"name": "shop", "baseline": "3d", "metrics": [LATENCY]}],
                    bedrock={"model": MODEL, "prices": PRICES, **bedrock})
    return world


@pytest.fixture
def ready(idle):
    """A shop and a model, tocsin not started."""
    return shop(idle)


@pytest.fixture
def asked(ready):
    return ready.start()


@pytest.fixture(scope="module")
def common(pool):
    """One for the tests that leave nothing behind: each has a thread of its own."""
    from tests.e2e import conftest
    yield from conftest.kept(shop(conftest.make_world(pool, fresh=True)))


def thread(world, ts, channel=None):
    return world.sb.replies(ts, channel)


def said_in(world, ts, channel=None):
    """Without the backslashes that keep brackets from being links."""
    return "\n".join(shown(m) for m in thread(world, ts, channel)).replace("\\", "")


def wait_said(world, ts, *words, channel=None, timeout=15):
    """The thread's text once it holds the words."""
    def found():
        text = said_in(world, ts, channel)
        return all(w in text for w in words) and text
    return world.wait(found, lambda: "%s in\n%s" % (words, said_in(world, ts, channel)), timeout)


def ask(world, text=WHY, **more):
    return world.sb.mention(text, **more)["ts"]


def answered(world, ts, *words, channel=None, outcome="Answered", timeout=15):
    text = wait_said(world, ts, outcome, *words, channel=channel, timeout=timeout)
    world.settle(30)
    return text


def message_with(world, ts, word, channel=None):
    found = [m for m in thread(world, ts, channel) if word in shown(m)]
    assert len(found) == 1, "%d messages with %r\n%s" % (len(found), word, said_in(world, ts, channel))
    return found[0]


def last_question(call):
    """What the user said last, and all that came before it."""
    return call["params"]["messages"][-1]["content"][-1]["text"]


def test_metrics_of_alarms_are_looked_at(ready):
    """A dashboard's lines from alarms, for questions, too: here there is no other metric."""
    ready.configure(dashboards=[{"name": "shop", "baseline": "3d", "alarms": ["shop-*"]}])
    for name, more in (("shop-slow", {}), ("shop-any", {"rule": 'ALARM("shop-slow")'}), ("other", {})):
        ready.sb.post("aws_alarm", name=name, namespace=LATENCY["namespace"], metric=LATENCY["metric"], threshold=0.5,
                      dimensions=LOAD_BALANCER, period=300, **more)
    ready.start()
    ready.sb.model_says("It was slow (F1).")
    ts = ask(ready, "why has shop been slow since yesterday?")
    answered(ready, ts, "It was slow (F1).")
    said = last_question(ready.sb.model_calls()[0])
    assert "shop-slow (TargetResponseTime Average) was over its limit of 0.5" in said, said
    assert "alarm shop-any is left out" in said and "other (" not in said, said
    assert len(ready.sb.aws_calls(action="GetMetricData")) == 1


# --- ways to ask -----------------------------------------------------------------------------------------------
def test_a_mention_is_a_question(common):
    common.sb.model_says("It was slow (F1).", match="mentioned")
    calls = len(common.sb.model_calls())
    ts = ask(common, "why is checkout slow, mentioned?")
    text = answered(common, ts, "It was slow (F1).", "tokens")
    assert "$" in text and "today" in text and "Stop" not in text, text
    call = common.sb.model_calls()[calls]
    assert call["streamed"] and call["model"] == MODEL
    assert "cachePoint" in call["params"]["system"][-1]
    said = last_question(call)
    assert "why is checkout slow, mentioned?" in said and "F1" in said
    chart = message_with(common, ts, "F1: ")
    assert len(common.sb.pictures(chart)) == 1


def test_a_commands_word_may_begin_a_question(common):
    common.sb.model_says("It cost patience (F1).", match="since nine")
    ts = ask(common, "cost of checkout since nine?")
    answered(common, ts, "It cost patience (F1).", "tokens")


def test_a_slash_command_begins_a_thread_and_shows_the_question(common):
    common.sb.model_says("Slashed, it was slow.", match="slashed")
    common.sb.slash("/ask why is checkout slashed?")
    head = common.wait(lambda: next((m for m in common.sb.roots() if "checkout slashed?" in shown(m)), None), "the head")
    answered_text = wait_said(common, head["ts"], "Slashed, it was slow.")
    assert "tokens" in answered_text
    common.wait(lambda: "Answered" in shown(next(m for m in common.sb.roots() if m["ts"] == head["ts"])), "its end")


def test_a_slash_command_without_a_question(common):
    common.sb.slash("/ask")
    said = common.wait(lambda: next((m for m in common.sb.roots() if "I need a question" in shown(m)), None), "the hint")
    assert "asks:" not in shown(said), shown(said)


def test_ask_in_a_mention(common):
    common.sb.model_says("Asked.", match="explicitly")
    answered(common, ask(common, "ask explicitly top of the list"), "Asked.")


def test_a_direct_message_is_answered_in_its_thread(common):
    common.sb.model_says("Directly.", match="dm question")
    said = common.sb.say("what is up, dm question", channel="dm")
    answered(common, said["ts"], "Directly.", channel=said["channel"])


def test_slips_are_no_questions(common):
    calls = len(common.sb.model_calls())
    ts = ask(common, "tpo i-0123456789abcdef0")
    wait_said(common, ts, "Did you mean")
    common.settle()
    assert len(common.sb.model_calls()) == calls


def test_a_long_question_is_cut_and_that_is_said(common):
    common.sb.model_says("Long.", match="long long")
    ts = ask(common, "long " * 2000)
    answered(common, ts, "Long.", "longer than 3,000 characters")


def test_secrets_do_not_reach_the_model(common):
    common.sb.model_says("Rotate it.", match="rotate")
    calls = len(common.sb.model_calls())
    answered(common, ask(common, "should I rotate password=hunter2secret of the shop?"), "Rotate it.")
    assert "hunter2secret" not in str(common.sb.model_calls()[calls]["params"])


# --- memory ------------------------------------------------------------------------------------------------------
def test_a_thread_remembers_also_across_a_restart(asked):
    asked.sb.model_says("First answer.", match="slow since")
    ts = ask(asked)
    answered(asked, ts, "First answer.")
    asked.restart(hard=True)
    asked.sb.model_says("Second answer.", match="and before")
    asked.sb.say("and before that?", thread_ts=ts)  # no mention: the thread is a conversation
    wait_said(asked, ts, "Second answer.")
    asked.settle(30)
    messages = asked.sb.model_calls()[-1]["params"]["messages"]
    assert [m["role"] for m in messages] == ["user", "assistant", "user"]
    assert WHY in messages[0]["content"][0]["text"] and "First answer." in messages[1]["content"][0]["text"]
    asked.sb.say("<@U0BOB00001> look at this", thread_ts=ts, escape=False)  # talk among people
    asked.settle()
    assert len(asked.sb.model_calls()) == 2


def test_an_incidents_thread(common):
    common.sb.alarm(name="checkout-p99", namespace="AWS/ApplicationELB", metric="TargetResponseTime",
                    dimensions=LOAD_BALANCER, threshold=0.5, value=1.8)
    card = common.card("checkout-p99", "ALARM")
    calls = len(common.sb.model_calls())
    common.sb.model_says("The alarm says so.", match="what is this")
    common.sb.mention("what is this about, please?", thread_ts=card["ts"])
    answered(common, card["ts"], "The alarm says so.")
    assert "checkout-p99" in last_question(common.sb.model_calls()[calls])
    common.sb.say("I look at it.", thread_ts=card["ts"])
    common.settle()
    assert len(common.sb.model_calls()) == calls + 1


# --- tools ---------------------------------------------------------------------------------------------------------
def results(call):
    return [b["toolResult"] for b in call["params"]["messages"][-1]["content"] if "toolResult" in b]


def test_tools_run_side_by_side_and_failures_are_told(common):
    calls = len(common.sb.model_calls())
    common.sb.model_says(match="use tools", blocks=[
        {"text": "Let me look."}, {"tool": "list_incidents", "input": {}}, {"tool": "no_such_tool", "input": {}}])
    common.sb.model_says("Done with tools.")
    ts = ask(common, "please use tools now")
    text = answered(common, ts, "Let me look.", "Done with tools.", "2 tool calls")
    assert text.index("Let me look.") < text.index("Done with tools.")
    told = results(common.sb.model_calls()[calls + 1])
    assert [r["status"] for r in told] == ["success", "error"]


def test_a_model_that_loops_is_bounded(asked):
    asked.sb.model_says(blocks=[{"text": "More."}, {"tool": "list_incidents", "input": {}},
                                {"tool": "list_incidents", "input": {}}, {"tool": "list_incidents", "input": {}}], times=0)
    ts = ask(asked)
    answered(asked, ts, "kept asking", "broke off")
    calls = asked.sb.model_calls()
    assert len(calls) == 7
    assert sum(r["status"] == "success" for call in calls for r in results(call)) == 12
    assert "No more tools" in str(calls[-1]["params"]["messages"][-1])


def propose(world, runbook="agent-restart"):
    world.sb.model_says(match="what can", blocks=[{"tool": "propose_runbook", "input": {
        "runbook": runbook, "instance": "i-0123456789abcdef0", "reason": "It hangs."}}])
    world.sb.model_says("I proposed something.", match="^Proposed|<<<data")
    ts = ask(world, "what can be done about i-0123456789abcdef0, it is stuck?")
    answered(world, ts, "I proposed something.")
    return ts, message_with(world, ts, "I proposed something.")


def test_a_proposal_becomes_a_button_and_runs_as_if_typed(asked):
    ts, message = propose(asked)
    assert "ask_propose" in buttons(message) and not asked.sb.aws_commands()
    asked.sb.click(message["ts"], "ask_propose")
    wait_said(asked, ts, "Run agent-restart on i-0123456789abcdef0?")  # the runbook's own question
    assert not asked.sb.aws_commands()


def test_a_proposal_needs_permission(ready):
    ready.configure(roles={"operator": ["U0BOB00001"]}).start()
    _ts, message = propose(ready, "top")
    ready.sb.click(message["ts"], "ask_propose")
    private = ready.wait(lambda: ready.sb.get("ephemerals"), "the refusal")
    assert "Only operators" in shown(private[-1])
    ready.settle()
    assert not ready.sb.aws_commands()


# --- what is said is checked ---------------------------------------------------------------------------------------
def test_invented_numbers_are_marked(common):
    common.sb.model_says("The disk was 77.31 % full, with 4711 errors.", match="invented")
    text = answered(common, ask(common, "what was invented here?"), "77.31 % [not in the data]", "4711")
    assert "2 figures or names are not in the data" in text, text


# --- stop ------------------------------------------------------------------------------------------------------------
def head_of(world, ts):
    return world.wait(lambda: next((m for m in thread(world, ts) if "ask_stop" in buttons(m)), None), "the stop button")


def test_stop_while_the_model_writes(asked):
    asked.sb.model_says("It begins to say something and then goes silent for ever and ever.", stall=4, match="slow since")
    ts = ask(asked)
    wait_said(asked, ts, "It begins")
    asked.sb.click(head_of(asked, ts)["ts"], "ask_stop", user="U0BOB00001")
    text = answered(asked, ts, "Stopped by", outcome="Stopped")
    assert "It begins" in text and "ever and ever" not in text
    asked.wait(lambda: asked.sb.model_calls()[-1]["ended"] == "gone", "the model to be told")
    assert not [m for m in thread(asked, ts) if "ask_stop" in buttons(m)]


def test_stop_before_the_first_word(asked):
    asked.sb.model_says("Never said.", first_s=60, match="slow since")
    ts = ask(asked)
    asked.wait(asked.sb.model_calls, "the call")
    head = head_of(asked, ts)
    asked.sb.click(head["ts"], "ask_stop")
    text = answered(asked, ts, outcome="Stopped")
    assert "Never said" not in text
    assert "stopping" in str(message_with(asked, ts, "Stopped")["history"])


# --- when it goes wrong ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("hard", [True, False], ids=["killed", "stopped"])
def test_a_restart_interrupts_and_try_again_asks_again(asked, hard):
    asked.sb.model_says("It starts an answer that nobody ever hears the end of.", stall=4, match="slow since")
    ts = ask(asked)
    wait_said(asked, ts, "It starts")
    asked.restart(hard)
    answered(asked, ts, "Interrupted by a restart", "It starts", outcome="Interrupted")
    assert len(asked.sb.model_calls()) == 1
    asked.sb.model_says("The whole answer.", match="slow since", first_s=0.5, times=0)
    head = next(m for m in thread(asked, ts) if "ask_again" in buttons(m))
    asked.sb.click(head["ts"], "ask_again")
    asked.sb.click(head["ts"], "ask_again", user="U0BOB00001")
    wait_said(asked, ts, "The whole answer.")
    asked.wait(lambda: "asked again already" in str(asked.sb.get("ephemerals")), "the second click's answer")
    asked.settle(30)
    assert len(asked.sb.model_calls()) == 2


@pytest.mark.parametrize("fault, words", [
    ({"error": "ThrottlingException", "times": 0}, "thrott"),
    ({"error": "AccessDeniedException", "times": 0}, "access"),
    ({"exception": {"type": "modelStreamErrorException", "after": 1}}, "model"),
], ids=["throttled", "denied", "failed before the first word"])
def test_without_the_model_the_findings_speak(asked, fault, words):
    asked.sb.model_says("never", **fault)
    asked.allow_judged("AccessDeniedException")
    ts = ask(asked)
    text = answered(asked, ts, "F1", outcome="Answered without a model")
    assert words in text.lower() and "ask_again" in str([buttons(m) for m in thread(asked, ts)]), text
    assert "). These are the findings as they are" in text, text
    assert ("Asking the model cost up to $" in text) == ("exception" in fault), text
    assert any(asked.sb.pictures(m) for m in thread(asked, ts)), "the cited finding's chart"


def test_what_was_said_stays_when_it_breaks_off(asked):
    asked.sb.model_says("The first words are shown and then it breaks.", match="slow since",
                        exception={"type": "modelStreamErrorException", "after": 4})
    ts = ask(asked)
    text = answered(asked, ts, "The first words", "⚠️ The answer broke off.", "The model anthropic", "(ModelStreamErrorException).",
                    outcome="Answered in part")
    assert "then it breaks" not in text
    assert "the tokens were not told · at most $" in text, text
    assert "ask_again" in str([buttons(m) for m in thread(asked, ts)])


@pytest.mark.parametrize("stop, words", [
    ("max_tokens", "cut at the model's limit"), ("guardrail_intervened", "guardrail"), ("content_filtered", "filter")])
def test_every_stop_reason_has_its_words(common, stop, words):
    common.sb.model_says("Some text.", stop=stop, match=stop)
    ts = ask(common, "what about %s here?" % stop)
    answered(common, ts, "Some text.", words)
    if stop == "max_tokens":
        common.sb.model_says("The rest.", match="Go on with your last answer")
        common.sb.click(message_with(common, ts, "Some text.")["ts"], "ask_again")
        wait_said(common, ts, "The rest.")
        common.settle(30)


@pytest.mark.parametrize("stop", ["malformed_model_output", "model_context_window_exceeded"])
def test_one_more_try(common, stop):
    calls = len(common.sb.model_calls())
    common.sb.model_says(blocks=[], stop=stop, match=stop)
    common.sb.model_says("Now it works.", match=stop)
    answered(common, ask(common, "what about %s then?" % stop), "Now it works.")
    assert len(common.sb.model_calls()) == calls + 2


@pytest.mark.parametrize("stop", ["malformed_model_output", "model_context_window_exceeded"])
def test_one_more_try_goes_on_behind_what_was_shown(common, stop):
    """The model is told what its reader has: nothing is said twice."""
    calls = len(common.sb.model_calls())
    common.sb.model_says("It began at nine.", stop=stop, match="half of " + stop)
    common.sb.model_says("It ended at ten.", match="write it again")
    answered(common, ask(common, "what of half of %s?" % stop), "It began at nine.", "It ended at ten.")
    roles = [(m["role"], m["content"][0]["text"]) for m in common.sb.model_calls()[calls + 1]["params"]["messages"]]
    assert [role for role, _ in roles] == ["user", "assistant", "user"] and roles[1][1].startswith("It began at nine"), roles


def test_a_model_that_cannot_stream(common):
    for _ in range(2):
        common.sb.model_says("Whole at once.", match="unstreamed", refuse_stream="The model doesn't support streaming.")
    calls = len(common.sb.aws_calls(service="bedrock"))
    for _ in range(2):
        answered(common, ask(common, "is this unstreamed now?"), "Whole at once.")
    made = [c["action"] for c in common.sb.aws_calls(service="bedrock")[calls:]]
    assert made == ["ConverseStream", "Converse", "Converse"], made


# --- money and crowds -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("restarted", [False, True], ids=["lives", "restarted"])
def test_a_head_that_cannot_be_edited_for_long_is_edited_at_last(asked, restarted):
    """All of a step's tries fail, and what is tried on at long intervals fails as well for a while."""
    asked.sb.model_says("Here it is.", match="slow since")
    asked.sb.fault("500_before", times=0, method="chat.update")
    ts = ask(asked)
    asked.bot.wait_logged("flow.rescued", "wait for head", timeout=40)
    assert "⏳" in said_in(asked, ts)
    if restarted:
        asked.restart(hard=True)
    asked.sb.clear_faults()
    answered(asked, ts, "Here it is.", timeout=40)
    said = said_in(asked, ts)
    assert "⏳" not in said, said
    message_with(asked, ts, "Answered"), message_with(asked, ts, "Here it is.")
    assert len(asked.sb.model_calls()) == 1


def test_a_head_that_slack_refuses_to_edit_is_said_below(asked):
    asked.sb.model_says("Here it is.", match="slow since")
    asked.sb.fault("ok_false:edit_window_closed", times=0, method="chat.update")
    ts = ask(asked)
    answered(asked, ts, "Here it is.", "could not be edited")
    assert "could not be edited" in shown(message_with(asked, ts, "Answered"))


def test_a_chart_that_is_missing_is_told_in_the_head(asked):
    asked.sb.model_says("It was slow (F1).", match="slow since")
    asked.sb.fault("ok_false:file_uploads_disabled", times=0, method="files.getUploadURLExternal")
    ts = ask(asked)
    answered(asked, ts, "It was slow (F1).", "A chart is missing", "ask a workspace admin")
    assert "A chart is missing" in shown(message_with(asked, ts, "Answered"))


@pytest.mark.parametrize("lost", ["its metrics", "its finding"])
def test_a_chart_that_a_restart_lost_is_told_in_the_head(asked, lost):
    asked.sb.model_says("It was slow (F1).", match="slow since")
    asked.sb.fault("reset_before", times=0, method="files.getUploadURLExternal")
    ts = ask(asked)
    wait_said(asked, ts, "Answered", "It was slow (F1).")
    asked.bot.wait_logged("flow.retry", "upload chart")
    asked.bot.kill()
    if lost == "its metrics":
        asked.sb.deny("cloudwatch:GetMetricData")
    else:
        asked.configure(dashboards=[])
    asked.sb.clear_faults()
    asked.start()
    answered(asked, ts, "A chart is missing: what it shows is not in what was read anew after a restart")
    message_with(asked, ts, "Answered"), message_with(asked, ts, "It was slow (F1).")


def test_an_answer_without_charts_is_not_read_anew_after_a_restart(asked):
    asked.sb.model_says("I cannot tell.", match="slow since")
    asked.sb.fault("hold", times=0, method="chat.update", text="Answered")
    ts = ask(asked)
    wait_said(asked, ts, "I cannot tell.", "Answered")
    reads = len(asked.sb.aws_calls(action="GetMetricData"))
    assert reads > 0
    asked.bot.kill()
    asked.sb.clear_faults()
    asked.start()
    answered(asked, ts, "I cannot tell.", timeout=40)
    assert len(asked.sb.aws_calls(action="GetMetricData")) == reads


def test_a_tool_that_failed_is_told_below_the_answer(asked):
    asked.sb.deny("cloudtrail:LookupEvents")
    asked.sb.model_says(blocks=[{"tool": "recent_changes", "input": {}}, {"tool": "no_such_tool", "input": {}}])
    asked.sb.model_says("Nothing changed.")
    ts = ask(asked)
    text = answered(asked, ts, "Nothing changed.", "Looking for recent changes failed", "cloudtrail:LookupEvents")
    assert text.count("failed") == 1, text


def test_a_metric_that_a_tool_could_not_read_is_told_below_the_answer(asked):
    asked.sb.deny("cloudwatch:GetMetricData")
    asked.sb.model_says(blocks=[{"tool": "read_metric", "input": {"dashboard": "shop", "id": "latency"}}])
    asked.sb.model_says("I cannot tell.")
    text = answered(asked, ask(asked), "I cannot tell.", "Reading a metric failed: Checkout answer time: ")
    assert text.count("failed: ") == 1 and "cloudwatch:GetMetricData" in text.split("failed: ")[1], text


def test_over_budget_the_findings_speak(idle):
    shop(idle, max_cost_per_day=0.0001).start()
    ts = ask(idle)
    text = answered(idle, ts, "F1", outcome="Answered without a model")
    assert "max_cost_per_day" in text or "ceiling" in text, text
    assert not idle.sb.model_calls()


def test_what_was_throttled_costs_nothing(asked):
    asked.sb.model_says("never", error="ThrottlingException", times=0)
    answered(asked, ask(asked), outcome="Answered without a model")
    wait_said(asked, asked.sb.mention("cost")["ts"], "Nothing so far.", "$0.00")


def test_ceilings_hold_with_parallel_questions(idle):
    """Money for one answer at a time: of four at once, some get the findings alone."""
    shop(idle, max_cost_per_day=0.15).start()
    idle.sb.model_says("Paid for.", times=0, first_s=0.5)
    threads = [ask(idle, "why is checkout slow, number %d?" % n) for n in range(4)]
    for ts in threads:
        answered(idle, ts, outcome="Answered")
    texts = [said_in(idle, ts) for ts in threads]
    paid = [t for t in texts if "Paid for." in t]
    assert 1 <= len(paid) < 4 and len(idle.sb.model_calls()) == len(paid), texts
    today = max(float(m) for m in re.findall(r"today \$([\d.]+) of", "\n".join(paid)))
    assert today <= 0.15


def test_questions_wait_for_their_turn(asked):
    asked.sb.model_says("Served.", times=0, first_s=0.3)
    threads = [ask(asked, "why is checkout slow, number %d?" % n) for n in range(6)]
    for ts in threads:
        answered(asked, ts, "Served.")
    heads = [str(m["history"]) for ts in threads for m in thread(asked, ts) if "waiting" in str(m["history"])]
    assert heads and all("reading 1 metric" in h for h in heads), heads
    calls = asked.sb.model_calls()
    assert len(calls) == 6


def test_a_busy_thread_does_not_hold_up_the_others(asked):
    asked.sb.model_says("Late.", match="busy", first_s=60, times=0)
    asked.sb.model_says("Free.", match="elsewhere")
    ts = ask(asked, "why is checkout slow, busy?")
    asked.wait(asked.sb.model_calls, "the first call")
    for n in range(3):
        asked.sb.mention("and busy number %d, what of it?" % n, thread_ts=ts)
    asked.wait(lambda: len([m for m in thread(asked, ts) if "waiting for other" in shown(m)]) == 3, "three that wait")
    answered_ts = ask(asked, "why is checkout slow elsewhere?")
    wait_said(asked, answered_ts, "Free.")
    assert "Late." not in said_in(asked, ts)


def test_one_at_a_time_in_a_thread(asked):
    asked.sb.model_says("Served.", times=0, first_s=0.3)
    ts = ask(asked)
    for n in range(2):
        asked.sb.mention("and number %d, what of it?" % n, thread_ts=ts)
    asked.wait(lambda: said_in(asked, ts).count("Served.") >= 3, "three answers", 40)
    asked.settle(30)
    assert [len(c["params"]["messages"]) for c in asked.sb.model_calls()] == [1, 3, 5]


# --- without a model at all ----------------------------------------------------------------------------------------------
def test_without_a_model(idle):
    shop(idle).configure(bedrock=None).start()
    ts = ask(idle)
    text = answered(idle, ts, "F1", outcome="Answered without a model")
    assert "ask_again" not in str([buttons(m) for m in thread(idle, ts)]), text
    idle.wait(lambda: any(idle.sb.pictures(m) for m in thread(idle, ts)), "the chart")
    assert not idle.sb.model_calls()


def test_with_nothing_configured(world):
    ts = ask(world, "what is going on here?")
    answered(world, ts, outcome="Answered without a model")
