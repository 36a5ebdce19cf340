"""The HTTPS side of SNS: the host of the signing certificates and the query API."""
import asyncio
import time
import uuid
from xml.sax.saxutils import escape

from aiohttp import web

from . import faults as fault

NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/"
MESSAGES = {
    "NotFound": "Topic does not exist",
    "InvalidParameter": "Invalid parameter: Token",
    "InvalidAction": "Could not find operation",
    "MissingParameter": "The request must contain the parameter",
    "InternalFailure": "Internal failure",
}


def error_answer(code, status, text=None):
    body = (
        '<ErrorResponse xmlns="%s">\n  <Error>\n    <Type>%s</Type>\n'
        "    <Code>%s</Code>\n    <Message>%s</Message>\n"
        "  </Error>\n  <RequestId>%s</RequestId>\n</ErrorResponse>\n"
    ) % (
        NAMESPACE,
        "Sender" if status < 500 else "Receiver",
        code,
        escape(text or MESSAGES.get(code, code)),
        uuid.uuid4(),
    )
    return web.Response(status=status, text=body, content_type="text/xml")


class SnsServer:
    """Serves /SimpleNotificationService-….pem, and POST / for ConfirmSubscription.

    `other` (AwsServer.serve) answers the other actions: this is their host, too.
    """

    def __init__(self, world, faults, signer, publisher):
        self.world, self.faults, self.signer, self.publisher = world, faults, signer, publisher
        self.other = None

    def routes(self):
        return [web.get("/{name:.+}", self.certificate), web.route("*", "/", self.serve)]

    async def certificate(self, request):
        name = request.match_info["name"]
        entry = {
            "time": time.time(),
            "host": request.host,
            "path": request.path_qs,
            "status": None,
            "fault": None,
        }
        self.world.cert_fetches.append(entry)
        action = self.faults.take("sns.certificate", {"name": name})
        body = self.signer.files.get(name)
        if action:
            entry["fault"] = entry["status"] = action["do"]
            self.world.changed()
            return await self._faulty(request, action, body)
        entry["status"] = 200 if body is not None else 404
        self.world.changed()
        if body is None:
            return web.Response(status=404, text="not found")
        return web.Response(body=body, content_type="application/x-pem-file")

    @staticmethod
    async def _faulty(request, action, body):
        if action["do"] == "delay":
            await asyncio.sleep(float(action.get("s", 1)))
            return web.Response(body=body, content_type="application/x-pem-file")
        if action["do"] == "status" and 300 <= action["status"] < 400:
            return web.Response(
                status=action["status"], headers={"Location": "https://localhost:1/evil.pem"}
            )
        return await fault.answer(request, action, body, "application/x-pem-file")

    async def serve(self, request):
        """The query API at SNS's own host."""
        fields = {**request.query, **(await request.post())}
        if fields.get("Action") == "ConfirmSubscription":
            return await self.query(request)
        return await self.other(request)

    async def query(self, request):
        """ConfirmSubscription, which needs no signature."""
        args = dict(request.query)
        if request.method == "POST":
            args.update({k: v for k, v in (await request.post()).items() if isinstance(v, str)})
        action_name = args.get("Action", "")
        entry = {
            "time": time.time(),
            "action": action_name,
            "http_method": request.method,
            "host": request.host,
            "topic": args.get("TopicArn"),
            "token": (args.get("Token") or "")[:16],
            "status": None,
            "code": None,
            "authenticate_on_unsubscribe": args.get("AuthenticateOnUnsubscribe"),
            "version": args.get("Version"),
            "signed": request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256"),
            "fault": None,
            "args": {k: v for k, v in args.items() if k != "Token"},
        }
        self.world.confirmations.append(entry)
        action = self.faults.take("sns." + action_name, args)
        if action and fault.before_effect(action):
            return await self._query_fault(request, entry, action)
        answer = self._perform(args, entry)
        self.world.changed()
        if action:
            return await self._query_fault(request, entry, action)
        return answer

    async def _query_fault(self, request, entry, action):
        entry["fault"] = action["do"]
        self.world.changed()
        if action["do"] == "ok_false":
            entry["status"], entry["code"] = 400, action["error"]
            return error_answer(action["error"], action.get("status", 400))
        if action["do"] == "status" and action["status"] >= 400:
            entry["status"] = action["status"]
            return error_answer("InternalFailure", action["status"])
        return await fault.answer(request, action, None)

    def _refuse(self, entry, code, status, text=None):
        entry["status"], entry["code"] = status, code
        return error_answer(code, status, text)

    def _perform(self, args, entry):
        if args.get("Version") not in ("2010-03-31",):
            return self._refuse(
                entry,
                "InvalidAction",
                400,
                "Could not find operation for version %s" % args.get("Version"),
            )
        for name in ("TopicArn", "Token"):
            if not args.get(name):
                return self._refuse(entry, "InvalidParameter", 400, "Invalid parameter: %s" % name)
        arn, code = self.publisher.confirm(args["TopicArn"], args["Token"])
        if code:
            return self._refuse(entry, code, 404 if code == "NotFound" else 400)
        entry["status"] = 200
        return web.Response(
            content_type="text/xml",
            text=(
                '<ConfirmSubscriptionResponse xmlns="%s">\n  <ConfirmSubscriptionResult>\n'
                "    <SubscriptionArn>%s</SubscriptionArn>\n  </ConfirmSubscriptionResult>\n"
                "  <ResponseMetadata>\n"
                "    <RequestId>%s</RequestId>\n"
                "  </ResponseMetadata>\n</ConfirmSubscriptionResponse>\n"
            )
            % (NAMESPACE, escape(arn), uuid.uuid4()),
        )
