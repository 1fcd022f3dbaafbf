"""A small file of the worked example, with its type and what trains on it: made once, by whoever asks first."""

from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from examples.card_payment.simulate import payments, write
from examples.card_payment.world import World
from fraudshield.event_type.event_type import EventType
from infra.cli import event_type as documents
from infra.cli.event_type import of_document
from model.table.reading import Asked, read_table
from model.table.table import PaymentTable
from tests.conftest import ROOT

DOCUMENT = ROOT / "examples/card_payment/card_payment.yaml"
PAYMENTS, SEED = 14_000, 3
WORLD = World(fraud_rate=0.05)  # so that few payments have enough frauds
ASKED = Asked("label", "labelled_at", beside=("incident", "oracle"), incident="incident", oracle="oracle")


@lru_cache
def card_type() -> EventType:
    """The example's."""
    return of_document(documents.read(DOCUMENT))


@lru_cache
def card_file() -> Path:
    """The file."""
    path = Path(mkdtemp()) / "card.csv"
    write(path, payments(PAYMENTS, SEED, world=WORLD), WORLD.days + 30)
    return path


@lru_cache
def card_table() -> PaymentTable:
    """The file, as it is read."""
    return read_table(card_file(), card_type(), ASKED)
