"""The services, to be asked for their health; apart from the rest of monitoring, since the gateway needs no more."""

from dataclasses import replace
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from fraudshield.aws import client
from fraudshield.budget import COLD_HEALTH_S
from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.monitoring.lambda_health import LambdaServices
from fraudshield.settings import Settings, settings


class ServiceSettings(Settings):
    """The functions whose health is asked for, as `model=NAME,ingest=NAME`."""

    service_functions: Annotated[str, Field(pattern=r"^([a-z]+=[^=,\s]+(,[a-z]+=[^=,\s]+)*)?$")] = ""

    @property
    def functions_by_service(self) -> dict[str, str]:
        """The functions behind the services."""
        pairs = (pair.partition("=") for pair in self.service_functions.split(",") if pair)
        return {service: function for service, _, function in pairs}


@lru_cache
def services() -> LambdaServices:
    """The other functions, to be asked for their health."""
    return LambdaServices(settings(ServiceSettings).functions_by_service, dynamo_wiring.pool())


@lru_cache
def patient_services() -> LambdaServices:
    """The same, with the time that a cold start takes."""
    return replace(services(), wait_s=COLD_HEALTH_S, connect=client.patient_lambda)
