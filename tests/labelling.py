"""What label tests send over HTTP and read from the table."""

from typing import Any

from functions.database.app import lambda_handler
from tests.caller import ApiResponse, Caller
from tests.conftest import README_TRANSACTION
from tests.stack import Stack, client

ANALYST = Caller("AnalystKey", handler=lambda_handler)
DATABASE = "/api/v1/database"
EMPTIED = {"type": "TRANSFER", "amount": 5000.0, "newbalanceOrig": 0.0, "nameDest": "C987654321"}


def label(truth: str, name: str = "t", **more: Any) -> ApiResponse:
    return ANALYST.send("PUT", f"{DATABASE}/transactions/{name}/label", {"label": truth} | more)


def take_back(name: str = "t", **frame: Any) -> ApiResponse:
    return ANALYST.send_frame("DELETE", f"{DATABASE}/transactions/{name}/label", **frame)


def upload(text: str, media_type: str = "text/csv; charset=utf-8") -> ApiResponse:
    headers = {"Content-Type": media_type}
    return Caller(ANALYST.key_id, headers, lambda_handler).send_text("POST", f"{DATABASE}/labels", text)


def flag(stack: Stack, name: str = "t") -> dict[str, Any]:
    """A stored transaction that waits for review."""
    [entry] = Caller().score(README_TRANSACTION | EMPTIED | {"transaction_id": name}).json["results"]
    assert entry["decision"] != "approve"
    return item(stack, name)


def approve(stack: Stack, name: str = "t") -> None:
    [entry] = Caller().score(README_TRANSACTION | {"transaction_id": name}).json["results"]
    assert entry["decision"] == "approve"


def item(stack: Stack, name: str = "t") -> dict[str, Any]:
    key = {"transaction_id": {"S": name}, "record": {"S": "transaction"}}
    found: dict[str, Any] = client("dynamodb").get_item(TableName=stack.transactions, Key=key)["Item"]
    return found


def in_review(stack: Stack) -> set[str]:
    """The ids in the review queue."""
    dynamodb = client("dynamodb")
    return {
        found["transaction_id"]["S"]
        for outcome in ("review", "block")
        for found in dynamodb.query(
            TableName=stack.transactions,
            IndexName="by_loss",
            KeyConditionExpression="review_queue = :outcome",
            ExpressionAttributeValues={":outcome": {"S": outcome}},
        )["Items"]
    }
