"""Every error at every moment: Jira, SSM, EC2 and mail fail, once and for good, before and after the effect.

What must hold in each case: the other systems' work went on and is shown; there is one issue, one comment for
each thing, one run of each command, one mail (a repeat of it at most where nobody can know); what failed for good
is on the message with what to do, and mends by its button once the fault is over.

A life passes every moment, and each of them is struck once: so a line of the matrix is one case.
"""
import pytest

from tests.e2e.conftest import kept, make_world
from tests.e2e.support import alarm_of, buttons, fields, shown

REFUSED = {"do": "status", "status": 400, "body": '{"errorMessages": ["No."], "errors": {}}'}
FORBIDDEN = {"do": "status", "status": 403, "body": '{"errorMessages": ["Not you."], "errors": {}}'}
# No deadline is waited for here but in test_deadlines: the connection ends after a while.
PASSING = {
    "reset_before": "reset_before", "reset_after": "reset_after", "close_before": "close_before",
    "close_after": "close_after", "silence_before": {"do": "hang_before", "s": 0.2},
    "silence_after": {"do": "hang_after", "s": 0.2}, "500_before": "500_before", "500_after": "500_after",
    "503_before": "503_before", "502_after": "502_after", "malformed": "malformed_json", "truncated": "truncated",
    "empty": "empty", "wrong_type": "content_type", "slow": {"do": "delay", "s": 0.3},
}
BEFORE = {name for name in PASSING if name.endswith("_before")} | {"throttled", "slow"}
JIRA_PASSING = {**PASSING, "429": {"do": "429", "retry_after": 3},
                "429_without_a_time": {"do": "status", "status": 429, "body": "{}"}}
JIRA_FINAL = {"refused": REFUSED, "forbidden": FORBIDDEN,
              "html": {"do": "html", "store": False}}
JIRA_MOMENTS = ("jira.issue.create", "jira.comment.add", "jira.link.set", "jira.transition.list",
                "jira.transition.do", "jira.issue.assign")
AWS_PASSING = {**{k: v for k, v in PASSING.items() if k != "wrong_type"}, "throttled": "throttle", "html": "html"}
AGENT = "title agent\\n"
MEMORY = {"namespace": "CWAgent", "metric": "mem_used_percent"}


@pytest.fixture(autouse=True)
def over(request):
    """No fault outlives its case."""
    yield
    for name in ("cloud", "datacenter"):
        if name in request.fixturenames or "flows" in request.fixturenames and request.node.callspec.params.get(
                "flows") == name:
            world = request.getfixturevalue(name)
            world.sb.clear_faults()
            world.sb.allow_all()


def strike(world, action, *moments, times=1):
    """Arms a fault at each of the moments; returns a function that says which have not struck."""
    rules = {moment: world.sb.fault(action, method=moment, times=times)["rule"] for moment in moments}
    return lambda: [m for m, rule in rules.items() if not world.sb.get("faults")[rule]["fired"]]


def new_host(world, **options):
    instance = world.host(**options)
    world.script(instance, output="the output\n")
    return instance


def diagnosed_once(world, instance):
    assert len(world.commands(instance)) == 1, "commands: %s" % world.commands(instance)
    assert len(world.outputs(instance, "the output")) == 1


def told_once(world, instance, *words):
    """One issue, with one comment of each."""
    for word in words:
        assert len(world.comments(instance, word)) == 1, [c["text"] for c in world.issue(instance)["comments"]]
    assert len(world.comments(instance)) == len(words)


# --- Jira --------------------------------------------------------------------------------------------------------
def free_ticket(world, instance):
    """/ticket with words, by somebody who is known to Jira: the moment of the assignment."""
    word = instance.replace("i-", "free ")
    world.sb.slash("/ticket " + word, user="alice")
    answer = world.wait(lambda: [m for m in world.sb.roots() if "OPS-" in shown(m) and "Ticket" in m["text"]
                                 and any(i["key"] in shown(m) for i in free_ones(world, word))],
                        "the answer of /ticket")[0]
    ticket, = free_ones(world, word)
    return ticket, shown(answer)


def free_ones(world, word):
    return [i for i in world.sb.jira_issues(world.site) if word in i["summary"]]


