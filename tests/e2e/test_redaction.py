"""Secrets in what a host prints: nowhere in what tocsin sends, logs or keeps.

Each kind that bot/redact.h names is planted. What is searched: all requests to Slack and Jira with their answers,
the mails, the log, the metrics, the database with its write-ahead log (the flows' saved state is in it).
"""
import json
import random
import string

import pytest

from tests.e2e.support import fields, shown


def form(prefix, length, alphabet=string.ascii_letters + string.digits):
    """A token of that form, the same each time; made here, so that no scanner takes this file for a leak."""
    letters = random.Random("%s %d" % (prefix, length))
    return prefix + "".join(letters.choice(alphabet) for _ in range(length))


SECRETS = {
    "option with =": ("mysqld --password={}", "Tr0ub4dor-01"),
    "option with a blank": ("backup --token {}", "Tr0ub4dor-02"),
    "property": ("java -Ddb.password={} -jar app.jar", "Tr0ub4dor-03"),
    "environment": ("DATABASE_PASSWORD={}", "Tr0ub4dor-04"),
    "json": ('{{"client_secret": "{}"}}', "Tr0ub4dor-05"),
    "yaml": ("password: {}", "Tr0ub4dor-06"),
    "xml": ("<password>{}</password>", "Tr0ub4dor-07"),
    "query": ("GET https://example.com/x?token={}&page=2", "Tr0ub4dor-08"),
    "signed address": ("https://bucket.s3.amazonaws.com/x?X-Amz-Signature={}", form("", 64, "0123456789abcdef")),
    "mysql": ("mysql -u root -p{} shop", "Tr0ub4dor-09"),
    "sshpass": ("sshpass -p {} ssh host", "Tr0ub4dor-10"),
    "redis": ("redis-cli -h cache -a {}", "Tr0ub4dor-11"),
    "curl": ("curl -u admin:{} https://example.com", "Tr0ub4dor-12"),
    "address": ("postgres://app:{}@db.example.com/shop", "Tr0ub4dor-13"),
    "bearer": ("Authorization: Bearer {}", form("q", 40)),
    "basic": ("Authorization: Basic {}", "YWRtaW46VHIwdWI0ZG9yLTE0"),
    "cookie": ("Cookie: session={}", form("c", 32)),
    "aws id": ("found {} in a file", form("AKIA", 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")),
    "aws secret": ("AWS_SECRET_ACCESS_KEY={}", form("", 40)),
    "aws session": ("aws_session_token={}", form("IQoJb3JpZ2luX2Vj", 200)),
    "slack": ("export X={}", form("xoxb-", 12, "0123456789") + form("-", 24)),
    "github": ("git clone {}", form("ghp_", 36)),
    "gitlab": ("using {}", form("glpat-", 20)),
    "stripe": ("charge {}", form("sk_live_", 24)),
    "google": ("maps {}", form("AIza", 35)),
    "npm": ("npmrc {}", form("npm_", 36)),
    "atlassian": ("jira {}", form("ATATT3", 180)),
    "jwt": ("sent {}", form("eyJ", 30) + "." + form("eyJ", 60) + "." + form("", 43)),
    "crypt": ("root:{}:19000:0:99999:7:::", "$6$saltsalt$" + form("", 86)),
}
PEM = ["-----BEGIN RSA PRIVATE KEY-----", form("MIIE", 60), form("Zz", 62), form("Qw", 40) + "==",
       "-----END RSA PRIVATE KEY-----"]
HARMLESS = ["user root runs /usr/sbin/nginx -g daemon off;", "--password-file /run/secrets/db", "/etc/passwd",
            "token_ttl=5"]


def planted():
    lines = [line.format(secret) for line, secret in SECRETS.values()]
    return "first line\n" + "\n".join(lines + PEM + HARMLESS) + "\nlast line\n"


def every_secret():
    return {**{kind: secret for kind, (_, secret) in SECRETS.items()},
            **{"pem %d" % n: line for n, line in enumerate(PEM[1:-1])}}


def places(world):
    """Everything that left the process or is kept by it, by name."""
    requests = world.sb.get("requests")
    database = world.bot.database()
    files = {path.name: path.read_bytes().decode("latin-1") for path in database.parent.glob(database.name + "*")}
    assert files, "there is no database"
    return {
        "Slack's messages": json.dumps(world.sb.messages(), ensure_ascii=False),
        "Slack's calls": json.dumps([r for r in requests if not r["method"].startswith("jira.")], ensure_ascii=False),
        "private answers": json.dumps(world.sb.get("ephemerals"), ensure_ascii=False),
        "Jira's calls": json.dumps([r for r in requests if r["method"].startswith("jira.")], ensure_ascii=False),
        "Jira's issues": json.dumps(world.sb.jira_issues(world.site), ensure_ascii=False),
        "mails": json.dumps(world.sb.mails(), ensure_ascii=False),
        "log": world.bot.log.read_text("utf-8", "replace"),
        "metrics": world.bot.get("/metrics")[2].decode() if world.bot.alive() else "",
        "journal": json.dumps(world.bot.documents(), ensure_ascii=False, default=repr),
        **files,
    }


def nowhere(world):
    """No secret is in any place, not even in parts."""
    for place, text in places(world).items():
        for kind, secret in every_secret().items():
            for part in {secret, json.dumps(secret)[1:-1], secret[:24], secret[-24:]}:
                assert part not in text, "the secret of kind '%s' is in %s: ...%s" % (
                    kind, place, text[max(0, text.index(part) - 120):text.index(part) + 20])


def test_planted_secrets_are_found_where_they_are():
    """The test itself: each secret is in the output, whole, and in no other one."""
    for kind, secret in every_secret().items():
        assert planted().count(secret) == 1, kind


def test_secrets_in_an_output_appear_nowhere(flows):
    instance = flows.host()
    flows.script(instance, output=planted(), delay=5)
    flows.fire(instance)
    card = flows.finished(instance)
    assert fields(card)["Diagnosis"].startswith("✅")
    seen = {"thread": shown(flows.outputs(instance, "first line")),
            "comment": flows.comments(instance, "first line")[0],
            "mail": flows.mails(instance)[0]["message"]}
    for place, text in seen.items():
        assert "last line" in text and text.count("[redacted]") >= len(SECRETS), "%s\n%s" % (place, text)
        for line in HARMLESS:
            assert line in text, "%s lacks %s" % (place, line)
        for name in ("--password=", "DATABASE_PASSWORD=", "client_secret", "postgres://app:", "BEGIN RSA PRIVATE KEY"):
            assert name in text, "%s lacks the name %s" % (place, name)
    assert "secrets in it are left out" in seen["comment"]
    nowhere(flows)


def test_secrets_in_the_answer_of_a_command(flows):
    instance = flows.host()
    flows.script(instance, output=planted())
    flows.sb.slash("/top " + instance)
    flows.wait(lambda: [m for m in flows.sb.roots() if "first line" in shown(m) and instance in shown(m)], "the answer")
    flows.settle()
    nowhere(flows)


def test_secrets_in_what_a_failing_command_writes(flows):
    """Standard error, and the first line, which is the verdict on the message."""
    instance = flows.host()
    flows.script(instance, output="", errors=planted(), exit_code=4)
    flows.fire(instance)
    flows.stage(instance, "Diagnosis", "⚠️", "exit status 4")
    flows.finished(instance)
    assert "first line" in flows.comments(instance, "exit status 4")[0]
    nowhere(flows)


@pytest.mark.parametrize("kind", ["option with =", "address", "github", "aws id"])
def test_a_secret_in_the_first_line(cloud, kind):
    instance = cloud.host()
    line, secret = SECRETS[kind]
    cloud.script(instance, output=line.format(secret) + "\nrest\n")
    cloud.fire(instance)
    assert "[redacted]" in fields(cloud.finished(instance))["Diagnosis"]
    nowhere(cloud)


def test_a_secret_at_the_cut_of_a_long_output(cloud):
    """SSM keeps 24,000 characters: a secret that is cut there is still one."""
    instance = cloud.host()
    line = "x" * 70 + "\n"
    count = 23900 // len(line)
    start = line * count + "y" * (23925 - count * len(line)) + "\npassword=" + "Tr0ub4dor-0" * 20
    cloud.script(instance, output=start)
    cloud.fire(instance)
    cloud.finished(instance)
    for place, text in places(cloud).items():
        assert "Tr0ub4dor-" not in text, place


def test_secrets_while_the_command_runs_and_across_a_crash(idle):
    """What is saved of a flow that is killed before its output is told."""
    idle.flows_with_jira("cloud").start()
    instance = idle.host()
    idle.script(instance, output=planted())
    idle.sb.fault("503_before", method="jira.comment.add", times=0)
    idle.sb.fault("throttle", method="sns.Publish", times=0)
    idle.fire(instance)
    idle.wait(lambda: idle.outputs(instance, "first line"), "the output in the thread")
    idle.wait(lambda: [r for r in idle.sb.requests("jira.comment.add")], "a comment that is refused")
    idle.bot.kill()
    nowhere(idle)                       # the waiting comment and mail are in the database now
    idle.sb.clear_faults()
    idle.bot.start()
    idle.wait(lambda: idle.comments(instance, "first line"), "the comment")
    idle.wait(lambda: idle.mails(instance), "the mail")
    idle.finished(instance)
    nowhere(idle)
