"""Each call is the permission that IAM asks for, and what a role has too much or too little is named."""

from typing import Any

import pytest

from infra.laptop.template import Template
from tests.contract.expanded import planted, properties, template
from tests.permission.compare import Judgement, by_lambda, differences, granted, idle, judgements, unjudged
from tests.permission.recorder import permissions

KEYED = {"Bucket": "jobsbucket", "Key": "results/1/scored.csv"}


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "needed"),
    [
        ("dynamodb", "GetItem", {"TableName": "T"}, {("dynamodb:GetItem", "T")}),
        ("dynamodb", "Query", {"TableName": "T", "IndexName": "i"}, {("dynamodb:Query", "T/index/i")}),
        (
            "dynamodb",
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "T"}}, {"ConditionCheck": {"TableName": "U"}}]},
            {("dynamodb:PutItem", "T"), ("dynamodb:ConditionCheckItem", "U")},
        ),
        ("dynamodb", "BatchGetItem", {"RequestItems": {"T": {}}}, {("dynamodb:BatchGetItem", "T")}),
        ("s3", "HeadObject", KEYED, {("s3:GetObject", "JobsBucket/results/*")}),
        ("s3", "GetObject", KEYED | {"VersionId": "1"}, {("s3:GetObjectVersion", "JobsBucket/results/*")}),
        ("s3", "UploadPart", KEYED, {("s3:PutObject", "JobsBucket/results/*")}),
        ("s3", "ListObjectsV2", {"Bucket": "jobsbucket"}, {("s3:ListBucket", "JobsBucket")}),
        ("sqs", "SendMessageBatch", {"QueueUrl": "http://q/1/IngestQueue"}, {("sqs:SendMessage", "IngestQueue")}),
        ("lambda", "Invoke", {"FunctionName": "ModelFunction"}, {("lambda:InvokeFunction", "ModelFunction")}),
    ],
)
def test_a_call_takes_the_permission_that_iam_asks_for(
    service: str, operation: str, arguments: dict[str, Any], needed: set[tuple[str, str]]
) -> None:
    assert set(permissions(service, operation, arguments)) == needed


def statements(changed: Template) -> list[Any]:
    found: list[Any] = properties(changed, "ModelRole")["Policies"][0]["PolicyDocument"]["Statement"]
    return found


def test_a_permission_too_many_and_one_too_few_are_named() -> None:
    used = granted(template())
    more = planted(
        lambda t: statements(t).append({"Action": "sqs:PurgeQueue", "Resource": {"Fn::GetAtt": ["Q", "Arn"]}})
    )
    assert differences(granted(more), used) == ([], ["ModelFunction: sqs:PurgeQueue of Q"])
    fewer = planted(lambda t: statements(t).pop(0))
    missing, unused = differences(granted(fewer), used)
    assert missing == [
        "ModelFunction: logs:CreateLogStream of ModelLogs",
        "ModelFunction: logs:PutLogEvents of ModelLogs",
    ]
    assert unused == []


def test_a_grant_over_a_table_is_none_over_its_indexes() -> None:
    allowed = {"F": {("dynamodb:Query", "T")}}
    assert differences(allowed, {"F": {("dynamodb:Query", "T/index/i")}}) == (
        ["F: dynamodb:Query of T/index/i"],
        ["F: dynamodb:Query of T"],
    )


def test_every_call_that_lambda_makes_itself_is_granted() -> None:
    assert differences(granted(template()), by_lambda(template()))[0] == []


def test_what_is_judged_is_no_defect_and_a_judgement_about_nothing_is_one() -> None:
    judged = [Judgement(("Batch*",), ("s3:Abort*",), ("JobsBucket/*",), "Only a failed upload is aborted")]
    line = "BatchTaskFunction: s3:AbortMultipartUpload of JobsBucket/jobs/*"
    assert (unjudged([line], judged), idle([line], judged)) == ([], [])
    other = "BatchTaskFunction: s3:PutObject of JobsBucket/jobs/*"
    assert unjudged([line, other], judged) == [other]
    assert idle([other], judged) == ["Batch*: s3:Abort* of JobsBucket/*"]


def test_every_judgement_is_about_what_is_granted_and_says_why() -> None:
    allowed = granted(template())
    lines = [f"{name}: {action} of {resource}" for name, pairs in allowed.items() for action, resource in pairs]
    assert idle(lines, judgements()) == []
    assert all(one.because.endswith(".") for one in judgements())
