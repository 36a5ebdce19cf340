"""Simulated people type, run commands, click and react; the app gets what Slack would send."""
import re
import secrets
import time
import uuid

from .slack_chat import attach_reply, visible
from .slack_methods import react
from .slack_stream import is_streaming, stop_by_user
from .world import APP, BOT_ID, BOT_USER, CHANNEL, DOMAIN, TEAM, ControlError, now_ms, random_id


def rich_text(text):
    """The blocks that Slack's own clients add to a typed message."""
    elements = []
    for part in re.split(r"(<@[A-Z0-9]+>)", text):
        if re.fullmatch(r"<@[A-Z0-9]+>", part):
            elements.append({"type": "user", "user_id": part[2:-1]})
        elif part:
            plain = part.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            elements.append({"type": "text", "text": plain})
    return [
        {
            "type": "rich_text",
            "block_id": secrets.token_urlsafe(3),
            "elements": [{"type": "rich_text_section", "elements": elements}],
        }
    ]


class People:
    """What people do, and the events that follow."""

    def __init__(self, world, api, socket):
        self.world, self.api, self.socket = world, api, socket

    # --- events ---------------------------------------------------------------
    def event(self, event, subscription):
        """Sends one event when the app has subscribed to it."""
        if subscription not in self.world.events:
            return None
        channel = event.get("channel") or (event.get("item") or {}).get("channel")
        return self.socket.send(
            "events_api",
            {
                "token": "verification-token",
                "team_id": TEAM,
                "context_team_id": TEAM,
                "api_app_id": APP,
                "event": event,
                "type": "event_callback",
                "event_id": random_id("Ev", 13),
                "event_time": int(time.time()),
                "authorizations": [
                    {
                        "enterprise_id": None,
                        "team_id": TEAM,
                        "user_id": BOT_USER,
                        "is_bot": True,
                        "is_enterprise_install": False,
                    }
                ],
                "is_ext_shared_channel": False,
                "event_context": "4-" + secrets.token_urlsafe(60),
            },
            what=event["type"] + ((" in " + channel) if channel else ""),
        )

    def message_event(self, channel, event):
        if BOT_USER not in self.world.channels[channel]["members"]:
            return None
        kind = self.world.channel_type(channel)
        names = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}
        return self.event({**event, "channel": channel, "channel_type": kind}, names[kind])

    def echo(self, channel, message):
        """The bot's own post as the event that Slack sends back."""
        if self.world.settings["echo"]:
            self.message_event(channel, {**visible(message), "event_ts": message["ts"]})

    def echo_change(self, channel, message, before):
        if self.world.settings["echo"]:
            ts = message["edited"]["ts"]
            self.message_event(
                channel,
                {
                    "type": "message",
                    "subtype": "message_changed",
                    "message": visible(message),
                    "previous_message": before,
                    "hidden": True,
                    "ts": ts,
                    "event_ts": ts,
                },
            )

    # --- typing ---------------------------------------------------------------
    def say(
        self, text, channel=None, user="U0ALICE001", thread_ts=None, escape=True, broadcast=False
    ):
        """A person types a message. @tocsin becomes a mention."""
        world = self.world
        user = world.find_user(user)
        channel = (
            world.direct_channel(user)
            if channel == "dm"
            else world.find_channel(channel or CHANNEL)
        )
        if escape:
            text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        text = re.sub(r"(?<!\S)@tocsin\b", "<@%s>" % BOT_USER, text)
        ts = world.next_ts()
        message = {
            "type": "message",
            "client_msg_id": str(uuid.uuid4()),
            "user": user,
            "text": text,
            "ts": ts,
            "team": TEAM,
            "blocks": rich_text(text),
            "_history": [],
            "_lint": [],
        }
        if thread_ts:
            root = world.messages[channel].get(thread_ts)
            if root is None:
                raise ControlError("no such thread", 404)
            attach_reply(root, message)
            if broadcast:
                message["subtype"] = "thread_broadcast"
        world.messages[channel][ts] = message
        world.changed()
        sent = [self.message_event(channel, {**visible(message), "event_ts": ts})]
        if "<@%s>" % BOT_USER in text and world.channel_type(channel) != "im":
            mention = {k: v for k, v in visible(message).items() if k != "subtype"}
            sent.append(
                self.event(
                    {**mention, "type": "app_mention", "channel": channel, "event_ts": ts},
                    "app_mention",
                )
            )
        return {"ts": ts, "channel": channel, "envelopes": [e["id"] for e in sent if e]}

    def slash(self, line, channel=None, user="U0ALICE001"):
        """A person runs a slash command."""
        world = self.world
        user = world.find_user(user)
        channel = (
            world.direct_channel(user)
            if channel == "dm"
            else world.find_channel(channel or CHANNEL)
        )
        command, _, text = line.strip().partition(" ")
        if not command.startswith("/"):
            raise ControlError("a slash command starts with /")
        if world.commands is not None and command not in world.commands:
            raise ControlError(
                "%s is not a valid command: the manifest does not register it" % command, 404
            )
        info = world.channels[channel]
        return self.socket.send(
            "slash_commands",
            {
                "token": "verification-token",
                "team_id": TEAM,
                "team_domain": DOMAIN,
                "channel_id": channel,
                "channel_name": "directmessage" if info["is_im"] else info["name"],
                "user_id": user,
                "user_name": world.users[user]["name"],
                "command": command,
                "text": text.strip(),
                "api_app_id": APP,
                "is_enterprise_install": "false",
                "response_url": world.new_response_url(
                    "commands", channel, user, base=self.api.base + "/"
                ),
                "trigger_id": world.new_trigger(user),
            },
            accepts=True,
            what=line.strip(),
        )

    def acknowledged(self, envelope):
        """Shows what an ack carried: a message for a slash command, an answer for a modal."""
        answer = envelope["response"] or {}
        payload = envelope["payload"]
        if envelope["type"] == "slash_commands" and (answer.get("text") or answer.get("blocks")):
            path = payload["response_url"].replace(self.api.base + "/", "", 1)
            self.api.use_response_url(path, answer)
        elif "_view" in envelope:
            view = envelope["_view"]
            if answer.get("response_action") == "errors":
                view["_errors"] = answer.get("errors")
            elif answer.get("response_action") in ("update", "push"):
                view.update({k: v for k, v in (answer.get("view") or {}).items() if k != "type"})
            else:
                view["_closed"] = True

    # --- clicking -------------------------------------------------------------
    @staticmethod
    def _find(blocks, action_id, block_id, value):
        for block in blocks or []:
            elements = (
                block.get("elements", []) if block["type"] in ("actions", "context_actions") else []
            )
            for element in elements + [block[k] for k in ("accessory", "element") if k in block]:
                if (
                    element.get("action_id") == action_id
                    and block_id in (None, block["block_id"])
                    and (value is None or element.get("value") == value or "options" in element)
                ):
                    return block, element
        return None, None

    @staticmethod
    def _chosen(element, option, text):
        """The members of the action that depend on its kind."""
        out = {"type": element["type"], "action_id": element["action_id"]}
        if element["type"] in ("button", "icon_button", "workflow_button"):
            out["text"] = {"emoji": True, **element["text"]}
            out.update({k: element[k] for k in ("value", "style", "url") if k in element})
        elif element["type"] in ("static_select", "overflow", "radio_buttons"):
            options = element.get("options") or [
                o for g in element.get("option_groups", []) for o in g["options"]
            ]
            found = [o for o in options if option in (o.get("value"), o["text"]["text"])]
            if not found:
                raise ControlError("no such option: %s" % option, 404)
            out["selected_option"] = found[0]
        elif element["type"] == "plain_text_input":
            out["value"] = text
        elif element["type"].endswith("_select"):
            out["selected_" + element["type"].split("_")[0].rstrip("s")] = option
        elif element["type"] == "feedback_buttons":
            out["value"] = element[option + "_button"]["value"]
        return out

    def click(
        self,
        ts,
        action_id,
        user="U0ALICE001",
        channel=None,
        block_id=None,
        value=None,
        option=None,
        text=None,
    ):
        """A person uses a button or menu of a message that is really there."""
        world = self.world
        user = world.find_user(user)
        channel = world.find_channel(channel or CHANNEL)
        message = world.messages[channel].get(ts)
        ephemeral = None
        if message is None:
            ephemeral = next(
                (e for e in world.ephemerals if e["ts"] == ts and e["to"] == user), None
            )
        shown = message or ephemeral
        if shown is None or shown.get("_deleted"):
            raise ControlError("no such message", 404)
        block, element = self._find(shown.get("blocks"), action_id, block_id, value)
        if element is None:
            raise ControlError("the message has no such action now: %s" % action_id, 404)
        action = {
            **self._chosen(element, option, text),
            "block_id": block["block_id"],
            "action_ts": world.next_ts(),
        }
        container = {
            "type": "message",
            "message_ts": ts,
            "channel_id": channel,
            "is_ephemeral": bool(ephemeral),
        }
        if shown.get("thread_ts"):
            container["thread_ts"] = shown["thread_ts"]
        payload = {
            "type": "block_actions",
            "user": self._user(user),
            "api_app_id": APP,
            "token": "verification-token",
            "container": container,
            "trigger_id": world.new_trigger(user),
            "team": {"id": TEAM, "domain": DOMAIN},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": channel, "name": world.channels[channel]["name"]},
            "state": {"values": {}},
            "response_url": world.new_response_url(
                "actions", channel, user, ts, self.api.base + "/"
            ),
            "actions": [action],
        }
        if message is not None:
            payload["message"] = visible(message)
        return self.socket.send("interactive", payload, what="click " + action_id)

    def _user(self, user):
        name = self.world.users[user]["name"]
        return {"id": user, "username": name, "name": name, "team_id": TEAM}

    def react(self, ts, name, user="U0ALICE001", channel=None, remove=False):
        world = self.world
        user = world.find_user(user)
        channel = world.find_channel(channel or CHANNEL)
        message = world.messages[channel].get(ts)
        if message is None:
            raise ControlError("no such message", 404)
        if remove:
            for reaction in message.get("reactions", []):
                if reaction["name"] == name and user in reaction["users"]:
                    reaction["users"].remove(user)
                    reaction["count"] -= 1
            message["reactions"] = [r for r in message.get("reactions", []) if r["count"]]
        elif not react(message, name, user):
            raise ControlError("already_reacted", 409)
        world.changed()
        kind = "reaction_removed" if remove else "reaction_added"
        sent = self.event(
            {
                "type": kind,
                "user": user,
                "reaction": name,
                "item": {"type": "message", "channel": channel, "ts": ts},
                "item_user": message["user"],
                "event_ts": world.next_ts(),
            },
            kind,
        )
        return {"envelopes": [sent["id"]] if sent else []}

    # --- modals ---------------------------------------------------------------
    def submit(self, view_id, values=None, user=None):
        """A person submits a modal. values: {block_id: {action_id: value}}."""
        view = self.world.views.get(view_id)
        if view is None or view.get("_closed"):
            raise ControlError("no such open view", 404)
        user = self.world.find_user(user or view["_user"])
        state = {}
        for block in view["blocks"]:
            if block["type"] != "input":
                continue
            element = block["element"]
            given = (values or {}).get(block.get("block_id"), {}).get(element.get("action_id"))
            if given is None and not block.get("optional"):
                raise ControlError("a value for %s is required" % block.get("block_id"))
            entry = {"type": element["type"]}
            if element["type"].endswith("_select") or element["type"] == "radio_buttons":
                entry["selected_option"] = next(
                    (o for o in element.get("options", []) if o.get("value") == given), None
                )
            else:
                entry["value"] = given
            state.setdefault(block["block_id"], {})[element["action_id"]] = entry
        shown = {**visible(view), "state": {"values": state}}
        envelope = self.socket.send(
            "interactive",
            {
                "type": "view_submission",
                "team": {"id": TEAM, "domain": DOMAIN},
                "user": self._user(user),
                "api_app_id": APP,
                "token": "verification-token",
                "trigger_id": self.world.new_trigger(user),
                "view": shown,
                "response_urls": [],
                "is_enterprise_install": False,
                "enterprise": None,
            },
            accepts=True,
            what="submit " + view.get("callback_id", ""),
        )
        envelope["_view"] = view
        return envelope

    def open_home(self, user="U0ALICE001", tab="home"):
        user = self.world.find_user(user)
        sent = self.event(
            {
                "type": "app_home_opened",
                "user": user,
                "channel": self.world.direct_channel(user),
                "tab": tab,
                "event_ts": self.world.next_ts(),
            },
            "app_home_opened",
        )
        return {"envelopes": [sent["id"]] if sent else []}

    def change_group(self, group, users):
        """Somebody edits a user group."""
        info = self.world.usergroups.get(group)
        if info is None:
            raise ControlError("no such user group", 404)
        before, info["users"] = info["users"], [self.world.find_user(u) for u in users]
        sent = self.event(
            {
                "type": "subteam_members_changed",
                "subteam_id": group,
                "team_id": TEAM,
                "date_previous_update": int(time.time()) - 60,
                "date_update": int(time.time()),
                "added_users": [u for u in info["users"] if u not in before],
                "removed_users": [u for u in before if u not in info["users"]],
                "event_ts": self.world.next_ts(),
            },
            "subteam_members_changed",
        )
        return {"envelopes": [sent["id"]] if sent else []}

    def stop_stream(self, ts, channel=None, user="U0ALICE001"):
        """Presses the stop button of a message that streams."""
        channel = self.world.find_channel(channel or CHANNEL)
        message = self.world.messages[channel].get(ts)
        if message is None or not is_streaming(self.world, message):
            raise ControlError("nothing streams there", 409)
        stop_by_user(message)
        self.world.changed()
        self.event(
            {
                "type": "agent_session_stopped",
                "channel": channel,
                "user": self.world.find_user(user),
                "thread_ts": message["thread_ts"],
                "streaming_message_ts": [ts],
                "event_ts": self.world.next_ts(),
            },
            "agent_session_stopped",
        )
        return {"ts": ts}

    def foreign_post(self, text, channel=None):
        """Another app posts a message (which the bot under test may not edit)."""
        channel = self.world.find_channel(channel or CHANNEL)
        ts = self.world.next_ts()
        message = {
            "type": "message",
            "subtype": "bot_message",
            "bot_id": "B0OTHERAPP",
            "user": "U0OTHERBOT",
            "app_id": "A0OTHERAPP",
            "text": text,
            "ts": ts,
            "team": TEAM,
            "_history": [],
            "_lint": [],
        }
        self.world.messages[channel][ts] = message
        self.world.changed()
        self.message_event(channel, {**visible(message), "event_ts": ts})
        return {"ts": ts, "channel": channel, "bot_id_of_tocsin": BOT_ID, "at_ms": now_ms()}
