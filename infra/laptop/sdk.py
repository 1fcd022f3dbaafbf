"""How an AWS SDK reaches the laptop: endpoints, and credentials that open nothing anywhere else."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.session import Session

from infra.laptop.intrinsic import PSEUDO

Client = Callable[[str], Any]  # a service's name to a boto3 client

REGION = PSEUDO["AWS::Region"]
KEY = "laptop"  # DynamoDB Local takes letters and digits only

CONNECTIONS = 64  # of one client, which several threads may share

NO_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": KEY,
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}

# botocore's own variables: name in the file, in the environment, default, conversion. A profile of the user's is no
# concern of ours, and one that is gone would stop us.
NOT_THE_USERS: Any = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


def default_client(service: str) -> Any:
    """A client for wherever the environment points."""
    return boto3.client(service)  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True)
class Sdk:
    """The endpoints of the services: URLs without a slash at the end."""

    services: str
    dynamodb: str
    functions: str

    def variables(self) -> dict[str, str]:
        """The variables for a program, so that its SDK talks to this machine whatever the user's own set-up is.

        Source: https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
        """
        return {
            "AWS_ENDPOINT_URL": self.services,
            "AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb,
            "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": self.dynamodb,
            "AWS_ENDPOINT_URL_LAMBDA": self.functions,
            **NO_ACCOUNT,
        }

    def client(self, service: str, read_timeout_s: float = 60.0) -> Any:
        """A boto3 client for this machine. Fails at once where nobody answers: the caller knows when to try again."""
        own = {"dynamodb": self.dynamodb, "dynamodbstreams": self.dynamodb, "lambda": self.functions}
        session: Any = boto3.Session(KEY, KEY, region_name=REGION, botocore_session=Session(NOT_THE_USERS))
        return session.client(
            service,
            endpoint_url=own.get(service, self.services),
            config=Config(
                proxies={},
                retries={"total_max_attempts": 1},
                read_timeout=read_timeout_s,
                max_pool_connections=CONNECTIONS,
                parameter_validation=service != "dynamodbstreams",  # dynoxide's shard ids are shorter than AWS's
            ),
        )
