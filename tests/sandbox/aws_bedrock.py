"""Bedrock Runtime: Converse and ConverseStream with a model that says what a test has scripted.

A rule of the script (POST /control/bedrock) is taken for a request whose text matches. Members, all
optional:
    match        regular expression for the text of the last message (tool results included)
    whole        the same for all messages
    model        shell pattern for the model
    times        how often (1; 0: for ever)
  What it says:
    text         or `blocks`, a list of {"text"}, {"reasoning", "signature"?}, {"redacted"},
                 {"tool", "input", "id"?}; an input that is a string is sent as it is, so that it may
                 be broken. In texts, {{PATTERN}} becomes what its group 1 finds in the messages
    gullible     instead of them {"mark", "reads"?}: it reads, and does what the texts with the mark want: gullible.py
    stop         stopReason; "tool_use" with tools, else "end_turn"
    usage        numbers instead of those counted from the texts    latency_ms
  How it comes:
    pieces       characters of one delta (12)      first_s, pause_s     real seconds before the first
                 event, and between two
    shred        bytes of one write, wherever messages begin and end
    no_metadata  the stream ends after messageStop
  What goes wrong:
    error        code of an error instead of an answer, with `status` and `message`
    refuse_stream  the message with which ConverseStream is refused; Converse is answered by the rule
    exception    {"type", "message"?, "after"?}: an exception after so many events
    stall, cut, crc   after so many events: silence, a reset connection, a wrong checksum
Without a rule the model says that nothing is scripted. Events have padding, as the real ones do.

InvokeModel and InvokeModelWithResponseStream, whose bodies are each model's own, are refused for their form after the rights
were looked at, or by a rule with an error that fits the model (which is not used up).
"""
import asyncio
import fnmatch
import hashlib
import json
import random
import re
import time
import urllib.parse
import uuid

from aiohttp import web

from . import aws_converse, aws_events, gullible
from . import faults as fault
from .aws_world import OWN_ACCOUNT, REGION, AwsError, Denied, random_text
from .world import ControlError

ACTIONS = {
    "converse": "Converse",
    "converse-stream": "ConverseStream",
    "invoke": "InvokeModel",
    "invoke-with-response-stream": "InvokeModelWithResponseStream",
}
IAM = {
    "Converse": "InvokeModel",
    "ConverseStream": "InvokeModelWithResponseStream",
    "InvokeModel": "InvokeModel",
    "InvokeModelWithResponseStream": "InvokeModelWithResponseStream",
}
STATUS = {
    "AccessDeniedException": 403,
    "ResourceNotFoundException": 404,
    "ModelTimeoutException": 408,
    "ModelErrorException": 424,
    "ThrottlingException": 429,
    "ModelNotReadyException": 429,
    "InternalServerException": 500,
    "ServiceUnavailableException": 503,
}
MEMBERS = set(
    "match whole model times text blocks gullible stop usage latency_ms pieces first_s pause_s shred no_metadata error status "
    "message refuse_stream exception stall cut crc".split()
)
EVENT_STREAM = "application/vnd.amazon.eventstream"
PADDING = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def rule(options):
    """A rule from the options of the control API."""
    if set(options) - MEMBERS:
        raise ControlError("bedrock: unknown member %s" % sorted(set(options) - MEMBERS))
    re.compile(options.get("match", ""))
    return {**options, "left": int(options.get("times", 1)) or -1, "used": 0}


class Gone(Exception):
    """The caller has closed the connection."""


