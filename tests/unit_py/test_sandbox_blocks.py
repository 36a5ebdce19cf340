"""Every documented limit: the last step inside is taken, the next refused at the right place."""
import json
import pathlib

import pytest

from tests.sandbox import blocks
from tests.sandbox.lint import lint

VECTORS = (
    pathlib.Path(__file__).resolve().parents[3]
    / "shared"
    / "vectors"
    / "slack-samples"
    / "block-kit"
)


def plain(n):
    return {"type": "plain_text", "text": "x" * n}


def mrkdwn(n):
    return {"type": "mrkdwn", "text": "x" * n}


def button(text=1, **more):
    return {"type": "button", "text": plain(text), **more}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def select(**more):
    return actions({"type": "static_select", "action_id": "s", **more})


def option(text=1, value=1):
    return {"text": plain(text), "value": "v" * value}


def confirm(**more):
    return actions(button(confirm={"text": plain(1), **more}))


def section(n):
    return {"type": "section", "text": mrkdwn(n)}


# name, function of n that makes a list of blocks, greatest n that is taken, place of the fault
LIMITS = [
    ("blocks", lambda n: [{"type": "divider"}] * n, 50, "/blocks"),
    ("section text", lambda n: [section(n)], 3000, "/blocks/0/text/text"),
    ("fields", lambda n: [{"type": "section", "fields": [plain(1)] * n}], 10, "/blocks/0/fields"),
    (
        "field",
        lambda n: [{"type": "section", "fields": [mrkdwn(n)]}],
        2000,
        "/blocks/0/fields/0/text",
    ),
    ("header", lambda n: [{"type": "header", "text": plain(n)}], 150, "/blocks/0/text/text"),
    (
        "context",
        lambda n: [{"type": "context", "elements": [plain(1)] * n}],
        10,
        "/blocks/0/elements",
    ),
    ("actions", lambda n: [actions(*[button()] * n)], 25, "/blocks/0/elements"),
    ("button text", lambda n: [actions(button(n))], 75, "/blocks/0/elements/0/text/text"),
    (
        "button value",
        lambda n: [actions(button(value="x" * n))],
        2000,
        "/blocks/0/elements/0/value",
    ),
    (
        "button url",
        lambda n: [actions(button(url="https://" + "x" * (n - 8)))],
        3000,
        "/blocks/0/elements/0/url",
    ),
    (
        "button label",
        lambda n: [actions(button(accessibility_label="x" * n))],
        75,
        "/blocks/0/elements/0/accessibility_label",
    ),
    (
        "action_id",
        lambda n: [actions(button(action_id="x" * n))],
        255,
        "/blocks/0/elements/0/action_id",
    ),
    ("block_id", lambda n: [{"type": "divider", "block_id": "x" * n}], 255, "/blocks/0/block_id"),
    (
        "image alt",
        lambda n: [{"type": "image", "image_url": "https://x", "alt_text": "x" * n}],
        2000,
        "/blocks/0/alt_text",
    ),
    (
        "image title",
        lambda n: [{"type": "image", "image_url": "https://x", "alt_text": "x", "title": plain(n)}],
        2000,
        "/blocks/0/title/text",
    ),
    (
        "option text",
        lambda n: [select(options=[option(n)])],
        75,
        "/blocks/0/elements/0/options/0/text/text",
    ),
    (
        "option value",
        lambda n: [select(options=[option(1, n)])],
        75,
        "/blocks/0/elements/0/options/0/value",
    ),
    ("options", lambda n: [select(options=[option()] * n)], 100, "/blocks/0/elements/0/options"),
    (
        "option groups",
        lambda n: [select(option_groups=[{"label": plain(1), "options": [option()]}] * n)],
        100,
        "/blocks/0/elements/0/option_groups",
    ),
    (
        "overflow",
        lambda n: [actions({"type": "overflow", "options": [option()] * n})],
        5,
        "/blocks/0/elements/0/options",
    ),
    (
        "checkboxes",
        lambda n: [actions({"type": "checkboxes", "options": [option()] * n})],
        10,
        "/blocks/0/elements/0/options",
    ),
    (
        "radio",
        lambda n: [actions({"type": "radio_buttons", "options": [option()] * n})],
        10,
        "/blocks/0/elements/0/options",
    ),
    (
        "confirm title",
        lambda n: [confirm(title=plain(n))],
        100,
        "/blocks/0/elements/0/confirm/title/text",
    ),
    (
        "confirm text",
        lambda n: [confirm(text=plain(n))],
        300,
        "/blocks/0/elements/0/confirm/text/text",
    ),
    (
        "confirm button",
        lambda n: [confirm(confirm=plain(n))],
        30,
        "/blocks/0/elements/0/confirm/confirm/text",
    ),
    (
        "placeholder",
        lambda n: [select(options=[option()], placeholder=plain(n))],
        150,
        "/blocks/0/elements/0/placeholder/text",
    ),
    ("markdown", lambda n: [{"type": "markdown", "text": "x" * n}], 12000, "/blocks"),
    (
        "markdown together",
        lambda n: [{"type": "markdown", "text": "x" * (n // 2)}] * 2,
        12000,
        "/blocks",
    ),
    (
        "table rows",
        lambda n: [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * n}],
        100,
        "/blocks/0/rows",
    ),
    (
        "table cells",
        lambda n: [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * n]}],
        20,
        "/blocks/0/rows/0",
    ),
    (
        "carousel",
        lambda n: [{"type": "carousel", "elements": [{"type": "card"}] * n}],
        10,
        "/blocks/0/elements",
    ),
    ("card title", lambda n: [{"type": "card", "title": mrkdwn(n)}], 150, "/blocks/0/title/text"),
    ("card body", lambda n: [{"type": "card", "body": mrkdwn(n)}], 200, "/blocks/0/body/text"),
    (
        "container",
        lambda n: [{"type": "container", "child_blocks": [{"type": "divider"}] * n}],
        10,
        "/blocks/0/child_blocks",
    ),
]


