"""Checks of Block Kit's interactive elements and of the objects that belong to them."""
import re

from .block_text import array, boolean, enum, integer, one_text, plain_text, string, url

PICKERS = {"datepicker", "datetimepicker", "timepicker"}
SELECTS = {
    kind + "_select" for kind in ("static", "external", "users", "conversations", "channels")
}
MULTI_SELECTS = {"multi_" + kind for kind in SELECTS}
ACTIONS_ELEMENTS = (
    {"button", "checkboxes", "overflow", "radio_buttons", "workflow_button", "rich_text_input"}
    | PICKERS
    | SELECTS
    | MULTI_SELECTS
)
SECTION_ACCESSORIES = (
    {"button", "checkboxes", "image", "overflow", "radio_buttons", "workflow_button"}
    | PICKERS
    | SELECTS
    | MULTI_SELECTS
)
INPUT_ELEMENTS = (
    {
        "checkboxes",
        "radio_buttons",
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "file_input",
        "rich_text_input",
    }
    | PICKERS
    | SELECTS
    | MULTI_SELECTS
)
CONTEXT_ACTIONS_ELEMENTS = {"feedback_buttons", "icon_button"}


def _confirm(c, value, at):
    if not isinstance(value, dict):
        c.fail("must be an object", at)
        return
    c.members(
        value,
        {
            "title": (False, plain_text(100)),
            "text": (True, one_text(300)),
            "confirm": (False, plain_text(30)),
            "deny": (False, plain_text(30)),
            "style": (False, enum("primary", "danger")),
        },
        set(),
        at,
    )


def _option(text):
    def check(c, value, at):
        if not isinstance(value, dict):
            c.fail("must be an object", at)
            return
        c.members(
            value,
            {
                "text": (True, text),
                "value": (False, string(1, 75)),
                "description": (False, plain_text(75)),
                "url": (False, url(3000)),
            },
            set(),
            at,
        )
        if "value" not in value and "url" not in value:
            c.fail("missing required field: value", at)

    return check


def _group(c, value, at):
    if not isinstance(value, dict):
        c.fail("must be an object", at)
        return
    c.members(
        value,
        {"label": (True, plain_text(75)), "options": (True, array(PLAIN_OPTION, 1, 100))},
        set(),
        at,
    )


def _feedback(c, value, at):
    if not isinstance(value, dict):
        c.fail("must be an object", at)
        return
    c.members(
        value,
        {
            "text": (True, plain_text(75)),
            "value": (True, string(1, 2000)),
            "accessibility_label": (False, string(1, 75)),
        },
        set(),
        at,
    )


def slack_file(c, value, at):
    """A file that was uploaded to Slack, by id or URL."""
    if not isinstance(value, dict) or ("id" in value) == ("url" in value):
        c.fail("exactly one of id and url is needed", at)
    elif "url" in value:
        url(3000)(c, value["url"], at + "/url")
    elif not re.fullmatch("[F][A-Z0-9]{8,}", str(value["id"])):
        c.fail("input must match regex pattern: ^[F][A-Z0-9]{8,}$", at + "/id")


def image_element(c, value, at):
    """An image inside a context block, section or card."""
    if not isinstance(value, dict) or value.get("type") != "image":
        c.fail("must be an image", at)
        return
    c.members(
        value,
        {
            "alt_text": (True, string(1, 2000)),
            "image_url": (False, url(3000)),
            "slack_file": (False, slack_file),
        },
        {"type"},
        at,
    )
    if ("image_url" in value) == ("slack_file" in value):
        c.fail("exactly one of image_url and slack_file is needed", at)


PLAIN_OPTION = _option(plain_text(75))
ANY_OPTION = _option(one_text(75))


def anything(_c, _value, _at):
    """For members whose shape is not judged here."""


_ACTION_ID = {"action_id": (False, string(1, 255))}
_CONFIRM = {"confirm": (False, _confirm)}
_FOCUS = {"focus_on_load": (False, boolean)}
_PLACEHOLDER = {"placeholder": (False, plain_text(150))}
_DISPATCH = {"dispatch_action_config": (False, anything)}
_MAX = {"max_selected_items": (False, integer(1, 1000))}
_OPTIONS = {
    "options": (False, array(PLAIN_OPTION, 1, 100)),
    "option_groups": (False, array(_group, 1, 100)),
}
_SELECT = {**_ACTION_ID, **_CONFIRM, **_FOCUS, **_PLACEHOLDER}
_TEXT = {
    **_ACTION_ID,
    **_FOCUS,
    **_PLACEHOLDER,
    **_DISPATCH,
    "initial_value": (False, string(0, 3000)),
}

