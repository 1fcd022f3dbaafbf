"""What a request may do that no key came with."""

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import Request

from fraudshield.api.request import scope
from fraudshield.errors import ScopeMissing

KEYS = {"SCORE_KEY_IDS": "s", "ANALYST_KEY_IDS": "an", "ADMIN_KEY_IDS": "ad"}
Tell = Callable[..., None]


def request(key_id: str | None) -> Request:
    event: dict[str, Any] = {"requestContext": {"identity": {"apiKeyId": key_id}}}
    return Request({"type": "http", "headers": [], "aws.event": event})


def may(name: str, key_id: str | None) -> bool:
    try:
        asyncio.run(scope(name)(request(key_id)))
    except ScopeMissing:
        return False
    return True


def test_without_a_key_nothing_is_allowed(told: Tell) -> None:
    told(**KEYS)
    assert [may(name, None) for name in ("score", "analyst", "admin")] == [False, False, False]


def test_without_a_key_what_the_setting_says_is_allowed(told: Tell) -> None:
    told(**KEYS, KEYLESS_SCOPE="analyst")
    assert [may(name, None) for name in ("score", "analyst", "admin")] == [True, True, False]


def test_a_key_gains_nothing_by_it(told: Tell) -> None:
    told(**KEYS, KEYLESS_SCOPE="admin")
    assert [may("analyst", key) for key in ("s", "an", "ad", "nobodys")] == [False, True, True, False]
