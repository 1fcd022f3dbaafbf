"""Which events a pattern lets through, and which operators are refused by name."""

from typing import Any

import pytest

from infra.laptop.errors import SetupError
from infra.laptop.eventbridge.event_pattern import EventPattern

EVENT = {
    "eventName": "INSERT",
    "dynamodb": {"NewImage": {"outcome": {"S": "review"}, "label": {"NULL": True}}},
    "detail": {"bucket": {"name": "files"}, "object": {"key": "incoming/a.csv", "size": 3}},
    "resources": ["arn:a", "arn:b"],
}


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ({}, True),
        ({"eventName": ["INSERT", "MODIFY"]}, True),
        ({"eventName": ["REMOVE"]}, False),
        ({"eventName": []}, False),
        ({"dynamodb": {"NewImage": {"outcome": {"S": ["review", "block"]}}}}, True),
        ({"dynamodb": {"NewImage": {"outcome": {"S": ["approve"]}}}}, False),
        ({"dynamodb": {"OldImage": {"outcome": {"S": ["review"]}}}}, False),
        ({"eventName": ["INSERT"], "dynamodb": {"NewImage": {"outcome": {"S": ["block"]}}}}, False),
        ({"detail": {"object": {"size": [3]}}}, True),
        ({"detail": {"object": {"size": ["3"]}}}, False),
        ({"dynamodb": {"NewImage": {"label": {"NULL": [True]}}}}, True),
        ({"dynamodb": {"NewImage": {"label": {"NULL": [1]}}}}, False),
        ({"detail": {"object": {"key": [{"prefix": "incoming/"}]}}}, True),
        ({"detail": {"object": {"key": [{"prefix": "results/"}]}}}, False),
        ({"detail": {"object": {"size": [{"prefix": "3"}]}}}, False),
        ({"detail": {"object": {"key": [{"suffix": ".csv"}]}}}, True),
        ({"detail": {"object": {"key": [{"suffix": ".gz"}]}}}, False),
        ({"dynamodb": {"NewImage": {"outcome": {"S": [{"exists": True}]}}}}, True),
        ({"dynamodb": {"NewImage": {"outcome": {"S": [{"exists": False}]}}}}, False),
        ({"dynamodb": {"NewImage": {"decided_at": {"S": [{"exists": False}]}}}}, True),
        ({"eventName": [{"anything-but": "REMOVE"}]}, True),
        ({"eventName": [{"anything-but": ["INSERT", "REMOVE"]}]}, False),
        ({"eventName": [{"anything-but": {"prefix": "INS"}}]}, False),
        ({"absent": [{"anything-but": "REMOVE"}]}, False),
        ({"resources": ["arn:b"]}, True),
        ({"resources": ["arn:c"]}, False),
        ({"eventName": {"deeper": ["INSERT"]}}, False),
    ],
)
def test_an_event_passes_where_each_field_passes_one_of_its_tests(pattern: dict[str, Any], wanted: bool) -> None:
    assert EventPattern.read("Rule", pattern).matches(EVENT) is wanted


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ({"amount": [{"numeric": [">", 3]}]}, "numeric in a pattern of Rule"),
        ({"$or": [{"a": ["b"]}]}, r"\$or in a pattern of Rule"),
        ({"key": [{"anything-but": {"wildcard": "*.csv"}}]}, "wildcard in a pattern of Rule"),
        ({"key": [{"prefix": "a", "suffix": "b"}]}, "several operators at once"),
        ({"key": "no list"}, "Rule has a pattern whose key"),
    ],
)
def test_what_nobody_handles_is_refused_by_name(pattern: dict[str, Any], named: str) -> None:
    with pytest.raises(SetupError, match=named):
        EventPattern.read("Rule", pattern)
