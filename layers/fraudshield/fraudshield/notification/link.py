"""The links in mails: whoever can read the mail may confirm or end the subscription, and nobody else."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from fraudshield.errors import Malformed
from fraudshield.text import signature

LinkAction = Literal["confirm", "unsubscribe"]
VALID = timedelta(days=7)  # of a confirmation; the end of a subscription can always be asked for
FOREVER = "0"
PREFIX = "/api/v1/notifications"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links below the page's address."""

    of_mail: bytes
    public_url: str

    def page(self, path: str) -> str:
        """The address of `path` on the page."""
        return self.public_url.rstrip("/") + path

    def confirm(self, subscriber_id: str, now: datetime) -> str:
        """The link that confirms a subscription; it is valid for a week."""
        return self._link("confirm", subscriber_id, str(int((now + VALID).timestamp())))

    def unsubscribe(self, subscriber_id: str) -> str:
        """The link that ends a subscription; it is valid for ever."""
        return self._link("unsubscribe", subscriber_id, FOREVER)

    def _link(self, action: LinkAction, subscriber_id: str, until: str) -> str:
        content = _content(action, subscriber_id, until)
        signed = urlsafe_b64encode(signature.digest(self.of_mail, content)).decode().rstrip("=")
        return self.page(f"{PREFIX}/{action}?token={subscriber_id}.{until}.{signed}")


def read_token(of_mail: bytes, action: LinkAction, token: str, now: datetime) -> str:
    """Returns the subscriber's id. Raises Malformed unless we signed the token for this action and it is valid."""
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii():
        raise Malformed("The link is not complete; copy it whole from the mail", code="invalid_token")
    subscriber_id, until, signed = parts
    try:
        given = urlsafe_b64decode(signed + "=" * (-len(signed) % 4))
    except ValueError as exc:
        raise Malformed("The link is damaged; copy it whole from the mail", code="invalid_token") from exc
    if not signature.fits(of_mail, _content(action, subscriber_id, until), given):
        raise Malformed("The link is not one of ours", code="invalid_token")
    if until != FOREVER and datetime.fromtimestamp(int(until), UTC) < now:
        raise Malformed("The link is too old; subscribe again to get a new one", code="token_expired")
    return subscriber_id


def _content(action: LinkAction, subscriber_id: str, until: str) -> bytes:
    return f"{action} {subscriber_id} {until}".encode()
