"""The settings people type (environment or `.env`) as parameters of template.yaml."""

from collections.abc import Mapping

from fraudshield.errors import ConfigurationError

PARAMETER = {
    "TEST_API_KEY": "TestApiKey",
    "FRONTEND_API_KEY": "FrontendApiKey",
    "ADMIN_API_KEY": "AdminApiKey",
    "SECOND_TEST_API_KEY": "SecondTestApiKey",
    "SECOND_FRONTEND_API_KEY": "SecondFrontendApiKey",
    "SECOND_ADMIN_API_KEY": "SecondAdminApiKey",
    "SCORE_RATE_LIMIT": "ScoreRateLimit",
    "SCORE_BURST_LIMIT": "ScoreBurstLimit",
    "SCORE_CONCURRENCY": "ScoreConcurrency",
    "SCORING_ROLLOUT": "ScoringRollout",
    "SCORING_SNAP_START": "ScoringSnapStart",
    "CORS_ORIGINS": "CorsOrigins",
    "MAX_BATCH_SIZE": "MaxBatchSize",
    "MODEL_VERSION": "ModelVersion",
    "RETENTION_DAYS": "RetentionDays",
    "BATCH_CONCURRENCY": "BatchConcurrency",
    "BATCH_CHUNK_BYTES": "BatchChunkBytes",
    "BATCH_TIMEOUT": "BatchTimeout",
    "BATCH_FILE_DAYS": "BatchFileDays",
    "LOG_LEVEL": "LogLevel",
    "LOG_RETENTION_DAYS": "LogRetentionDays",
    "ALERT_CPU_THRESHOLD": "AlertCpuThreshold",
    "ALERT_MEMORY_THRESHOLD": "AlertMemoryThreshold",
    "ALERT_DISK_THRESHOLD": "AlertDiskThreshold",
    "ALARM_EMAIL": "AlarmEmail",
    "EMAIL_USERNAME": "FromEmail",  # an earlier name; where both are set the next one stands
    "FROM_EMAIL": "FromEmail",
    "PUBLIC_URL": "PublicUrl",
    "DOMAIN_NAME": "DomainName",
    "CERTIFICATE_ARN": "CertificateArn",
    "BASE_PATH": "BasePath",
}
REQUESTS, WINDOW = "RATE_LIMIT_REQUESTS", "RATE_LIMIT_WINDOW"
DEFAULT_REQUESTS, DEFAULT_WINDOW_S = "100", "60"
INTERVAL, RESPONSE_TIME = "MONITORING_INTERVAL", "ALERT_RESPONSE_TIME_THRESHOLD"
MINUTE_S, MOST_MINUTES = 60, 15
MOST_RESPONSE_S = 29  # after which API Gateway itself gives up


def parameters(env: Mapping[str, str]) -> dict[str, str]:
    """Template parameters by name, for what `env` sets; the rest keeps the template's defaults.

    The analyst and admin plans take bursts of RATE_LIMIT_REQUESTS and refill in RATE_LIMIT_WINDOW seconds.

    Raises:
        ConfigurationError: a number that is none, or out of bounds; named with what was found and expected.
    """
    given = {parameter: env[name] for name, parameter in PARAMETER.items() if env.get(name)}
    if env.get(REQUESTS) or env.get(WINDOW):
        requests = _positive(REQUESTS, env.get(REQUESTS) or DEFAULT_REQUESTS)
        window_s = _positive(WINDOW, env.get(WINDOW) or DEFAULT_WINDOW_S)
        given |= {"PlanBurstLimit": str(requests), "PlanRateLimit": f"{requests / window_s:.3f}"}
    if env.get(INTERVAL):
        given |= {"MonitoringInterval": env[INTERVAL], "MonitoringMinutes": str(_minutes(env[INTERVAL]))}
    if env.get(RESPONSE_TIME):
        given["AlertResponseTimeMs"] = str(_milliseconds(env[RESPONSE_TIME]))
    return given


def _minutes(text: str) -> int:
    interval_s = _positive(INTERVAL, text)
    minutes, rest = divmod(interval_s, MINUTE_S)
    if rest or minutes > MOST_MINUTES:
        raise ConfigurationError(f"{INTERVAL} is {text!r}; expected whole minutes in seconds, 60 to 900")
    return minutes


def _milliseconds(text: str) -> int:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= MOST_RESPONSE_S:
        raise ConfigurationError(f"{RESPONSE_TIME} is {text!r}; expected seconds, above 0 and up to {MOST_RESPONSE_S}")
    return max(1, round(seconds * 1000))


def _positive(name: str, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) == 0:
        raise ConfigurationError(f"{name} is {text!r}; expected a whole number above 0")
    return int(text)
