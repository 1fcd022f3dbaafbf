"""Sends mails through SES. No value can end a header: the library that writes headers refuses line breaks."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

from fraudshield.aws import client
from fraudshield.notification.content import MailContent
from fraudshield.notification.mail import TAG
from fraudshield.notification.port import MailUnavailable

OUR_FAULT, SES_FAULT = 400, 500


@dataclass(frozen=True, slots=True)
class SesSender:
    """Implements the `Sender` port; `configuration_set` says where SES tells what became of a mail."""

    from_email: str
    configuration_set: str

    def send(self, address: str, mail_id: str, content: MailContent) -> None:
        raw = written(self.from_email, address, mail_id, content)
        try:
            client.sesv2().send_email(
                FromEmailAddress=self.from_email,
                Destination={"ToAddresses": [address]},
                Content={"Raw": {"Data": raw}},
                ConfigurationSetName=self.configuration_set,
                EmailTags=[{"Name": TAG, "Value": mail_id}],
            )
        except ClientError as exc:
            refused = exc.response["ResponseMetadata"].get("HTTPStatusCode", OUR_FAULT)
            raise MailUnavailable(str(exc.response["Error"]["Code"]), unknown=refused >= SES_FAULT) from exc
        except (ConnectTimeoutError, EndpointConnectionError) as exc:
            raise MailUnavailable(type(exc).__name__) from exc
        except BotoCoreError as exc:  # it may have gone, and the response was lost
            raise MailUnavailable(type(exc).__name__, unknown=True) from exc


def written(from_email: str, address: str, mail_id: str, content: MailContent) -> bytes:
    """Returns the mail as it goes over the wire: text and HTML, with headers for an unsubscription in one click.

    https://www.rfc-editor.org/rfc/rfc8058
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = f"FraudShield <{from_email}>"
    message["To"] = address
    message["Subject"] = content.subject
    message["X-FraudShield-Id"] = mail_id
    message["List-Unsubscribe"] = f"<{content.unsubscribe}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(content.text, cte="base64")
    message.add_alternative(content.html, subtype="html", cte="base64")
    return message.as_bytes()
