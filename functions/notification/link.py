"""Links in mails: they need no key, since a signed token says whose they are. GET shows a page, POST acts."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from fraudshield.api.request import own_query
from fraudshield.api.response import page_response
from fraudshield.errors import Malformed, NotFound
from fraudshield.notification import mail_wiring as notification_mail_wiring
from fraudshield.notification.content import link_page
from fraudshield.notification.link import LinkAction
from fraudshield.notification.response import LinkQuery
from fraudshield.notification.subscriber import SubscriberStatus

router = APIRouter(include_in_schema=False)


@router.get("/confirm")
async def ask_to_confirm(request: Request) -> Response:
    """Show a page with a button: programs that follow the links of mails press none."""
    return _page(lambda: _asked(request, "confirm", "Do you want these mails?", "Yes, send them"))


@router.post("/confirm")
async def confirm(request: Request) -> Response:
    """Confirm, as the button on the page does."""

    def confirmed() -> str:
        status = notification_mail_wiring.subscriptions().confirm(_token(request)).status
        if status is SubscriberStatus.SUPPRESSED:
            return link_page("Mails to you came back", "Ask an administrator to subscribe you again.")
        return link_page("Thank you", "You are subscribed. Every mail has a link that ends it.")

    return _page(confirmed)


@router.get("/unsubscribe")
async def ask_to_unsubscribe(request: Request) -> Response:
    """Show a page with a button, as for a confirmation."""
    return _page(lambda: _asked(request, "unsubscribe", "No more mails?", "Stop them"))


@router.post("/unsubscribe")
async def unsubscribe(request: Request) -> Response:
    """Unsubscribe, as the button on the page does, and a mail program's own (RFC 8058)."""

    def ended() -> str:
        notification_mail_wiring.subscriptions().unsubscribe(_token(request))
        return link_page("Done", "You get no more of these mails, and your address is forgotten.")

    return _page(ended)


def _asked(request: Request, action: LinkAction, title: str, button: str) -> str:
    notification_mail_wiring.subscriptions().read(action, _token(request))
    return link_page(title, "Press the button to go on.", button)


def _token(request: Request) -> str:
    return own_query(request, LinkQuery).token  # mail programs and trackers add parameters of their own


def _page(make: Callable[[], str]) -> Response:
    try:
        return page_response(make())
    except (Malformed, NotFound) as exc:
        return page_response(link_page("This link does not work", f"{exc}."), exc)
