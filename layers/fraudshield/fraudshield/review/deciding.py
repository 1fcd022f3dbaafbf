"""Verdicts with the label that goes with them, which is recorded by whoever records all labels."""

import time
from collections.abc import Sequence

from fraudshield.audit.audit import Author
from fraudshield.errors import FraudShieldError, StoreUnavailable
from fraudshield.label.label import Label, in_force
from fraudshield.label.port import LabelStore
from fraudshield.review.port import Reviews
from fraudshield.review.request import ListedVerdict
from fraudshield.review.review import ReviewVerdict, SaidVerdict, Verdicts, standing


def decide(
    reviews: Reviews, labels: LabelStore, transaction_id: str, said: SaidVerdict, token: str | None, by: Author
) -> Verdicts:
    """Gives a verdict, then records its label; returns all verdicts there were.

    The label of a verdict that this one replaces in time goes with it. A repeat does what the first try did not come
    to: the label's time is the verdict's. Raises as `Reviews.give`.
    """
    verdicts = reviews.give(transaction_id, said, token, by)
    last = standing(verdicts)
    if last is not None and (label := _label(last)) is not None:
        labels.add(transaction_id, label, by)
    elif last is not None:
        replaced = next((one for one in verdicts if one.undone_in == last.verdict_id), None)
        _forget_label(labels, transaction_id, replaced, by)
    return verdicts


def decide_each(
    reviews: Reviews, labels: LabelStore, listed: Sequence[ListedVerdict], by: Author, stop_at: float
) -> list[Verdicts | FraudShieldError]:
    """Gives verdicts in order; returns all of each payment's, or why its own was not given. Raises nothing.

    None is begun after `stop_at` (`time.monotonic()` seconds).
    """
    return [_decided(reviews, labels, one, by, stop_at) for one in listed]


def _decided(
    reviews: Reviews, labels: LabelStore, one: ListedVerdict, by: Author, stop_at: float
) -> Verdicts | FraudShieldError:
    if one.refused is not None:
        return one.refused
    assert one.said is not None and one.transaction_id is not None  # noqa: S101, PT018 what is not refused
    if time.monotonic() >= stop_at:
        return StoreUnavailable("The call's time was up before this verdict; send it again")
    try:
        return decide(reviews, labels, one.transaction_id, one.said, one.claim, by)
    except FraudShieldError as exc:
        return exc


def take_back(reviews: Reviews, labels: LabelStore, transaction_id: str, token: str | None, by: Author) -> Verdicts:
    """Undoes the verdict that stands, then takes back the label that came with it, where that is in force.

    A repeat does the second where the first try did not come to it. Raises as `Reviews.undo`.
    """
    verdicts = reviews.undo(transaction_id, token, by)
    undone = max((one for one in verdicts if one.undone_at), key=lambda one: str(one.undone_at), default=None)
    _forget_label(labels, transaction_id, undone, by)
    return verdicts


def _forget_label(labels: LabelStore, transaction_id: str, undone: ReviewVerdict | None, by: Author) -> None:
    """Takes back the label that came with a verdict that was taken back, where it is the one in force."""
    if undone is None or (label := _label(undone)) is None:
        return
    now = in_force(labels.history(transaction_id))
    if now is not None and now.label == label:
        labels.take_back(transaction_id, undone.undone_at or undone.given_at, by)


def _label(one: ReviewVerdict) -> Label | None:
    return None if one.said.label is None else Label(one.said.label, "analyst", one.given_at)
