"""What moto's server refuses before anybody takes it for a failure."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from infra.laptop.moto.server import App, signed_only


def failing(status: str) -> App:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(status, [])
        return [b"from moto"]

    return app


def answered(app: App, **environ: str) -> tuple[str, bytes]:
    said: list[str] = []
    body = signed_only(app)({"QUERY_STRING": "", **environ}, lambda status, *rest: said.append(status))
    return said[0], b"".join(body)


def test_what_nobody_signed_and_moto_fails_on_is_refused_as_by_aws() -> None:
    assert answered(failing("500 INTERNAL SERVER ERROR")) == ("403 Forbidden", b"Missing Authentication Token")


@pytest.mark.parametrize(
    "signed", [{"HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 x"}, {"QUERY_STRING": "X-Amz-Signature=1"}]
)
def test_a_failure_that_a_client_of_aws_met_stays_one(signed: dict[str, str]) -> None:
    assert answered(failing("500 INTERNAL SERVER ERROR"), **signed) == ("500 INTERNAL SERVER ERROR", b"from moto")


def test_what_moto_answers_is_answered() -> None:
    assert answered(failing("200 OK")) == ("200 OK", b"from moto")
