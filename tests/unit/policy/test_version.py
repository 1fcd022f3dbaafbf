"""The life of a version: drafts never decide, the gate asks for a test, and what was put in force is taken back."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fraudshield.errors import InvalidInput, NotFound, PolicyConflict
from fraudshield.event_type.payment import BUILT_IN
from fraudshield.policy.in_force import ActivePolicy
from fraudshield.policy.policy import first_policy
from fraudshield.policy.versioning.difference import difference
from fraudshield.policy.versioning.draft import ActivationRequest, DraftChange, DraftRequest
from fraudshield.policy.versioning.gate import FinishedTest, NotTested, StaleTest, StaleVersion
from fraudshield.policy.versioning.version import NotADraft, NothingBefore, VersionService
from fraudshield.text import strict_json
from tests.authors import ADA
from tests.conftest import README_TRANSACTION
from tests.fake_policies import FakePolicyStore
from tests.fakes import NOW

FIRST = first_policy()
LARGE: dict[str, Any] = {"code": "large", "outcome": "review", "when": "amount > 5000", "text": "A large amount"}
THRESHOLDS = {"review": 0.5, "block": 0.9}
LOW, MIDDLE, HIGH = map(Decimal, ("0.4", "0.5", "0.9"))
FORCED = ActivationRequest(note="now", force=True)


class KnownTests:
    """Tests on history by hand."""

    def __init__(self) -> None:
        self.finished: list[FinishedTest] = []

    def of(self, event_type: str, digest: str) -> list[FinishedTest]:
        return self.finished


@pytest.fixture
def store() -> FakePolicyStore:
    return FakePolicyStore()


@pytest.fixture
def tests() -> KnownTests:
    return KnownTests()


@pytest.fixture
def service(store: FakePolicyStore, tests: KnownTests) -> VersionService:
    return VersionService(store, ActivePolicy(store, FIRST), BUILT_IN, tests)


def draft(service: VersionService, *rules: dict[str, Any], **more: Any) -> int:
    sent = DraftRequest.model_validate({"based_on": 1, "thresholds": THRESHOLDS, "rules": rules or (LARGE,)} | more)
    return service.draft(sent, ADA, NOW).policy.version


def change(digest: str, **more: Any) -> DraftChange:
    return DraftChange.model_validate({"thresholds": THRESHOLDS, "based_on_digest": digest} | more)


def states(service: VersionService) -> dict[int, str]:
    return {one.policy.version: one.state for one in service.page(None, 100).versions}


def test_a_draft_decides_nothing(service: VersionService, store: FakePolicyStore) -> None:
    assert draft(service) == 2
    assert service.active.current().policy == service.active.newest() == FIRST
    assert states(service) == {2: "shadow", 1: "active"}
    assert [(one.action, one.version, one.before) for one in store.entries] == [("created", 2, None)]


def test_a_draft_is_changed_by_who_read_it_last_and_thrown_away(service: VersionService) -> None:
    number = draft(service)
    read = service.find(number).policy.digest
    changed = service.change(number, change(read), ADA, NOW).policy
    assert (changed.version, changed.rules, changed.digest == read) == (number, (), False)
    with pytest.raises(PolicyConflict, match=changed.digest):
        service.change(number, change(read), ADA, NOW)
    service.remove(number, ADA, NOW)
    with pytest.raises(NotFound):
        service.find(number)


def test_only_drafts_are_changed_or_thrown_away(service: VersionService) -> None:
    number = draft(service)
    made = service.activate(number, FORCED, ADA, NOW).policy
    with pytest.raises(NotADraft):
        service.change(number, change(made.digest), ADA, NOW)
    with pytest.raises(NotADraft):
        service.remove(1, ADA, NOW)


def test_an_activated_version_decides_at_once_and_is_taken_back_in_one_call(
    service: VersionService, store: FakePolicyStore
) -> None:
    first, second = draft(service), draft(service, LARGE | {"code": "other"})
    service.activate(first, FORCED, ADA, NOW)
    made = service.activate(second, ActivationRequest(note="stricter", force=True), ADA, NOW).policy
    assert (made.note, made.activated_at, made.activated_by) == ("stricter", NOW, ADA.actor or ADA.key_id)
    assert service.active.current().policy == made
    assert states(service) == {3: "active", 2: "replaced", 1: "replaced"}
    assert [service.roll_back(ADA, NOW).policy.version for _ in range(2)] == [2, 1]
    assert states(service) == {3: "replaced", 2: "replaced", 1: "active"}
    with pytest.raises(NothingBefore):
        service.roll_back(ADA, NOW)
    assert [(one.action, one.version, dict(one.counts)) for one in store.entries[2:]] == [
        ("activated", 2, {"forced": 1}),
        ("activated", 3, {"forced": 1}),
        ("rolled_back", 2, {}),
        ("rolled_back", 1, {}),
    ]
    assert draft(service) == 4  # a number means one version, for good


OLD = timedelta(days=7, seconds=1)


@pytest.mark.parametrize(
    ("tested", "refused"),
    [
        (None, NotTested),
        (FinishedTest(FIRST.digest, NOW, 999), NotTested),
        (FinishedTest("another", NOW, 1000), StaleVersion),
        (FinishedTest(FIRST.digest, NOW - OLD, 1000), StaleTest),
        (FinishedTest(FIRST.digest, NOW - timedelta(days=7), 1000), None),
        (FinishedTest(FIRST.digest, NOW, 3, all_there_are=True), None),
    ],
    ids=str,
)
def test_a_version_needs_a_test_lately_against_the_one_in_force(
    service: VersionService, tests: KnownTests, tested: FinishedTest | None, refused: type[Exception] | None
) -> None:
    number = draft(service)
    tests.finished = [tested] if tested else []
    if refused:
        with pytest.raises(refused):
            service.activate(number, ActivationRequest(note="now"), ADA, NOW)
        assert service.active.newest() == FIRST
    else:
        assert service.activate(number, ActivationRequest(note="now"), ADA, NOW).state == "active"


@pytest.mark.parametrize(
    ("rules", "more", "pointer"),
    [
        ([LARGE | {"when": "ammount > 1"}], {}, "/rules/0/when"),
        ([LARGE | {"when": "nameDest in lists.stolen"}], {}, "/rules/0/when"),
        ([], {"by": {"field": "amount", "thresholds": {"x": THRESHOLDS}}}, "/by/field"),
        ([], {"by": {"field": "type", "thresholds": {"LOAN": THRESHOLDS}}}, "/by/thresholds/LOAN"),
    ],
)
def test_what_does_not_go_with_the_event_type_is_refused_at_its_place(
    service: VersionService, rules: list[dict[str, Any]], more: dict[str, Any], pointer: str
) -> None:
    sent = DraftRequest.model_validate({"based_on": 1, "thresholds": THRESHOLDS, "rules": rules} | more)
    with pytest.raises(InvalidInput) as refused:
        service.draft(sent, ADA, NOW)
    assert [one.pointer for one in refused.value.faults] == [pointer]


def example(outcome: str, **more: Any) -> dict[str, Any]:
    sent = {name: more.pop(name, value) for name, value in README_TRANSACTION.items()}
    return {"transaction": strict_json.parse(json.dumps(sent).encode()), "outcome": outcome, **more}


@pytest.mark.parametrize(
    ("examples", "fault"),
    [
        ([example("approve"), example("review", amount=5001)], None),
        (
            [
                example("approve", risk=Decimal("0.4")),
                example("review", risk=Decimal("0.5")),
                example("block", risk=Decimal("0.9")),
            ],
            None,
        ),
        ([example("review", values={"origin_count_1h": 4})], None),
        ([example("approve"), example("block", amount=5001)], ("/rules/0/examples/1", "is review by large")),
        ([example("approve", amount=-1)], ("/rules/0/examples/0/transaction/amount", "greater than or equal")),
    ],
)
def test_examples_are_tried_at_every_change(
    service: VersionService, examples: list[dict[str, Any]], fault: tuple[str, str] | None
) -> None:
    rules = [LARGE | {"examples": examples}, LARGE | {"code": "burst", "when": "origin_count_1h > 3"}]
    if fault is None:
        assert draft(service, *rules) == 2
        return
    with pytest.raises(InvalidInput) as refused:
        draft(service, *rules)
    [found] = refused.value.faults
    assert found.pointer == fault[0]
    assert fault[1] in found.detail


def test_every_rule_has_a_code_of_its_own_and_a_version_fits_its_item(service: VersionService) -> None:
    with pytest.raises(ValueError, match="code of its own"):
        draft(service, LARGE, LARGE)
    long = {"field": "nameDest", "any_of": ["x" * 200] * 1000}
    with pytest.raises(InvalidInput, match="Put long lists into a list"):
        draft(service, LARGE | {"when": [long, long]})


def test_pages_go_on_where_the_last_one_ended(service: VersionService) -> None:
    for number in range(2, 8):
        draft(service, LARGE | {"code": f"r{number}"})
        if number % 2:
            service.activate(number, FORCED, ADA, NOW)
    seen: list[int] = []
    before = None
    for _ in range(4):
        page = service.page(before, 2)
        seen += [one.policy.version for one in page.versions]
        before = page.before
    assert (seen, before) == ([7, 6, 5, 4, 3, 2, 1], None)


def test_a_difference_names_rules_by_code_and_all_else(service: VersionService) -> None:
    one = service.find(draft(service, LARGE, LARGE | {"code": "gone"}, LARGE | {"code": "same"})).policy
    more = {"thresholds": {"review": 0.4, "block": 0.9}}
    two = service.find(draft(service, LARGE | {"code": "same"}, LARGE | {"outcome": "block"}, **more)).policy
    found = difference(one, two)
    assert (found.added, found.removed, [change.what for change in found.changed]) == ((), ("gone",), ["large"])
    assert ([change.what for change in found.settings], found.reordered) == (["thresholds"], True)
