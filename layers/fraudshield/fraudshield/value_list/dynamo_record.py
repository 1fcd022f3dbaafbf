"""What lists said of a payment, as it stands in the payment's item: yes or no by list and field, and no value."""

from typing import TYPE_CHECKING

from fraudshield.expression.names import ListQuestion
from fraudshield.value_list.answer import NO_ANSWERS, ListAnswers

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from fraudshield.dynamo.record import Item

LISTS = "lists"
LOWER = "lower"  # behind the field's name, where it was looked for in small letters


def answers_map(answers: ListAnswers) -> "AttributeValueTypeDef":
    """The attribute; what could not be read is null."""
    return {"M": {_key(one): {"NULL": True} if held is None else {"BOOL": held} for one, held in answers.items()}}


def answers_in(item: "Item") -> ListAnswers:
    """What `answers_map` was given; nothing where nothing was asked."""
    if LISTS not in item:
        return NO_ANSWERS
    return {_question(key): held.get("BOOL") for key, held in sorted(item[LISTS]["M"].items())}


def _key(one: ListQuestion) -> str:
    """Neither a list's nor a field's name has a dot in it."""
    return ".".join([one.list_name, one.field, *([LOWER] if one.lower else [])])


def _question(key: str) -> ListQuestion:
    name, field, *lower = key.split(".")
    return ListQuestion(name, field, bool(lower))