class Bedrock:
    """Serves /model/{modelId}/converse and /converse-stream; `server` is the AwsServer."""

    def __init__(self, server):
        self.server, self.world, self.aws = server, server.world, server.aws

    # --- one call ---------------------------------------------------------------
    async def serve(self, request, body, entry, count):
        parts = request.raw_path.split("/")
        action = ACTIONS.get(parts[-1]) if len(parts) == 4 else None
        entry.update(service="bedrock", action=action)
        try:
            if action is None or request.method != "POST":
                raise AwsError("UnknownOperationException", "", 404, judged="protocol")
            identity = self._identify(request, body, entry)
            model = urllib.parse.unquote(parts[2])
            params = self._parameters(request, body, entry, model, action)
            self._allow(identity, action, model)
            if action.startswith("Invoke"):
                raise self._refusal_of_form(model)
        except Denied as denied:
            return self._denied(entry, identity, action, denied)
        except AwsError as error:
            return self.server._refused(entry, "bedrock", error)
        misdeed = self.server.faults.take("bedrock." + action, {"text": last_text(params), "model": model}, count)
        if misdeed:
            entry["fault"] = misdeed["do"]
            if fault.before_effect(misdeed):
                return await self.server._faulty(request, entry, "bedrock", misdeed, None)
            if misdeed["do"] != "delay":
                return await self._spoiled(request, entry, model, params, action == "ConverseStream", misdeed)
            await asyncio.sleep(float(misdeed.get("s", 1)))
        return await self._answer(request, entry, model, params, action == "ConverseStream")

    def _identify(self, request, body, entry):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer":
            if token not in self.aws.bedrock_keys:
                text = "Authentication failed: Please make sure your API Key is valid."
                raise AwsError("AccessDeniedException", text, 403, judged="credentials")
            identity = self.aws.key.identity
            entry.update(account=OWN_ACCOUNT, region=REGION, principal=identity["arn"], key="bearer")
            return identity
        key, region = self.server.judge.signer("bedrock", request.method, request.raw_path, request.headers, body)
        identity = key.identity
        entry.update(account=identity["account"], region=region, principal=identity["arn"], key=key.id)
        return identity

    @staticmethod
    def _parameters(request, body, entry, model, action):
        if request.headers.get("Content-Type", "").partition(";")[0] != "application/json":
            raise AwsError("UnsupportedMediaTypeException", "", 415, judged="protocol")
        try:
            params = json.loads(body.decode("utf-8"))
        except ValueError:
            raise AwsError("SerializationException", "no JSON", judged="protocol") from None
        entry["params"] = {"modelId": model, **(params if isinstance(params, dict) else {})}
        if action.startswith("Converse"):
            aws_converse.check(model, params, action == "ConverseStream")
        return params

    def _refusal_of_form(self, model):
        for rule in self.aws.bedrock_rules:
            if "error" in rule and rule["left"] != 0 and fnmatch.fnmatchcase(model, rule.get("model", "*")):
                code = rule["error"]
                return AwsError(code, rule.get("message", "scripted"), rule.get("status", STATUS.get(code, 400)))
        text = "Malformed input request: #: required key [messages] not found, please reformat your input and try again."
        return AwsError("ValidationException", text)

    def _allow(self, identity, action, model):
        if self.aws.denied(identity, "bedrock:" + IAM[action]):
            arn = model if model.startswith("arn:") else "arn:aws:bedrock:%s::foundation-model/%s" % (REGION, model)
            raise Denied(arn)

    def _denied(self, entry, identity, action, denied):
        text = (
            "User: %s is not authorized to perform: bedrock:%s on resource: %s because no "
            "identity-based policy allows the bedrock:%s action"
        ) % (identity["arn"], IAM[action], denied.resource, IAM[action])
        return self.server._error(entry, "bedrock", AwsError("AccessDeniedException", text, 403))

    # --- the answer ---------------------------------------------------------------
    def _take(self, model, text, whole, streamed):
        for found in self.aws.bedrock_rules:
            if found["left"] == 0 or not fnmatch.fnmatchcase(model, found.get("model", "*")):
                continue
            if not re.search(found.get("match", ""), text) or not re.search(found.get("whole", ""), whole):
                continue
            if streamed and "refuse_stream" in found:
                raise AwsError("ValidationException", found["refuse_stream"])
            found["left"] -= found["left"] > 0
            found["used"] += 1
            return found
        return {"text": "Nothing is scripted for this question."}

    async def _answer(self, request, entry, model, params, streamed):
        try:
            script, reply, call = self._asked(entry, model, params, streamed)
        except AwsError as error:
            return self.server._error(entry, "bedrock", error)
        if streamed:
            return await self._stream(request, script, reply, call)
        await asyncio.sleep(float(script.get("first_s", 0)))
        call["ended"] = "whole"
        return web.json_response(whole(reply), headers={"x-amzn-RequestId": str(uuid.uuid4())})

    async def _spoiled(self, request, entry, model, params, streamed, misdeed):
        """The model was asked; what it said does not arrive as it should."""
        script, reply, call = self._asked(entry, model, params, streamed)
        call["ended"] = misdeed["do"]
        if misdeed["do"] not in fault.BODY_ACTIONS:
            return await self.server._faulty(request, entry, "bedrock", misdeed, None)
        if not streamed:
            return await fault.answer(request, misdeed, whole(reply))
        events = all_events(reply, int(script.get("pieces", 12)), True)
        data = b"".join(aws_events.event(*event) for event in events)
        return await fault.answer(request, misdeed, data, EVENT_STREAM)

    def _asked(self, entry, model, params, streamed):
        """(rule, reply, record) of a call that the model has got."""
        script = self._take(model, last_text(params), all_text(params), streamed)
        if "error" in script:
            code = script["error"]
            raise AwsError(code, script.get("message", "scripted"), script.get("status", STATUS.get(code, 400)))
        reply = self._reply(script, model, params)
        call = {"id": entry["id"], "time": entry["time"], "model": model, "streamed": streamed, "params": params}
        call.update(usage=reply["usage"], stop=reply["stopReason"], first_text=None, events=0, ended=None)
        self.aws.bedrock_calls.append(call)
        entry["status"] = 200
        self.world.changed()
        return script, reply, call

    def _reply(self, script, model, params):
        blocks = script.get("blocks") or ([{"text": script["text"]}] if "text" in script else [])
        if "gullible" in script:
            blocks = gullible.blocks(params, script["gullible"])
        said = all_text(params)
        content = [as_block(b, said) for b in blocks]
        tools = any("toolUse" in b for b in content)
        usage = {**self._usage(model, params, content), **script.get("usage", {})}
        return {
            "content": content,
            "stopReason": script.get("stop", "tool_use" if tools else "end_turn"),
            "usage": usage,
            "latency": int(script.get("latency_ms", 100 + 10 * usage["outputTokens"])),
        }

    def _usage(self, model, params, content):
        """A token for every four characters. What stands before the last cachePoint of tools and system is written
        to the cache the first time, and read from it afterwards."""
        prefix = cached_prefix(params)
        size = len(json.dumps([params["messages"], params.get("system"), params.get("toolConfig")])) // 4
        cached = len(prefix) // 4
        seen = hashlib.sha256((model + prefix).encode()).digest()
        known = seen in self.aws.bedrock_cache
        if prefix:
            self.aws.bedrock_cache.add(seen)
        output = max(1, len(json.dumps(content)) // 4)
        return {
            "inputTokens": size - cached,
            "outputTokens": output,
            "totalTokens": size + output,
            "cacheReadInputTokens": cached if known else 0,
            "cacheWriteInputTokens": 0 if known else cached,
        }

    # --- the stream ---------------------------------------------------------------
    async def _stream(self, request, script, reply, call):
        response = web.StreamResponse(
            headers={
                "Content-Type": EVENT_STREAM,
                "x-amzn-RequestId": str(uuid.uuid4()),
            }
        )
        try:
            await response.prepare(request)
            call["ended"] = await self._send_events(request, response, script, reply, call)
            if call["ended"] != "cut":
                await response.write_eof()
        except (ConnectionError, Gone, asyncio.CancelledError):
            call["ended"] = "gone"
            raise
        finally:
            self.world.changed()
        return response

    async def _send_events(self, request, response, script, reply, call):
        events = list(all_events(reply, int(script.get("pieces", 12)), not script.get("no_metadata")))
        broken = script.get("exception")
        await wait(request, float(script.get("first_s", 0)))
        for number, (name, value) in enumerate(events):
            if broken and broken.get("after", 0) == number:
                text = broken.get("message", "scripted")
                await response.write(aws_events.exception(broken["type"], text))
                return broken["type"]
            if script.get("stall") == number:
                await wait(request, 3600)
            if script.get("cut") == number:
                fault.hard_reset(request.transport)
                return "cut"
            data = aws_events.event(name, value)
            if script.get("crc") == number:
                data = data[:-1] + bytes([data[-1] ^ 1])
            step = int(script.get("shred", len(data)))
            for start in range(0, len(data), step):
                await response.write(data[start : start + step])
                if step < len(data):
                    await asyncio.sleep(0)
            call["events"] = number + 1
            if call["first_text"] is None and "text" in value.get("delta", {}):
                call["first_text"] = time.time()
                self.world.changed()
            await wait(request, float(script.get("pause_s", 0)))
        return "whole"


def whole(reply):
    """What Converse answers."""
    return {
        "output": {"message": {"role": "assistant", "content": reply["content"]}},
        "stopReason": reply["stopReason"],
        "usage": reply["usage"],
        "metrics": {"latencyMs": reply["latency"]},
    }


async def wait(request, seconds):
    """Sleeps as long as the caller listens."""
    until = time.monotonic() + seconds
    while True:
        if request.transport is None or request.transport.is_closing():
            raise Gone()
        left = until - time.monotonic()
        if left <= 0:
            return
        await asyncio.sleep(min(left, 0.02))


# --- texts ------------------------------------------------------------------------
def texts_of(message):
    for block in message["content"]:
        if "text" in block:
            yield block["text"]
        for part in block.get("toolResult", {}).get("content", []):
            yield part["text"] if "text" in part else json.dumps(part["json"], ensure_ascii=False)


def last_text(params):
    return "\n".join(texts_of(params["messages"][-1]))


def all_text(params):
    return "\n".join(text for message in params["messages"] for text in texts_of(message))


def cached_prefix(params):
    prefix, parts = "", ""
    for block in params.get("toolConfig", {}).get("tools", []) + params.get("system", []):
        if "cachePoint" in block:
            prefix = parts
        else:
            parts += json.dumps(block)
    return prefix


def filled(text, said):
    """{{PATTERN}} becomes what its first group finds, "?" when it finds nothing."""

    def find(place):
        found = re.search(place[1], said)
        return found[1] if found else "?"

    return re.sub(r"\{\{(.+?)\}\}", find, text)


def as_block(block, said):
    """A content block of the API from the short form of a script."""
    if "text" in block:
        return {"text": filled(block["text"], said)}
    if "reasoning" in block:
        signature = block.get("signature", "c2lnbmVk")
        return {"reasoningContent": {"reasoningText": {"text": block["reasoning"], "signature": signature}}}
    if "redacted" in block:
        return {"reasoningContent": {"redactedContent": block["redacted"]}}
    use = {
        "toolUseId": block.get("id") or "tooluse_" + random_text(22),
        "name": block["tool"],
        "input": block.get("input", {}),
    }
    return {"toolUse": use}


def pieces_of(text, size):
    return [text[start : start + size] for start in range(0, len(text), size)]


def deltas(block, size):
    """The deltas of one block."""
    if "text" in block:
        return [{"text": piece} for piece in pieces_of(block["text"], size)]
    if "toolUse" in block:
        given = block["toolUse"]["input"]
        text = given if isinstance(given, str) else json.dumps(given) if given else ""
        return [{"toolUse": {"input": piece}} for piece in [""] + pieces_of(text, size)]
    reasoning = block["reasoningContent"]
    if "redactedContent" in reasoning:
        return [{"reasoningContent": {"redactedContent": reasoning["redactedContent"]}}]
    told = [{"text": piece} for piece in pieces_of(reasoning["reasoningText"]["text"], size)]
    told.append({"signature": reasoning["reasoningText"]["signature"]})
    return [{"reasoningContent": one} for one in told]


def all_events(reply, size, metadata):
    """(type, value) of the whole stream."""
    for name, value in plain_events(reply, size, metadata):
        yield name, {**value, "p": PADDING[: random.randrange(1, len(PADDING))]}


def plain_events(reply, size, metadata):
    yield "messageStart", {"role": "assistant"}
    for index, block in enumerate(reply["content"]):
        if "toolUse" in block:
            start = {k: block["toolUse"][k] for k in ("toolUseId", "name")}
            yield "contentBlockStart", {"contentBlockIndex": index, "start": {"toolUse": start}}
        for delta in deltas(block, size):
            yield "contentBlockDelta", {"contentBlockIndex": index, "delta": delta}
        yield "contentBlockStop", {"contentBlockIndex": index}
    yield "messageStop", {"stopReason": reply["stopReason"]}
    if metadata:
        yield "metadata", {"usage": reply["usage"], "metrics": {"latencyMs": reply["latency"]}}
