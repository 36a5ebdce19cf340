"""`tocsin import dashboard NAME` and `dashboard import NAME`: CloudWatch's dashboard as configuration that loads."""
import yaml

from tests.e2e.support import rich_text, shown

REGION = "eu-central-1"


def widget(kind="metric", **properties):
    return {"type": kind, "x": 0, "y": 0, "width": 6, "height": 6, "properties": properties}


SHOP = {"widgets": [
    widget(title="Answer time", region=REGION, stat="p90", period=300, metrics=[
        ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", "app/shop/1", {"id": "m1"}]],
        annotations={"horizontal": [{"label": "SLO", "value": 0.5, "fill": "above"}]}),
    widget(title='Errors: "all" # of ${HOME}', region=REGION, metrics=[
        ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", "app/shop/1",
         {"id": "m1", "stat": "Sum", "visible": False}],
        [".", "RequestCount", ".", ".", {"id": "m2", "stat": "Sum", "visible": False}],
        [{"expression": "100 * m1 / m2", "id": "e1", "label": "Error rate"}]]),
    widget("alarm", title="Alarms", alarms=["arn:aws:cloudwatch:%s:123456789012:alarm:shop-slow" % REGION]),
    widget("text", markdown="# The shop"),
]}


def loads(world, text):
    """The printed text behind the rest of the configuration, which then loads; returns its one dashboard."""
    rest = {key: value for key, value in world.bot.settings.items() if key != "dashboards"}
    path = world.bot.directory / "imported.yaml"
    path.write_text(yaml.safe_dump(rest) + text)
    done = world.bot.command("check", "--config", path)
    assert done.returncode == 0, done.stderr + text
    boards = yaml.safe_load(text)["dashboards"]
    assert len(boards) == 1
    return boards[0]


def test_the_command_line_prints_what_loads(idle):
    idle.sb.post("dashboard", name="Shop", body=SHOP)
    done = idle.bot.command("import", "dashboard", "Shop", "--config", idle.bot.config)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    board = loads(idle, done.stdout)
    assert [m["id"] for m in board["metrics"]] == [
        "target_response_time", "http_code_target_5xx_count", "request_count", "error_rate"]
    slow, _, _, rate = board["metrics"]
    assert slow["normal"] == {"below": 0.5} and slow["region"] == REGION and slow["stat"] == "p90"
    assert rate["expression"] == "100 * http_code_target_5xx_count / request_count"
    assert board["alarms"] == ["shop-slow"] and board["alarms_from"] == {"region": REGION}
    assert "# left out: widget 4: type text" in done.stdout
    without = idle.bot.command("import", "dashboard", "Shop", "--region", "ap-northeast-1")
    assert (without.returncode, without.stdout) == (0, done.stdout), without.stderr
    assert {c["region"] for c in idle.sb.aws_calls(action="GetDashboard")} == {"us-east-1", "ap-northeast-1"}
    assert idle.sb.judged() == []


def test_wrong_use_and_what_there_is_not(idle):
    for arguments in ([], ["dashboard"], ["metrics", "x"], ["dashboard", "--config"], ["dashboard", "x", "--region"],
                      ["dashboard", "x", "--region", "Mars"], ["dashboard", "x", "--live"]):
        done = idle.bot.command("import", *arguments)
        assert done.returncode == 2 and "usage: tocsin" in done.stderr and done.stdout == "", arguments
    idle.sb.post("dashboard", name="Shop", body=SHOP)
    idle.sb.post("dashboard", name="Notes", body={"widgets": [widget("text", markdown="x")]})
    done = idle.bot.command("import", "dashboard", "shop", "--config", idle.bot.config)
    assert (done.returncode, done.stdout) == (1, "") and "no dashboard shop; there are: Notes, Shop" in done.stderr
    done = idle.bot.command("import", "dashboard", "Notes", "--config", idle.bot.config)
    assert done.returncode == 1 and "shows nothing that can be judged: widget 1: type text" in done.stderr
    idle.sb.deny("cloudwatch:GetDashboard")
    done = idle.bot.command("import", "dashboard", "Shop", "--config", idle.bot.config)
    assert done.returncode == 1 and "cloudwatch:GetDashboard" in done.stderr


def code(message):
    return "".join(leaf.get("text", "") for leaf in rich_text({"blocks": [
        {"type": "rich_text", "elements": [e for e in block.get("elements", []) if e["type"] == "rich_text_preformatted"]}
        for attachment in [message, *message.get("attachments", [])] for block in attachment.get("blocks", [])
        if block["type"] == "rich_text"]}))


def test_in_chat_it_is_a_block_to_paste(world):
    world.sb.post("dashboard", name="Shop", body=SHOP)
    world.sb.slash("/dashboard import Shop")
    message = world.wait(lambda: [m for m in world.sb.roots() if "to be pasted" in shown(m)], "the configuration")[0]
    printed = world.bot.command("import", "dashboard", "Shop", "--config", world.bot.config).stdout
    assert code(message) == printed.rstrip("\n") or code(message) == printed, code(message)
    loads(world, code(message) + "\n")
    world.settle()
    assert world.sb.replies(message["ts"]) == []


def test_a_long_one_goes_on_in_the_thread(world):
    rows = [["App", "Requests", "Host", "host-%03d.example.com" % n] for n in range(60)]
    world.sb.post("dashboard", name="Hosts", body={"widgets": [widget(metrics=rows, region=REGION)]})
    said = world.sb.mention("dashboard import Hosts")
    printed = world.bot.command("import", "dashboard", "Hosts", "--config", world.bot.config).stdout

    def whole():
        parts = [code(m) for m in world.sb.replies(said["ts"])]
        return parts if sum(map(len, parts)) >= len(printed) - len(parts) - 1 else None

    parts = world.wait(whole, "all parts")
    assert len(parts) >= 2
    board = loads(world, "\n".join(part.rstrip("\n") for part in parts) + "\n")
    assert len(board["metrics"]) == 60


def test_in_chat_there_may_be_none(world):
    world.sb.post("dashboard", name="Shop", body=SHOP)
    world.sb.slash("/dashboard import nonsense")
    message = world.wait(lambda: [m for m in world.sb.roots() if "there are" in shown(m)], "the answer")[0]
    assert "CloudWatch has no dashboard nonsense; there are: Shop" in shown(message)
