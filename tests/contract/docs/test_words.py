"""The pages use the words of the field: whoever searches for what they know of AWS and Python finds it."""

import re
from pathlib import Path

import pytest

from tests.contract.docs.test_link import ROOT, pages
from tests.contract.vocabulary import OURS_ONLY, PROSE_ONLY, ours_only

PAGES = [page for page in pages(ROOT) if page.name != "CHANGELOG.md"]  # it tells what was, in the words of then


def unknown_elsewhere(markdown: str) -> list[str]:
    """The words of a page that only we would use so, each with the field's; links and code are passed over."""
    prose = re.sub(r"`[^`\n]*`|\]\([^)]*\)", "", re.sub(r"(?ms)^```.*?^```", "", markdown))
    return ours_only(prose, OURS_ONLY | PROSE_ONLY)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_uses_the_words_of_the_field(page: Path) -> None:
    assert unknown_elsewhere(page.read_text(encoding="utf-8")) == []


def test_a_word_of_our_own_is_named_with_the_one_of_the_field() -> None:
    assert unknown_elsewhere("Two postmen ring at the door.") == ["postm[ae]n: dispatcher", "doors?: source, or port"]


def test_code_and_words_that_only_begin_so_are_passed_over() -> None:
    assert unknown_elsewhere("A roommate's `door`.\n```\nhouse\n```\n[x](house.md)") == []