@pytest.mark.parametrize("error", JIRA_PASSING)
def test_jira_that_fails_once_at_every_moment(flows, error):
    instance = new_host(flows)
    unstruck = strike(flows, JIRA_PASSING[error], *JIRA_MOMENTS)
    flows.fire(instance)
    flows.stage(instance, "Ticket", "OPS-")
    flows.stage(instance, "Mail", "✅")
    flows.wait(lambda: flows.issue(instance)["links"] and flows.comments(instance, "the output"), "link and comment")
    ticket, answer = free_ticket(flows, instance)
    flows.fire(instance, "OK")
    flows.wait(lambda: flows.issue(instance)["category"] == "done", "the issue to be done")
    card = flows.finished(instance)
    assert not unstruck(), "not struck: %s" % unstruck()
    assert card["text"].startswith("RESOLVED") and fields(card)["Ticket"].startswith("✅"), fields(card)
    told_once(flows, instance, "the output", "OK")
    assert len(flows.issue(instance)["links"]) == 1
    assert ticket["assignee"] == "alice" and "not assigned" not in answer
    assert len(flows.mails(instance)) == 1
    diagnosed_once(flows, instance)


@pytest.mark.parametrize("error", JIRA_FINAL)
def test_jira_that_refuses_once_at_every_moment(flows, error):
    instance = new_host(flows)
    strike(flows, JIRA_FINAL[error], "jira.issue.create", times=0)      # once more without what may be left out
    flows.fire(instance)
    flows.stage(instance, "Ticket", "⚠️", "Jira cannot create an issue")
    flows.stage(instance, "Mail", "✅")
    flows.settle()
    assert not flows.issues(instance)
    flows.sb.clear_faults()
    unstruck = strike(flows, JIRA_FINAL[error], *JIRA_MOMENTS[1:])
    flows.press(instance, "ticket")
    flows.stage(instance, "Ticket", "✅", "OPS-", "a comment was not taken", "it has no link back to here")
    ticket, answer = free_ticket(flows, instance)
    flows.fire(instance, "OK")
    flows.stage(instance, "Ticket", "its status was not changed", "a comment was not taken", "it has no link back to here")
    flows.finished(instance)
    assert not [m for m in unstruck() if m != "jira.transition.do"]     # its list was refused before
    told_once(flows, instance, "OK")
    assert ticket["assignee"] is None and "not assigned" in answer
    assert "There is no issue" in flows.mails(instance)[0]["message"]
    diagnosed_once(flows, instance)


@pytest.mark.parametrize("moment", ["jira.issue.create", "jira.comment.add", "jira.link.set", "jira.transition.do"])
def test_jira_that_is_down_at_one_moment_until_somebody_mends_it(flows, moment):
    instance = new_host(flows)
    strike(flows, "503_before", moment, times=0)
    flows.fire(instance)
    flows.stage(instance, "Mail", "✅")
    if moment == "jira.transition.do":
        flows.fire(instance, "OK")
    flows.stage(instance, "Ticket", "⚠️", "Jira", "503", timeout=60)
    flows.wait(lambda: flows.outputs(instance, "the output"), "the output in the thread")
    flows.sb.clear_faults()
    flows.press(instance, "ticket")
    flows.stage(instance, "Ticket", "✅", "OPS-")
    flows.settle()
    told_once(flows, instance, "the output", *(["OK"] if moment == "jira.transition.do" else []))
    assert len(flows.issue(instance)["links"]) == 1 and len(flows.mails(instance)) == 1
    assert flows.issue(instance)["category"] == ("done" if moment == "jira.transition.do" else "new")
    assert "ticket" not in buttons(flows.cards(alarm_of(instance))[0])
    diagnosed_once(flows, instance)


@pytest.mark.parametrize("error", ["503", "forbidden", "html", "malformed"])
def test_jira_that_cannot_be_searched_after_a_lost_answer(flows, error):
    """Nobody can know whether the issue is there: none is made a second time, and it is said."""
    instance = new_host(flows)
    action = {"503": "503_before", "forbidden": FORBIDDEN, "html": "html", "malformed": "malformed_json"}[error]
    strike(flows, "reset_after", "jira.issue.create")
    strike(flows, action, "jira.search*", times=0)
    flows.fire(instance)
    flows.stage(instance, "Ticket", "⏳", "Jira", timeout=60)
    flows.stage(instance, "Ticket", "trying again")
    flows.stage(instance, "Mail", "✅")
    assert len(flows.issues(instance)) == 1
    flows.sb.clear_faults()
    flows.stage(instance, "Ticket", "✅", "OPS-", timeout=60)
    flows.settle()
    told_once(flows, instance, "the output")
    assert len(flows.mails(instance)) == 1
    diagnosed_once(flows, instance)


