"""Environment variables, read once and in one place: field `log_level` comes from `LOG_LEVEL`, and so on."""

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fraudshield.errors import ConfigurationError

RETIRED = {
    "DATABASE_URL": "DynamoDB holds the data: set TRANSACTIONS_TABLE, and AWS_ENDPOINT_URL_DYNAMODB for another engine",
    "EMAIL_PASSWORD": "SES sends the mail and needs no password: set FROM_EMAIL to a verified sender",
}


class Settings(BaseModel):
    """What a function may be told from outside."""

    model_config = ConfigDict(frozen=True)

    transactions_table: str
    policies_table: str
    aggregates_table: str
    erasures_table: str
    monitoring_table: str
    ingest_queue_url: str
    logs_table: str
    jobs_table: str
    jobs_bucket: str
    jobs_topic_arn: str
    file_erasures_queue_url: str
    batch_machine_arn: str
    unpersisted_queue_url: str
    aggregates_retry_queue_url: str
    notifications_table: str
    mail_queue_url: str
    alerts_retry_queue_url: str
    mail_configuration_set: str = ""
    from_email: str = ""
    public_url: str = ""
    signing_secret_arn: str
    model_dir: Path = Path("/opt/model")
    model_version: str = ""
    max_batch_size: Annotated[int, Field(ge=1, le=1000)] = 1000
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    cors_origins: str = ""
    score_key_id: str = ""
    analyst_key_id: str = ""
    admin_key_id: str = ""
    service_functions: Annotated[str, Field(pattern=r"^([a-z]+=[^=,\s]+(,[a-z]+=[^=,\s]+)*)?$")] = ""
    dead_letter_queue_urls: str = ""
    monitoring_interval: Annotated[int, Field(ge=60, le=900)] = 300
    powertools_metrics_namespace: str = "FraudShield"
    log_retention_days: Annotated[int, Field(ge=1, le=3653)] = 30
    retention_days: Annotated[int, Field(ge=0, le=36500)] = 0
    batch_chunk_bytes: Annotated[int, Field(ge=64, le=64 << 20)] = 8 << 20
    batch_concurrency: Annotated[int, Field(ge=1, le=1000)] = 10
    batch_file_days: Annotated[int, Field(ge=1, le=3650)] = 90

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Empty variables count as absent.

        Raises:
            ConfigurationError: names every variable at fault, and old names with what replaced them.
        """
        for name, advice in RETIRED.items():
            if env.get(name):
                raise ConfigurationError(f"{name} is not used any more. {advice}")
        given = {name: env[name.upper()] for name in cls.model_fields if env.get(name.upper())}
        try:
            return cls.model_validate(given)
        except ValidationError as exc:
            faults = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in exc.errors(include_url=False))
            raise ConfigurationError(faults) from exc

    @property
    def allowed_origins(self) -> frozenset[str]:
        """The origins a browser may call from; `*` allows any."""
        return frozenset(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())

    @property
    def scopes_by_key_id(self) -> dict[str, str]:
        """Which scope the key of an id has."""
        by_id = {self.score_key_id: "score", self.analyst_key_id: "analyst", self.admin_key_id: "admin"}
        return {key_id: scope for key_id, scope in by_id.items() if key_id}

    @property
    def dead_letter_queues(self) -> tuple[str, ...]:
        """The URLs of the queues that should be empty."""
        return tuple(filter(None, self.dead_letter_queue_urls.split(",")))

    @property
    def functions_by_service(self) -> dict[str, str]:
        """The functions behind the services, from `model=NAME,ingest=NAME`."""
        pairs = (pair.partition("=") for pair in self.service_functions.split(",") if pair)
        return {service: function for service, _, function in pairs}


@lru_cache
def settings() -> Settings:
    """This process's settings."""
    return Settings.from_env()
