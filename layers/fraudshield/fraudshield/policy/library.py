"""The library of rules as the API shows it: rules to begin with, of which none counts before somebody takes it over."""

from typing import Any

from typing_extensions import TypedDict


class ReadsObject(TypedDict):
    """What a payment reads for a rule: queries of an index, at most 1,000 rows each, and look-ups in lists."""

    queries: int
    look_ups: int


class LibraryRule(TypedDict):
    """A rule as drafts take it, its examples among it, and what it needs: aggregates of its event type, and lists.

    `lists` says of which kind each is. `reads` are shared by rules that need the same.
    """

    event_type: str
    says: str
    aggregates: dict[str, Any]
    lists: dict[str, str]
    reads: ReadsObject
    rule: dict[str, Any]


class LibraryResponse(TypedDict):
    """All rules of the library."""

    rules: list[LibraryRule]
    count: int
