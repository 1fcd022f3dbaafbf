"""What people set, as the template takes it."""

import pytest

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
