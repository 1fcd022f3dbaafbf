"""An alert: one thing that a person should know, as a mail will say it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from urllib.parse import quote

from fraudshield.event_type.currency import DIGITS
from fraudshield.notification.threshold import AlertThresholds
from fraudshield.policy.policy import Outcome
from fraudshield.scoring.decision import ScoredTransaction
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.transaction import Transaction

Kind = Literal["fraud", "system", "job"]
MOST_WHY = 6  # sentences of one alert; a policy may have twenty conditions
MOST_CHARACTERS = 200  # of one sentence


class Severity(StrEnum):
    """How urgent an alert is, mildest first. Quiet hours hold back all but the last."""

    WARNING = "warning"
    HIGH = "high"
    CRITICAL = "critical"


RANK = {severity: rank for rank, severity in enumerate(Severity)}
DONE = {Outcome.APPROVE: "let through", Outcome.REVIEW: "held for review", Outcome.BLOCK: "blocked"}


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to tell people. `alert_id` is made from it, so that it is told once; `path` is its path on the page.

    An alert names no account: whoever may see that follows the link. `position` is where it waits in a queue.
    """

    alert_id: str
    kind: Kind
    severity: Severity
    raised_at: datetime
    about: str
    title: str
    why: tuple[str, ...] = ()
    path: str = ""
    position: str = field(default="", compare=False)


def worst(alerts: Iterable[Alert]) -> list[Alert]:
    """Returns the alerts without the milder ones about the same thing, in their order."""
    found: dict[str, Alert] = {}
    for alert in alerts:
        known = found.get(alert.alert_id)
        if known is None or RANK[alert.severity] > RANK[known.severity]:
            found[alert.alert_id] = alert
    return list(found.values())


def decision_alert(scored: ScoredTransaction, thresholds: AlertThresholds) -> Alert | None:
    """Returns the alert of a stored decision; None below the threshold.

    Where rules decided, what they flagged is told: their risk is a constant that no threshold reads.
    """
    decision = scored.decision
    ruled, blocked = decision.source == "rules", decision.outcome is Outcome.BLOCK
    risk = decision.risk or 0.0
    risky = decision.outcome is not Outcome.APPROVE if ruled else risk >= thresholds.alert_risk
    if not risky and decision.outcome.value not in thresholds.always:
        return None
    critical = blocked or (not ruled and risk >= thresholds.critical_risk)
    told = _transaction_alert(scored.transaction, decision.risk, critical, decision.decided_at)
    why = [reason.text for reason in decision.reasons] or ["The reasons are on the page"]
    return replace(told, title=f"{told.title}, {DONE[decision.outcome]}", why=_sentences(why))


def sent_alert(
    transaction: BuiltInTransaction, risk: float | Decimal, thresholds: AlertThresholds, now: datetime
) -> Alert | None:
    """Returns the alert of a transaction whose risk was found elsewhere; None below the threshold."""
    if risk < thresholds.alert_risk:
        return None
    return _transaction_alert(transaction, risk, risk >= thresholds.critical_risk, now)


def system_alert(
    alert_type: str, message: str, details: Mapping[str, str], severity: Severity, now: datetime, repeats: int = 0
) -> Alert:
    """Returns an alert about the system; `repeats` were held back since the last one of this type."""
    why = [f"{name}: {value}" for name, value in details.items()]
    if repeats:
        why.insert(0, f"It was reported {repeats} more times since the last mail about it")
    return Alert(
        alert_id=f"system#{alert_type}#{now.isoformat()}",
        kind="system",
        severity=severity,
        raised_at=now,
        about=alert_type,
        title=message,
        why=_sentences(why),
    )


def job_alert(job_id: str, status: str, total: int, failed: int, cause: str, now: datetime) -> Alert:
    """Returns the alert of a batch job that has ended."""
    why = [f"{total:,} transactions read, {failed:,} of them not scored"]
    return Alert(
        alert_id=f"job#{job_id}#{status}",
        kind="job",
        severity=Severity.HIGH if status == "failed" else Severity.WARNING,
        raised_at=now,
        about=job_id,
        title=f"The batch job is {status}",
        why=_sentences([*why, cause] if cause else why),
        path=f"/#/jobs/{quote(job_id, safe='')}",
    )


def money(amount: Decimal, digits: int = 2) -> str:
    """Formats an amount exactly, with so many decimals at least and thousands separators."""
    decimals = max(digits, -int(amount.as_tuple().exponent))
    return format(amount, f",.{decimals}f")


def _transaction_alert(
    transaction: Transaction, risk: float | Decimal | None, critical: bool, raised_at: datetime
) -> Alert:
    transaction_id = transaction.transaction_id
    return Alert(
        alert_id=f"transaction#{transaction_id}",
        kind="fraud",
        severity=Severity.CRITICAL if critical else Severity.HIGH,
        raised_at=raised_at,
        about=transaction_id,
        title=", ".join([_of_amount(transaction), *([] if risk is None else [f"risk {100 * risk:.1f} %"])]),
        path=f"/#/transactions/{quote(transaction_id, safe='')}",
    )


def _of_amount(transaction: Transaction) -> str:
    event_type = transaction.own.event_type.name if transaction.own is not None else ""
    what = transaction.type if isinstance(transaction, BuiltInTransaction) else event_type
    if transaction.amount is None:
        return what
    held = transaction.own.money if transaction.own is not None else None
    if held is None or held.currency is None:
        return f"{what} of {money(transaction.amount)}"
    return f"{what} of {money(transaction.amount, DIGITS[held.currency])} {held.currency}"


def _sentences(why: Sequence[str]) -> tuple[str, ...]:
    return tuple(one if len(one) <= MOST_CHARACTERS else f"{one[:MOST_CHARACTERS]}..." for one in why[:MOST_WHY])
