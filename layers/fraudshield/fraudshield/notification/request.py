"""What is sent to have people told: a transaction whose risk somebody else found, or news of the system."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from fraudshield.history.prediction import Probability
from fraudshield.notification.alert import Alert, Severity, system_alert
from fraudshield.notification.port import CoolDown
from fraudshield.notification.threshold import AlertThresholds
from fraudshield.text.fault import read_object
from fraudshield.transaction.transaction import NO_CONTROLS, Transaction

MOST_DETAILS = 20
Call = TypeVar("Call", bound=BaseModel)


def _text(value: object) -> str:
    """A JSON value as people read it."""
    return value if isinstance(value, str) else json.dumps(value, default=float, ensure_ascii=False)


AlertType = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=NO_CONTROLS)]
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]
Detail = Annotated[str, BeforeValidator(_text), StringConstraints(max_length=1000), WithJsonSchema({})]


class FraudAlertCall(BaseModel):
    """A transaction and the risk that somebody found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    transaction: Transaction
    risk_score: Probability


class SystemAlertCall(BaseModel):
    """News of the system. Of one `alert_type` the next is told when its cool-down is over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alert_type: AlertType
    message: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500)]
    details: Annotated[dict[Name, Detail], Field(max_length=MOST_DETAILS)] = {}
    severity: Annotated[Severity, Field()] = Severity.HIGH


def windowed(
    cool_down: CoolDown, thresholds: AlertThresholds, alert_type: str, now: datetime, make: Callable[[int], Alert]
) -> Alert:
    """The alert of the type's present window: the same id for all of it, so that it is told once, whatever ends early.

    `make` is given how many were held back in the window before. Raises StoreUnavailable.
    """
    began, held_back = cool_down.begin(alert_type, now, thresholds.system_cooldown_s)
    return replace(make(held_back), alert_id=f"system#{alert_type}#{began.isoformat()}")


def called(sent: SystemAlertCall, now: datetime) -> Callable[[int], Alert]:
    """Makes the alert of a call."""
    return lambda repeats: system_alert(sent.alert_type, sent.message, sent.details, sent.severity, now, repeats)


def fraud_alert_call(body: object) -> FraudAlertCall:
    """Raises Malformed where it is no object, InvalidInput with a fault per field."""
    return _read(FraudAlertCall, body, "transaction and risk_score")


def system_alert_call(body: object) -> SystemAlertCall:
    """Raises Malformed where it is no object, InvalidInput with a fault per field."""
    return _read(SystemAlertCall, body, "alert_type and message")


def _read(model: type[Call], body: object, wanted: str) -> Call:
    return read_object(body, model, wanted, "The alert is not valid", "invalid_alert")
