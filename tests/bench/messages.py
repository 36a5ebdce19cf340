"""Prepared input: signed SNS deliveries of CloudWatch alarms, and the host of their certificate.

The sandbox's signer and its alarm shapes do the work, so that what is measured is what is tested.
"""
import base64
import datetime
import http.server
import multiprocessing
import struct
import threading

from cryptography.hazmat.primitives import serialization

from tests.sandbox.alarms import Alarm
from tests.sandbox.certificates import Authority, pem, server_context
from tests.sandbox.sns import Signer, layout, string_to_sign

TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
REGION = "us-east-1"
HOST = "sns.us-east-1.amazonaws.com"
FLAPPING = 200        # alarms that change their state by turns
V1_EVERY = 4          # one message in so many is signed by version 1 (SHA-1), the others by version 2
HEAD = ("POST /sns HTTP/1.1\r\nx-amz-sns-message-type: Notification\r\nx-amz-sns-message-id: %s\r\n"
        "x-amz-sns-topic-arn: %s\r\nx-amz-sns-subscription-arn: %s:0f8e7d6c-1111-2222-3333-444455556666\r\n"
        "Content-Length: %d\r\nContent-Type: text/plain; charset=UTF-8\r\nHost: tocsin.example.com\r\n"
        "Connection: Keep-Alive\r\nUser-Agent: Amazon Simple Notification Service Agent\r\n"
        "Accept-Encoding: gzip,deflate\r\n\r\n")
DESCRIPTION = ("CPU of a web server has been above its limit for a minute. Runbook: https://wiki.example.com/runbooks/"
               "web-cpu. Owner: team web, on call by #web-oncall.")


def block(data):
    return struct.pack("<I", len(data)) + data


def flapping(number, started):
    """The n-th change when FLAPPING alarms change by turns, each every 200 ms."""
    which, turn = number % FLAPPING, number // FLAPPING
    return dict(name="web-%03d-cpu-utilization-high" % which, state="OK" if turn % 2 else "ALARM",
                dimensions={"InstanceId": "i-0%015x" % which, "AutoScalingGroupName": "web-production"},
                time=started + number / 1000, description=DESCRIPTION)


def single(number, started):
    """Alarms that fire once, each another one."""
    return dict(name="single-%05d-cpu" % number, state="ALARM", dimensions={"InstanceId": "i-0%015x" % number},
                time=started + number / 1000, description=DESCRIPTION)


def many(number, started):
    """The same for a storm: names of their own."""
    return {**single(number, started), "name": "many-%05d-cpu" % number}


def make(signer, number, options):
    """(request, alarm's name, signed text, signature version, signature) of one delivery."""
    alarm = Alarm(options)
    version = "1" if number % V1_EVERY == 0 else "2"
    body = signer.notification(TOPIC, alarm.message_sns(), subject=alarm.subject()[:99], version=version,
                               subscription_arn=TOPIC + ":0f8e7d6c-1111-2222-3333-444455556666",
                               when=datetime.datetime.now(datetime.timezone.utc).timestamp())
    text = layout(body).encode()
    head = HEAD % (body["MessageId"], TOPIC, TOPIC, len(text))
    return head.encode() + text, alarm.name.encode(), string_to_sign(body), version.encode(), body["Signature"]


class Material:
    """Everything prepared in one directory: `flapping`, `single` and `many` (for load and stand), `signed` and
    `key.pem` (for verify_loop), and a running host for the signing certificate."""

    def __init__(self, directory, flapping_count, single_count, many_count=0):
        self.directory = directory
        self.authority = Authority("Bench Root")
        self.signer = Signer(self.authority)
        key, self.certificate = self.signer.certificate("valid", REGION)
        self.ca_file = directory / "ca.pem"
        self.ca_file.write_bytes(pem(self.authority.certificate))
        (directory / "key.pem").write_bytes(key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        self.started = datetime.datetime.now(datetime.timezone.utc).timestamp() - 600
        with multiprocessing.get_context("fork").Pool(initializer=self._share) as pool:
            self.request_bytes = self._write(pool, "flapping", flapping_count)
            self._write(pool, "single", single_count)
            if many_count:
                self._write(pool, "many", many_count)
        self._serve()

    def _share(self):
        global SHARED
        SHARED = self

    def _write(self, pool, kind, count):
        jobs = [(kind, first, min(first + 500, count)) for first in range(0, count, 500)]
        total = 0
        with open(self.directory / kind, "wb") as requests, open(self.directory / "signed", "ab") as signed:
            for part in pool.imap(prepare, jobs):
                for request, name, text, version, signature in part:
                    requests.write(block(request) + block(name))
                    if kind == "flapping":
                        signed.write(block(version) + block(text) + block(signature))
                    total += len(request)
        return total // count

    def _serve(self):
        files = self.signer.files

        class Handler(http.server.BaseHTTPRequestHandler):
            """Serves the certificate as SNS does."""
            def do_GET(self):  # noqa: N802, the library's name
                body = files.get(self.path.lstrip("/"), b"")
                self.send_response(200 if body else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        context = server_context(self.directory, "sns", self.authority, [HOST])
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()

    @property
    def connect_to(self):
        return "%s:443:127.0.0.1:%d" % (HOST, self.port)


def prepare(job):
    """In a worker process: a run of deliveries."""
    kind, first, last = job
    shape = {"flapping": flapping, "single": single, "many": many}[kind]
    made = [make(SHARED.signer, n, shape(n, SHARED.started)) for n in range(first, last)]
    return [(request, name, text, version, base64.b64decode(signature))
            for request, name, text, version, signature in made]


SHARED = None
