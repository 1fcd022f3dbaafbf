"""What lists said of a payment: kept with its decision, and as expressions read it."""

from collections.abc import Collection, Mapping
from typing import TypeAlias

from fraudshield.expression.names import ListQuestion
from fraudshield.expression.reading import LIST_UNREAD, Lists, Unread
from fraudshield.expression.text_operation import lower_ascii
from fraudshield.transaction.transaction import Transaction

# Whether the list held the value of the field; None where it could not be read. A payment without the field has none.
ListAnswers: TypeAlias = Mapping[ListQuestion, bool | None]
NO_ANSWERS: ListAnswers = {}


def sought(transaction: Transaction, questions: Collection[ListQuestion]) -> Mapping[ListQuestion, str]:
    """The text that each question looks for in its list; those that the payment has no value for are left out."""
    found: dict[ListQuestion, str] = {}
    for one in questions:
        value = transaction.values.get(one.field)
        if isinstance(value, str):
            found[one] = lower_ascii(value) if one.lower else value
    return found


def readable(answers: ListAnswers, transaction: Transaction) -> Lists:
    """The lists as expressions read them: of each what it holds of this payment.

    A list is unread as a whole where one of its questions was not answered.
    """
    texts: dict[str, set[str]] = {}
    for question, text in sought(transaction, answers).items():
        held = texts.setdefault(question.list_name, set())
        if answers[question]:
            held.add(text)
    unread = {one.list_name for one, answer in answers.items() if answer is None}
    return texts | {name: Unread(LIST_UNREAD) for name in unread}


def unread_lists(answers: ListAnswers) -> tuple[str, ...]:
    """The lists that could not be read, as `degraded` names them."""
    return tuple(
        f"{LIST_UNREAD}:{name}" for name in sorted({one.list_name for one, held in answers.items() if held is None})
    )
