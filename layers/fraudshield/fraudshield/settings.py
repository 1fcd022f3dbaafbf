"""Environment variables, read once and in one place: field `log_level` comes from `LOG_LEVEL`, and so on."""

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from fraudshield.errors import ConfigurationError

RETIRED = {
    "DATABASE_URL": "DynamoDB holds the data: set TRANSACTIONS_TABLE, and AWS_ENDPOINT_URL_DYNAMODB for another engine",
    "EMAIL_PASSWORD": "SES sends the mail and needs no password: set FROM_EMAIL to a verified sender",
}


class Settings(BaseModel):
    """What every function may be told from outside. A concept that needs more says so in a class of its own."""

    model_config = ConfigDict(frozen=True)

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Self:
        """The fields of this class, and no others. Empty variables count as absent.

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


Kind = TypeVar("Kind", bound=Settings)


def settings(kind: type[Kind]) -> Kind:
    """This process's settings of one kind. Raises ConfigurationError."""
    return cast(Kind, _of_this_process(kind))


@lru_cache
def _of_this_process(kind: type[Settings]) -> Settings:
    return kind.from_env()
