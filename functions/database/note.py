"""Notes about payments."""

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import documented
from fraudshield.api.path import TransactionIdPath
from fraudshield.api.request import author, json_body, scope
from fraudshield.api.response import json_response
from fraudshield.review import wiring as review_wiring
from fraudshield.review.note import NoteRequest, NoteResponse, note_response, read_note

router = APIRouter(dependencies=[Depends(scope("analyst"))])


@router.post("/transactions/{transaction_id:segment}/notes", **documented(NoteResponse, NoteRequest))
async def add(request: Request, transaction_id: TransactionIdPath) -> Response:
    """Keep a note about a payment; it stands in its timeline."""
    text, by = read_note(await json_body(request)), author(request)
    return json_response(note_response(transaction_id, review_wiring.notes().add(transaction_id, text, by)))
