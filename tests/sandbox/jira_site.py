"""One pretended Jira site: its project, people, workflow and issues, and how a test reshapes it."""
import copy
import datetime
import secrets
import string
import time
import uuid

from . import jira_adf, jira_wiki
from .world import ControlError

PERMISSIONS = (
    "BROWSE_PROJECTS CREATE_ISSUES EDIT_ISSUES ASSIGN_ISSUES ASSIGNABLE_USER TRANSITION_ISSUES "
    "RESOLVE_ISSUES CLOSE_ISSUES ADD_COMMENTS EDIT_OWN_COMMENTS EDIT_ALL_COMMENTS LINK_ISSUES "
    "CREATE_ATTACHMENTS DELETE_ISSUES ADMINISTER_PROJECTS ADMINISTER"
).split()
WITHHELD = ("DELETE_ISSUES", "ADMINISTER_PROJECTS", "ADMINISTER")  # from everybody by default
CATEGORIES = {
    "new": {"id": 2, "key": "new", "colorName": "blue-gray", "name": "To Do"},
    "indeterminate": {
        "id": 4,
        "key": "indeterminate",
        "colorName": "yellow",
        "name": "In Progress",
    },
    "done": {"id": 3, "key": "done", "colorName": "green", "name": "Done"},
}
DEFAULT_SETTINGS = {
    "project": "OPS",
    "project_name": "Operations",
    "issue_types": ["Incident", "Task", "Bug", "Story", "Epic"],  # any of them may be left out
    # More fields: {"id": "customfield_10050", "name": "Client", "type": see TYPES in
    # jira_fields.py, "required": bool, "default": value, "allowed": [names], "issue_types": [..]}
    "custom_fields": [],
    "required": ["summary", "project", "issuetype"],  # others become so by naming them here
    "defaults": {"priority": "Medium"},  # what a required field is filled with when left out
    "off_screen": [],  # fields that are not on the create and edit screens, such as "labels"
    "priorities": ["Highest", "High", "Medium", "Low", "Lowest"],
    "statuses": [["To Do", "new"], ["In Progress", "indeterminate"], ["Done", "done"]],
    # name, from (status names; empty: any), to, and fields that its screen requires
    "transitions": [
        {"name": "Start", "from": ["To Do"], "to": "In Progress"},
        {"name": "Done", "from": ["To Do", "In Progress"], "to": "Done"},
        {"name": "Reopen", "from": ["Done"], "to": "To Do"},
    ],
    "resolutions": ["Done", "Won't Do", "Duplicate", "Cannot Reproduce"],
    "category_names": {},  # {"done": "Erledigt"}: names are localised, keys never
    "issue_linking": True,
    "attachments": True,
    "upload_limit": 10 << 20,
    "denied": {},  # user name -> permissions that he lacks, or ["*"]
    "properties_at_create": True,  # False: `properties` in a create is refused
    "search_lag_s": 3,  # scaled; None: a new issue is never found
    "burns_numbers": None,  # whether a refused create uses up a number; None: on Cloud v3 only
    "text_max": 32767,
    "text_counts": "text",  # or "json": a document is measured with all its braces
    "per_issue": {"comment": 5000, "attachment": 2000, "remotelink": 2000},
    "burst": None,  # {"count": n, "s": seconds} for each endpoint and method
    "issue_writes": None,  # the same for the writes to one issue
    "retry_after": True,  # False: a 429 does not say how long
    "reset_format": "iso",  # X-RateLimit-Reset: iso (minutes), or unix
    "token_scoped": False,  # True: the token is good at api.atlassian.com/ex/jira/ID only
    "token_expired": False,
    "captcha": False,  # Data Center, basic authentication
    "basic_allowed": None,  # None: on Cloud yes, on Data Center yes
    "language": "en",  # or "de": some answers come in the site's language
    "context": None,  # the path before /rest; "/jira" on Data Center
}


