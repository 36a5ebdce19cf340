"""The state of the pretended workspace and the records of everything that happened.

Everything lives in memory in one process and one thread. `changed()` wakes whoever long-polls.
"""
import asyncio
import os
import secrets
import string
import time

from .aws_world import AWS_SETTINGS, Aws

TEAM = "T0SANDBOX1"
APP = "A0TOCSIN01"
BOT_USER = "U0TOCSIN01"
BOT_ID = "B0TOCSIN01"
DOMAIN = "sandbox"
CHANNEL = "C0ALARMS01"

DEFAULT_SCOPES = (
    "app_mentions:read assistant:write bookmarks:read bookmarks:write channels:history "
    "channels:join channels:read chat:write commands files:read files:write groups:history "
    "groups:read im:history im:read im:write mpim:history mpim:read mpim:write pins:read "
    "pins:write reactions:read reactions:write usergroups:read users:read"
).split()
DEFAULT_EVENTS = (
    "app_home_opened app_mention member_joined_channel message.channels message.groups "
    "message.im reaction_added reaction_removed subteam_members_changed"
).split()

DEFAULT_SETTINGS = {
    "rates": False,  # enforce the documented rate limits
    "ack_deadline_ms": 3000,  # real time: it measures the bot, so it is never scaled
    "trigger_ms": 3000,
    "response_url_uses": 5,
    "response_url_s": 1800,
    "distribution": "round_robin",  # or random, first, last: which connection gets an envelope
    "max_connections": 10,
    "approximate_connection_time": 18060,
    "connection_lifetime_s": None,  # the server refreshes by itself after so long
    "ping_interval_s": 5,
    "ping": True,  # server pings
    "pong": True,  # answers to the client's pings
    "hello_delay_s": 0,  # None: never says hello
    "num_connections": None,  # lies in hello when set
    "answer_close": True,
    "linger_s": 5,  # TCP stays open after the close handshake, as at Slack
    "ghost_life_s": None,  # real time until Slack gives a half-open connection up; None: never
    "envelope_delay_s": [0, 0],  # real time that an envelope takes, at least and at most: they overtake each other
    "redeliver": True,  # what a connection had not acknowledged when it ended goes to another one
    "retry_same_envelope_id": False,
    "event_retries_s": [0.05, 60, 300],
    "file_processing_s": 1,  # from completeUploadExternal until Slack knows the mimetype; None: never
    "echo": True,  # own posts come back as events
    "stream_s": 300,  # so long after its start Slack ends a stream
    "late_loss": False,  # drop acks silently (the work is done, the ack is lost)
    "sns_timeout_s": 15,
    "sns_retries": 3,
    "sns_retry_delay_s": 20,
    "subscription_expires_s": 3 * 86400,
}


def time_scale():
    """The factor for every wait of the pretended providers, as in the program's own variable."""
    try:
        scale = float(os.environ.get("TOCSIN_TIME_SCALE", "1"))
    except ValueError:
        return 1.0
    return scale if scale > 0 else 1.0


def random_id(prefix, length=10):
    alphabet = string.ascii_uppercase + string.digits
    return prefix + "".join(secrets.choice(alphabet) for _ in range(length - len(prefix)))


def now_ms():
    return int(time.time() * 1000)


class ControlError(Exception):
    """A control call that makes no sense; becomes a 4xx with this text."""

    def __init__(self, text, status=400):
        super().__init__(text)
        self.status = status