def test_jira_that_cannot_be_looked_at_after_a_lost_answer_to_a_comment(flows):
    instance = new_host(flows)
    strike(flows, "reset_after", "jira.comment.add")
    strike(flows, FORBIDDEN, "jira.comment.list", times=0)
    flows.fire(instance)
    assert "Not you" in flows.stage(instance, "Ticket", "⏳", "OPS-", "trying again")
    flows.stage(instance, "Mail", "✅")
    flows.sb.clear_faults()
    card = flows.finished(instance)
    assert fields(card)["Ticket"].startswith("✅") and "trying" not in fields(card)["Ticket"]
    told_once(flows, instance, "the output")
    assert len(flows.mails(instance)) == 1


# --- SSM and EC2 -------------------------------------------------------------------------------------------------
AWS_MOMENTS = ("ec2.DescribeInstances", "ssm.DescribeInstanceInformation", "ssm.SendCommand",
               "ssm.GetCommandInvocation")
LOOKED_FOR = {"reset_before", "reset_after", "close_before", "close_after", "silence_before", "silence_after",
              "500_before", "500_after", "503_before", "502_after", "malformed", "truncated", "empty", "html"}


@pytest.mark.parametrize("error", AWS_PASSING)
def test_aws_that_fails_once_at_every_moment(cloud, error):
    instance = new_host(cloud)
    moments = AWS_MOMENTS + (("ssm.ListCommands",) if error in LOOKED_FOR else ())
    unstruck = strike(cloud, AWS_PASSING[error], *moments)
    cloud.fire(instance, "INSUFFICIENT_DATA", **MEMORY)
    cloud.stage(instance, "Diagnosis", "✅", timeout=60)
    cloud.press(instance, "reject")
    card = cloud.finished(instance)
    assert not unstruck(), "not struck: %s" % unstruck()
    assert "rejected" in fields(card)["Proposal"]
    diagnosed_once(cloud, instance)
    assert len(cloud.mails(instance)) == 1
    assert len(cloud.comments(instance, "the output")) == 1


DENIED = {"ec2.DescribeInstances": "ec2:DescribeInstances",
          "ssm.DescribeInstanceInformation": "ssm:DescribeInstanceInformation", "ssm.SendCommand": "ssm:SendCommand",
          "ssm.GetCommandInvocation": "ssm:GetCommandInvocation", "ssm.ListCommands": "ssm:ListCommands"}


@pytest.mark.parametrize("moment", DENIED)
def test_aws_that_denies(cloud, moment):
    instance = new_host(cloud)
    cloud.sb.deny(DENIED[moment])
    if moment == "ssm.ListCommands":
        strike(cloud, "reset_after", "ssm.SendCommand")
    cloud.fire(instance, "INSUFFICIENT_DATA", **MEMORY)
    told = cloud.stage(instance, "Diagnosis", "⏳ " if moment == "ssm.ListCommands" else "⚠️", DENIED[moment],
                       timeout=60)
    assert "add it to the policy" in told
    cloud.stage(instance, "Mail", "✅")
    assert cloud.issue(instance)
    cloud.sb.allow_all()
    if moment != "ssm.ListCommands":
        cloud.finished(instance)
        cloud.press(instance, "diagnose")
    cloud.stage(instance, "Diagnosis", "✅", timeout=60)
    cloud.press(instance, "reject")
    cloud.finished(instance)
    ran = 2 if moment == "ssm.GetCommandInvocation" else 1      # the first one ran, unseen; a person asked again
    assert len(cloud.commands(instance)) == ran and len(cloud.mails(instance)) == 1
    assert len(cloud.outputs(instance, "the output")) == 1 and len(cloud.comments(instance, "the output")) == 1


