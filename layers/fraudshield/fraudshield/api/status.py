"""All status codes: which error and which result of a request has which."""

from collections.abc import Mapping
from http import HTTPStatus

from fraudshield.errors import (
    ConfigurationError,
    Conflict,
    FraudShieldError,
    InvalidInput,
    Malformed,
    NotFound,
    ScopeMissing,
    TooLarge,
    TooManyAtOnce,
    Unavailable,
    WrongMediaType,
)
from fraudshield.result import Result

STATUS: Mapping[type[FraudShieldError], HTTPStatus] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    WrongMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Conflict: HTTPStatus.CONFLICT,
    TooManyAtOnce: HTTPStatus.TOO_MANY_REQUESTS,
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    ScopeMissing: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    ConfigurationError: HTTPStatus.SERVICE_UNAVAILABLE,
}
RESULT_STATUS: Mapping[Result, HTTPStatus] = {
    Result.DONE: HTTPStatus.OK,
    Result.CREATED: HTTPStatus.CREATED,
    Result.QUEUED: HTTPStatus.ACCEPTED,
    Result.ALL_FAILED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Result.ALL_CONFLICTING: HTTPStatus.CONFLICT,
}
