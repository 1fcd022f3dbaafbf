"""What crosses the wire to reviews: verdicts one by one and together, the next one, and what was closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fraudshield.errors import Fault, InvalidInput, Malformed
from fraudshield.label.label import Truth
from fraudshield.review.note import NoteText
from fraudshield.review.review import SaidVerdict, VerdictName
from fraudshield.text.fault import json_object, kind, read_object
from fraudshield.text.pattern import CODE
from fraudshield.text.query import Limit, Query
from fraudshield.transaction.transaction import StoredTransactionId

MOST_VERDICTS = 100
MOST_SKIPPED = 1000
REFUSAL, INVALID = "The verdict is not valid", "invalid_verdict"
ReasonCode = Annotated[str, StringConstraints(strict=True, pattern=CODE)]
ClaimToken = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class VerdictRequest(BaseModel):
    """Whether the payment goes on or not, what it was if that is known, a code for programs and a note for people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: VerdictName
    label: Truth | None = None
    reason: ReasonCode | None = None
    note: NoteText | None = None

    @property
    def said(self) -> SaidVerdict:
        """The verdict without who gave it."""
        return SaidVerdict(self.verdict, self.label, self.reason, self.note)


class ListedVerdictRequest(VerdictRequest):
    """One verdict of several. `claim` is what `X-Claim` is where there is one alone."""

    transaction_id: StoredTransactionId
    claim: ClaimToken | None = None


class VerdictsRequest(BaseModel):
    """Up to 100 verdicts; each counts or fails alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdicts: Annotated[tuple[ListedVerdictRequest, ...], Field(min_length=1, max_length=MOST_VERDICTS)]


class NextRequest(BaseModel):
    """`filters` as lists of transactions take them, `outcome` review by default; and whom not to be given again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    filters: dict[str, str | bool | int | float] = Field(default_factory=dict)
    after_skipping: Annotated[tuple[StoredTransactionId, ...], Field(max_length=MOST_SKIPPED)] = ()


class ClosedQuery(Query):
    """Closed reviews after a cursor, which is the `next_cursor` of the answer before; without it from the first."""

    closed_after: str | None = None
    limit: Limit = 100


def read_verdict(body: object) -> SaidVerdict:
    """Reads a verdict from JSON. Raises Malformed, InvalidInput."""
    return read_object(body, VerdictRequest, "a verdict", REFUSAL, INVALID).said


@dataclass(frozen=True, slots=True)
class ListedVerdict:
    """One of several verdicts, and what is wrong with it where something is."""

    transaction_id: str | None
    said: SaidVerdict | None = None
    claim: str | None = None
    refused: InvalidInput | None = None


def read_verdicts(body: object) -> list[ListedVerdict]:
    """Reads up to a hundred verdicts. Raises Malformed where it is no list of them; a faulty one fails alone."""
    sent = json_object(body, "verdicts")
    listed = sent.get("verdicts")
    if not isinstance(listed, list) or sent.keys() != {"verdicts"} or not listed:
        raise Malformed(f"Expected verdicts, a list of 1 to {MOST_VERDICTS}, found {kind(listed)}")
    if len(listed) > MOST_VERDICTS:
        raise Malformed(
            f"{len(listed)} verdicts in one call, at most {MOST_VERDICTS} are taken", code="too_many_verdicts"
        )
    return [_listed(one) for one in listed]


def read_next(body: object) -> NextRequest:
    """Reads what is asked for. Raises Malformed, InvalidInput."""
    return read_object(body, NextRequest, "filters and after_skipping", "The request is not valid", "invalid_request")


def as_parameters(filters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Filters as the parameters of a list."""
    return [(name, str(value).lower() if isinstance(value, bool) else str(value)) for name, value in filters.items()]


def of_body(refused: InvalidInput) -> InvalidInput:
    """What is wrong with filters, as it stands in the body instead of behind the question mark."""
    faults = [Fault(f"/filters/{one.pointer.removeprefix('?')}", one.detail, one.code) for one in refused.faults]
    return InvalidInput("The filters are not valid", faults, code="invalid_filters")


def _listed(one: object) -> ListedVerdict:
    try:
        read = read_object(one, ListedVerdictRequest, "a verdict", REFUSAL, INVALID)
    except InvalidInput as exc:
        named = one.get("transaction_id") if isinstance(one, dict) else None
        return ListedVerdict(named if isinstance(named, str) else None, refused=exc)
    return ListedVerdict(read.transaction_id, read.said, read.claim)
