"""Scored transactions of every kind that the types allow, for hypothesis."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args

from hypothesis import strategies as st

from fraudshield.policy.policy import Outcome
from fraudshield.predictor.prediction import Reason
from fraudshield.scoring.decision import FIRST_FORM, NEWEST_FORM, Decision, ScoredTransaction
from fraudshield.transaction.built_in import BuiltInTransaction, TransactionType
from fraudshield.transaction.field import KINDS, NULLABLE
from tests.model.feature import features

money = st.decimals(min_value=-(10**15) + 1, max_value=10**15 - 1, places=6) | st.decimals(
    min_value=Decimal(-1), max_value=Decimal(1), places=20
)
text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=64)
risk = st.integers(0, 10_000).map(lambda step: step / 10_000)
number = st.floats(allow_nan=False, allow_infinity=False)
instant = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 bounds are naive

# What an optional field may say, by its kind: a new one is in every example at once.
SAID: Mapping[type, st.SearchStrategy[Any]] = {
    str: text,
    int: st.integers(0, 10**9),
    Decimal: money,
    datetime: instant.map(datetime.isoformat),
}

transactions = st.builds(
    BuiltInTransaction.model_validate,
    st.fixed_dictionaries(
        {
            "transaction_id": text.filter(lambda name: name not in {".", ".."}),
            "step": st.integers(0, 10**9),
            "type": st.sampled_from(get_args(TransactionType)),
            "amount": money.map(abs),
            "nameOrig": text,
            "oldbalanceOrg": money,
            "newbalanceOrig": money,
            "nameDest": text,
            "oldbalanceDest": money,
            "newbalanceDest": money,
        },
        optional={name: SAID[KINDS[name]] for name in NULLABLE},
    ),
)
reasons = st.builds(Reason, text, text, st.none() | text, st.none() | number, number)


@st.composite
def scored(draw: st.DrawFn) -> ScoredTransaction:
    """A decision that belongs to its transaction."""
    transaction, received_at = draw(transactions), draw(instant)
    decision = Decision(
        transaction_id=transaction.transaction_id,
        risk=draw(risk),
        prediction=draw(st.integers(0, 1)),
        outcome=draw(st.sampled_from(Outcome)),
        model_version=draw(text),
        policy_version=draw(st.integers(1, 10**9)),
        source=draw(st.sampled_from(["model", "rules"])),
        decided_at=received_at,
        reasons=tuple(draw(st.lists(reasons, max_size=4))),
        reasons_pending=draw(st.booleans()),
        degraded=tuple(draw(st.lists(text, max_size=2))),
        quality=tuple(draw(st.lists(text, max_size=2))),
        rule_threshold=draw(st.sampled_from([0.0, 0.0279, 0.123456789, 1.0])),
        form=draw(st.sampled_from([FIRST_FORM, NEWEST_FORM])),
    )
    occurred_at = transaction.occurred_at or received_at
    return ScoredTransaction(transaction, occurred_at, received_at, features(transaction), decision)
