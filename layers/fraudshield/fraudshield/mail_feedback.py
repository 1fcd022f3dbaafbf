"""What became of a mail after SES took it, as SES tells a topic.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from dataclasses import dataclass
from typing import Any

from fraudshield import strict_json
from fraudshield.errors import Malformed
from fraudshield.mail import Status

TAG = "mail_id"  # under which SES is told which mail it is
KNOWN = {
    "Delivery": Status.DELIVERED,
    "Bounce": Status.BOUNCED,
    "Complaint": Status.COMPLAINED,
    "Reject": Status.BOUNCED,
}


@dataclass(frozen=True, slots=True)
class Feedback:
    """News of a mail. `suppress`: its address is not to be written to any more."""

    mail_id: str
    status: Status
    reason: str
    suppress: bool


def feedback(message: str) -> Feedback | None:
    """None where it says nothing that changes anything, as that a mail was sent or is late.

    Raises:
        Malformed: no such message.
    """
    body: Any = strict_json.parse(message.encode())
    try:
        event = body["eventType"]
        if event not in KNOWN:
            return None
        told = body.get(event.lower(), {})
        [mail_id] = body["mail"]["tags"][TAG]
        kinds = {
            "Bounce": f"{told.get('bounceType')} {told.get('bounceSubType')}",
            "Complaint": str(told.get("complaintFeedbackType", "complaint")),
            "Reject": f"Refused by SES: {told.get('reason')}",
        }
        permanent = event == "Bounce" and told.get("bounceType") == "Permanent"
        return Feedback(str(mail_id), KNOWN[event], kinds.get(event, ""), permanent or event == "Complaint")
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise Malformed(f"No message of SES: {type(exc).__name__}") from exc
