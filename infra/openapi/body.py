"""What the examples of operations send, and what their paths name."""

PAYMENT = {
    "transaction_id": "test_123",
    "step": 1,
    "type": "PAYMENT",
    "amount": 1000.0,
    "nameOrig": "C123456789",
    "oldbalanceOrg": 5000.0,
    "newbalanceOrig": 4000.0,
    "nameDest": "M987654321",
    "oldbalanceDest": 0.0,
    "newbalanceDest": 0.0,
}
QUEUED = PAYMENT | {"transaction_id": "test_124", "occurred_at": "2026-11-24T10:00:00Z"}
PREDICTION = {
    "transaction_id": "test_123",
    "risk_score": 0.02,
    "prediction": 0,
    "confidence": 0.98,
    "model_version": "2026-11",
    "service_used": "another-model",
}
SUBSCRIBER = {
    "notification_type": "high_risk_alerts",
    "contact": {"name": "Anna", "email": "anna@example.org"},
    "severity": "high",
    "quiet_hours": {"start": "22:00", "end": "06:00", "timezone": "Europe/Rome"},
}
POLICY = {
    "based_on": 1,
    "thresholds": {"review": 0.3, "block": 0.8},
    "conditions": [
        {
            "code": "large_transfer",
            "outcome": "review",
            "when": [{"field": "type", "any_of": ["TRANSFER"]}, {"field": "amount", "at_least": 200000}],
        }
    ],
    "note": "Large transfers are looked at",
}
EVENT_TYPE = {
    "name": "web_payment",
    "extends": "payment",
    "fields": {
        "device_id": {"kind": "text", "entity": "device", "personal": True},
        "currency": {"kind": "category", "values": ["EUR", "USD"]},
    },
}
TO_SOMEBODY = {"type": "TRANSFER", "newbalanceOrig": 0.0, "nameDest": "C987654321"}
RATES = "currency,from,rate\nJPY,2026-11-01,0.0060\nUSD,2026-11-01,0.92\n"
FLAGGED = PAYMENT | TO_SOMEBODY | {"transaction_id": "test_125", "amount": 5000.0}
ONE, FLAGGED_ONE = {"transaction_id": "test_123"}, {"transaction_id": "test_125"}
CLAIM = {"X-Claim": "qIvRwL2mQyaDmYzyqEcmGw"}
JOB = {"job_id": "job-0123456789abcdef0123456789abcdef"}
BACKTEST = {"backtest_id": "backtest-0123456789abcdef0123456789abcdef"}
ALERT = {"alert_id": "2026-11-24T10:00:00.000000Z~Degraded"}
LIST = {"name": "mule_accounts"}
