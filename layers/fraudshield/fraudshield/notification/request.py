"""Requests to alert people: of a transaction whose risk was found elsewhere, or of the system."""

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
from fraudshield.text.json_text import readable_json
from fraudshield.text.pattern import NO_CONTROLS
from fraudshield.transaction.built_in import BuiltInTransaction

MOST_DETAILS = 20
Requested = TypeVar("Requested", bound=BaseModel)


def _text(value: object) -> str:
    """Writes a JSON value as people read it."""
    return value if isinstance(value, str) else readable_json(value)


AlertType = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=NO_CONTROLS)]
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]
Detail = Annotated[str, StringConstraints(max_length=1000), BeforeValidator(_text), WithJsonSchema({})]


class FraudAlertRequest(BaseModel):
    """A transaction and the risk that was found for it elsewhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    transaction: BuiltInTransaction
    risk_score: Probability


class SystemAlertRequest(BaseModel):
    """An alert about the system. The next of one `alert_type` is told when its cool-down is over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alert_type: AlertType
    message: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=500)]
    details: Annotated[dict[Name, Detail], Field(max_length=MOST_DETAILS)] = {}
    severity: Annotated[Severity, Field()] = Severity.HIGH


def windowed(
    cool_down: CoolDown, thresholds: AlertThresholds, alert_type: str, now: datetime, make: Callable[[int], Alert]
) -> Alert:
    """Returns the alert of the type's present window: one id for the whole window, so that it is told once.

    `make` is given how many were held back in the window before. Raises StoreUnavailable.
    """
    began, held_back = cool_down.begin(alert_type, now, thresholds.system_cooldown_s)
    return replace(make(held_back), alert_id=f"system#{alert_type}#{began.isoformat()}")


def requested_alert(sent: SystemAlertRequest, now: datetime) -> Callable[[int], Alert]:
    """Returns what makes the alert of a request, from the number of repeats."""
    return lambda repeats: system_alert(sent.alert_type, sent.message, sent.details, sent.severity, now, repeats)


def read_fraud_alert(body: object) -> FraudAlertRequest:
    """Reads the request. Raises Malformed where it is no object, InvalidInput with a fault per field."""
    return _read(FraudAlertRequest, body, "transaction and risk_score")


def read_system_alert(body: object) -> SystemAlertRequest:
    """Reads the request. Raises Malformed where it is no object, InvalidInput with a fault per field."""
    return _read(SystemAlertRequest, body, "alert_type and message")


def _read(model: type[Requested], body: object, wanted: str) -> Requested:
    return read_object(body, model, wanted, "The alert is not valid", "invalid_alert")
