"""The code uses the words of the field, too: in its names, its comments and its docstrings."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.contract.syntax import ROOT
from tests.contract.vocabulary import CODE_ONLY, OURS_ONLY, ours_only

PRODUCT = ("layers", "functions", "infra", "model")
THE_TABLE = {"tests/contract/vocabulary.py", "tests/contract/test_words.py", "tests/contract/docs/test_words.py"}
NO_DOCSTRING = "See the port."  # an implementation of a Protocol needs none


def sources(*folders: str) -> dict[str, str]:
    """The text of each module of these folders, by path."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    return {path: text for path, text in texts.items() if path not in THE_TABLE}


def split(name: str) -> str:
    """The words of an identifier, with underscores between them: `letter_writer` of `LetterWriter`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")


def spoken(text: str) -> Iterator[tuple[int, str]]:
    """Line and words of each identifier, comment and docstring; other strings are data, or text for people."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME:
            words = split(token.string)
            yield token.start[0], f"{words.replace('_', ' ')} {words}"
        elif token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield getattr(node, "lineno", 1), ast.get_docstring(node) or ""


def unknown_elsewhere(texts: Mapping[str, str]) -> list[str]:
    """Each line of code with a word that only we would use so."""
    table = OURS_ONLY | CODE_ONLY
    anywhere = re.compile("|".join(table).replace("_", "_?"), re.IGNORECASE)  # most modules have none, which is quick
    found = {
        f"{path}:{line}: {word}"
        for path, text in texts.items()
        if anywhere.search(text)
        for line, words in spoken(text)
        if anywhere.search(words)
        for word in ours_only(words, table)
    }
    return sorted(found)


def classes_of_one_name(texts: Mapping[str, str]) -> list[str]:
    """Names that classes of several modules have."""
    found: dict[str, list[str]] = {}
    for path, text in texts.items():
        for name in re.findall(r"(?m)^class (\w+)", text):
            found.setdefault(name, []).append(Path(path).as_posix())
    return [f"{name}: {', '.join(paths)}" for name, paths in sorted(found.items()) if len(paths) > 1]


def docstrings_that_say_nothing(texts: Mapping[str, str]) -> list[str]:
    """Modules with a docstring that only points elsewhere."""
    return [path for path, text in texts.items() if NO_DOCSTRING.removesuffix(".") in text]


def test_code_uses_the_words_of_the_field() -> None:
    assert unknown_elsewhere(sources(*PRODUCT, "tests")) == []


def test_no_class_name_stands_twice() -> None:
    assert classes_of_one_name(sources(*PRODUCT)) == []


def test_a_docstring_says_something() -> None:
    assert docstrings_that_say_nothing(sources(*PRODUCT, "tests")) == []


def test_a_word_of_our_own_is_found_in_names_comments_and_docstrings() -> None:
    planted = '"""Who rings at a door."""\n\n\nclass LetterWriter:\n    lookouts = 1  # they wish\n'
    assert unknown_elsewhere({"a.py": planted}) == [
        "a.py:1: doors?: source, or port",
        "a.py:4: letter_writers?: mail content",
        "a.py:5: lookouts?: health checker",
        "a.py:5: wish(es)?: options",
    ]


def test_text_that_is_no_docstring_and_words_that_only_begin_so_are_passed_over() -> None:
    assert unknown_elsewhere({"a.py": 'doorway = "https://desk.example"  # a household\n'}) == []


def test_a_class_that_stands_twice_is_found() -> None:
    assert classes_of_one_name({"a.py": "class Alert:\n", "b.py": "class Alert(str):\n", "c.py": "class Label:\n"}) == [
        "Alert: a.py, b.py"
    ]


def test_a_docstring_that_points_elsewhere_is_found() -> None:
    assert docstrings_that_say_nothing({"a.py": f'"""{NO_DOCSTRING}"""\n', "b.py": '"""Reads it."""\n'}) == ["a.py"]
