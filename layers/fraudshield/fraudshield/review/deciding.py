"""Verdicts with the label that goes with them, which is recorded by whoever records all labels.

Both end within the budget of one request: a verdict whose label could not follow in time is not begun.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from fraudshield.audit.audit import Author
from fraudshield.budget import LABEL_S, STORE_S
from fraudshield.errors import FraudShieldError, StoreUnavailable
from fraudshield.label.label import Label
from fraudshield.label.port import LabelStore
from fraudshield.review.port import Reviews
from fraudshield.review.request import ListedVerdict
from fraudshield.review.review import ReviewVerdict, SaidVerdict, Verdicts, verdict_in_force

AT_ONCE = 8  # verdicts on different payments


def decide(
    reviews: Reviews,
    labels: LabelStore,
    transaction_id: str,
    said: SaidVerdict,
    token: str | None,
    by: Author,
    stop_at: float,
) -> Verdicts:
    """Gives a verdict, then records its label; returns all verdicts there were.

    The label of a verdict that this one replaces in time goes with it. A repeat does what the first try did not come
    to: the label's time is the verdict's. The label is tried until `stop_at` (`time.monotonic()` seconds), the verdict
    as long as there is time for the label then. Raises as `Reviews.give`.
    """
    verdicts = reviews.give(transaction_id, said, token, by, stop_at - LABEL_S)
    last = verdict_in_force(verdicts)
    replaced = next((one for one in verdicts if last is not None and one.undone_in == last.verdict_id), None)
    try:
        if last is not None and (label := _label(last)) is not None:
            labels.add(transaction_id, label, by, stop_at)
        _forget_label(labels, transaction_id, replaced, by, stop_at)
    except StoreUnavailable as exc:
        raise StoreUnavailable("The verdict counts, but its label may not be recorded yet; send it again") from exc
    return verdicts


def decide_each(
    reviews: Reviews, labels: LabelStore, listed: Sequence[ListedVerdict], by: Author, stop_at: float
) -> list[Verdicts | FraudShieldError]:
    """Gives verdicts, those of one payment in order; returns all of each payment's, or why its own was not given.

    None is begun that could not end by `stop_at` (`time.monotonic()` seconds). Raises nothing.
    """
    positions: dict[str | None, list[int]] = {}
    for position, one in enumerate(listed):
        positions.setdefault(one.transaction_id, []).append(position)
    results: dict[int, Verdicts | FraudShieldError] = {}
    decided = partial(_decided, reviews, labels, by=by, stop_at=stop_at)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for there, done in zip(
            positions.values(),
            pool.map(lambda there: [decided(listed[position]) for position in there], positions.values()),
            strict=True,
        ):
            results |= dict(zip(there, done, strict=True))
    return [results[position] for position in range(len(listed))]


def _decided(
    reviews: Reviews, labels: LabelStore, one: ListedVerdict, *, by: Author, stop_at: float
) -> Verdicts | FraudShieldError:
    if one.refused is not None:
        return one.refused
    assert one.said is not None and one.transaction_id is not None  # noqa: S101, PT018 what is not refused
    if time.monotonic() >= stop_at - LABEL_S - STORE_S:
        return StoreUnavailable("The call's time was up before this verdict; send it again")
    try:
        return decide(reviews, labels, one.transaction_id, one.said, one.claim, by, stop_at)
    except FraudShieldError as exc:
        return exc


def take_back(
    reviews: Reviews, labels: LabelStore, transaction_id: str, token: str | None, by: Author, stop_at: float
) -> Verdicts:
    """Undoes the verdict that stands, then takes back the label that came with it, also where a newer one hides it.

    A repeat does the second where the first try did not come to it. `stop_at` is that of `decide`. Raises as
    `Reviews.undo`.
    """
    verdicts = reviews.undo(transaction_id, token, by, stop_at - LABEL_S)
    undone = max((one for one in verdicts if one.undone_at), key=lambda one: str(one.undone_at), default=None)
    try:
        _forget_label(labels, transaction_id, undone, by, stop_at)
    except StoreUnavailable as exc:
        raise StoreUnavailable("The verdict is undone, but its label may not be yet; send it again") from exc
    return verdicts


def _forget_label(
    labels: LabelStore, transaction_id: str, undone: ReviewVerdict | None, by: Author, stop_at: float
) -> None:
    """Takes back the label that came with a verdict that was taken back."""
    if undone is not None and (label := _label(undone)) is not None:
        labels.take_back_one(transaction_id, label, undone.undone_at or undone.given_at, by, stop_at)


def _label(one: ReviewVerdict) -> Label | None:
    return None if one.said.label is None else Label(one.said.label, "analyst", one.given_at)
