"""All HTTP functions as one API, in process: a request goes to the function that API Gateway would ask."""

from fraudshield.api.entry import Handler
from functions.analytics import app as analytics
from functions.batch import app as batch
from functions.database import app as database
from functions.gateway import app as gateway
from functions.ingest import app as ingest
from functions.model import app as model
from functions.monitoring import app as monitoring
from functions.notification import app as notification
from functions.policy import app as policy

HANDLERS: dict[str, Handler] = {
    "/api/v1/policy": policy.lambda_handler,
    "/api/v1/model/versions": policy.lambda_handler,
    "/api/v1/model/comparisons": policy.lambda_handler,
    "/api/v1/model/rollback": policy.lambda_handler,
    "/api/v1/model/thresholds/propose": policy.lambda_handler,
    "/api/v1/analytics": analytics.lambda_handler,
    "/api/v1/batch": batch.lambda_handler,
    "/api/v1/database": database.lambda_handler,
    "/api/v1/ingest": ingest.lambda_handler,
    "/api/v1/monitoring": monitoring.lambda_handler,
    "/api/v1/notifications": notification.lambda_handler,
    "/api/v1": model.lambda_handler,
    "": gateway.lambda_handler,
}


def handler_of(path: str) -> Handler:
    """The function behind a path."""
    return next(handler for prefix, handler in HANDLERS.items() if path.startswith(prefix))
