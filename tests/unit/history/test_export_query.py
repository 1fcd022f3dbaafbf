"""The lists of the ingest service are views of the one list: what they take, that list takes too."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.errors import Malformed
from fraudshield.history.export import ExportQuery, IngestListQuery
from fraudshield.text.query import read_query

PARAMETERS: dict[str, st.SearchStrategy[str]] = {
    "limit": st.integers(-1, 1001).map(str),
    "offset": st.integers(-1, 10_001).map(str),
    "cursor": st.text(max_size=3),
    "date": st.dates(date(1, 1, 1)).map(date.isoformat) | st.just("2026-02-30"),
}


@given(st.fixed_dictionaries({}, optional=PARAMETERS))
@pytest.mark.parametrize("view", [IngestListQuery, ExportQuery])
def test_whatever_a_view_takes_is_a_list(view: Any, sent: dict[str, str]) -> None:
    try:
        asked = read_query([*sent.items()], view)
    except Malformed:
        return
    listed = asked.as_list()
    assert (listed.limit, listed.cursor, listed.start_date) == (asked.limit, asked.cursor, asked.date)


def test_a_cursor_and_an_offset_are_refused_together() -> None:
    with pytest.raises(Malformed) as refused:
        read_query([("cursor", "x"), ("offset", "1")], IngestListQuery)
    assert refused.value.faults[0].code == "two_places"
