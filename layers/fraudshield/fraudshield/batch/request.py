"""The bodies of the batch requests, read strictly."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, WithJsonSchema

from fraudshield.batch.job import INCOMING, NO_HISTORY, UPLOADS, HistoryFrom, JobOptions, JobType, StoreWhat
from fraudshield.batch.own.inline import cell_of, own_csv
from fraudshield.batch.own.place import history_folder
from fraudshield.errors import Fault, InvalidInput, Malformed
from fraudshield.event_type.payment import NAME as PAYMENT
from fraudshield.event_type.port import EventTypes
from fraudshield.scoring.request import Rejected, read_transactions
from fraudshield.text.fault import read_object
from fraudshield.text.pattern import ADDRESS
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.reader import EVENT_TYPE, EventTypeName, reader_of
from fraudshield.transaction.transaction import Transaction

SAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")
NAME_CHARACTERS = 80
HISTORY = "history"
Body = TypeVar("Body", bound=BaseModel)
Key = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=1024)]
Address = Annotated[str, StringConstraints(strict=True, max_length=254, pattern=ADDRESS)]


class FileData(BaseModel):
    """An object of the jobs bucket. Without `event_type` its payments are of the type that its key names.

    `history` says where the aggregates of that type come from; without it the key says it, or there is none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_type: EventTypeName | None = None
    history: HistoryFrom | None = None
    s3_key: Annotated[Key, WithJsonSchema({"type": "string", "maxLength": 1024, "pattern": f"^({INCOMING}|{UPLOADS})"})]


class InlineData(BaseModel):
    """The transactions themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    transactions: Annotated[list[BuiltInTransaction], Field(min_length=1, max_length=1000)]


class TypedInlineData(BaseModel):
    """Transactions of the event type that it names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_type: EventTypeName
    history: HistoryFrom | None = None
    transactions: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=1000)]


class SharedOptions(BaseModel):
    """What all jobs take: `store` says which decisions go into the store, `notify` who gets a mail at the end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: StoreWhat = "flagged"
    notify: Address | None = None


class FileJobRequest(SharedOptions):
    """A job over a file that is there."""

    job_type: Literal["process_csv"]
    data: FileData


class InlineJobRequest(SharedOptions):
    """A job over transactions that come with it."""

    job_type: Literal["process_transactions"]
    data: InlineData | TypedInlineData


class JobRequest(RootModel[FileJobRequest | InlineJobRequest]):
    """A job as it should be."""


class UploadRequest(BaseModel):
    """A file that is to come, of payments of the event type that it names; `file_name` is only for people.

    Its job has this `history` unless it names another.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_name: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255)] = "transactions.csv"
    event_type: EventTypeName = PAYMENT
    history: HistoryFrom = NO_HISTORY


class _Outline(SharedOptions):
    """The request without its transactions, each of which is read by itself."""

    job_type: JobType
    data: dict[str, object]


class _Data(BaseModel):
    """What `data` may hold, whatever the type of the job."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_type: EventTypeName | None = None
    history: HistoryFrom | None = None
    s3_key: Key | None = None
    transactions: Annotated[list[BuiltInTransaction], Field(min_length=1, max_length=1000)] | None = None


@dataclass(frozen=True, slots=True)
class JobCommand:
    """A read request: it has either a key or the bytes of a file. What is None the key may name."""

    options: JobOptions
    event_type: str | None = None
    history: HistoryFrom | None = None
    s3_key: str | None = None
    content: bytes = b""


def read_job_request(body: object, most: int, types: EventTypes) -> JobCommand:
    """Reads `{"job_type": ..., "data": ...}`.

    Raises:
        Malformed: the body is no object, or has another shape.
        InvalidInput: with a fault for each field, of transactions too: nothing starts then.
        UnknownEventType, StoreUnavailable: as `EventTypes.named`.
    """
    asked = _read(body, _Outline, "job_type and data")
    options = JobOptions(asked.store, asked.notify)
    if asked.job_type == "process_csv":
        found = _key(asked.data)
        of_type = found.event_type and types.named(found.event_type).name
        return JobCommand(options, of_type, found.history, found.s3_key)
    if unknown := sorted(asked.data.keys() - {"transactions", EVENT_TYPE, HISTORY}):
        raise Malformed(
            f"data has an unknown field {unknown[0][:60]!r}; expected transactions and, if wanted, event_type, history"
        )
    history = _read({HISTORY: asked.data.get(HISTORY)}, _Data, HISTORY).history
    named = asked.data.get(EVENT_TYPE, PAYMENT)
    reader = reader_of(named, types)
    read = _all_good(read_transactions(asked.data.get("transactions"), most, reader))
    content = as_csv(read) if named == PAYMENT else own_csv(types.named(str(named)), read)
    return JobCommand(options, str(named), history, content=content)


def with_history(options: JobOptions, event_type: str, history: HistoryFrom) -> JobOptions:
    """The options of a job of this type with its history. Raises InvalidInput: the type can ask for none."""
    if event_type == PAYMENT and history != NO_HISTORY:
        detail = f"{PAYMENT} has no aggregates to ask it for; expected {NO_HISTORY}, or an event_type with some"
        raise InvalidInput(detail, [Fault(f"/data/{HISTORY}", detail, "no_aggregates")], "invalid_job")
    return replace(options, history=history)


def read_upload_request(body: object, types: EventTypes) -> tuple[str, ...]:
    """Reads the last parts of the object's key: the event type's name unless it is `payment`, its history, and a name.

    That has letters, digits, `.`, `_` and `-`. Raises Malformed, InvalidInput, UnknownEventType, StoreUnavailable.
    """
    asked = _read(body, UploadRequest, "file_name, event_type and history, if wanted")
    with_history(JobOptions(), asked.event_type, asked.history)
    name = SAFE_NAME.sub("-", asked.file_name).strip("-.")[-NAME_CHARACTERS:] or "file"
    if asked.event_type == PAYMENT:
        return (name,)
    history = () if asked.history == NO_HISTORY else (history_folder(asked.history),)
    return (types.named(asked.event_type).name, *history, name)


def as_csv(transactions: Sequence[Transaction]) -> bytes:
    """Writes payments of the built-in type as a file that reads back to the same values."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(BuiltInTransaction.model_fields)
    for one in transactions:
        values = (one.values[name] for name in BuiltInTransaction.model_fields)
        writer.writerow(map(cell_of, values))
    return text.getvalue().encode()


def _read(body: object, model: type[Body], expected: str) -> Body:
    return read_object(body, model, expected, "The job is not valid", "invalid_job")


def _key(data: dict[str, object]) -> _Data:
    found = _read(data, _Data, "s3_key")
    if not found.s3_key or not found.s3_key.startswith((INCOMING, UPLOADS)):
        detail = f"Expected a key under {INCOMING} or {UPLOADS} of the jobs bucket"
        raise InvalidInput(detail, [Fault("/data/s3_key", detail, "invalid_key")], "invalid_job")
    return found


def _all_good(read: Sequence[Transaction | Rejected]) -> list[Transaction]:
    faults = [
        Fault(f"/data/transactions/{at}{fault.pointer.removeprefix(f'/transactions/{at}')}", fault.detail, fault.code)
        for at, one in enumerate(read)
        if isinstance(one, Rejected)
        for fault in one.faults
    ]
    if faults:
        raise InvalidInput("Some transactions are not valid; nothing was started", faults[:100], "invalid_transaction")
    return [one for one in read if not isinstance(one, Rejected)]
