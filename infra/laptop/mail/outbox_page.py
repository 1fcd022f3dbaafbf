"""The outbox: a page with the mails that the laptop's SES took, for a browser of this machine.

A mail's HTML is shown in a frame of its own in which nothing runs; its links open in new windows.
"""

import asyncio
import json
import re
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.types import Receive, Scope, Send

from infra.laptop.apigateway.http_request import HttpRequest
from infra.laptop.apigateway.http_response import HttpResponse
from infra.laptop.mail.mailbox import Mailbox, SentMail
from infra.laptop.process.loopback_guard import REFUSAL, is_local

HERE = Path(__file__).parent / "page"
PLACE = re.compile(r"/mails/(\d{1,9})(/html)?")
SHOWN = 1000  # mails of the list
TEXT, PAGE, JSON = "text/plain", "text/html; charset=utf-8", "application/json"
OWN = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
OF_A_MAIL = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
NEW_WINDOW = '<base target="_blank">'


class OutboxPage:
    """The page as an ASGI app, titled with the application's name, for programs and pages of this machine only."""

    def __init__(self, mailbox: Mailbox, name: str) -> None:
        self._mailbox, self._name = mailbox, name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 ASGI hands it over
        """Serve one request."""
        request = HttpRequest.from_scope(scope)
        response = await asyncio.to_thread(self._respond, request)
        await response.send(send)

    def _respond(self, request: HttpRequest) -> HttpResponse:
        if not is_local(dict(request.headers)):
            return _response(403, TEXT, REFUSAL)
        if request.path == "/":
            return _response(200, PAGE, self._page(mails=self._mailbox.since()[: -SHOWN - 1 : -1], mail=None))
        if request.path == "/mails.json":
            return _response(200, JSON, json.dumps([_plain(one) for one in self._mailbox.since()]))
        if found := PLACE.fullmatch(request.path):
            for mail in self._mailbox.since(int(found[1]))[:1]:
                if found[2]:
                    return _response(200, PAGE, mail.html.replace("<head>", f"<head>{NEW_WINDOW}", 1), OF_A_MAIL)
                return _response(200, PAGE, self._page(mails=[], mail=mail))
        return _response(404, TEXT, "There is no such mail\n")

    def _page(self, **values: object) -> str:
        told = {"application": self._name, "id_header": self._mailbox.id_header, **values}
        return _environment().get_template("page.html").render(told)


def _plain(mail: SentMail) -> dict[str, object]:
    return {
        "number": mail.number,
        "to": mail.to,
        "subject": mail.subject,
        "mail_id": mail.mail_id,
        "text": mail.text,
    }


def _response(status: int, media_type: str, body: str, policy: str = OWN) -> HttpResponse:
    headers = (
        ("Content-Type", media_type),
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
    )
    return HttpResponse(status, headers, body.encode())


@lru_cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(HERE), autoescape=select_autoescape(), undefined=StrictUndefined)
