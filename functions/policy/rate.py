"""Exchange rates: one dated table, by which payments in other currencies are converted."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response

from fraudshield.api.openapi import CSV, documented, documented_with_csv
from fraudshield.api.request import accepts_csv, author, csv_body, query, scope
from fraudshield.api.response import csv_response, json_response
from fraudshield.errors import InvalidInput, RatesConflict
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.rate import wiring as rate_wiring
from fraudshield.rate.request import RatesQuery, base_of, read_rates
from fraudshield.rate.response import RatesResponse, RatesVersion, rates_csv, rates_response, rates_version

router = APIRouter()


@router.put(
    "/rates",
    dependencies=[Depends(scope("admin"))],
    **documented(RatesVersion, CSV, query=RatesQuery, raises=(InvalidInput, RatesConflict)),
)
async def put_rates(request: Request) -> Response:
    """Replace all rates by a CSV with the columns currency, from, rate; what says the same makes no new version."""
    said, body, by = query(request, RatesQuery).base, await csv_body(request), author(request)
    reporting = [] if said else [one.reporting for one in event_type_wiring.event_types().all()]
    table = read_rates(body, base_of(said, [one for one in reporting if one]))
    return json_response(rates_version(rate_wiring.rates().put(table, by, datetime.now(UTC))))


@router.get("/rates", dependencies=[Depends(scope("analyst"))], **documented_with_csv(RatesResponse))
async def rates(request: Request) -> Response:
    """Show the rates in force, all of them; as CSV where `Accept` asks for it, which may be put again."""
    newest = rate_wiring.rates().newest()
    if accepts_csv(request):
        return csv_response(request, rates_csv(newest), "rates.csv", None)
    return json_response(rates_response(newest))
