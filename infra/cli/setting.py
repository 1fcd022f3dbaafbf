"""The settings a person makes: the environment over `.env`. Functions never read that file."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import typer

from fraudshield.errors import ConfigurationError
from fraudshield.settings import RETIRED

LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)", re.ASCII)
QUOTED = re.compile(r"""(["'])(.*)\1(?:\s+#.*)?""")
COMMENT = re.compile(r"(?:^|\s+)#.*")  # after a value, a blank sets it off


def _warn(text: str) -> None:
    """One line on standard error."""
    typer.echo(f"fraudshield: {text}", err=True)


def settings(
    env_file: Path, environment: Mapping[str, str] = os.environ, warn: Callable[[str], None] = _warn
) -> dict[str, str]:
    """What is set, by name. Empty means not set, also where the file says otherwise. A missing file sets nothing.

    A name that earlier versions read sets nothing: somebody who comes from there is told and can go on.

    Raises:
        ConfigurationError: a line of the file that sets nothing.
    """
    found = {name: value for name, value in (_read(env_file) | dict(environment)).items() if value}
    for name in RETIRED.keys() & found.keys():
        warn(f"{name} is not used any more and was passed over. {RETIRED[name]}")
    return {name: value for name, value in found.items() if name not in RETIRED}


def _read(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"{path} cannot be read: {exc}") from exc
    return dict(_pairs(text, path))


def _pairs(text: str, path: Path) -> Iterator[tuple[str, str]]:
    """Later lines win. What a value is stays out of the message: it may be a key."""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = LINE.fullmatch(stripped)
        if match is None:
            raise ConfigurationError(f"{path}, line {number}: expected NAME=value")
        yield match[1], _value(match[2])


def _value(text: str) -> str:
    quoted = QUOTED.fullmatch(text)
    return quoted[2] if quoted else COMMENT.sub("", text, count=1)