@pytest.mark.parametrize("moment", AWS_MOMENTS)
def test_aws_that_is_down_until_somebody_asks_again(cloud, moment):
    instance = new_host(cloud)
    strike(cloud, "throttle", moment, times=0)
    cloud.fire(instance, "INSUFFICIENT_DATA", **MEMORY)
    cloud.stage(instance, "Diagnosis", "⏳", "trying again", timeout=60)
    cloud.stage(instance, "Diagnosis", "⚠️", timeout=60)
    card = cloud.finished(instance)
    assert fields(card)["Ticket"].startswith("✅") and len(cloud.mails(instance)) == 1
    cloud.sb.clear_faults()
    cloud.press(instance, "diagnose")
    cloud.stage(instance, "Diagnosis", "✅", timeout=60)
    cloud.press(instance, "reject")
    cloud.finished(instance)
    assert len(cloud.outputs(instance, "the output")) == 1


# What SSM makes of a command, and what the message then says; None: the output.
STATES = {
    "Success": ({}, None), "Pending for long": ({"start": 25}, None), "Delayed": ({"delayed": 20}, None),
    "InProgress for long": ({"delay": 40}, None), "InvocationDoesNotExist for long": ({"race": 20}, None),
    "Failed": ({"exit_code": 3}, "exit status 3"),
    "ExecutionTimedOut": ({"status": "ExecutionTimedOut", "delay": 10}, "timed out on the instance"),
    "Cancelled": ({"status": "Cancelled"}, "was cancelled"),
    "Undeliverable": ({"status": "Undeliverable"}, "could not be delivered"),
    "Terminated": ({"status": "Terminated"}, "was ended by SSM"),
    "InvalidPlatform": ({"status": "InvalidPlatform"}, "is not for the platform"),
    "AccessDenied": ({"status": "AccessDenied"}, "was refused"),
    "lost agent": ({"lost": True}, "timed out on the instance"),
    "not answering": ({"host": {"ping": "ConnectionLost"}}, "did not reach the instance in time"),
    "not registered": ({"host": {"registered": False}}, "SSM cannot reach"),
    "unknown": ({"host": {"region": "eu-west-1"}}, "SSM cannot reach"),
}


def test_every_state_of_a_command(cloud):
    hosts = {}
    for state, (options, _) in STATES.items():
        hosts[state] = cloud.host(**options.get("host", {}))
        scripted = {k: v for k, v in options.items() if k not in ("host", "race")}
        if "host" not in options:
            cloud.script(hosts[state], **{"output": "the output\n", **scripted})
        cloud.sb.settings(ssm_race_s=options.get("race", 0.5))
        cloud.fire(hosts[state])
        if "race" in options:
            cloud.wait(lambda: len(cloud.sb.aws_calls(action="GetCommandInvocation")) and cloud.commands(hosts[state]),
                       "the command")
            cloud.stage(hosts[state], "Diagnosis", "✅", timeout=60)
    for state, (options, words) in STATES.items():
        instance = hosts[state]
        if words is None:
            assert "the output" in cloud.stage(instance, "Diagnosis", "✅", timeout=60), state
        else:
            assert words in cloud.stage(instance, "Diagnosis", "⚠️", timeout=60), state
    for state, (options, words) in STATES.items():
        instance = hosts[state]
        card = cloud.finished(instance)
        assert fields(card)["Ticket"].startswith("✅") and cloud.issue(instance), state
        assert len(cloud.mails(instance)) == 1 and "diagnose" in buttons(card), state
        assert len(cloud.commands(instance)) == (0 if words == "SSM cannot reach" else 1), state
        assert len(cloud.comments(instance)) == 1, state
        assert (words or "the output") in cloud.comments(instance)[0], state


def test_a_failed_diagnosis_mends_by_its_button(cloud):
    instance = cloud.host()
    cloud.script(instance, status="Undeliverable", times=1)
    cloud.script(instance, output="the output\n")
    cloud.fire(instance)
    cloud.stage(instance, "Diagnosis", "⚠️", "could not be delivered")
    cloud.finished(instance)
    cloud.press(instance, "diagnose")
    cloud.stage(instance, "Diagnosis", "✅", "the output")
    cloud.finished(instance)
    assert len(cloud.commands(instance)) == 2 and len(cloud.mails(instance)) == 1
    assert len(cloud.comments(instance, "the output")) == 1


# --- mail --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("error", AWS_PASSING)
def test_mail_that_fails_once(cloud, error):
    instance = new_host(cloud)
    unstruck = strike(cloud, AWS_PASSING[error], "sns.Publish")
    cloud.fire(instance)
    card = cloud.finished(instance, timeout=60)
    assert not unstruck() and fields(card)["Mail"].startswith("✅"), fields(card)
    mails = cloud.mails(instance)
    assert len(mails) == 1 if error in BEFORE else len(mails) <= 2, [m["subject"] for m in mails]
    if len(mails) == 2:
        assert "may be a repeat" in mails[1]["message"] and "may be a repeat" not in mails[0]["message"]
    told_once(cloud, instance, "the output")
    diagnosed_once(cloud, instance)


