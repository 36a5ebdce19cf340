"""The one endpoint of the pretended AWS: SSM, EC2, STS, SNS, CloudWatch, CloudWatch Logs, CloudTrail and DynamoDB at
POST /, and Amazon Managed Prometheus (aws_prometheus.py) below /workspaces/, Bedrock Runtime (aws_bedrock.py)
below /model/.

Every call goes the same way: what is called, by whom and with what (aws_judge.py), the faults
(faults.py; the method is "ssm.SendCommand"), whether it is denied, the service's own module, the
answer in the service's own form. Each is recorded in `calls`; what a careful client never causes is
recorded in `judged`, too.

Besides the actions of faults.py:
    throttle           the service's own throttling error; option "retry_after" adds the header
    error:CODE         the service's error of that code; options "status", "message", "store"
    ok_false:CODE      the same
Status actions answer the service's own error body unless "body" is given.
"""
import asyncio
import collections
import email.utils
import time
import uuid
import zlib

from aiohttp import web

from . import aws_protocol as wire
from . import faults as fault
from .aws_bedrock import Bedrock
from .aws_cloudtrail import CloudTrail
from .aws_cloudwatch import CloudWatch
from .aws_dynamodb import DynamoDb
from .aws_ec2 import Ec2
from .aws_judge import Judge, check_parameters
from .aws_logs import Logs
from .aws_mail import Mail
from .aws_prometheus import ManagedPrometheus
from .aws_ssm import Ssm
from .aws_sts import Sts
from .aws_world import AwsError, Denied

THROTTLED = {
    "json": ("ThrottlingException", "Rate exceeded", 400),
    "query": ("Throttling", "Rate exceeded", 400),
    "ec2": ("RequestLimitExceeded", "Request limit exceeded.", 503),
    "rest": ("ThrottlingException", "Too many requests, please wait before trying again.", 429),
}
UNAVAILABLE = {
    "json": ("InternalServerError", "ServiceUnavailable"),
    "query": ("InternalFailure", "ServiceUnavailable"),
    "ec2": ("InternalError", "Unavailable"),
    "rest": ("InternalServerException", "ServiceUnavailableException"),
}
DENIED = {
    "json": ("AccessDeniedException", 400, "%s"),
    "query": ("AccessDenied", 403, "%s"),
    "ec2": ("UnauthorizedOperation", 403, "You are not authorized to perform this operation. %s"),
}
UNSIGNED = {"AssumeRoleWithWebIdentity"}
ALWAYS_ALLOWED = {"GetCallerIdentity", "AssumeRoleWithWebIdentity"}


