"""Links in mails: whoever can read the mail may confirm or end the subscription, nobody else."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from fraudshield.errors import Malformed
from fraudshield.text import signature

Deed = Literal["confirm", "unsubscribe"]
VALID = timedelta(days=7)  # of a confirmation; the end of a subscription can always be asked for
FOREVER = "0"
PREFIX = "/api/v1/notifications"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links below the page's address and reads what comes back."""

    of_mail: bytes
    public_url: str

    def page(self, path: str) -> str:
        """A place on the page."""
        return self.public_url.rstrip("/") + path

    def confirm(self, subscriber_id: str, now: datetime) -> str:
        """Good for a week."""
        return self._link("confirm", subscriber_id, str(int((now + VALID).timestamp())))

    def unsubscribe(self, subscriber_id: str) -> str:
        """Good for ever."""
        return self._link("unsubscribe", subscriber_id, FOREVER)

    def _link(self, deed: Deed, subscriber_id: str, until: str) -> str:
        content = _content(deed, subscriber_id, until)
        signed = urlsafe_b64encode(signature.digest(self.of_mail, content)).decode().rstrip("=")
        return self.page(f"{PREFIX}/{deed}?token={subscriber_id}.{until}.{signed}")


def read_token(of_mail: bytes, deed: Deed, token: str, now: datetime) -> str:
    """The subscriber's id. Raises Malformed unless we signed the token for this deed and it is still good."""
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        raise Malformed("The link is not complete; copy it whole from the mail", code="invalid_token")
    subscriber_id, until, signed = parts
    try:
        given = urlsafe_b64decode(signed + "=" * (-len(signed) % 4))
    except ValueError as exc:
        raise Malformed("The link is damaged; copy it whole from the mail", code="invalid_token") from exc
    if not signature.fits(of_mail, _content(deed, subscriber_id, until), given):
        raise Malformed("The link is not one of ours", code="invalid_token")
    if until != FOREVER and datetime.fromtimestamp(int(until), UTC) < now:
        raise Malformed("The link is too old; subscribe again to get a new one", code="token_expired")
    return subscriber_id


def _content(deed: Deed, subscriber_id: str, until: str) -> bytes:
    return f"{deed} {subscriber_id} {until}".encode()
