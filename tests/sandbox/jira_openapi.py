"""Judges Jira Cloud v3 by Atlassian's own OpenAPI description, where a checkout has that file.

The file is TOCSIN_JIRA_OPENAPI or ../shared/vectors/jira/openapi-v3.json beside the repository.
Every request's query and body and every JSON answer of the sandbox are checked; an answer's status
must be a described one, or one of those that any call can get. Data Center and v2 have no such
description.

Documents that the sandbox's own checker (jira_adf.py) takes are also checked by Atlassian's schema
of them, TOCSIN_ADF_SCHEMA or adf-schema.json beside the description: full.json of the npm package
@atlaskit/adf-schema.
"""
import json
import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
BESIDE = ROOT.parent / "shared" / "vectors" / "jira" / "openapi-v3.json"
# Deeper documents take a JSON Schema validator very long: Atlassian's schema is all alternatives.
DOCUMENT_DEPTH_MAX = 8
# Answers that any call can get and that the description does not repeat for each.
ANYWHERE = {400, 401, 403, 404, 410, 413, 415, 429}
INTEGERS = {"int32": 2**31, "int64": 2**63}


def _nullable(schema, plain):
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain


def convert(schema, hidden):
    """An OpenAPI 3.0 schema as JSON Schema draft 4. `hidden`: readOnly or writeOnly members."""
    if isinstance(schema, list):
        return [convert(item, hidden) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"].replace("#/components/schemas/", "#/definitions/")}
    out = {}
    for key, value in schema.items():
        if key == "properties":
            out[key] = {
                name: {"not": {}} if part.get(hidden) else convert(part, hidden)
                for name, part in value.items()
            }
        elif key in ("allOf", "anyOf", "oneOf", "items", "additionalProperties"):
            out[key] = convert(value, hidden)
        elif key in ("type", "enum", "required", "pattern") or key.startswith(("min", "max")):
            out[key] = value
        elif key == "uniqueItems":
            out[key] = value
    bound = INTEGERS.get(schema.get("format"))
    if bound:
        out.setdefault("minimum", -bound)
        out.setdefault("maximum", bound - 1)
    return _nullable(schema, out)


def references(schema):
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                yield value.rsplit("/", 1)[1]
            else:
                yield from references(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from references(item)


class Judge:
    """check_request() and check_answer() return what is wrong, one line each."""

    def __init__(self):
        self.path = pathlib.Path(os.environ.get("TOCSIN_JIRA_OPENAPI", BESIDE))
        self.skipped = None
        self.requests = self.answers = 0
        self._document = None
        self._validators = {}
        self._paths = []
        self.documents_path = pathlib.Path(
            os.environ.get("TOCSIN_ADF_SCHEMA", BESIDE.with_name("adf-schema.json"))
        )
        self._document_schema = None

    def load(self):
        """Whether there is a description; reads it at the first use."""
        if self._document is None and self.skipped is None:
            try:
                import jsonschema  # Debian: python3-jsonschema

                self._make = jsonschema.Draft4Validator
                self._document = json.loads(self.path.read_text(encoding="utf-8"))
            except (OSError, ImportError) as error:
                self.skipped = "no judgement by Atlassian's OpenAPI: %s" % error
                return False
            for path in self._document["paths"]:
                pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))
                self._paths.append((path.count("{"), re.compile(pattern + r"\Z"), path))
            self._paths.sort(key=lambda entry: entry[0])  # fixed names before parameters
        return self.skipped is None

    def documents(self, body):
        """What Atlassian's schema says against the documents of a request body that we took."""
        if self._document_schema is None:
            self._document_schema = self._read_document_schema()
        fields = body.get("fields") if isinstance(body.get("fields"), dict) else {}
        found = []
        for name, value in [("body", body.get("body"))] + list(fields.items()):
            is_document = isinstance(value, dict) and value.get("type") == "doc"
            if self._document_schema and is_document and _depth(value) <= DOCUMENT_DEPTH_MAX:
                errors = self._document_schema.iter_errors(value)
                found += ["document %s: %s" % (name, e.message[:300]) for e in errors]
        return found

    def _read_document_schema(self):
        try:
            import jsonschema

            text = self.documents_path.read_text(encoding="utf-8")
            return jsonschema.Draft4Validator(json.loads(text))
        except (OSError, ImportError):
            return False

    def operation(self, method, path):
        """The description of one call, or None."""
        for _, pattern, name in self._paths:
            if pattern.match(path):
                found = self._document["paths"][name].get(method.lower())
                if found is not None:
                    return found
        return None

    def _validator(self, schema, hidden):
        key = (json.dumps(schema, sort_keys=True), hidden)
        if key not in self._validators:
            known, waiting = {}, list(references(schema))
            while waiting:
                name = waiting.pop()
                if name not in known:
                    raw = self._document["components"]["schemas"][name]
                    known[name] = convert(raw, hidden)
                    waiting += references(raw)
            self._validators[key] = self._make({**convert(schema, hidden), "definitions": known})
        return self._validators[key]

    def _errors(self, schema, hidden, value, where):
        return [
            "%s/%s: %s" % (where, "/".join(map(str, e.absolute_path)), e.message[:300])
            for e in self._validator(schema, hidden).iter_errors(value)
        ]

    def check_request(self, method, path, query, body):
        """query: {name: [values]}; body: parsed JSON, or None when there is none."""
        if not self.load():
            return []
        self.requests += 1
        operation = self.operation(method, path)
        if operation is None:
            return ["%s %s is not described" % (method, path)]
        found = ["%s %s is deprecated" % (method, path)] if operation.get("deprecated") else []
        found += self._query(operation, query)
        content = operation.get("requestBody", {}).get("content", {})
        described = content.get("application/json")
        if body is not None and not content:
            found.append("a body where none is described")
        elif described is not None and body is None:
            found.append("no body")
        elif described is not None and body is not None:
            found += self._errors(described.get("schema", {}), "readOnly", body, "request")
        return found

    def _query(self, operation, query):
        parameters = {p["name"]: p for p in operation.get("parameters", []) if p["in"] == "query"}
        found = ["query: unknown parameter %s" % n for n in query if n not in parameters]
        for name, parameter in parameters.items():
            if name not in query:
                found += ["query: %s is missing" % name] if parameter.get("required") else []
                continue
            schema = parameter["schema"]
            values = query[name]
            if schema.get("type") != "array" and len(values) > 1:
                found.append("query: %s is there twice" % name)
            one = schema.get("items", {}) if schema.get("type") == "array" else schema
            for text in values:
                found += self._errors(one, "readOnly", _typed(text, one), "query/" + name)
        return found

    def check_answer(self, method, path, status, payload):
        """payload: the JSON that is answered, or None when the answer is not JSON."""
        if not self.load():
            return []
        self.answers += 1
        operation = self.operation(method, path)
        if operation is None:
            return []
        answer = operation["responses"].get(str(status))
        if answer is None:
            known = status in ANYWHERE or status >= 500
            return [] if known else ["answer: status %d is not described" % status]
        schema = answer.get("content", {}).get("application/json", {}).get("schema")
        if schema is None or payload is None:
            return []
        # One page of the description shows a single object where Jira answers a list of them.
        if isinstance(payload, list) and schema.get("$ref", "").endswith("/RemoteIssueLink"):
            schema = {"type": "array", "items": schema}
        return self._errors(schema, "writeOnly", payload, "answer %d" % status)


def _depth(node):
    children = node.get("content", []) if isinstance(node, dict) else []
    return 1 + max(map(_depth, children), default=0)


def _typed(text, schema):
    """A query value in the type that the description asks for; unchanged when it is not one."""
    if schema.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    if schema.get("type") == "integer" and re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    return text
