"""A system that keeps no files yet."""

from datetime import UTC, datetime

from fraudshield.batch import wiring as batch_wiring
from tests.stack import Stack


def test_where_there_are_no_files_there_is_nothing_to_wait_for(stack: Stack) -> None:
    assert batch_wiring.file_erasures().ask("mark", datetime.now(UTC)).complete
