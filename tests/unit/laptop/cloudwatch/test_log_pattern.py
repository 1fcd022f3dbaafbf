"""Which lines a filter pattern lets through, and which patterns are refused."""

import pytest

from infra.laptop.cloudwatch.log_pattern import LogPattern
from infra.laptop.errors import SetupError

LINE = '{"level": "ERROR", "took_ms": 12, "inner": {"code": "late"}, "last": true, "said": "a \\"b\\" (c)"}'


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("", True),
        ("  ", True),
        ('{ $.level = "ERROR" }', True),
        ("{ $.level = ERROR }", True),
        ('{ $.level = "WARNING" }', False),
        ('{ $.level = "WARNING" || $.level = "ERROR" }', True),
        ('{ ($.level = "WARNING") || ($.level = "ERROR") || ($.level = "CRITICAL") }', True),
        ('{ $.level = "ERROR" && $.inner.code = "late" }', True),
        ('{ $.level = "ERROR" && $.inner.code = "early" }', False),
        ('{ ($.level = "INFO" || $.level = "ERROR") && $.inner.code = "early" }', False),
        ('{$.level="ERROR"}', True),
        ('{ $.level != "ERROR" }', False),
        ('{ $.absent != "ERROR" }', True),
        ('{ $.absent = "ERROR" }', False),
        ('{ $.level = "ERR*" }', True),
        ('{ $.level = "*" }', True),
        ('{ $.level = "E.*" }', False),
        ('{ $.inner = "*" }', False),
        ('{ $.level.deeper = "ERROR" }', False),
        ("{ $.took_ms = 12 }", True),
        ("{ $.took_ms > 11.5 }", True),
        ("{ $.took_ms >= 12 && $.took_ms <= 12 }", True),
        ("{ $.took_ms < 12 }", False),
        ("{ $.level > 1 }", False),
        ("{ $.last > 0 }", False),
        ("ERROR", True),
        ("ERROR late", True),
        ("ERROR early", False),
        ("?early ?late", True),
        ("?early ?never", False),
        ('?"(c)" ?never', True),
    ],
)
def test_a_line_passes_where_the_pattern_holds(pattern: str, wanted: bool) -> None:
    assert LogPattern.read("Filter", pattern).matches(LINE) is wanted


@pytest.mark.parametrize("line", ["ERROR", "", "[1]", '"ERROR"', "START RequestId: 1", '{"level": '])
def test_a_line_that_is_no_json_object_passes_no_condition(line: str) -> None:
    assert not LogPattern.read("Filter", '{ $.level != "x" }').matches(line)


@pytest.mark.parametrize(
    "pattern",
    [
        "{ }",
        "{ $.level }",
        "{ $.level = }",
        "{ $.level > high }",
        '{ level = "ERROR" }',
        '{ $.level = "ERROR" || }',
        '{ ($.level = "ERROR" }',
        '{ $.level = "ERROR") }',
        '{ $.level = "ERROR" $.b = "c" }',
        '{ $.items[0] = "a" }',
        "{ $.a IS TRUE }",
        "-ERROR",
        "ERROR ?late",
        "%regular%",
        "[ip, user]",
    ],
)
def test_a_pattern_that_nobody_understands_is_refused_by_name(pattern: str) -> None:
    with pytest.raises(SetupError, match="does not understand the filter pattern of Filter"):
        LogPattern.read("Filter", pattern)
