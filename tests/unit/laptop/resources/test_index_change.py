"""From one shape of a table to another, an index at a time, and never more than DynamoDB takes."""

from hypothesis import given
from hypothesis import strategies as st

from infra.laptop.resources.index_change import MOST_CARRIED, Index, carried, changes, definitions, fits


def index(name: str, carries: int = 10) -> Index:
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": f"{name}_key", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": [f"a{at}" for at in range(carries)]},
    }


shapes = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 30), max_size=8).map(
    lambda found: {name: index(name, carries) for name, carries in found.items()}
)


def shared(one: dict[str, Index], other: dict[str, Index]) -> dict[str, Index]:
    """The other shape, with those that both have as the first has them: no index is ever changed."""
    return {name: one.get(name, index) for name, index in other.items()}


@given(shapes.filter(fits), shapes)
def test_each_step_is_one_index_and_the_last_shape_is_the_wanted_one(
    before: dict[str, Index], after: dict[str, Index]
) -> None:
    wanted = shared(before, after)
    found = changes(before, wanted)
    there = set(before)
    for step in found:
        assert there ^ set(step.after) == {step.name}
        assert (step.kind == "make") == (step.name in step.after)
        there = set(step.after)
    assert there == set(wanted)
    assert not fits(wanted) or all(fits(step.after) for step in found)


def test_new_indexes_are_made_before_the_old_go_as_far_as_there_is_room() -> None:
    before = {name: index(name, 20) for name in ("old_1", "old_2")}
    wanted = {name: index(name, 20) for name in ("new_1", "new_2", "new_3", "new_4")}
    found = [(step.kind, step.name) for step in changes(before, wanted)]
    assert [name for kind, name in found if kind == "make"] == [*wanted]
    assert found[3:5] == [("drop", "old_1"), ("drop", "old_2")]
    assert max(carried(step.after) for step in changes(before, wanted)) == MOST_CARRIED


def test_only_attributes_that_are_keys_are_defined() -> None:
    named = [{"AttributeName": f"{name}_key"} for name in ("table", "one", "two")]
    keyed = [{"AttributeName": "table_key"}]
    assert [one["AttributeName"] for one in definitions(named, keyed, {"two": index("two")})] == [
        "table_key",
        "two_key",
    ]
