"""Several sorted runs as one list, however they are cut into pages and whatever a filter lets pass of them."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from fraudshield.history.sorted_run import Merge, RunPosition

Row = tuple[int, bool]  # its value, and whether the filter lets it pass
runs = st.lists(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=8), min_size=1, max_size=4)


def positions(rows: Sequence[Sequence[Row]]) -> list[list[tuple[RunPosition[str], bool]]]:
    """Sorted as an index is, each row with a key that says where it stands."""
    return [
        [
            (RunPosition(number, f"{value}", f"{number}.{at}"), passes)
            for at, (value, passes) in enumerate(sorted(run, reverse=True))
        ]
        for number, run in enumerate(rows)
    ]


class Reader:
    """Reads runs in pages of some size, from a position on where one is given."""

    def __init__(self, rows: Sequence[Sequence[tuple[RunPosition[str], bool]]], after: RunPosition[str] | None) -> None:
        self.rows = [
            [
                row
                for row in run
                if after is None
                or row[0].rank < after.rank
                or (row[0].run == after.run and row[0].value == after.value and row[0].key > after.key)
            ]
            for run in rows
        ]
        self.at = [0] * len(rows)

    def push(self, merge: Merge[str], page: int) -> None:
        for number in merge.exhausted:
            read = self.rows[number][self.at[number] : self.at[number] + page]
            self.at[number] += len(read)
            end = len(read) < page
            merge.push(number, [position for position, passes in read if passes], None if end else read[-1][0])


def whole(rows: Sequence[Sequence[tuple[RunPosition[str], bool]]]) -> list[str]:
    """The rows that pass, by value, then by run, then as they stand in the run."""
    every = [(position, passes) for run in rows for position, passes in run]
    every.sort(key=lambda row: row[0].rank, reverse=True)
    return [position.key for position, passes in every if passes]


@given(runs, st.integers(1, 4))
def test_everything_comes_once_in_order(rows: list[list[Row]], page: int) -> None:
    sorted_rows, merge = positions(rows), Merge[str](len(rows))
    reader, found = Reader(sorted_rows, None), list[str]()
    while not merge.ended:
        reader.push(merge, page)
        found += [position.key for position in merge.take(100)]
    assert found == whole(sorted_rows)


@given(runs, st.integers(1, 4), st.integers(1, 5))
def test_a_list_that_is_stopped_anywhere_goes_on_from_its_position(
    rows: list[list[Row]], page: int, wanted: int
) -> None:
    sorted_rows, found, after = positions(rows), list[str](), None
    for _ in range(200):
        merge = Merge[str](len(rows))
        Reader(sorted_rows, after).push(merge, page)
        found += [position.key for position in merge.take(wanted)]
        if merge.ended:
            break
        assert merge.position is not None
        assert after is None or merge.position != after
        after = merge.position
    assert found == whole(sorted_rows)


def test_nothing_is_taken_before_every_run_was_read() -> None:
    merge = Merge[str](2)
    merge.push(0, [RunPosition(0, "9", "a")], None)
    assert list(merge.take(1)) == []
    merge.push(1, [RunPosition(1, "9", "b")], None)
    assert [position.key for position in merge.take(2)] == ["a", "b"]
