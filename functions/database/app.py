"""Database: keeps transactions findable, learns the truth about them later, and forgets on request."""

from fraudshield.api.app import add_health, create_app
from fraudshield.api.entry import lambda_entry
from fraudshield.api.health import health
from fraudshield.dependency import Needs
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.event_type import wiring as event_type_wiring
from fraudshield.transaction import wiring as transaction_wiring
from functions.database import account, entity, label, log, note, prediction, review, statistic, timeline, transaction

app = create_app("database", "Transactions, predictions, labels, statistics, logs, erasure.")


def _needs() -> Needs:
    """Without the table it can do nothing; the secret is for cursors and erasure."""
    return Needs(
        vital=[(transaction_wiring.transactions_needed(),)],
        besides=[event_type_wiring.documents_needed(), dynamo_wiring.secret_needed()],
    )


add_health(app, "database", lambda name, now: health(name, _needs, now), "Healthy, degraded and why, or 503.")


app.include_router(label.router)
app.include_router(prediction.router)
app.include_router(transaction.router)
app.include_router(review.router)
app.include_router(note.router)
app.include_router(timeline.router)
app.include_router(account.router)
app.include_router(entity.router)
app.include_router(statistic.router)
app.include_router(log.router)
lambda_handler = lambda_entry(app, "/api/v1/database")
