"""Settings of the HTTP edge: whose key is whose, who may call from a browser, how large a request may be."""

from typing import Annotated

from pydantic import Field

from fraudshield.settings import Settings


class KeySettings(Settings):
    """The ids of the API keys; without one, nobody has its scope."""

    score_key_id: str = ""
    analyst_key_id: str = ""
    admin_key_id: str = ""

    @property
    def scopes_by_key_id(self) -> dict[str, str]:
        """Which scope the key of an id has."""
        by_id = {self.score_key_id: "score", self.analyst_key_id: "analyst", self.admin_key_id: "admin"}
        return {key_id: scope for key_id, scope in by_id.items() if key_id}


class OriginSettings(Settings):
    """The origins whose pages may call."""

    cors_origins: str = ""

    @property
    def allowed_origins(self) -> frozenset[str]:
        """The origins a browser may call from; `*` allows any."""
        return frozenset(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())


class RequestSettings(Settings):
    """How much one request may hold."""

    max_batch_size: Annotated[int, Field(ge=1, le=1000)] = 1000
