"""What of a transaction may still be stored when somebody in it was erased."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from fraudshield.erasure.erasure import Received, keepable, pseudonym
from fraudshield.errors import StoreUnavailable
from fraudshield.text import signature
from fraudshield.transaction.built_in import BuiltInTransaction
from tests.content import built_in
from tests.fakes import NOW, FakeErasures
from tests.model.feature import features

Make = Callable[..., BuiltInTransaction]
MOMENT = timedelta(microseconds=1)
KEY = signature.key(b"secret", "erasure")


def kept(erasures: FakeErasures, *transactions: BuiltInTransaction) -> list[BuiltInTransaction | None]:
    """Of transactions that were all received at `NOW`."""
    kept = keepable([Received(one, NOW) for one in transactions], erasures)
    return [None if one is None else built_in(one) for one in kept]


@pytest.fixture
def one(transaction: Make) -> BuiltInTransaction:
    return transaction(nameOrig="C1", nameDest="M2")


def test_a_transaction_of_people_who_were_never_erased_is_kept_as_it_is(one: BuiltInTransaction) -> None:
    assert kept(FakeErasures(C9=NOW), one) == [one]


@pytest.mark.parametrize(("after", "gone"), [(timedelta(0), True), (MOMENT, True), (-MOMENT, False)])
def test_what_an_erased_sender_sent_before_is_dropped_and_what_came_later_is_kept(
    one: BuiltInTransaction, after: timedelta, *, gone: bool
) -> None:
    assert kept(FakeErasures(C1=NOW + after), one) == [None if gone else one]


@pytest.mark.parametrize(("after", "gone"), [(timedelta(0), True), (-MOMENT, False)])
def test_an_erased_recipient_gets_a_pseudonym_in_what_was_sent_before(
    one: BuiltInTransaction, after: timedelta, *, gone: bool
) -> None:
    hidden = one.model_copy(update={"nameDest": "M-erased-somebody"})
    assert kept(FakeErasures(M2=NOW + after), one) == [hidden if gone else one]


def test_who_paid_himself_is_dropped(transaction: Make) -> None:
    assert kept(FakeErasures(C1=NOW), transaction(nameOrig="C1", nameDest="C1")) == [None]


def test_one_in_many_is_dropped_and_the_order_stays(transaction: Make) -> None:
    many = [transaction(transaction_id=name, nameOrig=name) for name in ("C1", "C2", "C3")]
    assert kept(FakeErasures(C2=NOW), *many) == [many[0], None, many[2]]


def test_who_cannot_ask_keeps_nothing(one: BuiltInTransaction) -> None:
    erasures = FakeErasures()
    erasures.down = True
    with pytest.raises(StoreUnavailable):
        kept(erasures, one)


@pytest.mark.parametrize("name", ["C1", "M2", "m2", "x", "é" * 64])
def test_a_pseudonym_is_a_name_that_changes_no_feature_and_shows_nothing(transaction: Make, name: str) -> None:
    hidden = pseudonym(KEY, name)
    assert hidden == pseudonym(KEY, name)
    assert features(transaction(nameDest=hidden)) == features(transaction(nameDest=name))
    assert hidden[1:] != name[1:]
    assert len(hidden) <= 64


def test_pseudonyms_differ_by_account_and_by_secret() -> None:
    others = {pseudonym(KEY, "C2"), pseudonym(signature.key(b"other", "erasure"), "C1"), pseudonym(KEY, "C1")}
    assert len(others) == 3
