"""Several sorted strands as one list, however they are cut into pieces and whatever a filter lets pass of them."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from fraudshield.history.sorted_run import Merge, Place

Row = tuple[int, bool]  # its value, and whether the filter lets it pass
strands = st.lists(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=8), min_size=1, max_size=4)


def places(rows: Sequence[Sequence[Row]]) -> list[list[tuple[Place[str], bool]]]:
    """Sorted as an index is, each row with a key that says where it stands."""
    return [
        [
            (Place(number, f"{value}", f"{number}.{at}"), passes)
            for at, (value, passes) in enumerate(sorted(strand, reverse=True))
        ]
        for number, strand in enumerate(rows)
    ]


class Reader:
    """Reads strands in pieces of some size, from a place on where one is given."""

    def __init__(self, rows: Sequence[Sequence[tuple[Place[str], bool]]], after: Place[str] | None) -> None:
        self.rows = [
            [
                row
                for row in strand
                if after is None
                or row[0].rank < after.rank
                or (row[0].strand == after.strand and row[0].value == after.value and row[0].key > after.key)
            ]
            for strand in rows
        ]
        self.at = [0] * len(rows)

    def feed(self, merge: Merge[str], piece: int) -> None:
        for number in merge.hungry:
            read = self.rows[number][self.at[number] : self.at[number] + piece]
            self.at[number] += len(read)
            end = len(read) < piece
            merge.feed(number, [place for place, passes in read if passes], None if end else read[-1][0])


def whole(rows: Sequence[Sequence[tuple[Place[str], bool]]]) -> list[str]:
    """By value, then by strand, then as it stands in the strand; only what passes."""
    every = [(place, passes) for strand in rows for place, passes in strand]
    every.sort(key=lambda row: row[0].rank, reverse=True)
    return [place.key for place, passes in every if passes]


@given(strands, st.integers(1, 4))
def test_everything_comes_once_in_order(rows: list[list[Row]], piece: int) -> None:
    sorted_rows, merge = places(rows), Merge[str](len(rows))
    reader, found = Reader(sorted_rows, None), list[str]()
    while not merge.ended:
        reader.feed(merge, piece)
        found += [place.key for place in merge.take(100)]
    assert found == whole(sorted_rows)


@given(strands, st.integers(1, 4), st.integers(1, 5))
def test_a_list_that_is_stopped_anywhere_goes_on_from_its_place(rows: list[list[Row]], piece: int, wanted: int) -> None:
    sorted_rows, found, after = places(rows), list[str](), None
    for _ in range(200):
        merge = Merge[str](len(rows))
        Reader(sorted_rows, after).feed(merge, piece)
        found += [place.key for place in merge.take(wanted)]
        if merge.ended:
            break
        assert merge.place is not None
        assert after is None or merge.place != after
        after = merge.place
    assert found == whole(sorted_rows)


def test_nothing_is_taken_before_every_strand_was_read() -> None:
    merge = Merge[str](2)
    merge.feed(0, [Place(0, "9", "a")], None)
    assert list(merge.take(1)) == []
    merge.feed(1, [Place(1, "9", "b")], None)
    assert [place.key for place in merge.take(2)] == ["a", "b"]