@pytest.mark.parametrize("name,make,most,place", LIMITS, ids=[x[0] for x in LIMITS])
def test_limit(name, make, most, place):
    assert blocks.check(make(most)) == []
    over = blocks.check(make(most + 2 if name == "markdown together" else most + 1))
    assert any(e.endswith("[json-pointer:%s]" % place) for e in over), over


def picture(**slack_file):
    return {"type": "image", "alt_text": "x", "slack_file": slack_file}


WRONG = [
    ([{"type": "sectoin"}], "/blocks/0/type"),
    ([{}], "/blocks/0"),
    (["x"], "/blocks/0"),
    ({"type": "divider"}, "/blocks"),
    ([{"type": "section"}], "/blocks/0"),
    ([{"type": "section", "text": "x"}], "/blocks/0/text"),
    ([{"type": "section", "text": {"type": "mrkdwn", "text": ""}}], "/blocks/0/text/text"),
    ([{"type": "section", "text": {"type": "mrkdwn"}}], "/blocks/0/text"),
    ([{"type": "section", "text": {"type": "markdown", "text": "x"}}], "/blocks/0/text/type"),
    ([{"type": "section", "text": {"type": "mrkdwn", "text": 1}}], "/blocks/0/text/text"),
    (
        [{"type": "section", "text": {"type": "plain_text", "text": "x", "verbatim": True}}],
        "/blocks/0/text",
    ),
    ([{"type": "section", "text": mrkdwn(1), "txet": 1}], "/blocks/0"),
    ([{"type": "header", "text": mrkdwn(1)}], "/blocks/0/text/type"),
    ([{"type": "context", "elements": []}], "/blocks/0/elements"),
    ([{"type": "context", "elements": [button()]}], "/blocks/0/elements/0/type"),
    ([actions()], "/blocks/0/elements"),
    ([actions({"type": "image"})], "/blocks/0/elements/0/type"),
    ([actions({"type": "button"})], "/blocks/0/elements/0"),
    ([actions({"type": "button", "text": mrkdwn(1)})], "/blocks/0/elements/0/text/type"),
    ([actions(button(style="default"))], "/blocks/0/elements/0/style"),
    ([actions(button(value=7))], "/blocks/0/elements/0/value"),
    ([actions(button(action_id="a"), button(action_id="a"))], "/blocks/0/elements/1/action_id"),
    ([actions(button(url="javascript:alert(1)"))], "/blocks/0/elements/0/url"),
    ([{"type": "divider", "block_id": "b"}] * 2, "/blocks/1/block_id"),
    ([{"type": "divider", "text": mrkdwn(1)}], "/blocks/0"),
    ([{"type": "image", "alt_text": "x"}], "/blocks/0"),
    ([{"type": "image", "image_url": "https://x"}], "/blocks/0"),
    ([picture(id="F123")], "/blocks/0/slack_file/id"),
    ([picture(id="f0123abcd")], "/blocks/0/slack_file/id"),
    ([picture(id="F0123ABCD", url="https://x")], "/blocks/0/slack_file"),
    ([picture()], "/blocks/0/slack_file"),
    ([{**picture(id="F0123ABCD"), "image_url": "https://x"}], "/blocks/0"),
    ([{"type": "context", "elements": [picture(id="F1")]}], "/blocks/0/elements/0/slack_file/id"),
    ([select()], "/blocks/0/elements/0"),
    ([{"type": "rich_text", "elements": [{"type": "text"}]}], "/blocks/0/elements/0"),
    ([{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}], []]}], "/blocks/0/rows"),
    ([{"type": "alert", "text": plain(1), "level": "loud"}], "/blocks/0/level"),
]


