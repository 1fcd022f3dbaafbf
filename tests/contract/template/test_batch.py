"""The bucket of files, the rule that starts jobs and the machine that runs them."""

import json
from typing import Any

import pytest

from fraudshield import errors
from fraudshield.batch.job import INCOMING, INLINE, JOBS, RESULTS, UPLOADS
from functions.batch import tasks
from infra.laptop.eventbridge.event import object_created
from infra.laptop.eventbridge.event_pattern import EventPattern
from infra.laptop.template import Template
from tests.contract.expanded import ROOT, Defect, Rule, of_type, planted, properties, template
from tests.job_run import NEVER_AGAIN

MACHINE = json.loads((ROOT / "infra/batch.asl.json").read_text())
WRITTEN = (UPLOADS, INLINE, JOBS, RESULTS)  # by us, or by who then asks for a job


def only_what_comes_in_starts_a_job(template: Template) -> list[str]:
    """No output may be a new input."""
    rules = {
        name: EventPattern.read(name, pattern(rule))
        for name, rule in of_type(template, "AWS::Events::Rule").items()
        if "aws.s3" in rule.get("EventPattern", {}).get("source", [])
    }
    problems = [
        f"{name}: {prefix}"
        for name, rule in rules.items()
        for prefix in WRITTEN
        if rule.matches(object_created("bucket", f"{prefix}job/x.csv", 1, "e", "v"))
    ]
    started = [rule.matches(object_created("bucket", f"{INCOMING}x.csv", 1, "e", "v")) for rule in rules.values()]
    return problems + ([] if started == [True] else ["nothing starts a job"])


def pattern(rule: dict[str, Any]) -> dict[str, Any]:
    """With the bucket's name as the events above have it."""
    found: dict[str, Any] = json.loads(json.dumps(rule["EventPattern"]))
    found["detail"]["bucket"] = {"name": ["bucket"]}
    return found


def every_bucket_is_guarded(template: Template) -> list[str]:
    problems = []
    refusing = {one["Bucket"]["Ref"] for one in of_type(template, "AWS::S3::BucketPolicy").values()}
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        prefixes = {rule.get("Prefix") for rule in bucket["LifecycleConfiguration"]["Rules"]}
        wanted = {
            "versions": bucket.get("VersioningConfiguration") == {"Status": "Enabled"},
            "customer key": "KmsKeyArn" in str(bucket.get("BucketEncryption")),
            "public access": set(bucket.get("PublicAccessBlockConfiguration", {}).values()) == {True},
            "plain http": name in refusing,
            "kept": template["Resources"][name].get("DeletionPolicy") == "Retain",
            "ages": {INCOMING, *WRITTEN} <= prefixes,
            "unfinished uploads": "AbortIncompleteMultipartUpload" in str(bucket["LifecycleConfiguration"]),
        }
        problems += [f"{name}: {what}" for what, there in wanted.items() if not there]
    return problems


RULES: list[Rule] = [only_what_comes_in_starts_a_job, every_bucket_is_guarded]


def wider(template: Template) -> None:
    properties(template, "FileCameRule")["EventPattern"]["detail"]["object"] = {"key": [{"prefix": "results/"}]}


def without(name: str) -> Defect:
    return lambda t: properties(t, "JobsBucket").pop(name)


PLANTED: list[tuple[Rule, Defect, str]] = [
    (only_what_comes_in_starts_a_job, wider, "FileCameRule: results/"),
    (only_what_comes_in_starts_a_job, lambda t: t["Resources"].pop("FileCameRule"), "nothing starts a job"),
    (every_bucket_is_guarded, without("VersioningConfiguration"), "JobsBucket: versions"),
    (every_bucket_is_guarded, without("BucketEncryption"), "JobsBucket: customer key"),
    (every_bucket_is_guarded, without("PublicAccessBlockConfiguration"), "JobsBucket: public access"),
    (every_bucket_is_guarded, lambda t: t["Resources"].pop("JobsBucketOverTlsOnly"), "JobsBucket: plain http"),
    (every_bucket_is_guarded, lambda t: t["Resources"]["JobsBucket"].pop("DeletionPolicy"), "JobsBucket: kept"),
    (
        every_bucket_is_guarded,
        lambda t: properties(t, "JobsBucket")["LifecycleConfiguration"]["Rules"].pop(0),
        "JobsBucket: ages",
    ),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_template_keeps_the_rule(rule: Rule) -> None:
    assert rule(template()) == []


@pytest.mark.parametrize(("rule", "defect", "named"), PLANTED)
def test_a_planted_defect_is_named(rule: Rule, defect: Defect, named: str) -> None:
    assert named in rule(planted(defect))


def states() -> dict[str, dict[str, Any]]:
    return {**MACHINE["States"], **MACHINE["States"]["Score"]["ItemProcessor"]["States"]}


def test_every_step_of_the_machine_is_one_of_the_function_and_all_are_used() -> None:
    steps = [one["Parameters"]["Payload"]["step"] for one in states().values() if one["Type"] == "Task"]
    assert sorted(steps) == sorted(tasks.STEPS)


def test_what_cannot_get_better_is_not_tried_again_and_all_else_is() -> None:
    never = {
        name
        for one in states().values()
        for retry in one.get("Retry", [])
        if retry["MaxAttempts"] == 0
        for name in retry["ErrorEquals"]
    }
    assert never == NEVER_AGAIN
    assert all(isinstance(getattr(errors, name), type) for name in never)
    for name, one in states().items():
        if one["Type"] == "Task":
            assert one["Retry"][-1]["ErrorEquals"] == ["States.ALL"], name


def test_every_step_that_fails_leads_to_an_end_that_says_why() -> None:
    caught = {name: one["Catch"][0]["Next"] for name, one in states().items() if "Catch" in one}
    assert caught == {"Plan": "Fail", "Score": "Fail", "Merge": "Fail", "ScoreChunk": "GiveUp"}
