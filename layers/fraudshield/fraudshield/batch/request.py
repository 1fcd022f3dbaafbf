"""The bodies of the batch requests, read strictly."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, WithJsonSchema

from fraudshield.batch.job import INCOMING, UPLOADS, JobOptions, JobType, StoreWhat
from fraudshield.errors import Fault, InvalidInput, Malformed
from fraudshield.scoring.request import Rejected, read_transactions
from fraudshield.text.fault import read_object
from fraudshield.text.pattern import ADDRESS
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.transaction import Transaction

SAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")
NAME_CHARACTERS = 80
Body = TypeVar("Body", bound=BaseModel)
Key = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=1024)]
Address = Annotated[str, StringConstraints(strict=True, max_length=254, pattern=ADDRESS)]


class FileData(BaseModel):
    """An object of the jobs bucket."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    s3_key: Annotated[Key, WithJsonSchema({"type": "string", "maxLength": 1024, "pattern": f"^({INCOMING}|{UPLOADS})"})]


class InlineData(BaseModel):
    """The transactions themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    transactions: Annotated[list[BuiltInTransaction], Field(min_length=1, max_length=1000)]


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
    data: InlineData


class JobRequest(RootModel[FileJobRequest | InlineJobRequest]):
    """A job as it should be."""


class UploadRequest(BaseModel):
    """A file that is to come; its name is only for people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_name: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255)] = "transactions.csv"


class _Outline(SharedOptions):
    """The request without its transactions, each of which is read by itself."""

    job_type: JobType
    data: dict[str, object]


class _Data(BaseModel):
    """What `data` may hold, whatever the type of the job."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    s3_key: Key | None = None
    transactions: Annotated[list[BuiltInTransaction], Field(min_length=1, max_length=1000)] | None = None


class JobCommand(BaseModel):
    """A read request: it has either a key or transactions."""

    model_config = ConfigDict(frozen=True)

    options: JobOptions
    s3_key: str | None = None
    transactions: tuple[BuiltInTransaction, ...] = ()


def read_job_request(body: object, most: int) -> JobCommand:
    """Reads `{"job_type": ..., "data": ...}`.

    Raises:
        Malformed: the body is no object, or has another shape.
        InvalidInput: with a fault for each field, of transactions too: nothing starts then.
    """
    asked = _read(body, _Outline, "job_type and data")
    options = JobOptions(asked.store, asked.notify)
    if asked.job_type == "process_csv":
        return JobCommand(options=options, s3_key=_key(asked.data))
    if unknown := sorted(asked.data.keys() - {"transactions"}):
        raise Malformed(f"data has an unknown field {unknown[0][:60]!r}; expected transactions")
    read = read_transactions(asked.data.get("transactions"), most)
    return JobCommand(options=options, transactions=_all_good(read))


def read_upload_request(body: object) -> str:
    """Reads the name for the object's key: letters, digits, `.`, `_` and `-`. Raises Malformed, InvalidInput."""
    name = _read(body, UploadRequest, "file_name, if wanted").file_name
    return SAFE_NAME.sub("-", name).strip("-.")[-NAME_CHARACTERS:] or "file"


def as_csv(transactions: Sequence[BuiltInTransaction]) -> bytes:
    """Writes the transactions as a file that reads back to the same values."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(BuiltInTransaction.model_fields)
    for one in transactions:
        values = (getattr(one, name) for name in BuiltInTransaction.model_fields)
        writer.writerow(["" if value is None else _cell(value) for value in values])
    return text.getvalue().encode()


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _read(body: object, model: type[Body], expected: str) -> Body:
    return read_object(body, model, expected, "The job is not valid", "invalid_job")


def _key(data: dict[str, object]) -> str:
    found = _read(data, _Data, "s3_key")
    if not found.s3_key or not found.s3_key.startswith((INCOMING, UPLOADS)):
        detail = f"Expected a key under {INCOMING} or {UPLOADS} of the jobs bucket"
        raise InvalidInput(detail, [Fault("/data/s3_key", detail, "invalid_key")], "invalid_job")
    return found.s3_key


def _all_good(read: Sequence[Transaction | Rejected]) -> tuple[BuiltInTransaction, ...]:
    faults = [
        Fault(f"/data/transactions/{at}{fault.pointer.removeprefix(f'/transactions/{at}')}", fault.detail, fault.code)
        for at, one in enumerate(read)
        if isinstance(one, Rejected)
        for fault in one.faults
    ]
    if faults:
        raise InvalidInput("Some transactions are not valid; nothing was started", faults[:100], "invalid_transaction")
    return tuple(one for one in read if isinstance(one, BuiltInTransaction))
