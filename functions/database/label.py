"""Labels: what was found out about a transaction, one by one or as a file; the newest stands, the history stays."""

import time
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield import http
from fraudshield.budget import WRITES_STOP_S
from fraudshield.documentation import CSV, documented
from fraudshield.label import LabelRequest, read_label
from fraudshield.label_answer import LabelAnswer, LabelsAnswer, label_answer, labels_answer, labels_result
from fraudshield.label_file import Line, read_lines
from fraudshield.wirings import label as label_wiring

router = APIRouter(dependencies=[Depends(http.scope("analyst"))])

LABEL = "/transactions/{transaction_id:path}/label"


@router.get(LABEL, **documented(LabelAnswer))
async def history(transaction_id: str) -> Response:
    """The label in force, and all that there were."""
    return http.json_response(label_answer(transaction_id, label_wiring.labels().history(transaction_id)))


@router.put(LABEL, **documented(LabelAnswer, LabelRequest))
async def label(request: Request, transaction_id: str) -> Response:
    """Record a label; it is in force unless a newer one is there. The transaction leaves the review queue."""
    said = read_label(await http.json_body(request), datetime.now(UTC))
    recorded = label_wiring.labels().add(transaction_id, said, http.caller(request))
    return http.json_response(label_answer(transaction_id, recorded))


@router.delete(LABEL, **documented(LabelAnswer))
async def take_back(request: Request, transaction_id: str) -> Response:
    """Take back the label in force; the one before it, where there is one, is in force again."""
    left = label_wiring.labels().take_back(transaction_id, datetime.now(UTC), http.request_id(request))
    return http.json_response(label_answer(transaction_id, left))


@router.post("/labels", **documented(LabelsAnswer, CSV, ("422",)))
async def labels(request: Request) -> Response:
    """Record up to 10,000 labels from a CSV with the columns transaction_id, label, source, labelled_at."""
    arrived = time.monotonic()
    lines = read_lines(await http.csv_body(request), datetime.now(UTC))
    readable = [(line.transaction_id, line.label) for line in lines if isinstance(line, Line)]
    done = label_wiring.labels().add_many(readable, http.caller(request), arrived + WRITES_STOP_S)
    answered = labels_answer(lines, done)
    return http.json_response(answered, labels_result(answered))
