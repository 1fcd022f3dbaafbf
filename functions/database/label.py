"""Labels: what was found out about payments, one by one or as a file; the newest is in force, the history stays."""

import time
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import CSV, documented
from fraudshield.api.path import TransactionIdPath
from fraudshield.api.request import author, csv_body, json_body, query, scope
from fraudshield.api.response import json_response
from fraudshield.audit import wiring as audit_wiring
from fraudshield.budget import WRITES_STOP_S
from fraudshield.label import wiring as label_wiring
from fraudshield.label.bulk import record_lines
from fraudshield.label.dry_run import try_lines
from fraudshield.label.file import LabelLine, read_lines
from fraudshield.label.label import LabelRequest, read_label
from fraudshield.label.response import (
    LabelResponse,
    LabelsQuery,
    LabelsResponse,
    dry_run_response,
    file_entry,
    label_response,
    labels_response,
    labels_result,
)

router = APIRouter(dependencies=[Depends(scope("analyst"))])

LABEL = "/transactions/{transaction_id:segment}/label"


@router.get(LABEL, **documented(LabelResponse))
async def history(transaction_id: TransactionIdPath) -> Response:
    """List the label in force, and all that there were."""
    return json_response(label_response(transaction_id, label_wiring.labels().history(transaction_id)))


@router.put(LABEL, **documented(LabelResponse, LabelRequest))
async def label(request: Request, transaction_id: TransactionIdPath) -> Response:
    """Record a label; it is in force unless a newer one is there. The transaction leaves the review queue."""
    said = read_label(await json_body(request), datetime.now(UTC))
    recorded = label_wiring.labels().add(transaction_id, said, author(request))
    return json_response(label_response(transaction_id, recorded))


@router.delete(LABEL, **documented(LabelResponse))
async def take_back(request: Request, transaction_id: TransactionIdPath) -> Response:
    """Take back the label in force; the one before it, where there is one, is in force again."""
    left = label_wiring.labels().take_back(transaction_id, datetime.now(UTC), author(request))
    return json_response(label_response(transaction_id, left))


@router.post("/labels", **documented(LabelsResponse, CSV, ("422",), LabelsQuery))
async def labels(request: Request) -> Response:
    """Record up to 10,000 labels from a CSV with the columns transaction_id, label, source, labelled_at."""
    arrived, dry_run = time.monotonic(), query(request, LabelsQuery).dry_run
    body, by = await csv_body(request), author(request)
    lines = read_lines(body, datetime.now(UTC))
    readable = [line for line in lines if isinstance(line, LabelLine)]
    stop_at = arrived + WRITES_STOP_S
    if dry_run:
        tried = try_lines(label_wiring.known_labels(), readable, stop_at)
        return json_response(dry_run_response(lines, tried))
    done = record_lines(label_wiring.labels(), readable, by, stop_at)
    response = labels_response(lines, done)
    if (entry := file_entry(body, response, by, datetime.now(UTC))) is not None:
        audit_wiring.audit_log().add(entry)
    return json_response(response, labels_result(response))
