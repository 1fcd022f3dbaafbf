"""The receipt of an erasure: what was done, what is left to do, and what goes by itself and when."""

from datetime import timedelta
from typing import Annotated

from typing_extensions import TypedDict

from fraudshield.erasure.port import SHOWN_MARK, Erased
from fraudshield.retention import COPIES, STORES, Fate
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp


class ErasedCounts(TypedDict):
    """Counts over all calls of this erasure.

    Payments deleted, payments and conflicts that have a pseudonym now, and entries of lists deleted.
    """

    deleted: int
    pseudonymised: int
    list_entries: int


class FilesReceipt(TypedDict):
    """Keys of files without the account's rows now, and of those that nobody can read, which stay as they are."""

    complete: bool
    rewritten: list[str]
    unread: list[str]


class StoreReceipt(TypedDict):
    """One store of data; `gone_by` where what was there before the erasure goes by itself."""

    store: str
    fate: Fate
    why: str
    gone_by: Moment | None


class Receipt(TypedDict):
    """`complete` means that nothing is left; else call again, not before `call_again_at`. It carries no name.

    `searching`: nothing of the account was found so far, and not all has been looked through yet.
    """

    status: Annotated[str, one_of("complete", "incomplete", "searching")]
    complete: bool
    message: str
    mark: str
    erased_at: Moment
    call_again_at: Moment | None
    done: ErasedCounts
    files: FilesReceipt
    stores: list[StoreReceipt]


MESSAGES = {
    "complete": "Erased; what arrives from before the erasure is dropped",
    "incomplete": "Not all could be erased yet; call again, not before call_again_at",
    "searching": "Nothing of it was found so far, and not all has been looked through; call again, "
    "not before call_again_at",
}


def receipt(erased: Erased) -> Receipt:
    """Returns the receipt, which the caller keeps as proof."""
    status = _status(erased)
    return {
        "status": status,
        "complete": erased.complete,
        "message": MESSAGES[status],
        "mark": erased.mark[:SHOWN_MARK],
        "erased_at": timestamp(erased.erased_at),
        "call_again_at": timestamp(erased.call_again_at) if erased.call_again_at else None,
        "done": {
            "deleted": erased.deleted,
            "pseudonymised": erased.pseudonymised,
            "list_entries": erased.list_entries,
        },
        "files": {
            "complete": erased.files.complete,
            "rewritten": list(erased.files.rewritten),
            "unread": list(erased.files.unread),
        },
        "stores": [
            {
                "store": store,
                "fate": retention.fate,
                "why": retention.why,
                "gone_by": timestamp(erased.erased_at + timedelta(days=retention.days)) if retention.days else None,
            }
            for store, retention in {**STORES, **COPIES}.items()
        ],
    }


def _status(erased: Erased) -> str:
    """What is to be said of the erasure: of an account that never was, nothing is left undone."""
    if erased.complete:
        return "complete"
    found = erased.deleted or erased.pseudonymised or erased.list_entries or erased.files.rewritten
    return "incomplete" if found else "searching"
