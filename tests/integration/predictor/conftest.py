"""A stack that knows card sales."""

from collections.abc import Iterator

import pytest

from tests.conftest import forget
from tests.integration.batch.test_history import empty
from tests.published.card_sales import ADMIN, EXTENDED, SALE, TYPES
from tests.stack import Stack
from tests.timeouts import wait_for_store


@pytest.fixture
def sales_stack(lasting_files: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    empty(lasting_files.transactions)
    empty(lasting_files.policies)
    forget()
    wait_for_store(monkeypatch)
    for document in (SALE, EXTENDED):
        assert ADMIN.send("POST", TYPES, document).status == 201
    yield lasting_files
    forget()
