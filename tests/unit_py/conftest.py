"""Fixtures of the sandbox's own tests."""
import http.client
import json
import socketserver
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler

import pytest

from tests.sandbox.client import Sandbox
from tests.unit_py.aws_clients import Clients
from tests.unit_py.jira_caller import JiraCaller

SCALE = {"TOCSIN_TIME_SCALE": "0.005"}


class Caller:
    """Calls the Web API as a bot would; keeps its connection."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.address = urllib.parse.urlsplit(sandbox.ready["slack_url"])

    def raw(self, method, body=b"", headers=None, token="bot", http_method="POST", connection=None):
        """(status, headers, body bytes)"""
        link = connection or http.client.HTTPConnection(
            self.address.hostname, self.address.port, timeout=10
        )
        sent = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        if token:
            sent["Authorization"] = "Bearer " + self.sandbox.ready.get(token + "_token", token)
        link.request(
            http_method, method if method.startswith("/") else "/api/" + method, body, sent
        )
        answer = link.getresponse()
        out = answer.status, dict(answer.getheaders()), answer.read()
        if connection is None:
            link.close()
        return out

    def __call__(self, method, token="bot", **args):
        return json.loads(self.raw(method, json.dumps(args).encode(), token=token)[2])

    def form(self, method, token="bot", **args):
        body = urllib.parse.urlencode(
            {k: v if isinstance(v, str) else json.dumps(v) for k, v in args.items()}
        ).encode()
        return json.loads(
            self.raw(method, body, {"Content-Type": "application/x-www-form-urlencoded"}, token)[2]
        )


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox.start(tmp_path_factory.mktemp("sandbox"), env=SCALE) as running:
        yield running


@pytest.fixture
def api(sandbox):
    yield Caller(sandbox)
    sandbox.clear_faults()


@pytest.fixture
def aws(sandbox):
    clients = Clients(sandbox)
    yield clients
    clients.reset()


@pytest.fixture
def cloud(sandbox):
    caller = JiraCaller(sandbox, "cloud", 3)
    yield caller
    caller.close()


@pytest.fixture
def center(sandbox):
    caller = JiraCaller(sandbox, "datacenter", 2)
    yield caller
    caller.close()


@pytest.fixture(params=["cloud", "datacenter"])
def jira(request, sandbox):
    """Either site, in its usual version."""
    caller = JiraCaller(sandbox, request.param, 3 if request.param == "cloud" else 2)
    yield caller
    caller.close()


class Endpoint:
    """An HTTP endpoint for SNS; answers with the next of `statuses`, then always 200."""

    def __init__(self):
        self.got = []
        self.statuses = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers), body.decode()))
                status = outer.statuses.pop(0) if outer.statuses else 200
                if status is None:  # no answer at all
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args):
                pass

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d/sns" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def endpoint(sandbox):
    made = Endpoint()
    sandbox.settings(endpoint=made.url)
    yield made
    made.close()
