"""The envelopes of the analytics responses: how far the counts go, and when they were read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from typing_extensions import TypedDict

from fraudshield.analytics.category.category import EVERY_FIELD, fields_of
from fraudshield.analytics.category.narrowing import CategoryCounts, CategoryShown, narrowing
from fraudshield.analytics.drift import LIVE
from fraudshield.analytics.field.drift import COMPARED_DAYS, FieldDrift, field_drift
from fraudshield.analytics.figure.pattern import TransactionPatterns, transaction_patterns
from fraudshield.analytics.figure.risk import RiskDistribution, risk_distribution
from fraudshield.analytics.figure.trend import FraudTrends, fraud_trends
from fraudshield.analytics.genuine_by_age import genuine_ages
from fraudshield.analytics.performance import ModelPerformance, model_performance
from fraudshield.analytics.period import LabelledQuery, Period, PeriodQuery, period
from fraudshield.analytics.port import AggregatesByCategory, DailyCounts
from fraudshield.event_type.active import ActiveEventTypes
from fraudshield.event_type.event_type import EventType
from fraudshield.event_type.payment import NAME
from fraudshield.policy.port import PolicySource
from fraudshield.text.schema import Moment
from fraudshield.text.timestamp import timestamp


class Stamps(TypedDict):
    """`as_of` is when the newest change was made that is counted, null before the first; later ones follow soon.

    `category` is what the figures are narrowed to; null where they are of everything.
    """

    as_of: Moment | None
    generated_at: Moment
    category: CategoryShown | None


class FraudTrendsResponse(FraudTrends, Stamps):
    """`GET /fraud-trends`."""


class TransactionPatternsResponse(TransactionPatterns, Stamps):
    """`GET /transaction-patterns`."""


class RiskDistributionResponse(RiskDistribution, Stamps):
    """`GET /risk-distribution`."""


class ModelPerformanceResponse(ModelPerformance, Stamps):
    """`GET /model-performance`. `field_drift` is of the whole of an event type of one's own, else null."""

    field_drift: FieldDrift | None


class DashboardSummary(Stamps):
    """`GET /dashboard-summary`: trends, risks and performance in one response; all of the same days."""

    fraud_trends: FraudTrends
    risk_distribution: RiskDistribution
    model_performance: ModelPerformance


@dataclass(frozen=True, slots=True)
class Analytics:
    """What the responses are made from: the counts, and the event types that their filters are read by."""

    aggregates: AggregatesByCategory
    types: ActiveEventTypes

    def fraud_trends(self, asked: PeriodQuery, now: datetime) -> FraudTrendsResponse:
        """Raises Malformed, NotFound, StoreUnavailable; so do the others."""
        counts, stamps = self._asked(asked, now)
        return {**fraud_trends(counts, period(asked, now)), **stamps}

    def transaction_patterns(self, asked: PeriodQuery, now: datetime) -> TransactionPatternsResponse:
        """Raises as `fraud_trends` does."""
        counts, stamps = self._asked(asked, now)
        return {**transaction_patterns(counts, period(asked, now)), **stamps}

    def risk_distribution(self, policies: PolicySource, asked: PeriodQuery, now: datetime) -> RiskDistributionResponse:
        """Raises as `fraud_trends` does."""
        counts, stamps = self._asked(asked, now)
        return {**risk_distribution(counts, period(asked, now), policies.current()), **stamps}

    def model_performance(self, asked: LabelledQuery, now: datetime) -> ModelPerformanceResponse:
        """Raises as `fraud_trends` does."""
        counts, stamps = self._asked(asked, now)
        days, shown = period(asked, now), stamps["category"]
        return {
            **model_performance(counts, days, genuine_ages(lambda: self.types), now),
            **stamps,
            "field_drift": self._shown_drift(shown, days, now) if shown and shown["field"] is None else None,
        }

    def dashboard_summary(self, policies: PolicySource, asked: PeriodQuery, now: datetime) -> DashboardSummary:
        """Raises as `fraud_trends` does."""
        counts, stamps = self._asked(asked, now)
        days = period(asked, now)
        return {
            "fraud_trends": fraud_trends(counts, days),
            "risk_distribution": risk_distribution(counts, days, policies.current()),
            "model_performance": model_performance(counts, days, genuine_ages(lambda: self.types), now),
            **stamps,
        }

    def drift_of_types(self, now: datetime) -> dict[str, FieldDrift]:
        """How far the fields of each event type of one's own have moved, by its name, over the last seven days.

        Raises StoreUnavailable.
        """
        days = Period(now.date() - timedelta(days=COMPARED_DAYS - 1), now.date(), LIVE)
        return {one.name: self._field_drift(one, days, now) for one in self.types.all() if one.name != NAME}

    def _shown_drift(self, shown: CategoryShown, days: Period, now: datetime) -> FieldDrift | None:
        event_type = self.types.named(shown["event_type"])
        return None if event_type.name == NAME else self._field_drift(event_type, days, now)

    def _field_drift(self, event_type: EventType, days: Period, now: datetime) -> FieldDrift:
        since = self.aggregates.register(event_type.name, EVERY_FIELD).counted_from
        fields = fields_of(event_type.model_dump(mode="json"))
        return field_drift(self.aggregates, event_type.name, fields, since, days, now.date())

    def _asked(self, asked: PeriodQuery, now: datetime) -> tuple[DailyCounts, Stamps]:
        """The time is read before the counts, which may then hold more than it says and never less."""
        at = self.aggregates.as_of()
        narrowed = narrowing(asked, self.types, self.aggregates)
        counts = CategoryCounts(self.aggregates, narrowed.categories) if narrowed else self.aggregates
        return counts, {
            "as_of": timestamp(at) if at else None,
            "generated_at": timestamp(now),
            "category": narrowed.shown if narrowed else None,
        }
