"""The mails that moto's SES took, for whoever asks its server: moto itself shows them to nobody."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from moto.ses.models import ses_backends

from infra.laptop.intrinsic import PSEUDO
from infra.laptop.sdk import REGION

PATH = "/_mails"  # no bucket may be called so

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_mail_list(app: App) -> App:
    """Return `app`, answering `GET /_mails?from=3` with a list: the fourth mail and those behind it, as written."""

    def shown(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            return app(environ, start_response)
        first = int(parse_qs(environ.get("QUERY_STRING", "")).get("from", ["0"])[0])
        sent = ses_backends[PSEUDO["AWS::AccountId"]][REGION].sent_messages[first:]
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps([getattr(one, "raw_data", "") for one in sent]).encode()]

    return shown
