"""Erasure: an account, or another entity's value, is erased, as far as one request goes; the receipt says how far."""

import time
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.path import AccountPath, EntityPath, EntityValuePath, TransactionIdPath
from fraudshield.api.request import author, scope
from fraudshield.api.response import json_response
from fraudshield.batch import wiring as batch_wiring
from fraudshield.budget import WRITES_STOP_S
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.erasure.erasure import read_account
from fraudshield.erasure.response import Receipt, receipt
from fraudshield.erasure.thing import read_thing, refuse_busy
from fraudshield.errors import Conflict, NotFound
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.event_type.entity import ACCOUNT
from fraudshield.telemetry import logger
from fraudshield.value_list import service_wiring as list_wiring

router = APIRouter(dependencies=[Depends(scope("admin"))])


@router.delete("/accounts/{account:segment}", **documented(Receipt))
async def erase(request: Request, account: AccountPath) -> Response:
    """Forget what came of the account so far. Safe to repeat; to be repeated until it is complete."""
    name, stop_at = read_account(account), time.monotonic() + WRITES_STOP_S
    eraser = erasure_wiring.account_eraser(batch_wiring.file_erasures(), list_wiring.lists())
    erased = eraser.erase(name, datetime.now(UTC), stop_at, author(request))
    given = receipt(erased)
    logger.info("account erased", mark=given["mark"], complete=erased.complete, deleted=erased.deleted)
    return json_response(given)


@router.delete("/transactions/{transaction_id:segment}", **documented(Receipt, raises=(Conflict,)))
async def erase_payment(request: Request, transaction_id: TransactionIdPath) -> Response:
    """Forget a payment that has no sender, with all that is beside it: no account leads to it."""
    eraser = erasure_wiring.account_eraser(batch_wiring.file_erasures(), list_wiring.lists())
    stop_at = time.monotonic() + WRITES_STOP_S
    erased = eraser.erase_payment(transaction_id, datetime.now(UTC), stop_at, author(request))
    given = receipt(erased)
    logger.info("payment erased", mark=given["mark"], complete=erased.complete, deleted=erased.deleted)
    return json_response(given)


@router.delete("/entities/{entity}/{value:segment}", **documented(Receipt, raises=(NotFound,)))
async def erase_value(request: Request, entity: EntityPath, value: EntityValuePath) -> Response:
    """Forget what an entity's value names, such as a device: payments that have it keep a pseudonym in its place."""
    if entity == ACCOUNT:
        return await erase(request, value)
    types = event_type_wiring.event_types()
    slots = types.slots(entity)
    if entity not in slots:
        refuse_busy(entity, types.all())
    thing = read_thing(entity, value, slots)
    stop_at = time.monotonic() + WRITES_STOP_S
    eraser = erasure_wiring.account_eraser(batch_wiring.file_erasures(), list_wiring.lists())
    erased = eraser.erase_thing(thing, datetime.now(UTC), stop_at, author(request))
    given = receipt(erased)
    logger.info("entity erased", mark=given["mark"], complete=erased.complete, pseudonymised=erased.pseudonymised)
    return json_response(given)
