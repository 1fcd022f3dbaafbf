"""The life of a policy's version: drafted, changed, put in force, replaced, and taken back."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from fraudshield.audit.audit import Action, AuditEntry, Author
from fraudshield.errors import Conflict, InvalidInput, NotFound, PolicyConflict
from fraudshield.event_type.event_type import EventType
from fraudshield.policy.checked_rules import check_categories, checked_rules
from fraudshield.policy.example import check_examples
from fraudshield.policy.in_force import ActivePolicy
from fraudshield.policy.limit.breaker import BreakerResponse
from fraudshield.policy.named_field import NamedFields
from fraudshield.policy.policy import Policy, PolicyRules
from fraudshield.policy.port import PolicyStore
from fraudshield.policy.versioning.control_loss import ControlLoss
from fraudshield.policy.versioning.draft import ActivationRequest, DraftChange, DraftRequest, check_size
from fraudshield.policy.versioning.gate import VersionTests, block_shares, check_tested, newest_loss

State = Literal["draft", "shadow", "active", "replaced"]
MOST_DRAFTS = 50  # at a time
DRAFTS: tuple[State, ...] = ("draft", "shadow")
SHADOWS = 3  # drafts of a policy that are compared with every decision: the newest


class NotADraft(Conflict):
    """Only drafts are changed or thrown away; what has decided stays as it is."""

    code = "not_a_draft"


class NothingBefore(Conflict):
    """No version was in force before this one."""

    code = "nothing_before"


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A version and where it stands in its life; of a draft with a control share what that may lose, once tested."""

    policy: Policy
    state: State
    control_loss: ControlLoss | None = None


@dataclass(frozen=True, slots=True)
class VersionPage:
    """Some versions, newest first, and the number before which the next page goes on; None on the last.

    `breaker` is that of the version in force.
    """

    versions: Sequence[PolicyVersion]
    before: int | None
    breaker: BreakerResponse


