"""Subscribers: who is told. Nobody is before the owner of the address has said so."""

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.path import SubscriberIdPath
from fraudshield.api.request import author, json_body, scope
from fraudshield.api.response import json_response
from fraudshield.notification import mail_wiring as notification_mail_wiring
from fraudshield.notification import wiring as notification_wiring
from fraudshield.notification.response import (
    EndedResponse,
    SubscribedResponse,
    SubscribersResponse,
    subscribed_response,
    subscribers_response,
)
from fraudshield.notification.subscriber import SubscriberRequest, read_subscriber
from fraudshield.notification.subscription import SubscriptionEnding

router = APIRouter(dependencies=[Depends(scope("admin"))])


@router.post("/subscribers", **documented(SubscribedResponse, SubscriberRequest, raises=(SubscriptionEnding,)))
async def subscribe(request: Request) -> Response:
    """Subscribe an address, which is asked by mail first; for one that is there, change severity and quiet hours."""
    sent = read_subscriber(await json_body(request))
    notification_mail_wiring.links(), notification_mail_wiring.sender_address()  # without which nobody could be asked
    return json_response(subscribed_response(notification_mail_wiring.subscriptions().subscribe(sent, author(request))))


@router.get("/subscribers", **documented(SubscribersResponse))
async def subscribers() -> Response:
    """All of them, with their addresses."""
    return json_response(subscribers_response(notification_wiring.subscribers().all()))


@router.delete("/subscribers/{subscriber_id:segment}", **documented(EndedResponse))
async def unsubscribe(request: Request, subscriber_id: SubscriberIdPath) -> Response:
    """End a subscription: name and address are gone at once."""
    notification_mail_wiring.subscriptions().end(subscriber_id, author(request))
    return json_response(EndedResponse(status="success", message="The subscription has ended"))
