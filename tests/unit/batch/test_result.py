"""The parts of a result."""

from collections.abc import Iterable

from fraudshield.batch.result import Parts


def parts(writes: Iterable[list[str]], part_bytes: int) -> list[bytes]:
    put: dict[int, bytes] = {}
    made = Parts(put.__setitem__, part_bytes)
    for lines in writes:
        made.write(lines)
    made.close()
    assert made.sizes == [len(put[number]) for number in sorted(put)]
    return [put[number] for number in range(len(put))]


def test_a_full_part_is_put_at_once_and_the_rest_at_the_end() -> None:
    assert parts([["aaaa\n"], ["bb\n", "\u00e9\n"]], 4) == [b"aaaa", b"\nbb\n", "\u00e9\n".encode()]


def test_how_the_lines_come_changes_no_part() -> None:
    lines = [f"{number}\n" for number in range(1000)]
    assert parts([lines], 100) == parts([[line] for line in lines], 100)


def test_no_lines_are_no_part() -> None:
    assert parts([[]], 4) == []


def test_what_just_fills_a_part_leaves_no_empty_one() -> None:
    assert parts([["aaa\n"]], 4) == [b"aaa\n"]