LASTING_MAIL = {
    "throttled": ("throttle", "Throttling", 0), "denied": (None, "add it to the policy", 0),
    "topic missing": ({"do": "error", "error": "NotFound", "status": 404}, "NotFound", 0),
    "never an answer": ({"do": "hang_before", "s": 0.2}, "not known whether it was sent", 0),
    "never an answer, yet sent": ("reset_after", "not known whether it was sent", 2),
    "500": ("500_before", "not known whether it was sent", 0),
}


@pytest.mark.parametrize("error", LASTING_MAIL)
def test_mail_that_fails_for_good(cloud, error):
    instance = new_host(cloud)
    action, words, sent = LASTING_MAIL[error]
    if action is None:
        cloud.sb.deny("sns:Publish")
    else:
        strike(cloud, action, "sns.Publish", times=0)
    cloud.fire(instance)
    cloud.stage(instance, "Mail", "⚠️", words, timeout=60)
    card = cloud.finished(instance)
    assert fields(card)["Ticket"].startswith("✅") and fields(card)["Diagnosis"].startswith("✅")
    assert len(cloud.mails(instance)) == sent
    told_once(cloud, instance, "the output")
    diagnosed_once(cloud, instance)


# --- deadlines ---------------------------------------------------------------------------------------------------
def test_deadlines(cloud):
    """Who never answers is given up by the clock; all at the same time, because it is real time."""
    hosts = {}
    for moment in ("jira.issue.create", "jira.comment.add", "ssm.SendCommand", "sns.Publish"):
        hosts[moment] = new_host(cloud)
        unstruck = strike(cloud, "hang_after", moment)
        cloud.fire(hosts[moment])
        cloud.wait(lambda check=unstruck: not check(), "the fault")
    for moment, instance in hosts.items():
        card = cloud.finished(instance, timeout=120)
        for which in ("Diagnosis", "Ticket", "Mail"):
            assert fields(card)[which].startswith("✅"), (moment, fields(card))
        told_once(cloud, instance, "the output")
        diagnosed_once(cloud, instance)
        assert len(cloud.mails(instance)) == (2 if moment == "sns.Publish" else 1)


CANCELLING = {"works": None, "throttled": "throttle", "denied": "error:AccessDeniedException", "500": "500_before",
              "reset_after": "reset_after"}


@pytest.fixture(scope="module", autouse=True)
def overdue(pool):
    """Hosts whose commands never begin, by how cancelling them fails: a minute of real time, that passes meanwhile."""
    for world in kept(make_world(pool, fresh=True).flows_with_jira("cloud").configure(runbooks=[
            {"name": "stuck", "linux": "sleep 1000", "timeout": "1s", "on": {"metric": "Stuck", "to": "ALARM"}}])):
        hosts = {error: world.host() for error in CANCELLING}
        for error, instance in hosts.items():
            world.script(instance, start=1000000)
            world.fire(instance, metric="Stuck")
        for error, instance in hosts.items():
            command = world.wait(lambda one=instance: world.commands(one), "the command")[0]
            if CANCELLING[error] is not None:
                world.sb.fault(CANCELLING[error], times=0, method="ssm.CancelCommand",
                               args={"CommandId": command["id"]})
        yield world, hosts


@pytest.mark.parametrize("error", CANCELLING)
def test_a_command_that_never_ends_is_given_up_also_when_it_cannot_be_cancelled(overdue, error):
    world, hosts = overdue
    instance = hosts[error]
    world.stage(instance, "Diagnosis", "⚠️", "No answer from " + instance, "cancel", timeout=150)
    world.stage(instance, "Mail", "✅")
    world.wait(lambda: world.comments(instance, "No answer from"), "the comment")
    command, = world.commands(instance)
    assert command["invocations"][instance]["runs"] == 0
    assert (command["invocations"][instance]["status"] == "Cancelled") == (error in ("works", "reset_after"))
    assert len(world.mails(instance)) == 1 and len(world.comments(instance)) == 1
    assert "diagnose" in buttons(world.cards(alarm_of(instance))[0])