def iso(seconds, zone="+0000"):
    stamp = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + "%03d" % (stamp.microsecond // 1000) + zone


def letters(length):
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


class Text:
    """A rich text as it came: a document (v3) or wiki markup (v2, Data Center)."""

    def __init__(self, raw):
        self.raw = raw
        self.is_document = isinstance(raw, dict)

    @property
    def plain(self):
        if self.is_document:
            return jira_adf.plain(self.raw)
        return jira_wiki.plain(self.raw or "")

    def for_version(self, version):
        """The value in the form of a REST version; Jira converts what came in the other one."""
        if self.raw is None or self.is_document == (version == 3):
            return self.raw
        return jira_adf.from_text(self.raw) if version == 3 else self.plain

    def shown(self):
        """The text for the control API."""
        if self.raw is None:
            return {"text": "", "raw": None, "blocks": [], "links": [], "live": []}
        document = self.is_document
        return {
            "text": self.plain,
            "raw": self.raw,
            "blocks": jira_adf.blocks(self.raw) if document else jira_wiki.blocks(self.raw),
            "links": (jira_adf if document else jira_wiki).links(self.raw),
            "live": [] if document else jira_wiki.live(self.raw),
        }


class Comment:
    """One comment; `edits` holds the earlier texts."""

    def __init__(self, number, author, text):
        self.id = str(number)
        self.author = self.editor = author
        self.text = text
        self.created_s = self.updated_s = time.time()
        self.edits = []
        self.properties = []

    @property
    def plain(self):
        return self.text.plain


class Issue:
    """One issue. `fields` holds values in the site's own form (names, not objects)."""

    def __init__(self, site, number, key, project, kind, fields, reporter):
        self.id, self.key, self.project, self.type = str(number), key, project, kind
        self.fields = fields
        self.reporter, self.assignee = reporter, None
        self.status = site.statuses()[0]
        self.created_s = self.updated_s = time.time()
        self.resolved_s = None
        self.born = time.monotonic()
        self.comments, self.links, self.attachments, self.history = [], [], [], []
        self.properties = {}
        self.deleted = False

    def note(self, actor, what, before=None, after=None):
        """One line of the issue's history."""
        self.updated_s = time.time()
        entry = {
            "time": time.time(),
            "by": actor["name"],
            "what": what,
            "from": before,
            "to": after,
        }
        self.history.append(entry)

    def plain(self, field):
        value = self.fields.get(field)
        return value.plain if isinstance(value, Text) else str(value or "")


class Site:
    """The state of one site; the REST interface is in jira_api.py."""

    def __init__(self, name, world):
        self.name, self.world = name, world
        self.cloud = name == "cloud"
        self.hosts = (
            ["sandbox.atlassian.net", "api.atlassian.com"] if self.cloud else ["jira.sandbox.test"]
        )
        self.base = "https://" + self.hosts[0]  # without the context path
        self.plain_base = ""  # http://127.0.0.1:PORT, set once the port is known
        self.cloud_id = str(uuid.uuid4())
        self.project_id = "10000"
        self.numbers = 0  # the project's counter
        self.next_id = 10000
        self.issues = {}
        # The length varies at Atlassian; none of these fits a buffer made for an older one.
        self.token = "ATATT3" + letters(186) + "=" + letters(8) if self.cloud else letters(44)
        self.reset()

    def reset(self):
        """Settings and people as at the start; issues stay."""
        self.settings = copy.deepcopy(DEFAULT_SETTINGS)
        self.settings["context"] = "" if self.cloud else "/jira"
        self.users = []
        for person, mail in (
            ("tocsin", "bot@example.com"),
            ("alice", "alice@example.com"),
            ("bob", "bob@example.com"),
        ):
            self.add_user(person, mail)
        self.bot.update(token=self.token, password="sandbox-password")

    def new_id(self):
        self.next_id += 1
        return self.next_id

    @property
    def url(self):
        return self.base + self.settings["context"]

    def ready(self):
        """What somebody needs to use the site; `config` is the bot's `jira` section."""
        config = {
            "url": self.url,
            "token": self.token,
            "project": self.settings["project"],
            "issue_type": self.settings["issue_types"][0],
            "api": "auto",
        }
        if self.cloud:
            config["user"] = self.bot["email"]
        return {
            "url": self.url,
            "plain_url": self.plain_base + self.settings["context"],
            "token": self.token,
            "user": self.bot["email"] if self.cloud else self.bot["name"],
            "password": self.bot["password"],
            "account": self.user_id(self.bot),
            "project": self.settings["project"],
            "gateway": "https://api.atlassian.com/ex/jira/" + self.cloud_id if self.cloud else None,
            "config": config,
        }

    # --- people -------------------------------------------------------------------
    def add_user(self, name, mail=None, **more):
        user = {
            "name": name,
            "accountId": "712020:" + str(uuid.uuid5(uuid.NAMESPACE_DNS, self.name + name)),
            "email": mail or name + "@example.com",
            "displayName": name.capitalize(),
            "active": True,
            "assignable": True,
            "hidden_email": False,
            "timeZone": "Etc/UTC",
            **more,
        }
        self.users = [u for u in self.users if u["name"] != name] + [user]
        return user

    @property
    def bot(self):
        return self.user("tocsin")

    def user(self, name):
        """A person by name, accountId or e-mail address, for tests; raises ControlError."""
        for user in self.users:
            if name in (user["name"], user["accountId"], user["email"]):
                return user
        raise ControlError("no such Jira user: %s" % name, 404)

    def user_id(self, user):
        return user["accountId"] if self.cloud else user["name"]

    def by_id(self, value):
        """A person by what this kind of site identifies people with, or None."""
        for user in self.users:
            if value == self.user_id(user):
                return user
        return None

    def may(self, user, permission):
        denied = self.settings["denied"].get(user["name"], [])
        return permission not in WITHHELD and permission not in denied and "*" not in denied

    # --- the project ----------------------------------------------------------------
    def types(self):
        return [
            {"id": str(10001 + n), "name": name, "subtask": False}
            for n, name in enumerate(self.settings["issue_types"])
        ]

    def statuses(self):
        return [
            {"id": str(10100 + n), "name": name, "category": category}
            for n, (name, category) in enumerate(self.settings["statuses"])
        ]

    def status(self, name):
        for status in self.statuses():
            if status["name"] == name:
                return status
        raise ControlError("no such status: %s" % name, 404)

    def category(self, status):
        found = dict(CATEGORIES[status["category"]])
        found["name"] = self.settings["category_names"].get(found["key"], found["name"])
        return found

    def transitions(self, issue):
        """The transitions out of the issue's status: id, name, to (a status), fields."""
        return [
            {
                "id": str(11 + 10 * n),
                "name": t["name"],
                "to": self.status(t["to"]),
                "global": not t.get("from"),
                "fields": t.get("fields", []),
            }
            for n, t in enumerate(self.settings["transitions"])
            if not t.get("from") or issue.status["name"] in t["from"]
        ]

    # --- issues -----------------------------------------------------------------------
    def next_key(self):
        self.numbers += 1
        return "%s-%d" % (self.settings["project"], self.numbers)

    def find(self, key):
        """An issue by key (in any case) or id, or None."""
        for issue in self.issues.values():
            if not issue.deleted and key.upper() in (issue.key, issue.id):
                return issue
        return None

    def indexed(self, issue):
        """Whether search knows the issue already."""
        lag = self.settings["search_lag_s"]
        return lag is not None and time.monotonic() - issue.born >= lag * self.world.scale

    def move(self, issue, status, actor, resolution=None):
        """Puts an issue into a status; the resolution follows the status category, as usual."""
        before = issue.status
        issue.status = status
        done = status["category"] == "done"
        issue.fields["resolution"] = (
            (resolution or self.settings["resolutions"][0]) if done else None
        )
        issue.resolved_s = time.time() if done else None
        issue.note(actor, "status", before["name"], status["name"])

    def set(self, options):
        """Changes settings; `user` {name, ...} adds or changes a person; `reset` comes first."""
        if options.pop("reset", False):
            self.reset()
        user = options.pop("user", None)
        unknown = set(options) - set(self.settings)
        if unknown:
            raise ControlError("jira: unknown setting %s" % ", ".join(sorted(unknown)))
        self.settings.update(options)
        if user:
            known = [u for u in self.users if u["name"] == user["name"]]
            known[0].update(user) if known else self.add_user(**user)
        return self.settings
