"""Links that only their mail's reader has."""

from datetime import timedelta

import pytest

from fraudshield.errors import Malformed
from fraudshield.notification.link import VALID, Links, read_token
from fraudshield.text import signature
from tests.fake_outbox import LINKS, START

KEY = LINKS.of_mail


def token(link: str) -> str:
    return link.partition("token=")[2]


CONFIRM = token(LINKS.confirm("anna-id", START))


def test_a_link_leads_to_the_service_below_the_pages_address() -> None:
    link = Links(KEY, "https://fraud.example/dev/").unsubscribe("anna-id")
    assert link.startswith("https://fraud.example/dev/api/v1/notifications/unsubscribe?token=anna-id.0.")


def test_a_token_names_its_subscriber() -> None:
    assert read_token(KEY, "confirm", CONFIRM, START) == "anna-id"


def test_a_confirmation_is_good_for_a_week_to_the_second() -> None:
    assert read_token(KEY, "confirm", CONFIRM, START + VALID) == "anna-id"
    with pytest.raises(Malformed, match="too old"):
        read_token(KEY, "confirm", CONFIRM, START + VALID + timedelta(seconds=1))


def test_the_end_of_a_subscription_can_always_be_asked_for() -> None:
    given = token(LINKS.unsubscribe("anna-id"))
    assert read_token(KEY, "unsubscribe", given, START + 1000 * VALID) == "anna-id"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "anna-id",
        "anna-id.0",
        "anna-id.0.",
        "bo-id" + CONFIRM[7:],
        CONFIRM[:-2],
        CONFIRM + "A",
        CONFIRM + ".",
        CONFIRM.replace(".1", ".9", 1),
        "a.b.\u00e9",
        "a.b.=",
        token(LINKS.unsubscribe("anna-id")),
        token(Links(b"x" * 32, "").confirm("anna-id", START)),
    ],
)
def test_a_token_that_is_not_ours_opens_nothing(given: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_token(KEY, "confirm", given, START)
    assert caught.value.code in {"invalid_token", "token_expired"}


def test_a_digest_under_another_purpose_is_worth_nothing() -> None:
    other = signature.key(b"secret", "cursor")
    with pytest.raises(Malformed):
        read_token(signature.key(b"secret", "mail"), "confirm", token(Links(other, "").confirm("a", START)), START)
