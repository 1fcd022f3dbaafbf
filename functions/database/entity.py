"""Accounts and other things that payments name: what is known of each, and what is one step away."""

from collections.abc import Sequence
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Response

from fraudshield.api.openapi import documented
from fraudshield.api.path import AccountPath, EntityPath, EntityValuePath
from fraudshield.api.request import scope
from fraudshield.api.response import json_response
from fraudshield.erasure.thing import Thing
from fraudshield.errors import NotFound
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.history import wiring as history_wiring
from fraudshield.history.entity import account_of, read_entity
from fraudshield.history.entity_response import EntityResponse, LinksResponse, entity_response, links_response
from fraudshield.value_list import service_wiring as list_wiring
from fraudshield.value_list.service import HeldBy

router = APIRouter(dependencies=[Depends(scope("analyst"))])


@router.get("/accounts/{account:segment}", **documented(EntityResponse))
async def account(account: AccountPath) -> Response:
    """Show what is known of an account, from its newest payments."""
    thing = account_of(account)
    found = history_wiring.entity_histories().of(thing, sharing=True)
    return json_response(entity_response(thing, found, _lists(thing), root="../"))


@router.get("/entities/{entity}/{value:segment}", **documented(EntityResponse, raises=(NotFound,)))
async def known(entity: EntityPath, value: EntityValuePath) -> Response:
    """Show what is known of a device or another thing: when, how much, how it ended, with whom, and who shares it."""
    thing = read_entity(entity, value, event_type_wiring.event_types())
    found = history_wiring.entity_histories().of(thing, sharing=True)
    return json_response(entity_response(thing, found, _lists(thing)))


@router.get("/entities/{entity}/{value:segment}/links", **documented(LinksResponse, raises=(NotFound,)))
async def links(entity: EntityPath, value: EntityValuePath) -> Response:
    """List the accounts and other things that its payments name: one step of the graph."""
    thing = read_entity(entity, value, event_type_wiring.event_types())
    return json_response(links_response(thing, history_wiring.entity_histories().of(thing, sharing=False)))


def _lists(thing: Thing) -> Sequence[HeldBy]:
    return list_wiring.lists().holding(thing.entity, thing.value, datetime.now(UTC))
