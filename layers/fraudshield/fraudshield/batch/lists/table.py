"""A list as a table of digests: 16 bytes a value, sorted, so that a look-up is a search and reads nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fraudshield.expression.columns import ListQuery
from fraudshield.expression.names import ListQuestion
from fraudshield.predictor.columns import Booleans
from fraudshield.transaction.transaction import Transaction
from fraudshield.value_list.answer import ListAnswers, sought
from fraudshield.value_list.value_list import DIGEST_BYTES, digest_of

DIGEST = np.dtype(f"S{DIGEST_BYTES}")  # compared as bytes; zeros at the end, which it drops, make no two alike


@dataclass(frozen=True, slots=True)
class DigestTable:
    """The digests of a list's values, one behind the other in order."""

    content: bytes

    def __contains__(self, text: str) -> bool:
        """Whether the list holds a text."""
        return bool(self._holds(np.array([digest_of(text)], DIGEST))[0])

    def query(self, texts: NDArray[np.object_]) -> Booleans:
        """Which of the texts the list holds; a text that stands in many rows is digested once."""
        digests: dict[str, bytes] = {}
        for text in texts.tolist():
            if text not in digests:
                digests[text] = digest_of(text)
        return self._holds(np.array([digests[text] for text in texts.tolist()], DIGEST))

    def _holds(self, digests: NDArray[np.bytes_]) -> Booleans:
        held = np.frombuffer(self.content, DIGEST)
        if not len(held):
            return np.zeros(len(digests), np.bool_)
        places = np.minimum(np.searchsorted(held, digests), len(held) - 1)
        return np.asarray(held[places] == digests, np.bool_)


Tables = Mapping[str, DigestTable]  # by the list's name


def queries(tables: Tables) -> Mapping[str, ListQuery]:
    """The tables as columns of expressions ask them."""
    return {name: table.query for name, table in tables.items()}


def answers(tables: Tables, questions: Collection[ListQuestion], transaction: Transaction) -> ListAnswers:
    """What the lists hold of a payment. They are all there, so none is unread."""
    return {one: text in tables[one.list_name] for one, text in sought(transaction, questions).items()}
