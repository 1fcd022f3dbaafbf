"""Settings of the HTTP edge: whose key is whose, who may call from a browser, how large a request may be."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from fraudshield.settings import Settings

# As browsers write it in `Origin` (RFC 6454, 6.2): nothing else would ever be let in. template.yaml has the same.
ORIGIN = re.compile(r"\*|[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
NO_ORIGIN = (
    "an origin is a scheme and a host in lower case without a slash or path, as https://a.example; found {found}"
)


class KeySettings(Settings):
    """The ids of the API keys, with commas between: one a scope, two while callers change over; without, nobody's."""

    score_key_ids: str = ""
    analyst_key_ids: str = ""
    admin_key_ids: str = ""

    @property
    def scopes_by_key_id(self) -> dict[str, str]:
        """Which scope the key of an id has."""
        of_scope = {"score": self.score_key_ids, "analyst": self.analyst_key_ids, "admin": self.admin_key_ids}
        return {key_id: scope for scope, ids in of_scope.items() for key_id in ids.split(",") if key_id}


class KeylessSettings(Settings):
    """The scope of a request that came without a key's id: for `sam local`, which passes none. Elsewhere nothing."""

    keyless_scope: Literal["", "score", "analyst", "admin"] = ""


def _origins(value: object) -> object:
    listed = [origin.strip() for origin in str(value).split(",") if origin.strip()]
    wrong = [origin for origin in listed if not ORIGIN.fullmatch(origin)]
    if wrong:
        raise PydanticCustomError("origin", NO_ORIGIN, {"found": wrong[0][:80]})
    return value


class OriginSettings(Settings):
    """The origins whose pages may call."""

    cors_origins: Annotated[str, BeforeValidator(_origins)] = ""

    @property
    def allowed_origins(self) -> frozenset[str]:
        """The origins a browser may call from; `*` allows any."""
        return frozenset(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())


class UploadSettings(Settings):
    """The bucket that presigned links lead to, which the page sends files to."""

    upload_bucket: str


class RequestSettings(Settings):
    """How much one request may hold."""

    max_batch_size: Annotated[int, Field(ge=1, le=1000)] = 1000
