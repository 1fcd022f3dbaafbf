"""The path of a request: split into segments before anything is decoded, so that `x%2Flabel` stays one segment."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from starlette.convertors import Convertor, register_url_convertor

ROOT = "/"
PLACEHOLDER = re.compile(r"\{(\w+)\+?\}")
ESCAPED = re.compile("%(?:25|2F)")
CHARACTERS = {"%25": "%", "%2F": "/"}


def sent_path(resource: str, parameters: Mapping[str, str]) -> str:
    """The path below the API's root, percent-encoded as it was sent, without the slash at its end.

    API Gateway's own `path` begins with the base path of a custom domain, where there is one; `resource` and
    `pathParameters`, which are not decoded, do not.
    """
    return PLACEHOLDER.sub(lambda found: parameters.get(found[1], ""), resource).removesuffix("/") or ROOT


def below(prefix: str, path: str) -> str | None:
    """The path behind a prefix of whole segments; None where it is not below it."""
    if prefix == ROOT:
        return path
    return path.removeprefix(prefix) or ROOT if f"{path}/".startswith(f"{prefix}/") else None


def routable(path: str) -> str:
    """The path with every segment decoded, save for its slashes and percent signs: routes are told apart by this."""
    return "/".join(unquote(one).replace("%", "%25").replace("/", "%2F") for one in path.split("/"))


def placed(path: str, prefixes: Sequence[str]) -> tuple[str, str]:
    """The first prefix that the path is below, and the rest; the root where it is below none."""
    return next(((prefix, rest) for prefix in prefixes if (rest := below(prefix, path))), (ROOT, path))


class SegmentConvertor(Convertor[str]):
    """A parameter that is one segment: `{transaction_id:segment}`."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """The segment as its sender meant it."""
        return ESCAPED.sub(lambda found: CHARACTERS[found[0]], value)

    def to_string(self, value: str) -> str:
        """The segment as routes are told apart by it."""
        return value.replace("%", "%25").replace("/", "%2F")


register_url_convertor("segment", SegmentConvertor())
