"""The text of an expression as tokens: ASCII but for what stands in quotes, nothing that looks like something else."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, NoReturn

from fraudshield.expression.fault import ExpressionFault, InvalidExpression

MOST_CHARACTERS = 4096
KEYWORDS = frozenset({"and", "or", "not", "in", "true", "false"})
# What a field, an aggregate or a list cannot be called: keywords, functions, and names with a meaning of their own.
RESERVED = KEYWORDS | {"abs", "duration", "has", "hour", "lists", "max", "min", "null", "risk", "size", "weekday"}

TokenKind = Literal["number", "text", "name", "operator", "end"]
NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
OPERATOR = re.compile(r"&&|\|\||[=!<>]=|[-+*/%<>!()\[\],.?:]")
BLANK = re.compile(r"[ \t\r\n]*")
PLAIN = re.compile(r"[^\\\"'\x00-\x1f\x7f]+")
ESCAPE = re.compile(r"\\(?:(?P<one>[\\\"'nrt])|u(?P<four>[0-9A-Fa-f]{4})|U(?P<eight>[0-9A-Fa-f]{8}))")
ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # they reorder or hide what a reader sees
# What people type, or a word processor makes, instead of an operator or a quote.
MEANT = {"=": "==", "&": "&&", "|": "||", "`": "'", "\u2264": "<=", "\u2265": ">=", "\u2260": "!=", "\u00d7": "*"}
MEANT |= {"\u00f7": "/", **dict.fromkeys("\u2212\u2013\u2014", "-")}
MEANT |= {**dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'), **dict.fromkeys("\u2018\u2019", "'")}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: what it is, its text (of a text in quotes: what it says), and where it begins."""

    kind: TokenKind
    text: str
    at: int


def fail(text: str, at: int, code: str, detail: str, suggestion: str | None = None) -> NoReturn:
    """Raises InvalidExpression; a place after the end is the last character."""
    raise InvalidExpression([ExpressionFault(inside(text, at), detail, code, suggestion)])


def inside(text: str, at: int) -> int:
    """The place, or that of the last character where it is after the end."""
    return max(min(at, len(text) - 1), 0)


def tokens(text: str) -> list[Token]:
    """The tokens of a text, the end last. Raises InvalidExpression."""
    if len(text) > MOST_CHARACTERS:
        detail = f"an expression has at most {MOST_CHARACTERS:,} characters, this has {len(text):,}"
        fail(text, MOST_CHARACTERS, "too_long", detail)
    found, at = [], _after_blank(text, 0)
    while at < len(text):
        token, end = _token(text, at)
        found.append(token)
        at = _after_blank(text, end)
    return [*found, Token("end", "", len(text))]


def _after_blank(text: str, at: int) -> int:
    blank = BLANK.match(text, at)
    return blank.end() if blank else at


def _token(text: str, at: int) -> tuple[Token, int]:
    if text[at] in "\"'":
        return _quoted(text, at)
    if match := NUMBER.match(text, at):
        return Token("number", _number(text, match), at), match.end()
    if match := NAME.match(text, at):
        return Token("name", match[0], at), match.end()
    if match := OPERATOR.match(text, at):
        return Token("operator", match[0], at), match.end()
    meant = MEANT.get(text[at]) or _looks_like(text[at])
    return fail(text, at, "character", f"{_called(text[at])} has no meaning here", meant)


def _number(text: str, match: re.Match[str]) -> str:
    follows = text[match.end() : match.end() + 1]
    if follows == "." or NAME.match(follows):
        fail(
            text, match.end(), "number", f"a number is written like 12, 1.5 or 1e3, and {follows!r} follows {match[0]}"
        )
    return match[0]


def _quoted(text: str, start: int) -> tuple[Token, int]:
    parts, at = [], start + 1
    while at < len(text) and text[at] != text[start]:
        part, at = _part(text, at)
        parts.append(part)
    if at >= len(text):
        fail(text, start, "text_unclosed", "the text that begins here has no closing quote")
    return Token("text", "".join(parts), start), at + 1


def _part(text: str, at: int) -> tuple[str, int]:
    """A run of characters, the other quote, or an escape."""
    if match := PLAIN.match(text, at):
        _refuse_invisible(text, match)
        return match[0], match.end()
    if text[at] in "\"'":
        return text[at], at + 1
    if match := ESCAPE.match(text, at):
        return _unescaped(text, match), match.end()
    if text[at] == "\\":
        fail(text, at, "escape", r"after \ comes one of \ ' " + r'" n r t, or u and 4 or U and 8 hexadecimal digits')
    return fail(text, at, "character", f"{_called(text[at])} stands in a text as an escape only")


def _refuse_invisible(text: str, match: re.Match[str]) -> None:
    for number, character in enumerate(match[0]):
        if unicodedata.category(character) in INVISIBLE:
            at = match.start() + number
            fail(text, at, "character", f"{_called(character)} stands in a text as an escape only")


def _unescaped(text: str, match: re.Match[str]) -> str:
    if match["one"]:
        return ESCAPED.get(match["one"], match["one"])
    code = int(match["four"] or match["eight"], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        fail(text, match.start(), "escape", f"{match[0]} is no character")
    return chr(code)


def _called(character: str) -> str:
    """A character as one can see it and look it up."""
    if character.isascii() and character.isprintable():
        return repr(character)
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'no letter')})"


def _looks_like(character: str) -> str | None:
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain != character and plain.isascii() and plain.isprintable() else None
