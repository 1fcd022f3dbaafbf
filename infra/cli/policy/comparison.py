"""A test on history as text: what it found in tables, what nobody can judge, and the verdict in a sentence."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Answer = Mapping[str, Any]

MEASURES = {"recall": "recall", "value_recall": "value recall", "precision": "precision", "review_share": "reviews"}
LESS_IS_BETTER = {"review_share"}
OUTCOMES = ("approve", "review", "block")
NONE = "-"
LABELS = {
    "fraud": "fraud",
    "genuine_said": "said to be genuine",
    "genuine_by_age": "genuine by age",
    "young": "too young to know",
    "blocked": "blocked and never to be known",
}


def is_worse(answer: Answer) -> bool:
    """Whether a measure says so with its interval."""
    return -1 in _signs(answer)


def verdict(answer: Answer) -> str:
    """What the measures say together, in the page's words."""
    said = _signs(answer)
    if not said:
        return "Not enough data to say whether it is better."
    if {1, -1} <= said:
        return "It is better in some measures and worse in others: weigh them."
    if 1 in said:
        return "It is better than what is in force."
    return "It is worse than what is in force." if -1 in said else "No difference is to be seen."


def lines(answer: Answer, currency: str = "") -> Iterator[str]:
    """All of it; money is in the reporting currency of the event type, which `currency` names."""
    if loss := answer.get("control"):
        yield (
            f"Its control share ({_percent(loss['share'])} of {loss['blocks']:,} blocks) would let"
            f" {loss['payments']:,.1f} payments of {_money(loss['money'], currency)} through,"
            f" {_money(loss['fraud_money'], currency)} of that labelled fraud: all of it may be lost."
        )
        yield ""
    yield (
        f"Version {answer['version']} against version {answer['against']}, payments from {answer['from'][:10]} to"
        f" {answer['to'][:16]}Z: {answer['compared']:,} compared, {answer['differs']:,} decided otherwise."
    )
    for table in (_outcomes(answer, currency), _measures(answer), _signs_by_account(answer), _rules(answer, currency)):
        if len(table) > 1:
            yield ""
            yield from _aligned(table)
    yield ""
    yield from _nobody_knows(answer)
    yield f"Drafts tried on these days: {answer['drafts_tried']:,}; the intervals allow for that."
    yield verdict(answer)


def _signs(answer: Answer) -> set[int]:
    """1, 0 or -1 of each measure with an interval: better, not to be told, worse."""
    found = set()
    for name in MEASURES:
        one = answer["paired"].get(name)
        if one and one["enough"]:
            better = -1 if name in LESS_IS_BETTER else 1
            found.add(better if one["low"] > 0 else -better if one["high"] < 0 else 0)
    return found


def _outcomes(answer: Answer, currency: str) -> list[Sequence[str]]:
    counts, money = answer["outcomes"], answer["money"]
    rows: list[Sequence[str]] = [("decided", "now", "then", "money now", "money then")]
    for outcome in OUTCOMES:
        numbers = (f"{counts[when][outcome]:,}" for when in ("now", "then"))
        rows.append((outcome, *numbers, *(_money(money[when][outcome], currency) for when in ("now", "then"))))
    fraud = money["fraud"]
    stopped = (_money(fraud[f"stopped_{when}"], currency) for when in ("now", "then"))
    return [*rows, ("fraud stopped", f"of {_money(fraud['all'], currency)}", "", *stopped)]


def _measures(answer: Answer) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [("measure", "points", "from", "to", "at 95 %, of")]
    for name, title in MEASURES.items():
        one = answer["paired"].get(name)
        if one and one["enough"]:
            found = (_points(one[part]) for part in ("difference", "low", "high"))
            rows.append((title, *found, f"{one['accounts']:,} {one['entity']}s"))
        elif one:
            rows.append((title, _points(one["difference"]), NONE, NONE, _not_enough(one)))
    return rows


def _not_enough(one: Answer) -> str:
    more = f", about {one['days_more']:,} more days" if one["days_more"] else ""
    return f"not enough data: {one['why_not']}{more}"


def _signs_by_account(answer: Answer) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [("sign test", "better", "worse", "p")]
    for name, one in answer["sign_test"].items():
        chance = NONE if one["p"] is None else f"{one['p']:.3f}"
        rows.append((f"{name}, by {one['entity']}", f"{one['better']:,}", f"{one['worse']:,}", chance))
    return rows


def _rules(answer: Answer, currency: str) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [("rule", "held", "alone", "fraud", "genuine", "precision", "money", "not evaluated")]
    for one in answer["rules"]:
        counts = [f"{one[name]:,}" for name in ("hits", "alone", "fraud", "genuine")]
        precision = NONE if one["precision"] is None else _percent(one["precision"])
        rows.append((one["code"], *counts, precision, _money(one["amount"], currency), f"{one['not_evaluated']:,}"))
    return rows


def _nobody_knows(answer: Answer) -> Iterator[str]:
    known = ", ".join(f"{answer['labels'][name]:,} {title}" for name, title in LABELS.items())
    yield f"Known of them: {known}."
    share = answer["unknowable_share"]
    yield (
        f"What nobody can judge: of what differs {_percent(share['payments'])}, and {_percent(share['money'])} of its"
        " money, was blocked and has no label."
    )
    if answer["not_kept_share"]:
        yield f"With {_percent(answer['not_kept_share'])} of them something was not kept that a rule of it reads."


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first column to the left, numbers to the right, and what is last as it is."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    last = len(widths) - 1
    for row in rows:
        middle = (cell.rjust(width) for cell, width in zip(row[1:last], widths[1:last], strict=True))
        yield "  ".join((row[0].ljust(widths[0]), *middle, row[last])).rstrip()


def _money(amount: float, currency: str) -> str:
    return f"{amount:,.2f} {currency}".rstrip()


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _points(share: float | None) -> str:
    return NONE if share is None else f"{share * 100:+.2f}"
