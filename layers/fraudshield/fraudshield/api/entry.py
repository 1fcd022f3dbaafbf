"""The Lambda handler of an HTTP function: the app responds, CORS headers are added, the request is measured."""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from mangum import Mangum

from fraudshield.api import gateway_event
from fraudshield.api.problem import PROBLEM, problem_response
from fraudshield.api.proxy import ProxyRequest
from fraudshield.api.route import route_of
from fraudshield.api.segment import ROOT, placed
from fraudshield.api.settings import OriginSettings
from fraudshield.api.usage import Usage
from fraudshield.errors import ConfigurationError
from fraudshield.settings import settings
from fraudshield.telemetry import Call, flush_metrics, logger, observe_request, observe_usage

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
TEXT_TYPES = ["application/json", PROBLEM, "text/"]  # all other bodies leave as base64
HEALTH = "/health"
GREEDY = "{proxy+}"  # where API Gateway's own log cannot tell routes apart


def lambda_entry(app: FastAPI, *prefixes: str, usage: Usage | None = None) -> Handler:
    """The Lambda handler of an HTTP function.

    `prefixes`, longest first, are the paths in the REST API under which the app's routes are; `usage` is the process's.
    """
    used = usage or Usage()
    mounted = {
        prefix: Mangum(
            app,
            lifespan="off",
            api_gateway_base_path=prefix,
            custom_handlers=[ProxyRequest],
            text_mime_types=TEXT_TYPES,
        )
        for prefix in (*prefixes, ROOT)
    }

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        began = time.monotonic()
        used.begin()
        prefix, path = placed(gateway_event.path(event), tuple(mounted))
        logger.append_keys(
            request_id=gateway_event.request_id(event),
            function_request_id=context.aws_request_id,
            client_request_id=gateway_event.client_request_id(event) or None,  # the formatter leaves out None
        )
        try:
            response = mounted[prefix](event, context)
        except ValueError:  # in reading the event: what goes wrong in the app has a response already
            response = _unreadable(event)
        if path != HEALTH:  # else each health check would cost a metric
            method, key = event["httpMethod"], gateway_event.key_id(event)
            route = route_of(app, prefix, path, method) if event["resource"].endswith(GREEDY) else ""
            status = response["statusCode"]
            call = Call(method, route, status, key, failed=status >= HTTPStatus.INTERNAL_SERVER_ERROR)
            observe_request(call, (time.monotonic() - began) * 1000)
            observe_usage(used.end(int(context.memory_limit_in_mb)))  # the runtime says it as a text
        flush_metrics()
        return _with_cors(_with_request_id(response, event), event)

    return handler


def _unreadable(event: Mapping[str, Any]) -> dict[str, Any]:
    detail = "The request holds text that is not Unicode, or a body that is not the base64 it says it is"
    problem = problem_response(event, HTTPStatus.BAD_REQUEST, "not_json", detail)
    return {
        "statusCode": problem.status_code,
        "multiValueHeaders": {"content-type": [PROBLEM]},
        "body": bytes(problem.body).decode(),
        "isBase64Encoded": False,
    }


def _with_request_id(response: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    if given := gateway_event.client_request_id(event):
        response["multiValueHeaders"] |= {"x-request-id": [given]}
    return response


def _with_cors(response: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    origin = gateway_event.origin(event)
    if origin is None:
        return response
    allowed = _allowed_origins()
    if origin in allowed or "*" in allowed:
        response["multiValueHeaders"] |= {"access-control-allow-origin": [origin], "vary": ["Origin"]}
    return response


def _allowed_origins() -> frozenset[str]:
    try:
        return settings(OriginSettings).allowed_origins
    except ConfigurationError:  # which the response reports already
        return frozenset()