@pytest.mark.parametrize("wrong,place", WRONG, ids=[str(i) for i in range(len(WRONG))])
def test_wrong_shape(wrong, place):
    found = blocks.check(wrong)
    assert any(e.endswith("[json-pointer:%s]" % place) for e in found), found


def test_pictures():
    for right in (
        picture(id="F0123ABCD"),
        picture(url="https://files.slack.com/files-pri/T1-F1/x"),
    ):
        assert blocks.check([right]) == []


def test_whole_message():
    assert not blocks.too_long([section(2600)] * 5)
    assert blocks.too_long([section(2700)] * 5)


def test_same_action_id_in_two_blocks_is_taken():
    assert blocks.check([actions(button(action_id="a")), actions(button(action_id="a"))]) == []


@pytest.mark.skipif(not VECTORS.is_dir(), reason="shared vectors are not here")
def test_samples_of_others_are_taken():
    for path in sorted(VECTORS.glob("*.json")):
        value = json.loads(path.read_text())
        found = blocks.check(value if isinstance(value, list) else value.get("blocks", [value]))
        assert found == [], (path.name, found)


def modal(**more):
    return {"type": "modal", "title": plain(24), "blocks": [{"type": "divider"}], **more}


def test_views():
    assert blocks.check_view(modal()) == []
    assert blocks.check_view(modal(blocks=[{"type": "divider"}] * 100)) == []
    wrong = [
        modal(title=plain(25)),
        modal(private_metadata="x" * 3001),
        modal(blocks=[{"type": "divider"}] * 101),
        modal(callback_id="x" * 256),
        {"type": "modal", "blocks": []},
        {"type": "modl"},
        [],
        modal(
            blocks=[{"type": "input", "label": plain(1), "element": {"type": "plain_text_input"}}]
        ),
    ]
    for view in wrong:
        assert blocks.check_view(view), view


@pytest.mark.parametrize(
    "text,word",
    [
        ("<!channel> help", "broadcast"),
        ("a < b", "unescaped <"),
        ("a -> b", "unescaped >"),
        ("a & b", "unescaped &"),
        ("&amp;lt;", "twice"),
        ("```x", "fence"),
        ("<script>", "unescaped <"),
    ],
)
def test_lint_of_text(text, word):
    found = lint(
        {"text": text, "unfurl_links": False, "unfurl_media": False}, "chat.postMessage", None
    )
    assert any(word in note for note in found), found


def test_lint_is_silent_about_good_messages():
    good = {
        "text": "*ALARM* cpu 5 &gt; 3 <https://x.test/a?b=1&amp;c=2|console> <@U123> "
        "<!date^1392734382^{time}|now>\n> quote",
        "unfurl_links": False,
        "unfurl_media": False,
    }
    block = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "a ```b``` @here", "verbatim": True}}
    ]
    assert lint(good, "chat.postMessage", block) == []


def test_lint_of_blocks():
    block = [{"type": "section", "text": {"type": "mrkdwn", "text": "@here"}}]
    found = " ".join(lint({"blocks": block}, "chat.postMessage", block))
    for word in ("no top-level text", "verbatim missing", "bare @", "unfurl_links", "unfurl_media"):
        assert word in found