class AwsServer:
    """Serves the calls. `confirm` answers ConfirmSubscription, which needs no signature."""

    def __init__(self, world, faults):
        self.world, self.aws, self.faults = world, world.aws, faults
        self.judge = Judge(self.aws)
        self.ssm = Ssm(world)
        self.bedrock = Bedrock(self)
        self.services = {
            "ssm": self.ssm,
            "ec2": Ec2(world),
            "sts": Sts(world),
            "sns": Mail(world),
            "cloudwatch": CloudWatch(world),
            "dynamodb": DynamoDb(world),
            "logs": Logs(world),
            "cloudtrail": CloudTrail(world),
        }
        self.prometheus = ManagedPrometheus(world, faults, self.judge)
        self.confirm = None
        self.recent = collections.defaultdict(collections.deque)  # for aws_tps

    def routes(self):
        return [web.route("*", "/{path:.*}", self.serve)]

    async def stop(self):
        await self.ssm.stop()

    # --- one call ---------------------------------------------------------------
    async def serve(self, request):
        body = await request.read()
        count = getattr(request.transport, "sandbox_count", 0) + 1
        if request.transport is not None:
            request.transport.sandbox_count = count
        entry = self._record(request, count)
        if request.path.startswith("/workspaces/"):
            return await self.prometheus.serve(request, body, entry)
        if request.path.startswith("/model/"):
            return await self.bedrock.serve(request, body, entry, count)
        try:
            call = wire.read(request.method, request.query_string, request.headers, body)
            if request.path != "/":
                raise AwsError("InvalidAction", "nothing is served at this path", 404, "protocol")
        except AwsError as refused:
            service = "ssm" if "X-Amz-Target" in request.headers else "sns"
            return self._refused(entry, service, refused)
        entry.update(service=call.service, action=call.name)
        refused, params, identity = None, {}, None
        try:
            identity = self._identify(call, request, body, entry)
            params = self._parameters(call, entry)
        except AwsError as error:
            refused = error
            self._note(entry, error)
        if call.name == "ConfirmSubscription" and refused is None:
            return await self._confirmation(request, entry)
        action = self.faults.take("%s.%s" % (call.service, call.name), matchable(params), count)
        if action:
            entry["fault"] = action["do"]
        if action and fault.before_effect(action):
            return await self._faulty(request, entry, call.service, action, None)
        answer = self._answer(call, entry, params, identity, refused)
        if action:
            return await self._faulty(request, entry, call.service, action, answer)
        return answer

    async def _confirmation(self, request, entry):
        answer = await self.confirm(request)
        entry["status"] = answer.status
        return answer

    def _record(self, request, count):
        entry = {
            "id": len(self.aws.calls),
            "time": time.time(),
            "account": None,
            "region": None,
            "service": None,
            "action": None,
            "params": None,
            "principal": None,
            "user_agent": request.headers.get("User-Agent", ""),
            "attempt": request.headers.get("amz-sdk-request"),
            "number_on_connection": count,
            "status": None,
            "error": None,
            "message": None,
            "fault": None,
        }
        self.aws.calls.append(entry)
        return entry

    def _identify(self, call, request, body, entry):
        """The identity that calls, or None where none is needed."""
        headers = request.headers
        if call.name in UNSIGNED or (
            call.name == "ConfirmSubscription" and "Authorization" not in headers
        ):
            return None
        key, region = self.judge.signer(
            call.service, request.method, request.raw_path, headers, body
        )
        entry.update(
            account=key.identity["account"],
            region=region,
            principal=key.identity["arn"],
            key=key.id,
        )
        return key.identity

    @staticmethod
    def _parameters(call, entry):
        params = wire.parameters(call)
        entry["params"] = {
            k: v for k, v in params.items() if k not in ("Token", "WebIdentityToken")
        }
        check_parameters(call.service, call.name, params)
        return params

    def _answer(self, call, entry, params, identity, refused):
        if refused:
            return self._error(entry, call.service, refused)
        try:
            result = self._perform(call, entry, params, identity)
        except Denied as denied:
            return self._error(entry, call.service, self._in_words(call, identity, denied))
        except AwsError as error:
            self._note(entry, error)
            return self._error(entry, call.service, error)
        request_id = str(uuid.uuid4())
        entry["status"] = 200
        self.world.changed()
        return self._response(
            call.service, 200, wire.result(call.service, call.name, result, request_id), request_id
        )

    def _perform(self, call, entry, params, identity):
        service = self.services[call.service]
        handler = getattr(service, "do_" + call.name, None)
        if handler is None:
            text = "the sandbox does not play %s" % call.name
            raise AwsError("InvalidAction", text, judged="protocol")
        self._pace(call, entry)
        if call.name not in ALWAYS_ALLOWED:
            action = "%s:%s" % (call.service, call.name)
            if self.aws.denied(identity, action):
                raise Denied(service.resource(call.name, params, identity, entry["region"]))
        return handler(params, identity, entry["region"])

    def _pace(self, call, entry):
        limit = self.aws.settings["aws_tps"]
        if isinstance(limit, dict):
            limit = limit.get(call.name)
        if not limit:
            return
        recent = self.recent[entry["account"], entry["region"], call.service, call.name]
        now = time.monotonic()
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= limit:
            raise AwsError(*THROTTLED[wire.form(call.service)])
        recent.append(now)

    @staticmethod
    def _in_words(call, identity, denied):
        """AccessDenied as the service says it."""
        code, status, frame = DENIED[wire.form(call.service)]
        prefix = {"sns": "SNS"}.get(call.service, call.service)
        action = "%s:%s" % (prefix, call.name)
        text = "User: %s is not authorized to perform: %s" % (identity["arn"], action)
        if denied.resource:
            text += " on resource: %s" % denied.resource
        if denied.policy:
            text += " because no %s policy allows the %s action" % (denied.policy, action)
        return AwsError(
            "AuthorizationError" if call.service == "sns" else code, frame % text, status
        )

    # --- answers ----------------------------------------------------------------
    def _response(self, service, status, text, request_id, headers=None):
        kind, _, charset = wire.content_type(service).partition(";charset=")
        if service == "dynamodb":
            headers = {"x-amz-crc32": str(zlib.crc32(text.encode())), **(headers or {})}
        return web.Response(
            status=status,
            body=text.encode(),
            headers={
                "x-amzn-RequestId": request_id,
                "Date": email.utils.formatdate(self.aws.now(), usegmt=True),
                "Content-Type": kind + (";charset=" + charset if charset else ""),
                **(headers or {}),
            },
        )

    def _error(self, entry, service, error, headers=None):
        entry.update(status=error.status, error=error.code, message=error.message)
        self.world.changed()
        request_id = str(uuid.uuid4())
        text = wire.error(service, error, request_id)
        if wire.form(service) == "rest":
            headers = {"x-amzn-ErrorType": error.code + ":http://internal.amazon.com/coral/", **(headers or {})}
        return self._response(service, error.status, text, request_id, headers)

    def _refused(self, entry, service, error):
        self._note(entry, error)
        return self._error(entry, service, error)

    def _note(self, entry, error):
        if error.judged:
            names = ("id", "time", "account", "region", "service", "action", "params")
            self.aws.judged.append(
                {
                    **{name: entry[name] for name in names},
                    "kind": error.judged,
                    "code": error.code,
                    "message": error.message,
                }
            )

    async def _faulty(self, request, entry, service, action, answer):
        """Answers as the fault says; `answer` is None when nothing was done."""
        name = action["do"]
        headers = dict(action.get("headers") or {})
        if action.get("retry_after") is not None:
            headers["Retry-After"] = str(action["retry_after"])
        if name in ("throttle", "429"):
            code, text, status = THROTTLED[wire.form(service)]
            status = 429 if name == "429" else status
            if name == "429":
                headers.setdefault("Retry-After", "1")
            return self._error(entry, service, AwsError(code, text, status), headers)
        if name in ("error", "ok_false"):
            text = action.get("message", action["error"])
            status = action.get("status", 403 if "Denied" in action["error"] else 400)
            return self._error(entry, service, AwsError(action["error"], text, status), headers)
        if name == "status" and "body" not in action:
            code = UNAVAILABLE[wire.form(service)][action["status"] == 503]
            return self._error(entry, service, AwsError(code, code, action["status"]), headers)
        if name == "delay":
            await asyncio.sleep(float(action.get("s", 1)))
            return answer
        entry["status"] = action.get("status", name)
        self.world.changed()
        text = answer.body.decode() if answer is not None else "<a/>"
        kind = wire.content_type(service).partition(";")[0]
        return await fault.answer(request, action, text, kind)


def matchable(params):
    """Parameters for the matches of a fault: lists are joined by commas, `text` is what is sent."""
    flat = {
        k: ",".join(v) if isinstance(v, list) and all(isinstance(i, str) for i in v) else v
        for k, v in params.items()
    }
    commands = (params.get("Parameters") or {}).get("commands")
    flat["text"] = "\n".join(commands) if commands else params.get("Message", "")
    return flat