class World:
    """The workspace: people, channels, messages, and the log of what happened."""

    def __init__(self):
        self.scale = time_scale()
        self.settings = {**DEFAULT_SETTINGS, **AWS_SETTINGS}
        self.aws = Aws(self.settings)
        self.scopes = set(DEFAULT_SCOPES)
        self.events = set(DEFAULT_EVENTS)
        self.commands = None  # None: any slash command exists
        self.socket_mode = True
        self.app_token = (
            "xapp-1-"
            + APP
            + "-"
            + "".join(secrets.choice(string.digits) for _ in range(13))
            + "-"
            + secrets.token_hex(32)
        )
        self.bot_token = "xoxb-%d-%d-%s" % (
            secrets.randbelow(9 * 10**11) + 10**11,
            secrets.randbelow(9 * 10**11) + 10**11,
            secrets.token_urlsafe(18).replace("-", "a").replace("_", "b"),
        )
        self.revoked = None  # an error name that every token answers with
        self.users = {}
        self.usergroups = {}
        self.channels = {}
        self.messages = {}  # channel -> {ts: Message}
        self.ephemerals = []
        self.views = {}
        self.homes = {}
        self.files = {}
        self.triggers = {}
        self.response_urls = {}
        self.tickets = {}
        self.requests = []
        self.connections = []
        self.envelopes = []
        self.dialogs = []  # what a person saw fail: operation_timeout ...
        self.statuses = {}  # assistant.threads.setStatus
        self.deliveries = []  # SNS
        self.confirmations = []
        self.cert_fetches = []
        self.mails = []  # what SNS Publish took
        self._last_ts = 0
        self.version = 0
        self._waiters = set()
        self._people()

    def _people(self):
        for user, name, zone in (
            (BOT_USER, "tocsin", "Etc/UTC"),
            ("U0ALICE001", "alice", "Asia/Tokyo"),
            ("U0BOB00001", "bob", "Europe/Berlin"),
            ("U0CAROL001", "carol", "America/New_York"),
        ):
            self.add_user(user, name, zone, bot=user == BOT_USER)
        self.usergroups["S0ONCALL01"] = {
            "id": "S0ONCALL01",
            "handle": "oncall-group",
            "name": "On call",
            "users": ["U0ALICE001", "U0BOB00001"],
        }
        self.usergroups["S0SRELEAD1"] = {
            "id": "S0SRELEAD1",
            "handle": "sre-leads",
            "name": "SRE leads",
            "users": ["U0CAROL001"],
        }
        people = ["U0ALICE001", "U0BOB00001", "U0CAROL001"]
        for channel, name in (
            (CHANNEL, "alarms"),
            ("C0CHECKOUT", "checkout"),
            ("C0DASHBRD1", "dashboards"),
        ):
            self.add_channel(channel, name, people + [BOT_USER])
        self.add_channel("C0GENERAL1", "general", people)
        self.add_channel("C0ARCHIVED", "old", people + [BOT_USER], archived=True)
        self.add_channel("G0PRIVATE1", "private", people, private=True)

    # --- people and places ----------------------------------------------------
    def add_user(self, user, name, zone="Etc/UTC", bot=False):
        self.users[user] = {
            "id": user,
            "team_id": TEAM,
            "name": name,
            "deleted": False,
            "real_name": name.capitalize(),
            "tz": zone,
            "tz_label": zone,
            "tz_offset": 0,
            "is_bot": bot,
            "is_app_user": False,
            "is_admin": False,
            "updated": int(time.time()),
            "profile": {
                "real_name": name.capitalize(),
                "display_name": name,
                "email": name + "@example.com",
                "team": TEAM,
            },
        }
        self.changed()

    def add_channel(self, channel, name, members, private=False, archived=False, im_user=None):
        self.channels[channel] = {
            "id": channel,
            "name": name,
            "is_channel": not private and not im_user,
            "is_group": private,
            "is_im": bool(im_user),
            "is_mpim": False,
            "is_private": private or bool(im_user),
            "is_archived": archived,
            "created": int(time.time()),
            "creator": "U0ALICE001",
            "user": im_user,
            "topic": "",
            "members": list(members),
        }
        self.messages[channel] = {}
        self.changed()

    def direct_channel(self, user):
        """The direct-message channel of the bot with a person, made when it is first needed."""
        for channel in self.channels.values():
            if channel["is_im"] and channel["user"] == user:
                return channel["id"]
        channel = "D" + user[1:]
        self.add_channel(channel, user, [user, BOT_USER], im_user=user)
        return channel

    def channel_type(self, channel):
        info = self.channels[channel]
        if info["is_im"]:
            return "im"
        return "group" if info["is_private"] else "channel"

    def find_channel(self, channel):
        """A channel by id or, for people typing in tests, by #name."""
        if channel in self.channels:
            return channel
        name = (channel or "").lstrip("#")
        for info in self.channels.values():
            if info["name"] == name:
                return info["id"]
        raise ControlError("no such channel: %s" % channel, 404)

    def find_user(self, user):
        if user in self.users:
            return user
        name = (user or "").lstrip("@")
        for info in self.users.values():
            if info["name"] == name:
                return info["id"]
        raise ControlError("no such user: %s" % user, 404)

    def next_ts(self):
        """A unique, growing message timestamp."""
        micros = max(int(time.time() * 1_000_000), self._last_ts + 1)
        self._last_ts = micros
        return "%d.%06d" % (micros // 1_000_000, micros % 1_000_000)

    # --- secrets that are handed to the bot -----------------------------------
    def new_trigger(self, user):
        trigger = "%d.%d.%s" % (
            secrets.randbelow(10**13),
            secrets.randbelow(10**12),
            secrets.token_hex(16),
        )
        self.triggers[trigger] = {"made_ms": now_ms(), "used": False, "user": user}
        return trigger

    def new_response_url(self, kind, channel, user, message_ts=None, base=""):
        path = "%s/%s/%d/%s" % (kind, TEAM, secrets.randbelow(10**13), secrets.token_urlsafe(18))
        self.response_urls[path] = {
            "made_ms": now_ms(),
            "uses": 0,
            "channel": channel,
            "user": user,
            "message_ts": message_ts,
        }
        return base + path

    # --- long poll ------------------------------------------------------------
    def changed(self):
        self.version += 1
        for waiter in list(self._waiters):
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    async def wait_change(self, since, timeout_s):
        """Returns when the version is above `since`, or after the timeout."""
        if self.version > since:
            return self.version
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await asyncio.wait_for(waiter, timeout_s)
        except asyncio.TimeoutError:
            pass
        finally:
            self._waiters.discard(waiter)
        return self.version

    async def sleep(self, seconds):
        """A wait of a pretended provider, shortened by TOCSIN_TIME_SCALE."""
        await asyncio.sleep(seconds * self.scale)
