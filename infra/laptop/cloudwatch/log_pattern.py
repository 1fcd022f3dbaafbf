"""CloudWatch's filter patterns for log lines, as far as used here.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import json
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.laptop.errors import SetupError

Test = Callable[[Any], bool]

TOKEN = re.compile(r'\s*(?:(?P<sign>\|\||&&|!=|>=|<=|[()=<>])|"(?P<text>[^"]*)"|(?P<word>[^\s()=!<>|&"]+))')
SELECTOR = re.compile(r"\$(\.[A-Za-z0-9_-]+)+")
TERM = re.compile(r'(?P<any>\??)(?:"(?P<text>[^"]+)"|(?P<word>\w+))')
NUMBER = re.compile(r"-?\d+(\.\d+)?")
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class LogPattern:
    """A filter pattern: what a line must be like."""

    matches: Callable[[str], bool]

    @classmethod
    def read(cls, owner: str, text: str) -> "LogPattern":
        """Read nothing, terms (all of them, or with `?` any), or a condition on JSON: `{ $.level = "ERROR" || ... }`.

        Raises:
            SetupError: anything else; `owner` is for the message.
        """
        stripped = text.strip()
        if not stripped:
            return cls(lambda _: True)
        if stripped.startswith("{") and stripped.endswith("}"):
            holds = _Condition(owner, stripped[1:-1]).read()
            return cls(lambda line: _holds(holds, line))
        return cls(_terms(owner, stripped))


class _Condition:
    """A condition, read from its left."""

    def __init__(self, owner: str, text: str) -> None:
        self._owner = owner
        self._text = text
        self._place = 0

    def read(self) -> Test:
        test = self._any()
        if self._text[self._place :].strip():
            raise self._refusal()
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._take("||"):
            tests.append(self._all())
        return lambda body: any(test(body) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._take("&&"):
            tests.append(self._one())
        return lambda body: all(test(body) for test in tests)

    def _one(self) -> Test:
        if self._take("("):
            test = self._any()
            if not self._take(")"):
                raise self._refusal()
            return test
        field, sign, value = self._next("word"), self._next("sign"), self._next("text", "word")
        if not SELECTOR.fullmatch(field):
            raise self._refusal()
        path = field.split(".")[1:]
        if sign in COMPARE and NUMBER.fullmatch(value):
            return _compares(path, COMPARE[sign], float(value))
        if sign not in {"=", "!="}:
            raise self._refusal()
        equal = _equals(path, value)
        return equal if sign == "=" else lambda body: not equal(body)

    def _take(self, sign: str) -> bool:
        found = TOKEN.match(self._text, self._place)
        if found is None or found["sign"] != sign:
            return False
        self._place = found.end()
        return True

    def _next(self, *kinds: str) -> str:
        found = TOKEN.match(self._text, self._place)
        value = next((found[kind] for kind in kinds if found[kind] is not None), None) if found else None
        if found is None or value is None:
            raise self._refusal()
        self._place = found.end()
        return value

    def _refusal(self) -> SetupError:
        return SetupError(f"The laptop does not understand the filter pattern of {self._owner}: {self._text}")


def _holds(test: Test, line: str) -> bool:
    """Whether a line passes; one that is no JSON object passes no condition."""
    try:
        body = json.loads(line)
    except ValueError:
        return False
    return isinstance(body, dict) and test(body)


def _value(body: Any, path: list[str]) -> Any:
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def _equals(path: list[str], wanted: str) -> Test:
    """A test for equality as text, `*` standing for anything."""
    pattern = re.compile(".*".join(map(re.escape, wanted.split("*"))), re.DOTALL)

    def test(body: Any) -> bool:
        found = _value(body, path)
        if isinstance(found, bool) or not isinstance(found, str | int | float):
            return False
        return pattern.fullmatch(found if isinstance(found, str) else json.dumps(found)) is not None

    return test


def _compares(path: list[str], compare: Callable[[Any, Any], bool], limit: float) -> Test:
    def test(body: Any) -> bool:
        found = _value(body, path)
        return isinstance(found, int | float) and not isinstance(found, bool) and compare(found, limit)

    return test


def _terms(owner: str, text: str) -> Callable[[str], bool]:
    found = list(TERM.finditer(text))
    rest = TERM.sub("", text).strip()
    kinds = {bool(term["any"]) for term in found}
    if rest or len(kinds) != 1:
        raise SetupError(f"The laptop does not understand the filter pattern of {owner}: {text}")
    terms = [term["text"] or term["word"] for term in found]
    choose = any if kinds == {True} else all
    return lambda line: choose(term in line for term in terms)
