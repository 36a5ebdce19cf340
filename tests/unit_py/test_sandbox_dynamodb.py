"""The sandbox's DynamoDB and npm's dynalite, held to the same behaviour; boto3 is the client."""
import pytest

from tests import peers
from tests.unit_py.aws_clients import refused

KEY = [{"AttributeName": "awsService", "KeyType": "HASH"}]
TYPES = [{"AttributeName": "awsService", "AttributeType": "S"}]


@pytest.fixture(scope="module")
def dynalite(tmp_path_factory):
    if not peers.DYNALITE.exists() or not peers.node():
        pytest.skip("tests/node_modules lacks dynalite: run `npm ci` in tests/")
    with peers.dynalite(tmp_path_factory.mktemp("dynalite")) as address:
        yield address


@pytest.fixture(params=["sandbox", "dynalite"])
def db(request, aws):
    """A client with parameter validation left to the server."""
    endpoint = request.getfixturevalue("dynalite") if request.param == "dynalite" else None
    return aws.client("dynamodb", validate=False, endpoint=endpoint)


@pytest.fixture
def table(db, request):
    """A new table with 25 items."""
    name = "t-" + "".join(c for c in request.node.name if c.isalnum())[:100]
    db.create_table(TableName=name, KeySchema=KEY, AttributeDefinitions=TYPES, BillingMode="PAY_PER_REQUEST")
    db.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 0.05})
    for number in range(25):
        db.put_item(TableName=name, Item={"awsService": {"S": "item-%02d" % number}, "period": {"N": "300"},
                                          "raw": {"B": b"\x00\xff"}, "deep": {"M": {"l": {"L": [{"BOOL": True}]}}}})
    return name


def scan(db, **more):
    """All pages."""
    found = []
    while True:
        found.append(db.scan(**more))
        if "LastEvaluatedKey" not in found[-1]:
            return found
        more["ExclusiveStartKey"] = found[-1]["LastEvaluatedKey"]


def test_items_come_back_as_they_were(db, table):
    found = db.get_item(TableName=table, Key={"awsService": {"S": "item-07"}})
    assert found["Item"] == {"awsService": {"S": "item-07"}, "period": {"N": "300"}, "raw": {"B": b"\x00\xff"},
                             "deep": {"M": {"l": {"L": [{"BOOL": True}]}}}}
    assert "Item" not in db.get_item(TableName=table, Key={"awsService": {"S": "item-99"}})
    assert db.describe_table(TableName=table)["Table"]["KeySchema"] == KEY


def test_a_scan_in_pages(db, table):
    whole = scan(db, TableName=table)
    assert len(whole) == 1 and whole[0]["Count"] == whole[0]["ScannedCount"] == 25
    names = [i["awsService"]["S"] for i in whole[0]["Items"]]
    assert names != sorted(names) and len(set(names)) == 25, "in the order of a hash"
    pages = scan(db, TableName=table, Limit=5)
    assert [i["awsService"]["S"] for p in pages for i in p["Items"]] == names
    assert [p["Count"] for p in pages] == [5, 5, 5, 5, 5, 0], "the last full page does not know that it is the last"
    assert "Items" not in db.scan(TableName=table, Select="COUNT")


def test_a_page_holds_a_megabyte(db, table):
    for number in range(4):
        db.put_item(TableName=table, Item={"awsService": {"S": "big-%d" % number}, "x": {"S": "x" * 350000}})
    assert 1 < len(scan(db, TableName=table)) < 5


def test_refusals(db, table):
    with refused("ResourceNotFoundException", 400, "Requested resource not found"):
        db.scan(TableName="nope")
    with refused("ResourceInUseException", 400):
        db.create_table(TableName=table, KeySchema=KEY, AttributeDefinitions=TYPES, BillingMode="PAY_PER_REQUEST")
    for wrong, words in (({"x": {"S": "a"}}, "Missing the key awsService"),
                         ({"awsService": {"N": "1"}}, "Type mismatch for key awsService expected: S actual: N"),
                         ({"awsService": {"S": ""}}, "cannot contain an empty string value"),
                         ({"awsService": {"S": "a"}, "n": {"N": "x"}}, "numeric value: x"),
                         ({"awsService": {"S": "a"}, "x": {"S": "x" * 409600}}, "maximum allowed size")):
        with refused("ValidationException", 400, words):
            db.put_item(TableName=table, Item=wrong)
    with refused("ValidationException", 400, "The provided key element does not match the schema"):
        db.get_item(TableName=table, Key={"x": {"S": "a"}})
    with refused("ValidationException", 400, "The provided starting key is invalid"):
        db.scan(TableName=table, ExclusiveStartKey={"x": {"S": "a"}})
    for wrong in ({"TableName": "t!!"}, {"TableName": table, "Limit": 0}):
        with refused("ValidationException", 400):
            db.scan(**wrong)


def test_tables_by_the_control_api(aws, sandbox):
    sandbox.table("dashboards", [{"awsService": "alb", "period": "300"}, {"awsService": {"S": "rds"}}])
    found = aws.dynamodb.scan(TableName="dashboards")["Items"]
    assert sorted(i["awsService"]["S"] for i in found) == ["alb", "rds"]
    sandbox.settings(aws_page=1)
    assert aws.dynamodb.scan(TableName="dashboards")["Count"] == 1
    with refused("ResourceNotFoundException"):
        aws.client("dynamodb", "eu-west-1").scan(TableName="dashboards")
    sandbox.deny("dynamodb:Scan")
    with refused("AccessDeniedException", 400, "table/dashboards"):
        aws.dynamodb.scan(TableName="dashboards")
