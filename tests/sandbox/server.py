"""Puts the parts together: ports, certificates, the ready-made configuration of the bot."""
import json
import os
import pathlib

import asyncio
from aiohttp import web

from ..ports import free_port
from .aws_server import AwsServer
from .aws_world import MAIL_TOPIC, REGION
from .certificates import Authority, dns_suffix, pem, server_context
from .control import Control
from .faults import Faults
from .listener import Listener
from .jira_api import Jira
from .people import People
from .slack_api import SlackApi
from .slack_socket import SocketSide
from .sns import Signer
from .sns_publisher import Publisher
from .sns_server import SnsServer
from .world import CHANNEL, World

LOOPBACK = "127.0.0.1"
REGIONS = (
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-northeast-1",
    "me-south-1",
    "cn-north-1",
)
BODY_MAX = 64 << 20


class Sandbox:
    """A pretended Slack, AWS and two Jira sites."""

    def __init__(self, options):
        self.options = options
        self.directory = pathlib.Path(options.dir).resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.world = World()
        self.world.settings["rates"] = options.rates
        self.faults = Faults(self.world)
        self.authority = Authority()
        self.signer = Signer(self.authority)
        self.publisher = Publisher(self.world, self.signer, options.topic, not options.unsubscribed)
        self.aws = AwsServer(self.world, self.faults)
        self.sns = SnsServer(self.world, self.faults, self.signer, self.publisher)
        self.aws.confirm, self.sns.other = self.sns.query, self.aws.serve
        self.api = SlackApi(self.world, self.faults)
        self.socket = SocketSide(self.world, self.faults)
        self.jira = Jira(self.world, self.faults)
        self.people = People(self.world, self.api, self.socket)
        self.api.emit_message = self.people.echo
        self.api.emit_change = self.people.echo_change
        self.socket.on_ack = self.people.acknowledged
        self.runners = []
        self.ready = {}

    async def serve(self, routes, tls=None, system=None):
        """Serves HTTP routes on a free loopback port; returns the port. A system's name: it can go away, see faults.py."""
        app = web.Application(client_max_size=BODY_MAX)
        app.add_routes(routes)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        self.runners.append(runner)
        site = web.TCPSite(runner, LOOPBACK, 0, ssl_context=tls, shutdown_timeout=1)
        await site.start()
        listener = Listener(runner.server, site._server, tls)
        if system:
            self.faults.listeners[system] = listener
        return listener.port

    def sns_names(self):
        return ["sns.%s.%s" % (r, dns_suffix(r)) for r in REGIONS]

    async def start(self):
        options = self.options
        (self.directory / "ca.pem").write_bytes(pem(self.authority.certificate))
        (self.directory / "other-ca.pem").write_bytes(pem(Authority("Another Root").certificate))
        names = [options.tls_name, "wss." + options.tls_name, "localhost", LOOPBACK]
        if options.tls_name == LOOPBACK:
            names = [LOOPBACK, "localhost"]
        slack_tls = (
            server_context(self.directory, "slack", self.authority, names) if options.tls else None
        )
        sns_tls = server_context(self.directory, "sns", self.authority, self.sns_names())
        api_port = await self.serve(self.api.routes(), slack_tls, "slack")
        control_port = await self.serve(Control(self).routes())
        sns_port = await self.serve(self.sns.routes(), sns_tls, "sns")
        aws_port = await self.serve(self.aws.routes(), system="aws")
        server = await asyncio.start_server(
            self.socket.accept, LOOPBACK, 0, ssl=slack_tls, limit=1 << 20
        )
        self.socket_server = server
        socket_port = server.sockets[0].getsockname()[1]
        connect_to = ["%s:443:%s:%d" % (n, LOOPBACK, sns_port) for n in self.sns_names()]
        self._addresses(options, api_port, socket_port, connect_to)
        connect_to += await self._start_jira()
        await self.publisher.start()
        host, _, port = options.listen.rpartition(":")
        listen = "%s:%d" % (host or LOOPBACK, int(port) or free_port())
        self.publisher.endpoint = "http://%s/sns" % listen
        self.ready = {
            "pid": os.getpid(),
            "slack_url": self.api.base + "/api/",
            "control_url": "http://%s:%d" % (LOOPBACK, control_port),
            "sns_host_port": sns_port,
            "ca_file": str(self.directory / "ca.pem"),
            "app_token": self.world.app_token,
            "other_ca_file": str(self.directory / "other-ca.pem"),
            "bot_token": self.world.bot_token,
            "channel": CHANNEL,
            "topic": options.topic,
            "connect_to": connect_to,
            "mail_topic": MAIL_TOPIC,
            "bot_env": self.bot_environment(aws_port),
            "other_role": self.world.aws.other_role,
            "listen": listen,
            "endpoint": self.publisher.endpoint,
            "config": str(self.directory / "tocsin.yaml"),
            "socket_port": socket_port,
            "api_port": api_port,
            "jira": {name: site.ready() for name, site in self.jira.sites.items()},
        }
        self.write_config(listen)
        (self.directory / "sandbox.json").write_text(json.dumps(self.ready), encoding="utf-8")

    async def _start_jira(self):
        """Each site twice: by its name over TLS, and as plain HTTP. Returns curl's connect_to."""
        connect_to = []
        for name, site in self.jira.sites.items():
            tls = server_context(self.directory, "jira-" + name, self.authority, site.hosts)
            port = await self.serve(self.jira.routes(name), tls, "jira-" + name)
            plain_port = await self.serve(self.jira.routes(name))
            site.plain_base = "http://%s:%d" % (LOOPBACK, plain_port)
            connect_to += ["%s:443:%s:%d" % (host, LOOPBACK, port) for host in site.hosts]
        return connect_to

    def bot_environment(self, aws_port):
        """What the bot's environment needs to reach the pretended AWS and nothing else."""
        key = self.world.aws.key
        return {
            "AWS_ENDPOINT_URL": "http://%s:%d" % (LOOPBACK, aws_port),
            "AWS_ACCESS_KEY_ID": key.id,
            "AWS_SECRET_ACCESS_KEY": key.secret,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _addresses(self, options, api_port, socket_port, connect_to):
        if not options.tls:
            self.api.base = "http://%s:%d" % (LOOPBACK, api_port)
            self.api.socket_base = "ws://%s:%d" % (LOOPBACK, socket_port)
        elif options.tls_name == LOOPBACK:
            self.api.base = "https://%s:%d" % (LOOPBACK, api_port)
            self.api.socket_base = "wss://%s:%d" % (LOOPBACK, socket_port)
        else:
            self.api.base = "https://" + options.tls_name
            self.api.socket_base = "wss://wss." + options.tls_name
            connect_to += [
                "%s:443:%s:%d" % (options.tls_name, LOOPBACK, api_port),
                "wss.%s:443:%s:%d" % (options.tls_name, LOOPBACK, socket_port),
            ]

    def write_config(self, listen):
        """A ready configuration for the bot. JSON strings are valid YAML ones."""
        r, quote = self.ready, json.dumps
        lines = [
            "http:",
            "  listen: %s" % quote(listen),
            "slack:",
            "  api_url: %s" % quote(r["slack_url"]),
            "  app_token: %s" % quote(r["app_token"]),
            "  bot_token: %s" % quote(r["bot_token"]),
            "  channel: %s" % r["channel"],
            "  connections: %d" % self.options.connections,
            "sns:",
            "  topics:",
            "    - %s" % quote(r["topic"]),
            "state:",
            "  path: %s" % quote(str(self.directory / "tocsin.db")),
            "network:",
            "  ca_file: %s" % quote(r["ca_file"]),
            "  connect_to:",
        ]
        lines += ["    - %s" % quote(entry) for entry in r["connect_to"]]
        if self.options.jira:
            lines.append("jira: %s" % quote(r["jira"][self.options.jira]["config"]))
        (self.directory / "tocsin.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    async def stop(self):
        self.socket_server.close()
        for connection in list(self.socket.connections):
            connection.writer.transport.abort()
        for task in list(self.socket.tasks):
            task.cancel()
        await self.aws.stop()
        await self.publisher.stop()
        for runner in self.runners:
            await runner.cleanup()
