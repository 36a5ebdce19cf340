"""Mails of one incident: in the order of its changes, and none waits for what has come; what nobody knows is said."""
import time

import pytest

from tests.e2e.support import fields


def subjects(world, instance):
    return [mail["subject"].split("] ")[1].split(":")[0] for mail in world.mails(instance)]


@pytest.mark.responds
def test_the_mail_about_the_end_comes_last(idle):
    """The end comes while the issue is still being opened: both mails wait for it, and go as soon as it is there."""
    idle.flows_with_jira("cloud").configure(mail={"on_ok": True}).start()
    instance, began = idle.host(), time.time() - 300
    idle.script(instance, output="output\n")
    idle.sb.fault({"do": "delay", "s": 0.7}, method="jira.issue.create")
    idle.fire(instance, time=began)
    idle.stage(instance, "Diagnosis", "✅")
    idle.fire(instance, "OK", time=began + 60)
    idle.wait(lambda: len(subjects(idle, instance)) == 2, "two mails")
    assert subjects(idle, instance) == ["ALARM", "OK"]
    url = idle.issue(instance)["url"]
    assert all(url in mail["message"] for mail in idle.mails(instance)), "they did not wait for the issue"


@pytest.mark.responds
def test_a_mail_of_which_nobody_knows_is_not_called_sent(idle):
    idle.flows_with_jira("cloud").start()
    instance = idle.host()
    idle.script(instance, output="output\n")
    idle.sb.fault("reset_before", method="sns.Publish", times=0)
    idle.fire(instance)
    card = idle.finished(instance)
    assert fields(card)["Mail"].startswith("⚠") and "not known whether it was sent" in fields(card)["Mail"]
    assert idle.mails(instance) == [] and len(idle.sb.aws_calls(action="Publish")) == 2, "two tries, and no third"


def test_an_alarm_that_flaps_and_has_nothing_to_diagnose_says_nothing_of_it(world):
    began = time.time() - 3000
    for number in range(5):
        world.sb.alarm(name="flapper", namespace="AWS/SQS", metric="Depth", dimensions={}, time=began + 240 * number)
        world.sb.alarm(name="flapper", namespace="AWS/SQS", metric="Depth", dimensions={}, state="OK",
                       time=began + 240 * number + 120)
    world.sb.alarm(name="flapper", namespace="AWS/SQS", metric="Depth", dimensions={}, time=began + 1400)
    card = world.card("flapper", "ALARM")
    world.settle()
    assert "Diagnosis" not in fields(world.card("flapper", "ALARM")), card