ELEMENTS = {
    "button": {
        **_ACTION_ID,
        **_CONFIRM,
        "text": (True, plain_text(75)),
        "value": (False, string(1, 2000)),
        "url": (False, url(3000)),
        "style": (False, enum("primary", "danger")),
        "accessibility_label": (False, string(1, 75)),
    },
    "icon_button": {
        **_ACTION_ID,
        **_CONFIRM,
        "icon": (True, enum("trash")),
        "text": (True, plain_text(75)),
        "value": (False, string(1, 2000)),
        "accessibility_label": (False, string(1, 75)),
        "visible_to_user_ids": (False, anything),
    },
    "feedback_buttons": {
        **_ACTION_ID,
        "positive_button": (True, _feedback),
        "negative_button": (True, _feedback),
    },
    "overflow": {**_ACTION_ID, **_CONFIRM, "options": (True, array(PLAIN_OPTION, 1, 5))},
    "checkboxes": {
        **_ACTION_ID,
        **_CONFIRM,
        **_FOCUS,
        "options": (True, array(ANY_OPTION, 1, 10)),
        "initial_options": (False, array(ANY_OPTION, 1, 10)),
    },
    "radio_buttons": {
        **_ACTION_ID,
        **_CONFIRM,
        **_FOCUS,
        "options": (True, array(ANY_OPTION, 1, 10)),
        "initial_option": (False, ANY_OPTION),
    },
    "datepicker": {**_SELECT, "initial_date": (False, string(10, 10))},
    "timepicker": {
        **_SELECT,
        "initial_time": (False, string(5, 5)),
        "timezone": (False, string(1, 100)),
    },
    "datetimepicker": {
        **_ACTION_ID,
        **_CONFIRM,
        **_FOCUS,
        "initial_date_time": (False, integer(0, 9999999999)),
    },
    "plain_text_input": {
        **_TEXT,
        "multiline": (False, boolean),
        "min_length": (False, integer(0, 3000)),
        "max_length": (False, integer(1, 3000)),
    },
    "email_text_input": dict(_TEXT),
    "url_text_input": dict(_TEXT),
    "number_input": {
        **_TEXT,
        "is_decimal_allowed": (True, boolean),
        "min_value": (False, string(1, 30)),
        "max_value": (False, string(1, 30)),
    },
    "rich_text_input": {**_TEXT, "initial_value": (False, anything)},
    "file_input": {
        **_ACTION_ID,
        "filetypes": (False, anything),
        "max_files": (False, integer(1, 10)),
    },
    "workflow_button": {
        **_ACTION_ID,
        "text": (True, plain_text(75)),
        "workflow": (True, anything),
        "style": (False, enum("primary", "danger")),
        "accessibility_label": (False, string(1, 75)),
    },
    "static_select": {**_SELECT, **_OPTIONS, "initial_option": (False, PLAIN_OPTION)},
    "multi_static_select": {
        **_SELECT,
        **_OPTIONS,
        **_MAX,
        "initial_options": (False, array(PLAIN_OPTION, 1, 100)),
    },
    "external_select": {
        **_SELECT,
        "initial_option": (False, PLAIN_OPTION),
        "min_query_length": (False, integer(0, 100)),
    },
    "multi_external_select": {
        **_SELECT,
        **_MAX,
        "initial_options": (False, anything),
        "min_query_length": (False, integer(0, 100)),
    },
    "users_select": {**_SELECT, "initial_user": (False, string(1, 30))},
    "multi_users_select": {**_SELECT, **_MAX, "initial_users": (False, anything)},
    "channels_select": {
        **_SELECT,
        "initial_channel": (False, string(1, 30)),
        "response_url_enabled": (False, boolean),
    },
    "multi_channels_select": {**_SELECT, **_MAX, "initial_channels": (False, anything)},
    "conversations_select": {
        **_SELECT,
        "initial_conversation": (False, string(1, 30)),
        "filter": (False, anything),
        "default_to_current_conversation": (False, boolean),
        "response_url_enabled": (False, boolean),
    },
    "multi_conversations_select": {
        **_SELECT,
        **_MAX,
        "initial_conversations": (False, anything),
        "filter": (False, anything),
        "default_to_current_conversation": (False, boolean),
    },
}


def element(c, value, at, allowed):
    """Checks one element of a block."""
    if not isinstance(value, dict):
        c.fail("must be an object", at)
        return
    kind = value.get("type")
    if kind == "image" and "image" in allowed:
        image_element(c, value, at)
        return
    if kind not in allowed or kind not in ELEMENTS:
        c.fail("unsupported type: %s" % kind, at + "/type")
        return
    c.members(value, ELEMENTS[kind], {"type"}, at)
    if isinstance(value.get("action_id"), str):
        c.unique(
            "action_id of one block " + at.rsplit("/elements", 1)[0],
            value["action_id"],
            at + "/action_id",
        )
    if kind in ("static_select", "multi_static_select") and ("options" in value) == (
        "option_groups" in value
    ):
        c.fail("exactly one of options and option_groups is needed", at)
