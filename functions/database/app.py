"""Database: keeps transactions findable, learns the truth about them later, and forgets on request."""

from fraudshield.api.app import add_health, create_app
from fraudshield.api.entry import lambda_entry
from functions.database import account, label, log, prediction, statistic, transaction

app = create_app("database", "Transactions, predictions, labels, statistics, logs, erasure.")


add_health(app, "database")


app.include_router(label.router)
app.include_router(prediction.router)
app.include_router(transaction.router)
app.include_router(account.router)
app.include_router(statistic.router)
app.include_router(log.router)
lambda_handler = lambda_entry(app, "/api/v1/database")
