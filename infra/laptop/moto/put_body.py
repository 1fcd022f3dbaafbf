"""The body of a PUT as S3 takes it: the object, whatever its Content-Type says."""

from typing import Any

from werkzeug.wrappers import Request

from infra.laptop.moto.patch import Patch

_want_form_data_parsed = Request.want_form_data_parsed.fget  # type: ignore[attr-defined]


def want_form_data_parsed(request: Any) -> bool:
    """curl and urllib call any body a form unless they are told otherwise; moto read it as one and kept nothing."""
    return request.method != "PUT" and bool(_want_form_data_parsed(request))


PATCHES = (Patch(Request, "want_form_data_parsed", property(want_form_data_parsed)),)
