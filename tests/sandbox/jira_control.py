"""The part of the control API that looks at the Jira sites and reshapes them.

GET  jira_issues?site=S        every issue, deleted ones included: see shown()
     jira_issue?key=K&site=S   one of them
     jira_judged               {skipped, requests, answers, violations} of Atlassian's OpenAPI
     jira_state?site=S         settings and people
POST jira_set   {site?, SETTING: value, ..., user?: {name, ...}, reset?}    the settings are
                DEFAULT_SETTINGS of jira_site.py; reset: first everything as at the start
     jira_act   {key, site?, do, value?, user?}      what a person does in Jira:
                do: status NAME, comment TEXT, assign NAME, label TEXT, delete

`site` is cloud (when left out) or datacenter. Requests are among GET requests, methods jira.*.
"""
from . import jira_issues
from .jira_site import Comment, Text
from .world import ControlError


def _comment(comment):
    return {
        "id": comment.id,
        "author": comment.author["name"],
        "created": comment.created_s,
        "updated": comment.updated_s,
        **comment.text.shown(),
        "edits": [text.plain for text in comment.edits],
    }


def shown(site, issue):
    """An issue for tests: plain values, every text as a person reads it and raw."""
    rich = {k: v for k, v in issue.fields.items() if isinstance(v, Text)}
    return {
        "site": site.name,
        "key": issue.key,
        "id": issue.id,
        "url": "%s/browse/%s" % (site.url, issue.key),
        "type": issue.type["name"],
        "summary": issue.fields["summary"],
        "status": issue.status["name"],
        "category": issue.status["category"],
        "resolution": issue.fields.get("resolution"),
        "labels": issue.fields.get("labels") or [],
        "assignee": issue.assignee and issue.assignee["name"],
        "reporter": issue.reporter["name"],
        "created": issue.created_s,
        "description": (issue.fields.get("description") or Text(None)).shown(),
        "texts": {k: v.shown() for k, v in rich.items() if k != "description"},
        "fields": {k: v for k, v in issue.fields.items() if k not in rich},
        "comments": [_comment(c) for c in issue.comments],
        "links": [
            {
                "globalId": x["globalId"],
                "relationship": x["relationship"],
                "url": x["object"]["url"],
                "title": x["object"]["title"],
                "summary": x["object"].get("summary"),
                "updates": x["_updates"],
                "time": x["_time"],
            }
            for x in issue.links
        ],
        "properties": issue.properties,
        "attachments": [
            {
                "filename": a["filename"],
                "size": a["size"],
                "mimeType": a["mimeType"],
                "text": a["_data"].decode("utf-8", "replace"),
            }
            for a in issue.attachments
        ],
        "history": issue.history,
        "deleted": issue.deleted,
        "indexed": site.indexed(issue),
    }


class JiraControl:
    """Mixed into Control."""

    def _site(self, options):
        name = options.pop("site", None) or "cloud"
        if name not in self.sandbox.jira.sites:
            raise ControlError("no such Jira site: %s" % name, 404)
        return self.sandbox.jira.sites[name]

    def get_jira_issues(self, q):
        site = self._site(q)
        return [shown(site, issue) for issue in site.issues.values()]

    def get_jira_issue(self, q):
        site = self._site(q)
        if q.get("key") not in site.issues:
            raise ControlError("no such issue: %s" % q.get("key"), 404)
        return shown(site, site.issues[q["key"]])

    def get_jira_judged(self, _q):
        judge = self.sandbox.jira.judge
        judge.load()
        return {
            "skipped": judge.skipped,
            "requests": judge.requests,
            "answers": judge.answers,
            "violations": [
                {"request": r["id"], "method": r["method"], "judged": r["judged"]}
                for r in self.world.requests
                if r.get("judged")
            ],
        }

    def get_jira_state(self, q):
        site = self._site(q)
        return {"settings": site.settings, "users": site.users, "numbers": site.numbers}

    def do_jira_set(self, o):
        settings = self._site(o).set(o)
        self.world.changed()
        return settings

    def do_jira_act(self, o):
        site = self._site(o)
        issue, user = site.find(o["key"]), site.user(o.get("user", "alice"))
        if issue is None:
            raise ControlError("no such issue: %s" % o["key"], 404)
        act, value = o["do"], o.get("value")
        if act == "status":
            site.move(issue, site.status(value), user)
        elif act == "comment":
            raw = jira_issues.fields.jira_adf.from_text(value) if site.cloud else value
            issue.comments.append(Comment(site.new_id(), user, Text(raw)))
            issue.note(user, "comment added", None, issue.comments[-1].id)
        elif act == "assign":
            issue.assignee = site.user(value) if value else None
            issue.note(user, "assignee", None, value)
        elif act == "label":
            issue.fields["labels"] = (issue.fields.get("labels") or []) + [value]
            issue.note(user, "labels", None, value)
        elif act == "delete":
            issue.deleted = True
            issue.note(user, "deleted")
        else:
            raise ControlError("jira_act: unknown act %s" % act)
        self.world.changed()
        return shown(site, issue)
