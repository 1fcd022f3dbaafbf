"""What people set, as the template takes it."""

import re
from contextlib import nullcontext

import pytest

from fraudshield.api.settings import OriginSettings
from fraudshield.errors import ConfigurationError
from infra.parameter import PARAMETER, parameters
from tests.contract.expanded import template


def test_every_setting_has_its_parameter_in_the_template() -> None:
    assert {*PARAMETER.values(), "PlanBurstLimit", "PlanRateLimit"} <= template()["Parameters"].keys()


def test_what_is_not_set_keeps_the_templates_default() -> None:
    assert parameters({}) == {}
    assert parameters({"TEST_API_KEY": "", "HOME": "/root"}) == {}


def test_a_setting_becomes_its_parameter() -> None:
    assert parameters({"CORS_ORIGINS": "https://a.example"}) == {"CorsOrigins": "https://a.example"}


@pytest.mark.parametrize(
    ("env", "burst", "rate"),
    [
        ({"RATE_LIMIT_REQUESTS": "100", "RATE_LIMIT_WINDOW": "60"}, "100", "1.667"),
        ({"RATE_LIMIT_REQUESTS": "300"}, "300", "5.000"),
        ({"RATE_LIMIT_WINDOW": "1"}, "100", "100.000"),
    ],
)
def test_a_plan_refills_its_burst_in_one_window(env: dict[str, str], burst: str, rate: str) -> None:
    assert parameters(env) == {"PlanBurstLimit": burst, "PlanRateLimit": rate}


def test_the_templates_default_rate_is_the_settings_default() -> None:
    defaults = {name: str(template()["Parameters"][name]["Default"]) for name in ("PlanBurstLimit", "PlanRateLimit")}
    assert parameters({"RATE_LIMIT_REQUESTS": "100"}) == defaults


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "²"])
def test_a_rate_that_is_no_positive_whole_number_is_refused_by_name(text: str) -> None:
    with pytest.raises(ConfigurationError, match="RATE_LIMIT_WINDOW"):
        parameters({"RATE_LIMIT_WINDOW": text})


@pytest.mark.parametrize(
    ("origins", "taken"),
    [
        ("", True),
        ("*", True),
        ("null", False),
        ("https://a.example", True),
        ("http://localhost:3000,http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("moz-extension://0a1b2c", True),
        ("https://a.example/", False),
        ("https://a.example,https://b.example/", False),
        ("https://a.example/page", False),
        ("https://a.example?x", False),
        ("https://A.example", False),
        ("https://a@b", False),
        ("a.example", False),
        ("https://", False),
    ],
)
def test_settings_and_template_take_the_same_origins(origins: str, taken: bool) -> None:
    pattern = template()["Parameters"]["CorsOrigins"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, origins)) == taken
    with nullcontext() if taken else pytest.raises(ConfigurationError):
        OriginSettings.from_env({"CORS_ORIGINS": origins})


@pytest.mark.parametrize("origins", [",", "https://a.example,", "https://a.example, https://b.example", "'x'"])
def test_a_list_of_origins_for_the_template_has_no_gaps(origins: str) -> None:
    assert not re.fullmatch(template()["Parameters"]["CorsOrigins"]["AllowedPattern"], origins)
