"""The review queue's dearest cases, from its index."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from fraudshield.aws import clients
from fraudshield.aws.bounded import BoundedCalls
from fraudshield.aws.list_section import BY_REVIEW
from fraudshield.aws.strand_query import Conditions, Piece, StrandQuery
from fraudshield.aws.transaction_list import listed
from fraudshield.budget import STORE_S
from fraudshield.errors import StoreUnavailable
from fraudshield.transaction_list import Listed

QUEUES = ("block", "review")


@dataclass(frozen=True, slots=True)
class DynamoOpenCases:
    """The `OpenCases` port on the transactions table."""

    table: str
    calls: BoundedCalls

    def dearest(self, most: int) -> tuple[Sequence[Listed], bool]:
        """See the port."""
        clients.dynamodb()  # made before the clock starts
        strands = [StrandQuery(self.table, at, BY_REVIEW, name, Conditions()) for at, name in enumerate(QUEUES)]
        pieces = self.calls.each([partial(one.read, None, most) for one in strands], time.monotonic() + STORE_S)
        read = [_read(piece) for piece in pieces]
        return [listed(row.key) for piece in read for row in piece.rows], all(piece.seen is None for piece in read)


def _read(piece: Piece | StoreUnavailable) -> Piece:
    if isinstance(piece, StoreUnavailable):
        raise piece
    return piece
