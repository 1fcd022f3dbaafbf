"""The template's tables, made in whatever answers for DynamoDB."""

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from infra.laptop.sdk import Client
from infra.laptop.template import refuse_properties

KEYS = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "StreamSpecification")
TAKEN = ("TableName", "BillingMode", "DeletionProtectionEnabled", "TimeToLiveSpecification", *KEYS)
LEFT_OUT = (
    "PointInTimeRecoverySpecification",  # the file under .local can be copied
    "SSESpecification",  # it is the user's own disk
    "Tags",
)


def make_table(resolver: Resolver, client: Client, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Create the table, or keep the one that is there if it has the same keys, indexes and stream.

    Raises:
        SetupError: a property nobody handles here, or another table under the name.
    """
    refuse_properties(logical_id, properties, (*TAKEN, *LEFT_OUT))
    wanted = wanted_table(resolver, logical_id, properties)
    ttl = wanted.pop("TimeToLiveSpecification", None)
    dynamodb = client("dynamodb")
    table = _found(dynamodb, wanted) or dynamodb.create_table(**wanted)["TableDescription"]
    if ttl and not _expires(dynamodb, wanted["TableName"]):
        dynamodb.update_time_to_live(TableName=wanted["TableName"], TimeToLiveSpecification=ttl)
    resolver.refs[logical_id] = wanted["TableName"]
    resolver.attributes[logical_id, "Arn"] = table["TableArn"]
    if "LatestStreamArn" in table:
        resolver.attributes[logical_id, "StreamArn"] = table["LatestStreamArn"]


def wanted_table(resolver: Resolver, logical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The table as the template has it, in the words of DynamoDB's own calls."""
    wanted = {name: resolver.resolve(properties[name]) for name in TAKEN if name in properties}
    wanted.setdefault("TableName", logical_id)
    wanted["DeletionProtectionEnabled"] = str(wanted.get("DeletionProtectionEnabled")).lower() == "true"
    if "StreamSpecification" in wanted:
        wanted["StreamSpecification"] |= {"StreamEnabled": True}
    return wanted


def different_parts(table: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Which parts of a table that is there are other than wanted."""
    return [part for part in KEYS if shape_of(table.get(part)) != shape_of(wanted.get(part))]


def described(dynamodb: Any, name: str) -> dict[str, Any] | None:
    """The table as the engine describes it; None where there is none."""
    try:
        table: dict[str, Any] = dynamodb.describe_table(TableName=name)["Table"]
    except ClientError as exc:
        if exc.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    return table


def _found(dynamodb: Any, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    name = wanted["TableName"]
    table = described(dynamodb, name)
    if table is not None and (different := different_parts(table, wanted)):
        raise SetupError(
            f"The table {name} is there already with another {' and '.join(different)} than template.yaml's. "
            "Nothing was changed. Other indexes can be upgraded to; else move its data away to start afresh "
            "(.local/dynamodb.db*, if the engine is dynoxide)"
        )
    return table


def shape_of(part: Any) -> Any:
    """What must be equal of a definition: neither order nor what the engine adds; nothing is as good as none."""
    if isinstance(part, Mapping):
        return {name: shape_of(value) for name, value in part.items() if name in SHAPE} or None
    if isinstance(part, Iterable) and not isinstance(part, str):
        return sorted((shape_of(one) for one in part), key=repr) or None
    return part


SHAPE = frozenset(
    {
        *("AttributeName", "AttributeType", "KeySchema", "KeyType"),
        *("IndexName", "Projection", "ProjectionType", "NonKeyAttributes"),
        "StreamViewType",
    }
)


def _expires(dynamodb: Any, name: str) -> bool:
    time_to_live = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    return time_to_live["TimeToLiveStatus"] in {"ENABLED", "ENABLING"}
