"""Sums of money over groups: exact, whatever the amounts and the keys are."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.batch.count import DENSE, Amounts

AMOUNTS = {
    "cents": st.decimals(0, Decimal("999999999999.99"), places=2),
    "finer": st.decimals(0, Decimal("99999.99999"), places=5),
    "larger": st.decimals(0, Decimal("999999999999999"), places=2),
}


@pytest.mark.parametrize("kind", AMOUNTS)
@pytest.mark.parametrize("apart", [1, DENSE])
@given(data=st.data())
def test_a_group_has_its_rows_and_their_sum(kind: str, apart: int, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(st.integers(0, 5), AMOUNTS[kind]), max_size=40))
    texts = [format(amount, "f") for _, amount in rows]
    money = Amounts(texts, np.array([float(text) for text in texts], np.float64))
    found = {one.key: (one.rows, one.amount) for one in money.groups(np.array([k * apart for k, _ in rows], np.int64))}
    expected: dict[int, tuple[int, Decimal]] = {}
    for key, amount in rows:
        number, total = expected.get(key * apart, (0, Decimal()))
        expected[key * apart] = (number + 1, total + amount)
    assert found == expected
