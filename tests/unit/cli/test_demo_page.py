"""What the demo says of its answers: thefts and money, what was parked, what nobody knows, what to type next."""

import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from fraudshield.transaction.built_in import BuiltInTransaction
from infra.cli import demo_page
from infra.cli.api import ApiRefusal
from infra.cli.demo import Demo, Took
from infra.cli.theft import LabelledTransaction, Scored, amount_of, thefts


def scored(
    name: str,
    amount: str,
    decision: str = "approve",
    kind: str = "TRANSFER",
    sender: str = "C1",
    receiver: str = "C2",
    *,
    fraud: bool = True,
    persisted: bool = True,
) -> Scored:
    """A payment and what the API answered."""
    money = Decimal(amount)
    transaction = BuiltInTransaction(
        transaction_id=name,
        step=1,
        type=kind,
        amount=money,
        nameOrig=sender,
        oldbalanceOrg=money,
        newbalanceOrig=Decimal(0),
        nameDest=receiver,
        oldbalanceDest=Decimal(0),
        newbalanceDest=money,
    )
    entry: Any = {"decision": decision, "risk": 0.5, "reasons": [], "degraded": [], "persisted": persisted}
    return Scored(LabelledTransaction(transaction, fraud), entry)


STOLEN = [
    scored("begun-before", "70", kind="CASH_OUT", sender="C9"),
    scored("taken", "100", "block", sender="C1", receiver="C2"),
    scored("genuine", "30", "review", fraud=False),
    scored("fine", "5", fraud=False),
    scored("cashed", "100", kind="CASH_OUT", sender="C2", receiver="C3"),
    scored("late", "40", sender="C4", receiver="C5"),
    scored("late-cashed", "40", "review", kind="CASH_OUT", sender="C5", receiver="C6"),
]


def told(rows: Sequence[Scored], stored: int = 8) -> str:
    """The page, its lines joined."""
    demo = Demo(
        url="http://127.0.0.1:1",
        engine="an engine",
        first=scored("test_123", "1000", kind="PAYMENT", fraud=False),
        replayed=True,
        refusal=ApiRefusal(403, "key_refused"),
        scored=rows,
        requests=1,
        stored=stored,
        took=Took(1.0, 3.0),
    )
    return " ".join("".join(_page(demo)).split())


def _page(demo: Demo) -> Iterator[str]:
    written = io.StringIO()
    demo_page.show(demo, Console(file=written, width=80))
    yield written.getvalue()


def test_a_transfer_and_the_cash_out_of_what_it_brought_are_one_theft() -> None:
    found = thefts(STOLEN)
    names = [[one.sent.transaction.transaction_id for one in theft.payments] for theft in found]
    assert names == [["begun-before"], ["taken", "cashed"], ["late", "late-cashed"]]
    assert amount_of(found) == Decimal(210)


def test_thefts_and_money_are_counted_and_not_rows() -> None:
    assert "Caught: 2 of 3 thefts, 140.00 of 210.00 in money; 1 before the money had left the account." in told(STOLEN)


def test_what_was_missed_is_told_with_why() -> None:
    page = told(STOLEN)
    assert "Missed: 1, 70.00 in money. Of 1 of them the file has only a cash-out" in page
    assert page.index("begun-before") > page.index("late-cashed")  # what was caught comes first


def test_a_theft_that_is_whole_in_the_file_and_missed_has_no_excuse() -> None:
    assert "Missed: 1, 40.00 in money. The price" in told([scored("whole", "40")])


def test_genuine_payments_that_were_flagged_are_the_price() -> None:
    assert "The price: 1 of 2 genuine payments flagged too, 30.00 in money; 1 of them to review, 0 blocked." in told(
        STOLEN
    )


def test_what_was_parked_is_counted_and_told_with_why() -> None:
    rows = [*STOLEN, scored("waits", "5", fraud=False, persisted=False)]
    assert "Parked: 1 of 9 decisions. The store had not taken them when their answer was due" in told(rows, 9)
    assert "all 9 are in the table now" in told(rows, 9)
    assert "1 of them wait there still" in told(rows, 8)


def test_where_nothing_was_parked_that_is_told() -> None:
    assert "Parked: none. The store took each of the 8 decisions" in told(STOLEN)


def test_what_a_blocked_payment_would_have_been_is_not_claimed() -> None:
    assert "for the 3 approved from chargebacks" in told(STOLEN[:1] + STOLEN[3:5])
    assert "What the 1 blocked would have been nobody learns" in told(STOLEN)


def test_the_page_ends_with_commands_to_type_next_that_fit_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    demo_page.closing(Console(width=80))
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert lines[0].startswith("next: make up ")
    assert len(lines) == 3
    assert max(map(len, lines)) <= 80
