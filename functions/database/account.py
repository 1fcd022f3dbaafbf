"""Erasure: one account is erased, as far as one request goes; the receipt says whether another is needed."""

import time
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.path import AccountPath
from fraudshield.api.request import author, scope
from fraudshield.api.response import json_response
from fraudshield.batch import wiring as batch_wiring
from fraudshield.budget import WRITES_STOP_S
from fraudshield.erasure import wiring as erasure_wiring
from fraudshield.erasure.erasure import read_account
from fraudshield.erasure.response import Receipt, receipt
from fraudshield.telemetry import logger

router = APIRouter(dependencies=[Depends(scope("admin"))])


@router.delete("/accounts/{account:segment}", **documented(Receipt))
async def erase(request: Request, account: AccountPath) -> Response:
    """Forget what came of the account so far. Safe to repeat; to be repeated until it is complete."""
    name, stop_at = read_account(account), time.monotonic() + WRITES_STOP_S
    eraser = erasure_wiring.account_eraser(batch_wiring.file_erasures())
    erased = eraser.erase(name, datetime.now(UTC), stop_at, author(request))
    given = receipt(erased)
    logger.info("account erased", mark=given["mark"], complete=erased.complete, deleted=erased.deleted)
    return json_response(given)
