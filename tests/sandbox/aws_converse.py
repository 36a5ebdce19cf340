"""Judges the requests of Converse and ConverseStream: their form, and the rules of a conversation.

The form is that of the API reference (Bedrock Runtime, 2023-09-30), less what the bot could not
mean: pictures, documents, videos. The words of the rules are those that the service is known to send.
"""
import re

from .aws_world import AwsError

MODEL = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._:/-]{0,2047}")
CACHE_POINTS_MAX = 4


def wrong(text):
    return AwsError("ValidationException", text, 400, judged="parameters")


def constraint(value, path, text):
    shown = "Value '%s' at '%s' failed to satisfy constraint: Member must %s" % (value, path, text)
    return wrong("1 validation error detected: " + shown)


# --- forms ------------------------------------------------------------------------
def string(low=0, high=None, pattern=None, words=None):
    def check(value, path):
        if not isinstance(value, str):
            raise wrong("%s: a string is expected" % path)
        if len(value) < low:
            raise constraint(value, path, "have length greater than or equal to %d" % low)
        if high is not None and len(value) > high:
            raise constraint(value, path, "have length less than or equal to %d" % high)
        if pattern and not re.fullmatch(pattern, value):
            raise constraint(value, path, "satisfy regular expression pattern: " + pattern)
        if words and value not in words:
            raise constraint(value, path, "satisfy enum value set: [%s]" % ", ".join(words))

    return check


def number(low, high=None, whole=False):
    def check(value, path):
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise wrong("%s: a number is expected" % path)
        if value < low:
            raise constraint(value, path, "have value greater than or equal to %s" % low)
        if high is not None and value > high:
            raise constraint(value, path, "have value less than or equal to %s" % high)

    return check


def flag(value, path):
    if not isinstance(value, bool):
        raise wrong("%s: a boolean is expected" % path)


def document(value, path):
    """Any JSON."""
    del value, path


def many(member, low=0, high=None):
    def check(value, path):
        if not isinstance(value, list):
            raise wrong("%s: a list is expected" % path)
        if len(value) < low or (high is not None and len(value) > high):
            raise constraint(value, path, "have %d to %s members" % (low, high))
        for index, inner in enumerate(value):
            member(inner, "%s.%d" % (path, index))

    return check


def structure(required=(), **members):
    def check(value, path):
        if not isinstance(value, dict):
            raise wrong("%s: a structure is expected" % (path or "body"))
        for name in required:
            if name not in value:
                raise constraint("null", (path + "." + name).lstrip("."), "not be null")
        for name, inner in value.items():
            if name not in members:
                raise wrong("extraneous key [%s] is not permitted at '%s'" % (name, path))
            members[name](inner, (path + "." + name).lstrip("."))

    return check


def union(**members):
    inner = structure(**members)

    def check(value, path):
        inner(value, path)
        if len(value) != 1:
            raise wrong("%s: exactly one of %s is expected" % (path, ", ".join(members)))

    return check


CACHE_POINT = structure(
    ["type"], type=string(words=["default"]), ttl=string(words=["5m", "1h"])
)
TOOL_NAME = string(1, 64, "[a-zA-Z0-9_-]+")
TOOL_USE_ID = string(1, 64, "[a-zA-Z0-9_.:-]+")
REASONING = union(
    reasoningText=structure(["text"], text=string(), signature=string()), redactedContent=string()
)
GUARDED = union(
    text=structure(
        ["text"],
        text=string(),
        qualifiers=many(string(words=["grounding_source", "query", "guard_content"])),
    )
)
BLOCK = union(
    text=string(),
    toolUse=structure(
        ["toolUseId", "name", "input"], toolUseId=TOOL_USE_ID, name=TOOL_NAME, input=document
    ),
    toolResult=structure(
        ["toolUseId", "content"],
        toolUseId=TOOL_USE_ID,
        content=many(union(json=document, text=string())),
        status=string(words=["success", "error"]),
    ),
    guardContent=GUARDED,
    cachePoint=CACHE_POINT,
    reasoningContent=REASONING,
)
TOOL = union(
    toolSpec=structure(
        ["name", "inputSchema"],
        name=TOOL_NAME,
        description=string(1),
        inputSchema=union(json=document),
        strict=flag,
    ),
    cachePoint=CACHE_POINT,
)
GUARDRAIL = dict(
    guardrailIdentifier=string(0, 2048, "([a-z0-9]+|arn:aws[a-z-]*:bedrock:.*:guardrail/[a-z0-9]+)?"),
    guardrailVersion=string(pattern="([1-9][0-9]{0,7}|DRAFT)?"),
    trace=string(words=["enabled", "disabled", "enabled_full"]),
)


