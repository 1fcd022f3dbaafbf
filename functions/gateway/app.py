"""Gateway: the root of the API shows the page, and says how the services are and what they offer."""

from datetime import UTC, datetime
from pathlib import Path

from fastapi import Depends, Response

from fraudshield.api.app import add_health, create_app
from fraudshield.api.entry import lambda_entry
from fraudshield.api.openapi import documented
from fraudshield.api.request import scope
from fraudshield.api.response import json_response
from fraudshield.monitoring import service_wiring as monitoring_service_wiring
from fraudshield.monitoring.service_health import ServicesStatus, services_status
from functions.gateway import page

HERE = Path(__file__).parent

app = create_app("gateway", "Says how the services are and describes the API.")


add_health(app, "gateway", description="The gateway itself is up.")
app.include_router(page.router)


@app.get("/services/status", dependencies=[Depends(scope("score"))], **documented(ServicesStatus))
async def status() -> Response:
    """How every service is, asked now and in parallel."""
    return json_response(services_status(monitoring_service_wiring.services().health(), datetime.now(UTC)))


@app.get("/openapi.json", include_in_schema=False)
async def openapi() -> Response:
    """The whole API as one OpenAPI document."""
    return Response((HERE / "openapi.json").read_bytes(), media_type="application/json")


lambda_handler = lambda_entry(app)
