"""Pages: how much, from where on, and what the cursor is bound to."""

import pytest

from fraudshield.errors import Malformed
from fraudshield.text.query import Flag, Offset, PageQuery, read_query


class Things(PageQuery):
    """A list with one filter, for old clients too."""

    offset: Offset = 0
    red: Flag | None = None


@pytest.mark.parametrize(("name", "text"), [("limit", "1"), ("limit", "1000"), ("offset", "0"), ("offset", "10000")])
def test_the_bounds_themselves_are_taken(name: str, text: str) -> None:
    assert getattr(read_query([(name, text)], Things), name) == int(text)


@pytest.mark.parametrize(("name", "text"), [("limit", "0"), ("limit", "1001"), ("offset", "-1"), ("offset", "10001")])
def test_what_is_beyond_them_is_refused(name: str, text: str) -> None:
    with pytest.raises(Malformed, match=rf"\?{name}: Input should be .* found '{text}'|found {text}"):
        read_query([(name, text)], Things)


def test_a_cursor_goes_with_the_filter_whatever_the_page_s_size_and_place() -> None:
    assert Things(limit=5, offset=7, cursor="x", red=False).filter == {"red": False}
    assert Things(limit=5).filter == {}
