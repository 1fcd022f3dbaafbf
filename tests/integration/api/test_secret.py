"""The deployment's secret comes from Secrets Manager, once."""

from collections.abc import Callable

import pytest

from fraudshield.dynamo import wiring as dynamo_wiring
from fraudshield.errors import StoreUnavailable
from tests.stack import Stack, client


def test_the_secret_is_read_once_and_the_same_for_all(stack: Stack) -> None:
    secret = dynamo_wiring.signing_secret()
    assert len(secret) == 64
    client("secretsmanager").put_secret_value(SecretId=stack.resolver.refs["SigningSecret"], SecretString="another")
    assert dynamo_wiring.signing_secret() == secret


def test_a_secret_that_cannot_be_read_is_said_so_and_asked_for_again(stack: Stack, told: Callable[..., None]) -> None:
    arn = stack.resolver.refs["SigningSecret"]
    told(SIGNING_SECRET_ARN="nowhere")
    with pytest.raises(StoreUnavailable, match="signing secret"):
        dynamo_wiring.signing_secret()
    told(SIGNING_SECRET_ARN=arn)
    assert dynamo_wiring.signing_secret()
