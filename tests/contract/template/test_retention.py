"""Every store in the template is erased, or says why not: `retention.STORES` has a line for each."""

import pytest

from fraudshield.retention import COPIES, STORES
from infra.laptop.template import Template
from tests.contract.expanded import Defect, of_type, planted, template

KEEPS_NOTHING = {  # of all types in the template, those without data of their own
    *(
        "AWS::ApiGateway::",
        "AWS::CloudWatch::",
        "AWS::CodeDeploy::",
        "AWS::Events::",
        "AWS::IAM::",
        "AWS::Lambda::",
        "AWS::Scheduler::",
    ),
    *("AWS::SNS::", "AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy", "AWS::StepFunctions::", "AWS::SES::"),
    "AWS::Logs::SubscriptionFilter",
}
BY_KIND = {"AWS::Logs::LogGroup": "logs"}  # one line for all of a type


def stores(template: Template) -> set[str]:
    """Logical ids of everything that keeps data and has no line for its type."""
    return {
        name
        for name, resource in template["Resources"].items()
        if resource["Type"] not in BY_KIND and not resource["Type"].startswith(tuple(KEEPS_NOTHING))
    }


def every_store_has_a_line_and_every_line_a_store(template: Template) -> list[str]:
    return sorted(stores(template) ^ STORES.keys())


def a_stream_and_a_back_up_have_a_line(template: Template) -> list[str]:
    """Of each table that accounts are erased from; the others have nothing about a person to copy."""
    wanted = {"StreamSpecification": "stream of", "PointInTimeRecoverySpecification": "back-ups of"}
    return [
        f"{words} {name}"
        for name, table in of_type(template, "AWS::DynamoDB::Table").items()
        for part, words in wanted.items()
        if part in table and name in STORES and STORES[name].fate == "erased" and f"{words} {name}" not in COPIES
    ]


def plant(kind: str) -> Defect:
    return lambda t: t["Resources"].update(Planted={"Type": kind, "Properties": {}})


def test_every_store_is_erased_or_says_why_not() -> None:
    assert every_store_has_a_line_and_every_line_a_store(template()) == []
    assert a_stream_and_a_back_up_have_a_line(template()) == []
    assert set(BY_KIND.values()) <= COPIES.keys()


@pytest.mark.parametrize(
    "kind",
    [
        "AWS::DynamoDB::Table",
        "AWS::SQS::Queue",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
        "AWS::Kinesis::Stream",
        "AWS::RDS::DBInstance",
    ],
)
def test_a_planted_store_is_noticed(kind: str) -> None:
    assert every_store_has_a_line_and_every_line_a_store(planted(plant(kind))) == ["Planted"]


def test_a_line_for_a_store_that_is_gone_is_noticed() -> None:
    found = every_store_has_a_line_and_every_line_a_store(planted(lambda t: t["Resources"].pop("UnpersistedQueue")))
    assert found == ["UnpersistedQueue"]


@pytest.mark.parametrize("store", [*STORES, *COPIES])
def test_a_line_says_why_and_what_ages_says_when(store: str) -> None:
    retention = {**STORES, **COPIES}[store]
    assert len(retention.why) > 10
    assert bool(retention.days) == (retention.fate in {"ages_out", "dropped_on_arrival"})