def request(streamed):
    mode = {"streamProcessingMode": string(words=["sync", "async"])} if streamed else {}
    return structure(
        ["messages"],
        messages=many(
            structure(
                ["role", "content"], role=string(words=["user", "assistant"]), content=many(BLOCK)
            )
        ),
        system=many(union(text=string(1), guardContent=GUARDED, cachePoint=CACHE_POINT)),
        inferenceConfig=structure(
            maxTokens=number(1, whole=True),
            temperature=number(0, 1),
            topP=number(0, 1),
            stopSequences=many(string(1), 0, 2500),
        ),
        toolConfig=structure(
            ["tools"],
            tools=many(TOOL, 1),
            toolChoice=union(
                auto=structure(), any=structure(), tool=structure(["name"], name=TOOL_NAME)
            ),
        ),
        guardrailConfig=structure(**GUARDRAIL, **mode),
        additionalModelRequestFields=document,
        requestMetadata=document,
        performanceConfig=structure(latency=string(words=["standard", "optimized"])),
    )


FORMS = {True: request(True), False: request(False)}


# --- the conversation ---------------------------------------------------------------
def check(model, params, streamed):
    """Raises AwsError for what Bedrock would refuse."""
    if not MODEL.fullmatch(model):
        raise wrong("The provided model identifier is invalid.")
    FORMS[streamed](params, "")
    _roles(params["messages"])
    for number_, said in enumerate(params["messages"]):
        _content(said, "messages.%d" % number_)
    _tools(params)
    points = [b for b in _all_blocks(params) if "cachePoint" in b]
    if len(points) > CACHE_POINTS_MAX:
        raise wrong("the request has %d cache points, %d are allowed" % (len(points), CACHE_POINTS_MAX))


def _all_blocks(params):
    for said in params["messages"]:
        yield from said["content"]
    yield from params.get("system", [])
    yield from params.get("toolConfig", {}).get("tools", [])


def _roles(messages):
    if not messages or messages[0]["role"] != "user":
        raise wrong(
            "A conversation must start with a user message. Try again with a conversation that "
            "starts with a user message."
        )
    for before, after in zip(messages, messages[1:]):
        if before["role"] == after["role"]:
            raise wrong(
                "A conversation must alternate between user and assistant roles. Make sure the "
                "conversation alternates between user and assistant roles and try again."
            )
    if messages[-1]["role"] != "user":
        raise wrong("The model returned the following errors: the last message must be the user's")


def _content(said, path):
    if not said["content"]:
        raise wrong(
            "The content field in the Message object at %s is empty. Add a ContentBlock object to "
            "the content field and try again." % path
        )
    for index, block in enumerate(said["content"]):
        at = "%s.content.%d" % (path, index)
        if "text" in block and not block["text"].strip():
            raise wrong(
                "The text field in the ContentBlock object at %s is blank. Add text to the text "
                "field, and try again." % at
            )
        if "toolUse" in block and said["role"] != "assistant":
            raise wrong("%s: toolUse is the assistant's" % at)
        if ("toolResult" in block or "guardContent" in block) and said["role"] != "user":
            raise wrong("%s: toolResult and guardContent are the user's" % at)
        if "toolUse" in block and not isinstance(block["toolUse"]["input"], dict):
            raise wrong(
                "The format of the value at %s.toolUse.input is invalid. Provide a json object for "
                "the field and try again." % at
            )


def _tools(params):
    specs = [t["toolSpec"]["name"] for t in params.get("toolConfig", {}).get("tools", []) if "toolSpec" in t]
    for name in specs:
        if specs.count(name) > 1:
            raise wrong("The tool %s is already defined at toolConfig.tools." % name)
    wanted, seen = [], False
    for number_, said in enumerate(params["messages"]):
        results = [b["toolResult"]["toolUseId"] for b in said["content"] if "toolResult" in b]
        missing = [i for i in wanted if i not in results]
        if missing:
            raise wrong(
                "Expected toolResult blocks at messages.%d.content for the following Ids: %s"
                % (number_, ", ".join(missing))
            )
        if len(results) > len(wanted):
            raise wrong(
                "The number of toolResult blocks at messages.%d.content exceeds the number of "
                "toolUse blocks of previous turn." % number_
            )
        wanted = [b["toolUse"]["toolUseId"] for b in said["content"] if "toolUse" in b]
        if len(set(wanted)) != len(wanted):
            raise wrong("messages.%d.content has duplicate toolUse Ids" % number_)
        seen = seen or bool(wanted or results)
    if seen and not specs:
        raise wrong(
            "The toolConfig field must be defined when using toolUse and toolResult content blocks."
        )
