"""Thresholds proposed for an event type: from the risks that its model gave of late, as a draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from fraudshield.audit.audit import Author
from fraudshield.backtest.proposal.request import ProposalRequest
from fraudshield.backtest.proposal.traffic import REFUSED, StoredRisk, TrafficThresholds, proposed
from fraudshield.errors import InvalidInput
from fraudshield.label.truth import DecidedPayment, label_as_of
from fraudshield.policy.versioning.draft import DraftRequest
from fraudshield.policy.versioning.version import PolicyVersion, VersionService

TRUTH = {"fraud": True, "genuine_said": False, "genuine_by_age": False}
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RiskRow:
    """A decided payment with the risk that a model gave it, as the time index has it."""

    payment: DecidedPayment
    risk: float
    amount: float
    model_version: str


@dataclass(frozen=True, slots=True)
class RiskSample:
    """Some payments of a span: all that happened, or so large a `share` of them at random."""

    rows: Sequence[RiskRow]
    share: float


class StoredRisks(Protocol):
    """The stored risks of an event type's payments that came by the API or the queue."""

    def sample(self, since: datetime, until: datetime) -> RiskSample:
        """Those of a span. Raises StoreUnavailable; InvalidInput: there are too many to be read in one call."""


@dataclass(frozen=True, slots=True)
class ThresholdProposal:
    """A draft and what it goes by. `left_out` are payments that another model decided."""

    draft: PolicyVersion
    found: TrafficThresholds
    model_version: str
    budget: float
    share: float
    left_out: int
    per_day: float


@dataclass(frozen=True, slots=True)
class ProposalService:
    """Proposes for the policy of one event type."""

    risks: StoredRisks
    versions: VersionService

    def propose(self, asked: ProposalRequest, by: Author, at: datetime) -> ThresholdProposal:
        """Makes a draft of the policy in force with other thresholds.

        Raises:
            InvalidInput: what is asked for is none, or nothing sensible can be proposed; says why.
            StoreUnavailable, PolicyConflict.
        """
        active = self.versions.active.newest()
        until = min(asked.until or at, at)
        stated, costs = active.review_budget, asked.said_costs()
        budget = asked.budget_or(None if stated is None else float(stated))
        sample = self.risks.sample(asked.since, until)
        model, rows = _newest_model(sample.rows)
        per_day = len(rows) / sample.share / max((until - asked.since) / DAY, 1e-9)
        share = budget.of(per_day)
        age = self.versions.event_type.genuine_after
        known = [StoredRisk(one.risk, one.amount, TRUTH.get(label_as_of(one.payment, at, age))) for one in rows]
        found = proposed(known, share, active.thresholds, costs)
        content = active.content | {"thresholds": found.thresholds, "note": _note(found, model, budget=str(budget))}
        sent = DraftRequest(**content, event_type=self.versions.event_type.name, based_on=active.version)
        draft = self.versions.draft(sent, by, at)
        return ThresholdProposal(draft, found, model, share, sample.share, len(sample.rows) - len(rows), per_day)


def _newest_model(rows: Sequence[RiskRow]) -> tuple[str, Sequence[RiskRow]]:
    """The model that decided last, and what it decided: thresholds of one say nothing of another's risks."""
    if not rows:
        raise InvalidInput(f"{REFUSED}: no payment of the span has a model's risk", code="degenerate_thresholds")
    model = max(rows, key=lambda one: one.payment.occurred_at).model_version
    return model, [one for one in rows if one.model_version == model]


def _note(found: TrafficThresholds, model: str, budget: str) -> str:
    return f"Proposed for a budget of {budget}, from {found.payments:,} risks of model {model}"
