"""Which events somebody wants: the patterns of event source mappings and of EventBridge's rules, as far as used here.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.laptop.errors import SetupError

Test = Callable[[Any], bool]

ABSENT = object()  # what a field is that the event does not have


@dataclass(frozen=True, slots=True)
class EventPattern:
    """A pattern: fields, each of which must pass one of its tests."""

    fields: tuple[tuple[tuple[str, ...], tuple[Test, ...]], ...]

    @classmethod
    def read(cls, owner: str, pattern: Mapping[str, Any]) -> "EventPattern":
        """Read a pattern; `owner` is for the message. Raises SetupError for an operator that nobody handles here."""
        return cls(tuple(_fields(owner, pattern, ())))

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Whether every field passes."""
        return all(any(test(found) for found in _values(event, path) for test in tests) for path, tests in self.fields)


def _fields(
    owner: str, pattern: Mapping[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[Test, ...]]]:
    for name, wanted in pattern.items():
        if name.startswith("$"):
            raise SetupError(f"The laptop does not know {name} in a pattern of {owner}")
        if isinstance(wanted, Mapping):
            yield from _fields(owner, wanted, (*above, name))
        elif isinstance(wanted, list):
            yield (*above, name), tuple(_test(owner, one) for one in wanted)
        else:
            raise SetupError(f"{owner} has a pattern whose {name} is neither a list nor has fields of its own")


def _values(event: Any, path: tuple[str, ...]) -> list[Any]:
    """The values at a path of an event; of a list any element may be the one."""
    for name in path:
        event = event.get(name, ABSENT) if isinstance(event, Mapping) else ABSENT
    return event if isinstance(event, list) else [event]


def _test(owner: str, wanted: Any) -> Test:
    if not isinstance(wanted, Mapping):
        return _equals(wanted)
    [(operator, argument)] = wanted.items() if len(wanted) == 1 else [("several operators at once", None)]
    if operator not in OPERATORS:
        raise SetupError(f"The laptop does not know {operator} in a pattern of {owner}")
    return OPERATORS[operator](owner, argument)


def _equals(wanted: Any) -> Test:
    return lambda found: type(found) is type(wanted) and found == wanted


def _prefix(_: str, start: str) -> Test:
    return lambda found: isinstance(found, str) and found.startswith(start)


def _suffix(_: str, end: str) -> Test:
    return lambda found: isinstance(found, str) and found.endswith(end)


def _exists(_: str, there: bool) -> Test:
    return lambda found: (found is not ABSENT) == there


def _anything_but(owner: str, unwanted: Any) -> Test:
    tests = [_test(owner, one) for one in (unwanted if isinstance(unwanted, list) else [unwanted])]
    return lambda found: found is not ABSENT and not any(test(found) for test in tests)


OPERATORS: Mapping[str, Callable[[str, Any], Test]] = {
    "anything-but": _anything_but,
    "exists": _exists,
    "prefix": _prefix,
    "suffix": _suffix,
}
