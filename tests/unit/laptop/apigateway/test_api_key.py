"""The laptop's keys: chosen, made, kept, found."""

import json
import stat
from copy import deepcopy
from pathlib import Path

import pytest

from infra.cli.application import FRAUDSHIELD
from infra.laptop.apigateway.api_key import ApiKey, ApiKeys, IssuedKey, keys
from infra.laptop.errors import SetupError
from infra.laptop.intrinsic import Resolver
from tests.gateway_server import KEYS
from tests.stack import template

PARAMETERS, SECOND = FRAUDSHIELD.key_parameters, FRAUDSHIELD.second_key_parameters


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / ".local" / "keys.json"


def test_a_key_that_nobody_set_is_made_long_enough_for_aws(kept: Path) -> None:
    made = keys(PARAMETERS, SECOND, {}, kept)
    assert [key.setting for key in made] == list(PARAMETERS)
    assert all(key.made and not key.too_short_for_aws for key in made)
    assert len({key.value for key in made}) == 3


def test_a_made_key_is_the_same_at_the_next_start(kept: Path) -> None:
    assert keys(PARAMETERS, SECOND, {}, kept) == keys(PARAMETERS, SECOND, {}, kept)


def test_only_this_user_can_read_the_kept_keys(kept: Path) -> None:
    keys(PARAMETERS, SECOND, {}, kept)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_key_that_was_set_is_taken_and_never_written_down(kept: Path) -> None:
    chosen = keys(PARAMETERS, SECOND, {"ADMIN_API_KEY": "of-my-own"}, kept)[2]
    assert (chosen.value, chosen.made) == ("of-my-own", False)
    assert "of-my-own" not in kept.read_text(encoding="utf-8")


def test_nothing_is_written_where_every_key_is_set(kept: Path) -> None:
    keys(PARAMETERS, SECOND, {setting: setting.lower() for setting in PARAMETERS}, kept)
    assert not kept.exists()


@pytest.mark.parametrize(("length", "short"), [(19, True), (20, False)])
def test_a_key_under_20_characters_is_too_short_for_aws(length: int, *, short: bool) -> None:
    assert ApiKey("TEST_API_KEY", "TestApiKey", "k" * length, made=False).too_short_for_aws is short


@pytest.mark.parametrize("value", ["two words", "ké", "k" * 129, "a\nb", "a\x00"])
def test_a_key_that_no_header_can_carry_is_refused_by_its_setting(kept: Path, value: str) -> None:
    with pytest.raises(SetupError, match="TEST_API_KEY"):
        keys(PARAMETERS, SECOND, {"TEST_API_KEY": value}, kept)


def test_one_value_for_two_settings_is_refused_for_its_scope_would_be_unknown(kept: Path) -> None:
    with pytest.raises(SetupError, match="must differ"):
        keys(PARAMETERS, SECOND, {"TEST_API_KEY": "same", "ADMIN_API_KEY": "same"}, kept)


def test_a_second_key_is_there_when_it_is_set_and_is_never_made(kept: Path) -> None:
    chosen = keys(PARAMETERS, SECOND, {"SECOND_ADMIN_API_KEY": "the-next-one"}, kept)
    assert [key.setting for key in chosen] == [*PARAMETERS, "SECOND_ADMIN_API_KEY"]
    both = ApiKeys(Resolver(template(), {"SecondAdminApiKey": "the-next-one"}, refs={"SecondAdminKey": "id"}), chosen)
    assert both.find("the-next-one") == IssuedKey("id", "SECOND_ADMIN_API_KEY", "the-next-one")
    assert both.find(chosen[2].value)


def test_a_second_key_that_is_the_first_of_another_scope_is_refused(kept: Path) -> None:
    with pytest.raises(SetupError, match="SECOND_TEST_API_KEY must differ"):
        keys(PARAMETERS, SECOND, {"ADMIN_API_KEY": "same", "SECOND_TEST_API_KEY": "same"}, kept)


@pytest.mark.parametrize("content", ["{", "[]", '{"TEST_API_KEY": 1}', '{"TEST_API_KEY": "a b"}'])
def test_a_damaged_file_of_keys_is_named(kept: Path, content: str) -> None:
    kept.parent.mkdir()
    kept.write_text(content, encoding="utf-8")
    with pytest.raises(SetupError, match=str(kept)):
        keys(PARAMETERS, SECOND, {}, kept)


def test_a_file_that_others_could_read_is_replaced_and_not_written_into(kept: Path) -> None:
    kept.parent.mkdir()
    kept.write_text(json.dumps({"TEST_API_KEY": "made-before"}), encoding="utf-8")
    kept.chmod(0o644)
    assert keys(PARAMETERS, SECOND, {}, kept)[0].value == "made-before"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def ring() -> ApiKeys:
    return ApiKeys(Resolver(template(), {}, refs={"AdminKey": "id-of-admin"}), KEYS)


def test_a_key_is_found_by_its_value_and_known_by_the_id_that_functions_see() -> None:
    found = ring().find("admin-key-of-the-tests")
    assert found
    assert (found.id, found.setting) == ("id-of-admin", "ADMIN_API_KEY")


@pytest.mark.parametrize(
    "value", [None, "", "admin-key-of-the-test", "admin-key-of-the-testsX", "ADMIN-KEY-OF-THE-TESTS", "é"]
)
def test_anything_else_finds_no_key(value: str | None) -> None:
    assert ring().find(value) is None


def test_a_disabled_key_finds_nothing_and_is_missed_by_its_setting() -> None:
    without = deepcopy(template())
    without["Resources"]["AdminKey"]["Properties"]["Enabled"] = False
    disabled = ApiKeys(Resolver(without, {}), KEYS)
    assert disabled.find("admin-key-of-the-tests") is None
    with pytest.raises(SetupError, match="ADMIN_API_KEY"):
        disabled.of("ADMIN_API_KEY")
