"""Keyed digests."""

from fraudshield.text.signature import digest, fits, key

SECRET = b"a secret of the deployment"


def test_a_digest_fits_its_content_and_no_other() -> None:
    cursor = key(SECRET, "cursor")
    assert fits(cursor, b"page 2", digest(cursor, b"page 2"))
    assert not fits(cursor, b"page 3", digest(cursor, b"page 2"))
    assert not fits(cursor, b"page 2", b"")


def test_what_is_signed_for_one_purpose_is_worth_nothing_for_another() -> None:
    assert len({key(SECRET, "cursor"), key(SECRET, "erasure"), key(SECRET, "mail")}) == 3


def test_another_secret_makes_other_keys() -> None:
    assert key(SECRET, "mail") != key(b"another", "mail")
