"""An operation's name, and an example of a request."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation's name, which clients are generated with and which stays, and an example of a request.

    `makes` says where its response has what the path or a header of others names: by that name a JSON pointer.
    """

    id: str
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    makes: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def target(self, path: str) -> str:
        """The path of the example, with what it asks behind the question mark."""
        named = {name: quote(value, safe="") for name, value in self.path.items()}
        asked = f"?{urlencode({name: _shown(value) for name, value in self.query.items()})}" if self.query else ""
        return path.format_map(named) + asked

    @property
    def content(self) -> tuple[str, str] | None:
        """The media type and the text of the example's body."""
        if self.body is None:
            return None
        return ("text/csv", self.body) if isinstance(self.body, str) else ("application/json", json.dumps(self.body))

    def curl(self, server: str, method: str, path: str, *, keyless: bool) -> str:
        """The example as a command; the key is in the variable API_KEY."""
        command = ["curl", *([] if method == "GET" else ["-X", method]), shlex.quote(server + self.target(path))]
        if not keyless:
            command += ["-H", '"X-API-Key: $API_KEY"']
        for name, value in self.headers.items():
            command += ["-H", shlex.quote(f"{name}: {value}")]
        if self.content:
            media_type, text = self.content
            command += ["-H", f"'Content-Type: {media_type}'", "--data-binary", shlex.quote(text)]
        return " ".join(command)


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
