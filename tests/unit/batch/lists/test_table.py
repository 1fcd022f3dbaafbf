"""A list for a file: digests in order, searched and never read again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraudshield.batch.lists.lists import JobLists
from fraudshield.batch.lists.table import DigestTable, answers, queries
from fraudshield.batch.plan import Plan
from fraudshield.errors import NotFound
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.expression.names import ListQuestion
from fraudshield.policy.checked_rules import checked_rules
from fraudshield.policy.policy import Outcome, Policy, Thresholds
from fraudshield.policy.rule import Rule
from fraudshield.value_list.value_list import DIGEST_BYTES, digest_of
from tests.fake_files import FakeFiles
from tests.fakes import NOW

TEXTS = st.text(st.characters(exclude_categories=["Cc"]), min_size=1, max_size=6)


def table(*values: str) -> DigestTable:
    return DigestTable(b"".join(sorted(map(digest_of, values))))


def objects(*texts: str) -> Any:
    made = np.empty(len(texts), object)
    made[:] = texts
    return made


@settings(max_examples=60)
@given(st.sets(TEXTS), st.lists(TEXTS))
def test_a_table_holds_what_was_put_into_it_and_nothing_else(values: set[str], sought: list[str]) -> None:
    every = [*sought, *values]
    held = table(*values)
    assert held.query(objects(*every)).tolist() == [text in held for text in every] == [one in values for one in every]


def test_a_digest_that_ends_in_zeros_is_no_other() -> None:
    digest = b"\x01" * (DIGEST_BYTES - 1) + b"\x00"
    held = np.frombuffer(DigestTable(digest).content, f"S{DIGEST_BYTES}")
    assert not (held == np.array([b"\x01" * (DIGEST_BYTES - 1) + b"\x01"], held.dtype)).any()


@dataclass
class FakeWholeLists:
    """The `WholeLists` port over values; counts what is read."""

    of: dict[str, list[str]]
    reads: int = 0

    def digests(self, name: str, at: datetime) -> Iterator[bytes]:
        self.reads += 1
        return iter(sorted(map(digest_of, self.of[name])))


def plan(*whens: str) -> Plan:
    rules = tuple(Rule(code=f"r{at}", outcome=Outcome.BLOCK, when=when) for at, when in enumerate(whens))
    names = checked_rules({"/rules": rules}, BUILT_IN, ("mules", "small"))
    policy = Policy(version=2, thresholds=Thresholds(review=0.5, block=0.9), rules=rules, names=names)
    return cast(Plan, SimpleNamespace(job_id="job-1", plan_id="p", decided_at=NOW, policy=policy))


def test_each_list_that_a_rule_asks_is_written_once_and_no_other() -> None:
    files, lists = FakeFiles(), FakeWholeLists({"mules": ["C1", "C2"], "small": ["c1"]})
    jobs = JobLists(cast(Any, files), lists)
    asked = plan("nameDest in lists.mules", "nameOrig in lists.mules")
    jobs.prepare(asked)
    assert list(files.objects) == ["jobs/job-1/p/lists/mules"]
    tables = jobs.of(asked)
    assert ("C1" in tables["mules"], "C3" in tables["mules"], lists.reads) == (True, False, 1)
    assert queries(tables)["mules"](objects("C2", "C9")).tolist() == [True, False]
    jobs.prepare(plan("amount > 1"))
    assert lists.reads == 1


def test_lists_that_have_aged_out_are_no_empty_ones() -> None:
    with pytest.raises(NotFound):
        JobLists(cast(Any, FakeFiles()), FakeWholeLists({})).of(plan("nameDest in lists.mules"))


def test_answers_are_yes_or_no_and_none_is_unread(transaction: Any) -> None:
    small = ListQuestion("small", "nameOrig", lower=True)
    to_him, missing = ListQuestion("mules", "nameDest"), ListQuestion("mules", "device_id")
    tables = {"small": table("c1"), "mules": table()}
    asked = answers(tables, {small, to_him, missing}, transaction(nameOrig="C1"))
    assert asked == {small: True, to_him: False}
