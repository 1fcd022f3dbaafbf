"""`fraudshield train`, as somebody types it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fraudshield.errors import InvalidInput
from fraudshield.event_type.response import event_type_response
from fraudshield.text.json_text import json_text
from infra.cli.event_type import of_document, of_response
from infra.cli.training import training as command
from model.fitting.training import TrainingOptions
from model.table.reading import Asked
from tests.cli.command import process
from tests.model.card_payments import DOCUMENT, card_file, card_type

TYPE = ("--event-type", str(DOCUMENT))


def test_a_column_that_tells_the_answer_ends_it_with_1_and_leaves_nothing(tmp_path: Path) -> None:
    text = card_file().read_text()
    path, document, out = tmp_path / "card.csv", tmp_path / "card.yaml", tmp_path / "model"
    header, *rows = text.splitlines()
    told = [f"{row},{'yes' if ',fraud,' in row else 'no'}" for row in rows]
    path.write_text("\n".join([f"{header},disputed", *told]))
    document.write_text(DOCUMENT.read_text().replace("aggregates:", "  disputed: {kind: category}\naggregates:", 1))
    ran = process("train", str(path), "--event-type", str(document), "--label", "label", "--out", str(out))
    assert ran.code == 1
    assert "copied_label:disputed: disputed alone has 100% of the frauds (yes)" in ran.err
    assert "--accept-leak" in ran.err
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--label", "is_fraud"], "card.csv has no column is_fraud"),
        (["--label", "label", "--budget", "lots"], "budget is 'lots', expected a share"),
        (["--label", "label", "--cost", "review=4"], "costs lack wrong_block, lost"),
        (["--label", "label", "--gap", "200"], "A gap of 200 days for late labels is too long"),
        (["--label", "label", "--as-of", "2026-01-05"], "Every payment is younger than the 30 days after which"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_one_line(arguments: list[str], says: str) -> None:
    ran = process("train", str(card_file()), *TYPE, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert "Traceback" not in ran.err


def test_a_type_that_is_not_there_or_no_good_is_named(tmp_path: Path) -> None:
    ran = process("train", str(card_file()), "--event-type", str(tmp_path / "none.yaml"), "--label", "label")
    assert ran.code == 2
    assert "none.yaml: No such file or directory" in ran.err
    bad = tmp_path / "bad.yaml"
    bad.write_text(DOCUMENT.read_text().replace("over: card,", "over: cart,"))
    ran = process("train", str(card_file()), "--event-type", str(bad), "--label", "label")
    assert ran.code == 2
    assert "/aggregates/card_payments_1h/over: cart is neither a field nor an entity of this type" in ran.err


def test_a_type_that_the_api_has_is_trained_under_its_own_version_and_digest() -> None:
    stored = card_type().model_copy(update={"version": 3, "created_at": datetime(2026, 12, 1, tzinfo=UTC)}).sealed()
    shown = json.loads(json_text(event_type_response(stored)))
    found = of_response(shown)
    assert (found.version, found.digest) == (3, stored.digest)
    assert found.aggregates == stored.aggregates
    assert found.label == stored.label


def test_a_type_without_features_says_so(tmp_path: Path) -> None:
    bare = of_document(card_type().document.model_copy(update={"features": {}}))
    with pytest.raises(InvalidInput, match="The event type card_payment has no features, and a model reads nothing"):
        command.train(card_file(), bare, Asked("label"), TrainingOptions(), tmp_path / "model")
