"""Plain HTTP to a Jira site of the sandbox, and what every test of it demands at its end."""
import base64
import http.client
import json
import urllib.parse


def paragraph(*nodes):
    return {"type": "paragraph", "content": [text(n) if isinstance(n, str) else n for n in nodes]}


def text(value, *marks):
    return {"type": "text", "text": value, **({"marks": list(marks)} if marks else {})}


def code(value):
    return {"type": "codeBlock", "content": [text(value)]}


def document(*content):
    return {
        "version": 1,
        "type": "doc",
        "content": [paragraph(n) if isinstance(n, str) else n for n in content],
    }


def rich(jira, value):
    """A text in the form of the caller's version."""
    return document(value) if jira.version == 3 else value


class JiraCaller:
    """Calls one site as the bot's user; `version` is the REST version of short paths."""

    def __init__(self, sandbox, site, version):
        self.sandbox, self.site, self.version = sandbox, site, version
        self.ready = sandbox.ready["jira"][site]
        self.url = urllib.parse.urlsplit(self.ready["plain_url"])
        self.first = len(sandbox.requests())
        self.allowed = []  # parts of judgements that a test causes on purpose

    def authorization(self, user=None, secret=None):
        if self.site == "datacenter" and user is None:
            return "Bearer " + (secret or self.ready["token"])
        pair = "%s:%s" % (user or self.ready["user"], secret or self.ready["token"])
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def raw(self, method, path, body=None, headers=None, auth=True, version=None):
        """(status, headers, bytes); a path that begins with / follows the context as it is."""
        link = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=10)
        sent = {"Accept": "application/json", **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        if auth:
            sent["Authorization"] = auth if isinstance(auth, str) else self.authorization()
        short = "/rest/api/%d/%s" % (version or self.version, path)
        target = self.url.path + (path if path.startswith("/") else short)
        link.request(method, target, body, sent)
        answer = link.getresponse()
        out = answer.status, dict(answer.getheaders()), answer.read()
        link.close()
        return out

    def __call__(self, method, path, body=None, **more):
        """(status, parsed JSON; None when the body is empty)"""
        status, headers, data = self.raw(method, path, body, **more)
        if not data:
            return status, None
        assert headers["Content-Type"].startswith("application/json"), (status, data[:200])
        return status, json.loads(data)

    def fields(self, **more):
        return {
            "project": {"key": "OPS"},
            "issuetype": {"name": "Incident"},
            "summary": "s",
            "description": rich(self, "what"),
            **more,
        }

    def create(self, version=None, **more):
        """Creates an issue and returns its key."""
        status, answer = self("POST", "issue", {"fields": self.fields(**more)}, version=version)
        assert status == 201, answer
        return answer["key"]

    def refused(self, method, path, body=None, status=400, **more):
        """The messages and errors of a refusal, as one pair."""
        got, answer = self(method, path, body, **more)
        assert got == status, (got, answer)
        return answer["errorMessages"], answer["errors"]

    def refused_create(self, **fields):
        """The errors of a create with these fields; a value of None leaves the field out."""
        merged = {k: v for k, v in self.fields(**fields).items() if v is not None}
        messages, errors = self.refused("POST", "issue", {"fields": merged})
        return errors or messages

    def set(self, **settings):
        return self.sandbox.jira_set(self.site, **settings)

    def issue(self, key):
        return self.sandbox.jira_issue(key, self.site)

    def last(self):
        """The record of the newest request."""
        return self.sandbox.requests("jira.*")[-1]

    def close(self):
        """Resets the site; nothing that was said may be against Atlassian's OpenAPI."""
        self.set(reset=True)
        self.sandbox.clear_faults()
        for record in self.sandbox.requests("jira.*", self.first):
            if record["site"] != self.site:
                continue
            judged = [j for j in record["judged"] if not any(a in j for a in self.allowed)]
            assert not judged, (record["method"], record["path"], judged)