@dataclass(frozen=True, slots=True)
class VersionService:
    """The versions of one event type's policy. `lists` gives the names of all lists that rules may ask."""

    store: PolicyStore
    active: ActivePolicy
    event_type: EventType
    tests: VersionTests
    lists: Callable[[], Collection[str]] = tuple

    def page(self, before: int | None, most: int) -> VersionPage:
        """The newest versions, drafts among them; of those `before` a number where one is given."""
        active = self.active.newest()
        stored = {one.version: one for one in self.store.versions(before, most + 1)}
        if before is None or before > active.version:
            stored.setdefault(active.version, active)  # version 1, until another is stored
        every_draft = self.store.drafts(MOST_DRAFTS)
        drafts = {one.version: one for one in every_draft if before is None or one.version < before}
        every = sorted((stored | drafts).values(), key=lambda one: -one.version)
        shown = [PolicyVersion(one, self._state(one, every_draft, active)) for one in every[:most]]
        breaker = self.active.breaker_as_read(self.event_type.name)
        return VersionPage(shown, shown[-1].policy.version if len(every) > most else None, breaker)

    def find(self, number: int) -> PolicyVersion:
        """A version. Raises NotFound."""
        if (draft := self.store.draft(number)) is not None:
            return self._shown(draft, self._state_of_draft(number, self.store.drafts(SHADOWS)))
        if (policy := self.active.version(number)) is None:
            raise NotFound(f"The policy of {self.event_type.name} has no version {number}")
        return PolicyVersion(policy, "active" if number == self.active.newest().version else "replaced")

    def draft(self, sent: DraftRequest, by: Author, at: datetime) -> PolicyVersion:
        """Stores a draft. Raises InvalidInput; NotFound: there is no version that it is based on; PolicyConflict."""
        self.find(sent.based_on)
        if len(self.store.drafts(MOST_DRAFTS)) == MOST_DRAFTS:
            raise InvalidInput(f"There are {MOST_DRAFTS} drafts already; throw some away", code="too_many_drafts")
        number = self.active.next_number(self.active.newest())
        made = self._made(sent, version=number, based_on=sent.based_on, at=at, by=by)
        self.store.put_draft(made, None, self._entry(at, by, "created", made))
        return self._shown(made, "shadow")

    def change(self, number: int, sent: DraftChange, by: Author, at: datetime) -> PolicyVersion:
        """Replaces what a draft says. Raises InvalidInput, NotFound, NotADraft; PolicyConflict: it was changed."""
        before = self._draft(number)
        if before.digest != sent.based_on_digest:
            raise PolicyConflict(f"Draft {number} was changed meanwhile; its digest is {before.digest}")
        made = self._made(sent, version=number, based_on=before.based_on, at=at, by=by)
        if made.digest == before.digest:  # its shadow goes on
            made = made.model_copy(update={"created_at": before.created_at})
        self.store.put_draft(made, before, self._entry(at, by, "changed", made, before))
        return self._shown(made, self._state_of_draft(number, self.store.drafts(SHADOWS)))

    def remove(self, number: int, by: Author, at: datetime) -> None:
        """Throws a draft away. Raises NotFound, NotADraft; PolicyConflict: it was changed meanwhile."""
        draft = self._draft(number)
        self.store.remove_draft(draft, self._entry(at, by, "removed", None, draft))

    def activate(self, number: int, asked: ActivationRequest, by: Author, at: datetime) -> PolicyVersion:
        """Puts a version in force.

        Raises:
            NotFound.
            NotTested, StaleTest, StaleVersion: unless that is to be ignored.
            InvalidInput: it goes no longer with the event type, or one of its examples fails.
            PolicyConflict: something else was put in force meanwhile.
        """
        found, active = self.find(number), self.active.newest()
        if found.state == "active":
            return found
        self._names(found.policy)
        self._check(found.policy, at)
        tests = () if asked.force else self.tests.of(self.event_type.name, found.policy.digest)
        if not asked.force:
            check_tested(tests, active.digest, at)
        draft = found.policy if found.state in DRAFTS else None
        made = found.policy if draft is None else _activated(draft, asked.note, by, at)
        forced = {"forced": 1} if asked.force else {}
        self.active.keep_first(active)
        entry = self._entry(at, by, "activated", made, active, forced)
        shares = block_shares(tests, made)
        self.store.put_in_force(made, active, entry, draft, shares)
        return PolicyVersion(self.active.adopt(made, shares), "active")

    def roll_back(self, by: Author, at: datetime) -> PolicyVersion:
        """Puts the version in force that was before this one. Raises NothingBefore, PolicyConflict."""
        active, before = self.active.newest(), self.store.before()
        earlier = self.active.version(before[-1]) if before else None
        if earlier is None:
            raise NothingBefore(f"No version was in force before version {active.version}")
        shares = block_shares(self.tests.of(self.event_type.name, earlier.digest), earlier)
        self.store.take_back(earlier, before[:-1], self._entry(at, by, "rolled_back", earlier, active), shares)
        return PolicyVersion(self.active.adopt(earlier, shares), "active")

    def _shown(self, draft: Policy, state: State) -> PolicyVersion:
        if draft.control is None:
            return PolicyVersion(draft, state)
        return PolicyVersion(draft, state, newest_loss(self.tests.of(self.event_type.name, draft.digest)))

    def _made(
        self, sent: DraftRequest | DraftChange, version: int, based_on: int | None, at: datetime, by: Author
    ) -> Policy:
        who: dict[str, Any] = {"created_at": at, "created_by": by.key_id, "actor": by.actor}
        made = Policy(**sent.content, **who, version=version, based_on=based_on, names=self._names(sent))
        self._check(made, at)
        return made

    def _names(self, said: PolicyRules) -> NamedFields:
        """What its rules name, with the lists that there are now. Raises InvalidInput: a rule does not go with it."""
        return checked_rules({"/rules": said.rules}, self.event_type, self.lists())

    def _check(self, policy: Policy, at: datetime) -> None:
        if policy.by is not None:
            check_categories(policy.by, self.event_type)
        check_size(policy)
        check_examples(policy, self.event_type, at)

    def _state(self, policy: Policy, drafts: Sequence[Policy], active: Policy) -> State:
        if policy.version in {one.version for one in drafts}:
            return self._state_of_draft(policy.version, drafts[:SHADOWS])
        return "active" if policy.version == active.version else "replaced"

    def _state_of_draft(self, number: int, newest: Sequence[Policy]) -> State:
        return "shadow" if number in {one.version for one in newest} else "draft"

    def _draft(self, number: int) -> Policy:
        found = self.find(number)
        if found.state not in DRAFTS:
            raise NotADraft(f"Version {number} is {found.state}: only drafts are changed or thrown away")
        return found.policy

    def _entry(
        self,
        at: datetime,
        by: Author,
        action: Action,
        after: Policy | None,
        before: Policy | None = None,
        counts: dict[str, int] | None = None,
    ) -> AuditEntry:
        version = (after or before or self.active.newest()).version
        was, is_now = (None if one is None else one.digest for one in (before, after))
        return AuditEntry(at, by, "policy", action, self.event_type.name, was, is_now, version, counts or {})


def _activated(draft: Policy, note: str, by: Author, at: datetime) -> Policy:
    content: dict[str, Any] = {name: getattr(draft, name) for name in Policy.model_fields}
    content |= {"note": note or draft.note, "activated_at": at, "activated_by": by.actor or by.key_id}
    return Policy(**content)
