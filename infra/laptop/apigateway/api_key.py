"""The API keys of the laptop: those people set, and random ones in place of the others, kept between runs."""

import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from infra.laptop import private_file
from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from infra.laptop.template import of_type

SENDABLE = re.compile(r"[!-~]{1,128}")  # what a header can carry and API Gateway takes
ADVICE = "delete it to have new keys made"
AWS_LENGTH = 20  # API Gateway refuses a shorter key


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key's value, the setting that holds it, the template parameter it stands for, and whether it was made here."""

    setting: str
    parameter: str
    value: str
    made: bool

    @property
    def too_short_for_aws(self) -> bool:
        """Whether AWS would refuse a key that is taken here."""
        return len(self.value) < AWS_LENGTH


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key as the API knows it: by the id that functions see."""

    id: str
    setting: str
    value: str


def keys(
    parameters: Mapping[str, str], second: Mapping[str, str], settings: Mapping[str, str], kept: Path
) -> tuple[ApiKey, ...]:
    """One key for each setting; what had to be made is written to `kept`, for this user's eyes only.

    `parameters` are the template's, by the setting that holds the key; of those in `second` only what is set is a key.
    Delete the file for new keys.

    Raises:
        SetupError: a key that no header can carry, two settings with one value, an unreadable file.
    """
    before = _kept(kept)
    found = tuple(
        _key(setting, parameter, settings.get(setting, ""), before.get(setting, ""))
        for setting, parameter in {**parameters, **{one: second[one] for one in second if settings.get(one)}}.items()
    )
    if len({key.value for key in found}) < len(found):
        raise SetupError(
            f"{', '.join(key.setting for key in found)} must differ: a key's value says what its bearer may do"
        )
    made = {key.setting: key.value for key in found if key.made}
    if made.items() - before.items():
        private_file.write(kept, {**before, **made})
    return found


class ApiKeys:
    """The template's API keys with the laptop's values."""

    def __init__(self, resolver: Resolver, chosen: Sequence[ApiKey]) -> None:
        values = {key.parameter: key.value for key in chosen}
        known = replace(resolver, parameters={**resolver.parameters, **values})
        setting = {key.value: key.setting for key in chosen}
        self._held = tuple(
            IssuedKey(resolver.ref(name), setting[value], value)
            for name, properties in of_type(resolver.template, "AWS::ApiGateway::ApiKey")
            if (value := known.resolve(properties).get("Value")) in setting and properties.get("Enabled", False)
        )

    def find(self, value: str | None) -> IssuedKey | None:
        """The key with this value; takes as long whichever it is, and when it is none of them."""
        given = (value or "").encode()
        same = [key for key in self._held if hmac.compare_digest(key.value.encode(), given)]
        return same[0] if same else None

    def of(self, setting: str) -> IssuedKey:
        """The key that a setting holds. Raises SetupError where the template has none."""
        for key in self._held:
            if key.setting == setting:
                return key
        raise SetupError(f"The template has no enabled API key that takes {setting}")


def _key(setting: str, parameter: str, given: str, before: str) -> ApiKey:
    if given and not SENDABLE.fullmatch(given):
        raise SetupError(f"{setting} must be 1 to 128 visible ASCII characters without spaces")
    return ApiKey(setting, parameter, given or before or secrets.token_urlsafe(24), made=not given)


def _kept(path: Path) -> dict[str, str]:
    content = private_file.read(path, ADVICE)
    if not all(isinstance(value, str) and SENDABLE.fullmatch(value) for value in content.values()):
        raise SetupError(f"{path} does not hold keys; {ADVICE}")
    return content
