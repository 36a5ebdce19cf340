"""DynamoDB, as far as a table that is only read needs it: CreateTable, DescribeTable, PutItem, GetItem, Scan.

For where npm is away; tests/unit_py holds it and `dynalite` to the same behaviour. Tables have one key attribute. A scan
goes in the order of the key's hash, as the real one does: never in the order of the keys.
"""
import json
import re
from hashlib import md5

from .aws_world import AwsError

PAGE_BYTES = 1 << 20
ITEM_BYTES = 400 << 10
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
NOT_PLAYED = {
    "Scan": {"FilterExpression", "ProjectionExpression", "Segment", "TotalSegments", "IndexName", "ScanFilter",
             "ConditionalOperator", "AttributesToGet"},
    "PutItem": {"ConditionExpression", "Expected", "ReturnValues", "ConditionalOperator"},
    "GetItem": {"ProjectionExpression", "AttributesToGet"},
}


def invalid(text):
    return AwsError("ValidationException", text, judged="parameters")


class DynamoDb:
    """The tables in aws.tables."""

    def __init__(self, world):
        self.aws = world.aws

    @staticmethod
    def resource(_action, params, identity, region):
        return "arn:aws:dynamodb:%s:%s:table/%s" % (region, identity["account"], params.get("TableName", ""))

    def _table(self, params, identity, region):
        table = self.aws.tables.get((identity["account"], region, params["TableName"]))
        if table is None:
            raise AwsError("ResourceNotFoundException", "Requested resource not found")
        return table

    def do_CreateTable(self, params, identity, region):
        where = (identity["account"], region, params["TableName"])
        if where in self.aws.tables:
            raise AwsError("ResourceInUseException", "Table already exists: " + params["TableName"])
        keys, types = params.get("KeySchema", []), params.get("AttributeDefinitions", [])
        if len(keys) != 1 or len(types) != 1 or keys[0]["AttributeName"] != types[0]["AttributeName"]:
            raise invalid("the sandbox plays tables with one key attribute")
        self.aws.add_table(*where, keys[0]["AttributeName"], types[0]["AttributeType"])
        return {"TableDescription": self._described(params["TableName"], self.aws.tables[where], identity, region)}

    def do_DescribeTable(self, params, identity, region):
        return {"Table": self._described(params["TableName"], self._table(params, identity, region), identity, region)}

    def _described(self, name, table, identity, region):
        return {
            "TableName": name,
            "TableStatus": "ACTIVE",
            "KeySchema": [{"AttributeName": table["key"], "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": table["key"], "AttributeType": table["type"]}],
            "TableArn": self.resource(None, {"TableName": name}, identity, region),
            "ItemCount": len(table["items"]),
        }

    def do_PutItem(self, params, identity, region):
        refuse_unplayed("PutItem", params)
        table, item = self._table(params, identity, region), params["Item"]
        if table["key"] not in item:
            start = "One or more parameter values were invalid: "
            raise invalid(start + "Missing the key %s in the item" % table["key"])
        key = self._key(table, item)
        for value in item.values():
            check_value(value)
        if size(item) > ITEM_BYTES:
            raise invalid("Item size has exceeded the maximum allowed size")
        table["items"][key] = item
        return {}

    def do_GetItem(self, params, identity, region):
        refuse_unplayed("GetItem", params)
        table = self._table(params, identity, region)
        item = table["items"].get(self._key(table, params["Key"], "The provided key element does not match the schema"))
        return {"Item": item} if item else {}

    @staticmethod
    def _key(table, item, text=None):
        """The key's value; `text`: the words of the refusal when `item` must be a key and nothing else."""
        name, kind = table["key"], table["type"]
        if text is not None and (set(item) != {name} or kind not in item[name]):
            raise invalid(text)
        if kind not in item[name]:
            actual = next(iter(item[name]), "?")
            raise invalid(
                "One or more parameter values were invalid: Type mismatch for key %s expected: %s actual: %s"
                % (name, kind, actual)
            )
        if not item[name][kind]:
            raise invalid(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain "
                "an empty string value. Key: " + name
            )
        return item[name][kind]

    def do_Scan(self, params, identity, region):
        refuse_unplayed("Scan", params)
        table = self._table(params, identity, region)
        keys, more = sorted(table["items"], key=hashed), None
        if "ExclusiveStartKey" in params:
            text = "The provided starting key is invalid: The provided key element does not match the schema"
            start = self._key(table, params["ExclusiveStartKey"], text)
            keys = [k for k in keys if hashed(k) > hashed(start)]
        limit = min(params.get("Limit", len(keys) + 1), self.aws.settings["aws_page"] or len(keys) + 1)
        items, read = [], 0
        for key in keys:
            items.append(table["items"][key])
            read += size(items[-1])
            if len(items) == limit or read >= PAGE_BYTES:
                more = {table["key"]: {table["type"]: key}}  # also when nothing follows
                break
        answer = {"Count": len(items), "ScannedCount": len(items), "LastEvaluatedKey": more}
        return answer if params.get("Select") == "COUNT" else {**answer, "Items": items}


def hashed(key):
    return md5(str(key).encode()).hexdigest()


def size(item):
    return len(json.dumps(item, default=str))


def check_value(value):
    """One type each; numbers are texts that are numbers."""
    if len(value) != 1:
        raise invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
                      "supported datatypes" if value else "Supplied AttributeValue is empty, must contain exactly one "
                      "of the supported datatypes")
    if "N" in value and not NUMBER.fullmatch(value["N"]):
        raise invalid("The parameter cannot be converted to a numeric value: " + value["N"])


def refuse_unplayed(action, params):
    unplayed = sorted(NOT_PLAYED[action] & set(params))
    if unplayed:
        raise invalid("the sandbox does not play %s of %s" % (unplayed[0], action))
