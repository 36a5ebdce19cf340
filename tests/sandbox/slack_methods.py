"""The Web API methods that are not chat.*: reading, people, reactions, views, files."""
import base64
import secrets

from . import blocks as block_kit
from .slack_chat import channel_of, need, refuse, truth, visible
from .slack_files import Uploads
from .world import APP, BOT_ID, BOT_USER, DOMAIN, TEAM, now_ms, random_id

PAGE_MAX = 999


def api_test(_api, args):
    if args.get("error"):
        refuse(args["error"])
    return {"args": args}


def auth_test(_api, _args):
    return {
        "url": "https://%s.slack.com/" % DOMAIN,
        "team": "Sandbox",
        "user": "tocsin",
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def connections_open(api, _args):
    if not api.world.socket_mode:
        refuse("forbidden_team")
    ticket = secrets.token_urlsafe(24)
    api.world.tickets[ticket] = {"made_ms": now_ms(), "used": False}
    return {"url": "%s/link/?ticket=%s&app_id=%s" % (api.socket_base, ticket, APP)}


# --- conversations ------------------------------------------------------------
def public_channel(world, info):
    if info["is_im"]:
        return {
            "id": info["id"],
            "is_im": True,
            "user": info["user"],
            "is_archived": False,
            "created": info["created"],
        }
    keep = (
        "id",
        "name",
        "is_channel",
        "is_group",
        "is_im",
        "is_mpim",
        "is_private",
        "is_archived",
        "created",
        "creator",
    )
    return {
        **{k: info[k] for k in keep},
        "is_member": BOT_USER in info["members"],
        "num_members": len(info["members"]),
        "name_normalized": info["name"],
        "topic": {"value": info["topic"], "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "context_team_id": TEAM,
    }


def limit_of(args, default, most=PAGE_MAX):
    try:
        limit = int(args.get("limit") or default)
    except ValueError:
        refuse("invalid_limit")
    if not 0 < limit <= most + 1:
        refuse("invalid_limit")
    return min(limit, most)


def cursor_of(args):
    if not args.get("cursor"):
        return 0
    try:
        return int(base64.b64decode(args["cursor"], validate=True).decode().removeprefix("next:"))
    except ValueError:
        refuse("invalid_cursor")


def page(found, args, default):
    start, limit = cursor_of(args), limit_of(args, default)
    part = found[start : start + limit]
    more = start + limit < len(found)
    cursor = base64.b64encode(b"next:%d" % (start + limit)).decode() if more else ""
    return part, more, {"next_cursor": cursor}


def in_window(ts, args):
    inclusive = truth(args.get("inclusive"))
    value = float(ts)
    for name, sign in (("oldest", 1), ("latest", -1)):
        if args.get(name) in (None, ""):
            continue
        try:
            bound = float(args[name])
        except ValueError:
            refuse("invalid_ts_" + name)
        if sign * (value - bound) < 0 or (value == bound and not inclusive):
            return False
    return True


def shown(message, all_metadata):
    out = visible(message)
    if "metadata" in out and not all_metadata:
        out["metadata"] = {"event_type": out["metadata"].get("event_type")}
    return out


def readable(api, args):
    channel = channel_of(api, args)
    info = api.world.channels[channel]
    scope = {"channel": "channels", "group": "groups", "im": "im"}[
        api.world.channel_type(channel)
    ] + ":history"
    if scope not in api.world.scopes:
        refuse("missing_scope", needed=scope, provided=",".join(sorted(api.world.scopes)))
    if BOT_USER not in info["members"]:
        refuse("not_in_channel")
    return channel


def history(api, args):
    channel = readable(api, args)
    found = [
        m
        for m in api.world.messages[channel].values()
        if not m.get("_deleted")
        and in_window(m["ts"], args)
        and (m.get("thread_ts") in (None, m["ts"]) or m.get("subtype") == "thread_broadcast")
    ]
    found.sort(key=lambda m: m["ts"], reverse=True)
    part, more, meta = page(found, args, 100)
    answer = {
        "messages": [shown(m, truth(args.get("include_all_metadata"))) for m in part],
        "has_more": more,
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    if more:
        answer["response_metadata"] = meta
    return answer


def replies(api, args):
    need(args, "ts")
    channel = readable(api, args)
    root = api.world.messages[channel].get(str(args["ts"]))
    if root is None or root.get("_deleted"):
        refuse("thread_not_found")
    if root.get("thread_ts") not in (None, root["ts"]):
        found = [root]
    else:
        found = [
            m
            for m in api.world.messages[channel].values()
            if not m.get("_deleted")
            and m.get("thread_ts") == root["ts"]
            and m is not root
            and in_window(m["ts"], args)
        ]
        found = [root] + sorted(found, key=lambda m: m["ts"])
    part, more, meta = page(found, args, 999)
    answer = {
        "messages": [shown(m, truth(args.get("include_all_metadata"))) for m in part],
        "has_more": more,
    }
    if more:
        answer["response_metadata"] = meta
    return answer


def info(api, args):
    return {"channel": public_channel(api.world, api.world.channels[channel_of(api, args)])}


def list_channels(api, args):
    types = set((args.get("types") or "public_channel").split(","))
    names = {"channel": "public_channel", "group": "private_channel", "im": "im"}
    found = [
        c
        for c in api.world.channels.values()
        if names[api.world.channel_type(c["id"])] in types
        and (not c["is_private"] or BOT_USER in c["members"])
        and not (c["is_archived"] and truth(args.get("exclude_archived")))
    ]
    part, _more, meta = page(found, args, 100)
    return {"channels": [public_channel(api.world, c) for c in part], "response_metadata": meta}


def join(api, args):
    channel = channel_of(api, args)
    info_ = api.world.channels[channel]
    if info_["is_private"]:
        refuse("method_not_supported_for_channel_type")
    if info_["is_archived"]:
        refuse("is_archived")
    answer = {"channel": public_channel(api.world, info_)}
    if BOT_USER in info_["members"]:
        answer["warning"] = "already_in_channel"
    else:
        info_["members"].append(BOT_USER)
        api.world.changed()
        answer["channel"] = public_channel(api.world, info_)
    return answer


def members(api, args):
    channel = channel_of(api, args)
    part, _more, meta = page(api.world.channels[channel]["members"], args, 100)
    return {"members": part, "response_metadata": meta}


def open_direct(api, args):
    if args.get("channel"):
        return {"channel": {"id": channel_of(api, args)}}
    users = [u for u in str(args.get("users") or "").split(",") if u]
    if not users:
        refuse("users_list_not_supplied")
    if any(u not in api.world.users for u in users):
        refuse("user_not_found")
    if len(users) > 1:
        refuse("method_not_supported_for_channel_type")
    known = len(api.world.channels)
    channel = api.world.direct_channel(users[0])
    old = len(api.world.channels) == known
    return {"channel": {"id": channel}, **({"no_op": True, "already_open": True} if old else {})}


# --- people -------------------------------------------------------------------
def user_info(api, args):
    if args.get("user") not in api.world.users:
        refuse("user_not_found")
    return {"user": api.world.users[args["user"]]}


def groups(api, args):
    out = []
    for group in api.world.usergroups.values():
        item = {
            "id": group["id"],
            "team_id": TEAM,
            "is_usergroup": True,
            "name": group["name"],
            "handle": group["handle"],
            "description": "",
            "is_external": False,
            "date_delete": 0,
            "user_count": len(group["users"]),
        }
        if truth(args.get("include_users")):
            item["users"] = group["users"]
        out.append(item)
    return {"usergroups": out}


def group_users(api, args):
    if args.get("usergroup") not in api.world.usergroups:
        refuse("no_such_subteam")
    return {"users": api.world.usergroups[args["usergroup"]]["users"]}


# --- reactions ----------------------------------------------------------------
def _reaction(api, args):
    need(args, "name")
    channel = channel_of(api, {"channel": args.get("channel")}, posting=True)
    message = api.world.messages[channel].get(str(args.get("timestamp")))
    if message is None or message.get("_deleted"):
        refuse("message_not_found")
    if (
        not args["name"]
        .replace("_", "")
        .replace("-", "")
        .replace("+", "")
        .replace(":", "")
        .isalnum()
    ):
        refuse("invalid_name")
    return message, args["name"].strip(":")


def react(message, name, user):
    """Adds a reaction; False when this user has it there already."""
    for reaction in message.setdefault("reactions", []):
        if reaction["name"] == name:
            if user in reaction["users"]:
                return False
            reaction["users"].append(user)
            reaction["count"] += 1
            return True
    message["reactions"].append({"name": name, "users": [user], "count": 1})
    return True


def reaction_add(api, args):
    message, name = _reaction(api, args)
    if not react(message, name, BOT_USER):
        refuse("already_reacted")
    api.world.changed()
    return {}


def reaction_remove(api, args):
    message, name = _reaction(api, args)
    for reaction in message.get("reactions", []):
        if reaction["name"] == name and BOT_USER in reaction["users"]:
            reaction["users"].remove(BOT_USER)
            reaction["count"] -= 1
            message["reactions"] = [r for r in message["reactions"] if r["count"]]
            api.world.changed()
            return {}
    refuse("no_reaction")


# --- views --------------------------------------------------------------------
def take_trigger(api, args):
    trigger = api.world.triggers.get(args.get("trigger_id"))
    if trigger is None:
        refuse("invalid_trigger_id" if args.get("trigger_id") else "invalid_arguments")
    if trigger["used"]:
        refuse("exchanged_trigger_id")
    if now_ms() - trigger["made_ms"] > api.world.settings["trigger_ms"]:
        refuse("expired_trigger_id")
    trigger["used"] = True
    return trigger


def _checked_view(args, kind):
    view = args.get("view")
    errors = block_kit.check_view(view)
    if not errors and view["type"] != kind:
        errors = ["must be: %s [json-pointer:/view/type]" % kind]
    if errors:
        refuse(
            "invalid_arguments", response_metadata={"messages": ["[ERROR] " + e for e in errors]}
        )
    return view


def _store_view(api, view, user, old=None):
    stored = {
        **view,
        "id": old["id"] if old else random_id("V", 11),
        "team_id": TEAM,
        "app_id": APP,
        "bot_id": BOT_ID,
        "hash": "%d.%s" % (now_ms() // 1000, secrets.token_hex(4)),
        "state": {"values": {}},
        "root_view_id": None,
        "previous_view_id": None,
        "external_id": view.get("external_id", ""),
    }
    stored["_user"] = user
    stored["_history"] = (old["_history"] + [visible(old)]) if old else []
    api.world.views[stored["id"]] = stored
    api.world.changed()
    return {"view": visible(stored)}


def view_open(api, args):
    view = _checked_view(args, "modal")
    trigger = take_trigger(api, args)
    return _store_view(api, view, trigger["user"])


def view_update(api, args):
    view = _checked_view(args, "modal")
    old = api.world.views.get(args.get("view_id")) or next(
        (
            v
            for v in api.world.views.values()
            if args.get("external_id") and v["external_id"] == args["external_id"]
        ),
        None,
    )
    if old is None:
        refuse("not_found")
    if args.get("hash") and args["hash"] != old["hash"]:
        refuse("hash_conflict")
    return _store_view(api, view, old["_user"], old)


def view_publish(api, args):
    need(args, "user_id")
    if args["user_id"] not in api.world.users:
        refuse("user_not_found")
    view = _checked_view(args, "home")
    api.world.homes[args["user_id"]] = view
    api.world.changed()
    return {"view": {**view, "id": "V0HOME" + args["user_id"][-4:], "hash": secrets.token_hex(6)}}


METHODS = {
    "api.test": api_test,
    "auth.test": auth_test,
    "apps.connections.open": connections_open,
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.info": info,
    "conversations.list": list_channels,
    "conversations.join": join,
    "conversations.members": members,
    "conversations.open": open_direct,
    "users.info": user_info,
    "usergroups.list": groups,
    "usergroups.users.list": group_users,
    "reactions.add": reaction_add,
    "reactions.remove": reaction_remove,
    "views.open": view_open,
    "views.push": view_open,
    "views.update": view_update,
    "views.publish": view_publish,
    "files.getUploadURLExternal": Uploads.start,
    "files.completeUploadExternal": Uploads.complete,
    "files.info": Uploads.info,
}
