"""What each operation is called in generated clients, and an example of it that runs."""

from collections.abc import Mapping

from infra.openapi.body import (
    ALERT,
    BACKTEST,
    CLAIM,
    EVENT_TYPE,
    FLAGGED,
    FLAGGED_ONE,
    JOB,
    LIST,
    ONE,
    PAYMENT,
    POLICY,
    PREDICTION,
    QUEUED,
    RATES,
    SUBSCRIBER,
)
from infra.openapi.named_operation import Operation
from infra.openapi.policy_operation import POLICY_OPERATIONS

# By method and path, in an order in which the examples can be sent: what is named was made before.
OPERATIONS: Mapping[str, Operation] = {
    "GET /health": Operation("getHealth"),
    "GET /services/status": Operation("getServicesStatus"),
    # Scoring
    "POST /api/v1/score": Operation("scoreTransactions", {"transactions": [PAYMENT, FLAGGED]}),
    "POST /api/v1/model/explain": Operation("explainTransaction", {"transaction_id": "test_123"}),
    "POST /api/v1/model/replay": Operation("replayDecision", {"transaction_id": "test_123"}),
    "POST /api/v1/model/replays": Operation("replayDecisions", {"transaction_ids": ["test_123", "test_124"]}),
    "GET /api/v1/model/model/info": Operation("getModelInfo"),
    "GET /api/v1/model/policy": Operation("getPolicy"),
    "PUT /api/v1/model/policy": Operation("replacePolicy", POLICY),
    "GET /api/v1/model/health": Operation("getModelHealth"),
    "POST /api/v1/ingest/ingest": Operation("ingestTransactions", {"transaction": QUEUED}),
    "POST /api/v1/ingest/score": Operation("scoreIngestedTransactions", {"transactions": [PAYMENT], "store": False}),
    "GET /api/v1/ingest/transactions": Operation("listIngestedTransactions", query={"limit": 10, "date": "2026-11-24"}),
    "GET /api/v1/ingest/export": Operation("exportTransactions", query={"limit": 1000}),
    "GET /api/v1/ingest/stats": Operation("getIngestStats"),
    "GET /api/v1/ingest/quality": Operation("getDataQuality", query={"days": 7}),
    "GET /api/v1/ingest/health": Operation("getIngestHealth"),
    # Stored transactions
    "POST /api/v1/database/transactions": Operation("storeTransaction", {"transaction": PAYMENT}),
    "GET /api/v1/database/transactions": Operation(
        "listTransactions", query={"sort": "expected_loss", "outcome": "review", "labelled": False}
    ),
    "GET /api/v1/database/decisions": Operation("listDecisions", query={"start_date": "2026-11-24", "limit": 10}),
    "GET /api/v1/database/transactions/{transaction_id}": Operation("getTransaction", path=ONE),
    "POST /api/v1/database/transactions/{transaction_id}/facts": Operation(
        "tellFacts", {"declined_by_issuer": True}, path={"transaction_id": "web_1"}
    ),
    "POST /api/v1/database/predictions": Operation("storePrediction", {"prediction": PREDICTION}),
    "GET /api/v1/database/predictions": Operation("listPredictions", query=ONE),
    "PUT /api/v1/database/transactions/{transaction_id}/label": Operation(
        "labelTransaction", {"label": "genuine", "source": "analyst"}, path=ONE
    ),
    "GET /api/v1/database/transactions/{transaction_id}/label": Operation("getLabels", path=ONE),
    "POST /api/v1/database/labels": Operation("uploadLabels", "transaction_id,label\ntest_123,fraud\n"),
    "DELETE /api/v1/database/transactions/{transaction_id}/label": Operation("takeBackLabel", path=ONE),
    # Reviews
    "POST /api/v1/database/reviews/next": Operation(
        "claimNextReview",
        {"filters": {"outcome": "review,block", "min_amount": 1000}, "after_skipping": ["test_124"]},
        makes={"X-Claim": "/review/claim"},
    ),
    "POST /api/v1/database/reviews/{transaction_id}/claim": Operation("extendClaim", path=FLAGGED_ONE, headers=CLAIM),
    "POST /api/v1/database/reviews/{transaction_id}/verdict": Operation(
        "giveVerdict",
        {"verdict": "decline", "label": "fraud", "reason": "account_taken_over", "note": "The holder called"},
        path=FLAGGED_ONE,
        headers=CLAIM,
    ),
    "GET /api/v1/database/reviews/{transaction_id}/verdict": Operation("getVerdicts", path=FLAGGED_ONE),
    "DELETE /api/v1/database/reviews/{transaction_id}/verdict": Operation(
        "undoVerdict", path=FLAGGED_ONE, headers=CLAIM
    ),
    "DELETE /api/v1/database/reviews/{transaction_id}/claim": Operation(
        "releaseClaim", path=FLAGGED_ONE, headers=CLAIM
    ),
    "POST /api/v1/database/reviews/verdicts": Operation(
        "giveVerdicts", {"verdicts": [{"transaction_id": "test_125", "verdict": "release"}]}
    ),
    "GET /api/v1/database/reviews": Operation("listClosedReviews", query={"limit": 100}),
    "POST /api/v1/database/transactions/{transaction_id}/notes": Operation(
        "addNote", {"note": "The holder is on holiday"}, path=ONE
    ),
    "GET /api/v1/database/transactions/{transaction_id}/timeline": Operation("getTimeline", path=FLAGGED_ONE),
    "GET /api/v1/database/accounts/{account}": Operation("getAccount", path={"account": "C123456789"}),
    "GET /api/v1/database/entities/{entity}/{value}": Operation(
        "getEntity", path={"entity": "account", "value": "C123456789"}
    ),
    "GET /api/v1/database/entities/{entity}/{value}/links": Operation(
        "getEntityLinks", path={"entity": "account", "value": "C123456789"}
    ),
    "GET /api/v1/database/statistics": Operation("getStatistics"),
    "GET /api/v1/database/logs": Operation("listLogs", query={"level": "ERROR", "since": "2026-11-24T00:00:00Z"}),
    "GET /api/v1/database/performance": Operation("getPerformance", query={"hours": 24}),
    "GET /api/v1/database/health": Operation("getDatabaseHealth"),
    # Files
    "POST /api/v1/batch/uploads": Operation("createUpload", {"file_name": "march.csv"}),
    "POST /api/v1/batch/jobs": Operation(
        "createJob",
        {"job_type": "process_transactions", "data": {"transactions": [PAYMENT]}},
        makes={"job_id": "/job_id"},
    ),
    "GET /api/v1/batch/jobs": Operation("listJobs", query={"status": "completed"}),
    "GET /api/v1/batch/jobs/{job_id}": Operation("getJob", path=JOB),
    "DELETE /api/v1/batch/jobs/{job_id}": Operation("cancelJob", path=JOB),
    "GET /api/v1/batch/stats": Operation("getJobStats"),
    "GET /api/v1/batch/health": Operation("getBatchHealth"),
    # Event types
    "POST /api/v1/policy/event-types": Operation("putEventType", EVENT_TYPE),
    "GET /api/v1/policy/event-types": Operation("listEventTypes"),
    "GET /api/v1/policy/event-types/{name}": Operation("getEventType", path={"name": "web_payment"}),
    "GET /api/v1/policy/event-types/{name}/versions/{version}": Operation(
        "getEventTypeVersion", path={"name": "web_payment", "version": "1"}
    ),
    **POLICY_OPERATIONS,
    "PUT /api/v1/policy/rates": Operation("putRates", RATES, query={"base": "EUR"}),
    "GET /api/v1/policy/rates": Operation("getRates"),
    "POST /api/v1/policy/versions/{version}/backtests": Operation(
        "startBacktest",
        {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"},
        path={"version": "1"},
        makes={"backtest_id": "/backtest_id"},
    ),
    "GET /api/v1/policy/backtests/{backtest_id}": Operation("getBacktest", path=BACKTEST),
    "PUT /api/v1/policy/lists/{name}": Operation(
        "putList", {"kind": "account", "description": "Accounts that took stolen money"}, path=LIST
    ),
    "GET /api/v1/policy/library": Operation("listLibraryRules"),
    "GET /api/v1/policy/lists": Operation("listLists"),
    "POST /api/v1/policy/lists/{name}/entries": Operation(
        "addListEntry",
        {"value": "C555000111", "note": "Told by the bank", "expires_at": "2096-11-24T10:00:00Z"},
        path=LIST,
    ),
    "GET /api/v1/policy/lists/{name}/entries": Operation("listListEntries", query={"limit": 100}, path=LIST),
    "DELETE /api/v1/policy/lists/{name}/entries/{listed_value}": Operation(
        "removeListEntry", path=LIST | {"listed_value": "C555000111"}
    ),
    "GET /api/v1/policy/audit": Operation("listAudit", query={"since": "2026-11-24", "kind": "event_type"}),
    "GET /api/v1/policy/rules/statistics": Operation("getRuleStatistics", query={"days": 30}),
    "GET /api/v1/policy/health": Operation("getPolicyHealth"),
    # Figures
    "GET /api/v1/analytics/fraud-trends": Operation("getFraudTrends", query={"days": 30}),
    "GET /api/v1/analytics/transaction-patterns": Operation("getTransactionPatterns", query={"days": 30}),
    "GET /api/v1/analytics/risk-distribution": Operation("getRiskDistribution", query={"sources": "api,queue,batch"}),
    "GET /api/v1/analytics/model-performance": Operation("getModelPerformance", query={"days": 90}),
    "GET /api/v1/analytics/dashboard-summary": Operation("getDashboardSummary", query={"days": 30}),
    "GET /api/v1/analytics/health": Operation("getAnalyticsHealth"),
    # Alerts
    "POST /api/v1/notifications/subscribers": Operation(
        "subscribe", SUBSCRIBER, makes={"subscriber_id": "/subscriber/subscriber_id"}
    ),
    "GET /api/v1/notifications/subscribers": Operation("listSubscribers"),
    "POST /api/v1/notifications/fraud-alert": Operation("sendFraudAlert", {"transaction": PAYMENT, "risk_score": 0.97}),
    "POST /api/v1/notifications/system-alert": Operation(
        "sendSystemAlert",
        {"alert_type": "maintenance", "message": "The core bank is down from 22:00", "details": {"hours": 2}},
    ),
    "GET /api/v1/notifications/thresholds": Operation("getAlertThresholds"),
    "PUT /api/v1/notifications/thresholds": Operation(
        "replaceAlertThresholds", {"based_on": 1, "alert_risk": 0.5, "critical_risk": 0.9, "mails_per_hour": 12}
    ),
    "GET /api/v1/notifications/thresholds/history": Operation("listAlertThresholds"),
    "GET /api/v1/notifications/history": Operation("listMails", query={"limit": 10}),
    "GET /api/v1/notifications/stats": Operation("getMailStats", query={"days": 30}),
    "DELETE /api/v1/notifications/subscribers/{subscriber_id}": Operation(
        "endSubscription", path={"subscriber_id": "0123456789abcdef01234567"}
    ),
    "GET /api/v1/notifications/health": Operation("getNotificationHealth"),
    # Operation
    "GET /api/v1/monitoring/overview": Operation("getOverview"),
    "GET /api/v1/monitoring/services": Operation("listServices", query={"hours": 24}),
    "GET /api/v1/monitoring/metrics": Operation("getMetrics", query={"hours": 24}),
    "GET /api/v1/monitoring/alerts": Operation("listAlerts", query={"hours": 24}, makes={"alert_id": "/alerts/0/id"}),
    "POST /api/v1/monitoring/alerts/{alert_id}/acknowledge": Operation("acknowledgeAlert", path=ALERT),
    "GET /api/v1/monitoring/health": Operation("getMonitoringHealth"),
    # At last, for nothing that was stored under the account's name is there afterwards
    "DELETE /api/v1/database/accounts/{account}": Operation("eraseAccount", path={"account": "C123456789"}),
    "DELETE /api/v1/database/transactions/{transaction_id}": Operation("erasePayment", path=ONE),
    "DELETE /api/v1/database/entities/{entity}/{value}": Operation(
        "eraseEntityValue", path={"entity": "device", "value": "d-1"}
    ),
}
