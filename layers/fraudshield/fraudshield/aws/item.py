"""A scored transaction as a DynamoDB item, and back: exact both ways, so that a replay is byte-identical.

Kept under 1 KB for an approved transaction (one write unit): nothing that is empty is written, and the
indexed attributes are those that the lists show.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from zlib import crc32

from fraudshield.decision import Decision, ScoredTransaction
from fraudshield.policy import Outcome
from fraudshield.prediction import Reason
from fraudshield.transaction import Transaction

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = dict[str, AttributeValueTypeDef]

TRANSACTION_RECORD = "transaction"
DAY_SHARDS = 10  # a day's transactions over ten keys of the time index: no hot partition
MONEY_FIELDS = ("amount", "oldbalanceOrg", "newbalanceOrig", "oldbalanceDest", "newbalanceDest")
TEXT_FIELDS = ("transaction_id", "type", "nameOrig", "nameDest")

Source = Literal["api", "queue", "batch", "store"]  # `store`: kept as it came, without a decision


def instant(at: datetime) -> str:
    """RFC 3339 UTC with microseconds and `Z`: of one width, so that text order is time order."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def day_shard(transaction_id: str, occurred_at: datetime) -> str:
    """`2026-11-24#7`: the day's key in the time index."""
    return f"{occurred_at.astimezone(UTC).date().isoformat()}#{crc32(transaction_id.encode()) % DAY_SHARDS}"


def to_item(scored: ScoredTransaction, source: Source, retention_days: int = 0) -> "Item":
    """Every attribute of the stored transaction; `expires_at` only where something is to age out."""
    sent = undecided_item(scored.transaction, scored.occurred_at, scored.received_at, retention_days)
    return sent | {"source": {"S": source}} | _decided(scored) | _sometimes(scored)


def undecided_item(
    transaction: Transaction, occurred_at: datetime, received_at: datetime, retention_days: int = 0
) -> "Item":
    """A transaction that is stored as it came: its first decision is still to be made."""
    item: Item = {field: {"S": getattr(transaction, field)} for field in TEXT_FIELDS}
    item |= {field: {"N": format(getattr(transaction, field), "f")} for field in MONEY_FIELDS}
    item |= {
        "record": {"S": TRANSACTION_RECORD},
        "step": {"N": str(transaction.step)},
        "content_hash": {"S": transaction.content_hash()},
        "occurred_at": {"S": instant(occurred_at)},
        "day_shard": {"S": day_shard(transaction.transaction_id, occurred_at)},
        "source": {"S": "store"},
    }
    if transaction.occurred_at is not None:
        item["received_at"] = {"S": instant(received_at)}  # else it is occurred_at
    if retention_days:
        expires_at = received_at + timedelta(days=retention_days)
        item["expires_at"] = {"N": str(int(expires_at.timestamp()))}
    return item


def is_decided(item: "Item") -> bool:
    """Whether the stored transaction has its first decision."""
    return "outcome" in item


def _decided(scored: ScoredTransaction) -> "Item":
    decision = scored.decision
    return {
        "decided_at": {"S": instant(decision.decided_at)},
        "features": {"L": [{"N": repr(value)} for value in scored.features]},
        "risk": {"N": repr(decision.risk)},
        "prediction": {"N": str(decision.prediction)},
        "outcome": {"S": decision.outcome},
        "model_version": {"S": decision.model_version},
        "policy_version": {"N": str(decision.policy_version)},
        "decision_source": {"S": decision.source},
    }


def _sometimes(scored: ScoredTransaction) -> "Item":
    decision = scored.decision
    item: Item = {}
    if decision.reasons:
        item["reasons"] = {"S": json.dumps([asdict(reason) for reason in decision.reasons])}
    if decision.reasons_pending:
        item["reasons_pending"] = {"BOOL": True}
    if decision.degraded:
        item["degraded"] = {"L": [{"S": what} for what in decision.degraded]}
    if decision.quality:
        item["quality"] = {"L": [{"S": flag} for flag in decision.quality]}
    if decision.velocity:
        item["velocity"] = {"M": {name: {"N": format(value, "f")} for name, value in decision.velocity.items()}}
    if decision.outcome is not Outcome.APPROVE:
        item["review_queue"] = {"S": decision.outcome}
        item["expected_loss"] = {"N": format(expected_loss(scored), "f")}
    return item


def expected_loss(scored: ScoredTransaction) -> Decimal:
    """Risk times amount, in the account's currency: what orders the review queue."""
    return (Decimal(repr(scored.decision.risk)) * scored.transaction.amount).quantize(Decimal("0.01"))


def received_at(item: "Item") -> datetime:
    """When we took it; where it did not say when it happened, it happened then."""
    return _instant(item["received_at" if "received_at" in item else "occurred_at"]["S"])


def transaction_of(item: "Item") -> Transaction:
    """The transaction as it was sent, without its decision."""
    stored: dict[str, Any] = {field: item[field]["S"] for field in TEXT_FIELDS}
    stored |= {field: Decimal(item[field]["N"]) for field in MONEY_FIELDS}
    occurred_at = _instant(item["occurred_at"]["S"]) if "received_at" in item else None
    return Transaction.model_construct(**stored, step=int(item["step"]["N"]), occurred_at=occurred_at)


def from_item(item: "Item") -> ScoredTransaction:
    """What `to_item` was given."""
    decision = Decision(
        transaction_id=item["transaction_id"]["S"],
        risk=float(item["risk"]["N"]),
        prediction=int(item["prediction"]["N"]),
        outcome=Outcome(item["outcome"]["S"]),
        model_version=item["model_version"]["S"],
        policy_version=int(item["policy_version"]["N"]),
        source="rules" if item["decision_source"]["S"] == "rules" else "model",
        decided_at=_instant(item["decided_at"]["S"]),
        reasons=tuple(Reason(**reason) for reason in json.loads(item["reasons"]["S"])) if "reasons" in item else (),
        reasons_pending="reasons_pending" in item,
        degraded=_texts(item, "degraded"),
        quality=_texts(item, "quality"),
        velocity=_velocity(item),
    )
    features = tuple(float(value["N"]) for value in item["features"]["L"])
    occurred_at = _instant(item["occurred_at"]["S"])
    return ScoredTransaction(transaction_of(item), occurred_at, received_at(item), features, decision)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _velocity(item: "Item") -> dict[str, Decimal]:
    stored = item["velocity"]["M"] if "velocity" in item else {}
    return {name: Decimal(value["N"]) for name, value in sorted(stored.items())}


def _texts(item: "Item", name: str) -> tuple[str, ...]:
    return tuple(text["S"] for text in item[name]["L"]) if name in item else ()
