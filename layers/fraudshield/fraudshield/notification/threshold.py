"""The alert thresholds: from which risk on people are told, and how often. They are versioned, as the policy is."""

from datetime import datetime
from typing import Annotated, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from fraudshield.audit.audit import AuditEntry, Author, digest
from fraudshield.errors import ThresholdsConflict
from fraudshield.policy.clause import Text
from fraudshield.policy.policy import Actor, Instant, Share
from fraudshield.text.fault import cross_fault, read_object
from fraudshield.text.number import WHOLE

SUBJECT = "alert_thresholds"  # there are no others
LEAST_RISK = 0.1  # the stream's filter in template.yaml passes nothing below it that is not flagged
AlertShare = Annotated[
    Share, Field(ge=LEAST_RISK), WithJsonSchema({"type": "number", "minimum": LEAST_RISK, "maximum": 1})
]


class AlertRules(BaseModel):
    """The thresholds as their author writes them. Risks are inclusive; `always` are outcomes told whatever the risk."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alert_risk: AlertShare = 0.5
    critical_risk: AlertShare = 0.9
    always: Annotated[tuple[Literal["review", "block"], ...], Field(max_length=2)] = ("block",)
    mails_per_hour: Annotated[int, Field(strict=True, ge=1, le=60), WHOLE] = 12  # to one subscriber
    system_cooldown_s: Annotated[int, Field(strict=True, ge=0, le=86400), WHOLE] = 900
    note: Text = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.critical_risk < self.alert_risk:
            raise cross_fault(
                "thresholds_order", "critical_risk should be at or above alert_risk", "critical_risk", "alert_risk"
            )
        return self


class AlertThresholdsChange(AlertRules):
    """The next version; `based_on` is the one that its author had read."""

    based_on: Annotated[int, Field(strict=True, ge=1), WHOLE]


class AlertThresholds(AlertRules):
    """One version of the thresholds. Version 1 is what the product comes with; every change makes the next one."""

    version: Annotated[int, Field(ge=1)] = 1
    created_at: Instant | None = None
    created_by: str = ""
    actor: Actor = ""


class AlertThresholdsSource(Protocol):
    """Where the thresholds come from."""

    def newest(self) -> AlertThresholds | None:
        """The newest version; None where none was ever stored. Raises StoreUnavailable."""


class AlertThresholdsStore(AlertThresholdsSource, Protocol):
    """The store of all versions of the thresholds, for whoever changes them."""

    def add(self, thresholds: AlertThresholds, entry: AuditEntry) -> None:
        """Stores a version with the audit log's entry of it.

        Raises ThresholdsConflict where its number is taken, StoreUnavailable.
        """


def current(store: AlertThresholdsSource) -> AlertThresholds:
    """Returns the thresholds in force, read now. Raises StoreUnavailable."""
    return store.newest() or AlertThresholds()


def amend(store: AlertThresholdsStore, change: AlertThresholdsChange, by: Author, at: datetime) -> AlertThresholds:
    """Stores the next version of the thresholds.

    Raises:
        ThresholdsConflict: `change` was based on another version than the newest.
        StoreUnavailable: nothing is known to have changed; reading the thresholds tells.
    """
    newest = current(store)
    if change.based_on != newest.version:
        raise ThresholdsConflict(f"The thresholds are at version {newest.version}, this is based on {change.based_on}")
    rules = change.model_dump(exclude={"based_on"})
    version = newest.version + 1
    amended = AlertThresholds(**rules, version=version, created_at=at, created_by=by.key_id, actor=by.actor)
    before, after = digest(newest.model_dump()), digest(amended.model_dump())
    store.add(amended, AuditEntry(at, by, "alert_thresholds", "changed", SUBJECT, before, after, version))
    return amended


def read_thresholds_change(body: object) -> AlertThresholdsChange:
    """Reads a change as it was sent.

    Raises:
        Malformed: not an object.
        InvalidInput: with a fault per field.
    """
    expected, refusal = "alert_risk and based_on", "The thresholds are not valid"
    return read_object(body, AlertThresholdsChange, expected, refusal, "invalid_thresholds")
