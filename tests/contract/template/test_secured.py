"""Nothing goes over plain HTTP, a customer's own key reaches all that keeps data, and no key can be done without."""

from typing import Any

import pytest

from infra.laptop.template import Template
from tests.contract.expanded import Defect, Rule, as_list, of_type, planted, properties, template
from tests.contract.template.test_access import allowed

CUSTOMER_KEY = {"Fn::If": ["CustomerKey", {"Ref": "KmsKeyArn"}, {"Ref": "AWS::NoValue"}]}
KEPT_WITH = {  # which property of what keeps data names the key
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::SecretsManager::Secret": ("KmsKeyId",),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
}
ALARMS = "cloudwatch.amazonaws.com"


def every_topic_refuses_plain_http(template: Template) -> list[str]:
    refusing = {
        topic["Ref"]
        for policy in of_type(template, "AWS::SNS::TopicPolicy").values()
        for topic in policy["Topics"]
        for statement in policy["PolicyDocument"]["Statement"]
        if (statement["Effect"], statement["Principal"], statement["Action"], statement["Resource"])
        == ("Deny", "*", "sns:Publish", topic)
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
    }
    return [name for name in of_type(template, "AWS::SNS::Topic") if name not in refusing]


def a_topic_has_one_policy(template: Template) -> list[str]:
    """CloudFormation takes a second one, and the later of the two stands."""
    named = [
        topic["Ref"] for policy in of_type(template, "AWS::SNS::TopicPolicy").values() for topic in policy["Topics"]
    ]
    return [name for name in of_type(template, "AWS::SNS::Topic") if named.count(name) != 1]


def alarms_may_tell_their_topics(template: Template) -> list[str]:
    """A topic with a policy of its own lets nobody in whom that does not name."""
    told = {
        topic["Ref"]
        for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()
        for actions in ("AlarmActions", "OKActions", "InsufficientDataActions")
        for topic in alarm.get(actions, [])
    }
    let_in = {
        topic["Ref"]
        for policy in of_type(template, "AWS::SNS::TopicPolicy").values()
        for topic in policy["Topics"]
        for statement in policy["PolicyDocument"]["Statement"]
        if (statement["Effect"], statement["Principal"], statement["Resource"]) == ("Allow", {"Service": ALARMS}, topic)
    }
    return sorted(told - let_in)


def nobody_else_may_publish_unconditionally(template: Template) -> list[str]:
    return [
        name
        for name, policy in of_type(template, "AWS::SNS::TopicPolicy").items()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow" and (statement["Principal"] == "*" or "Condition" not in statement)
    ]


def a_customers_key_reaches_what_keeps_data(template: Template) -> list[str]:
    return [
        name
        for kind, path in KEPT_WITH.items()
        for name, one in of_type(template, kind).items()
        if at(one, path) != CUSTOMER_KEY
    ]


def at(found: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        found = found.get(part, {})
    return found


def who_publishes_may_use_the_customers_key(template: Template) -> list[str]:
    """SNS asks for the publisher's right to it."""
    problems = []
    for name, role in of_type(template, "AWS::IAM::Role").items():
        statements = list(allowed(role))
        publishes = any("sns:Publish" in as_list(one["Action"]) for one in statements)
        if publishes and not any(
            "kms:GenerateDataKey" in as_list(one["Action"]) and "sns." in str(one) for one in statements
        ):
            problems.append(name)
    return problems


def no_function_serves_without_a_key(template: Template) -> list[str]:
    functions = of_type(template, "AWS::Lambda::Function").items()
    return [name for name, function in functions if function["Environment"]["Variables"].get("KEYLESS_SCOPE", "") != ""]


TLS, ONE, ALARMED, CONDITIONAL, KEY, PUBLISHERS, KEYLESS = RULES = [
    every_topic_refuses_plain_http,
    a_topic_has_one_policy,
    alarms_may_tell_their_topics,
    nobody_else_may_publish_unconditionally,
    a_customers_key_reaches_what_keeps_data,
    who_publishes_may_use_the_customers_key,
    no_function_serves_without_a_key,
]


def statement(template: Template, policy: str, number: int) -> dict[str, Any]:
    found: dict[str, Any] = properties(template, policy)["PolicyDocument"]["Statement"][number]
    return found


def without(logical_id: str, name: str) -> Defect:
    return lambda t: properties(t, logical_id).pop(name)


def keyless(value: Any) -> Defect:
    return lambda t: properties(t, "ModelFunction")["Environment"]["Variables"].update(KEYLESS_SCOPE=value)


def new_topic(template: Template) -> None:
    template["Resources"]["NewTopic"] = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "new"}}


def no_key_for_topics(template: Template) -> None:
    for policy in properties(template, "BatchTaskRole")["Policies"]:
        kept = [
            one for one in policy["PolicyDocument"]["Statement"] if "https" not in str(one) and "sns.$" not in str(one)
        ]
        policy["PolicyDocument"]["Statement"] = kept


PLANTED: list[tuple[Rule, Defect, str]] = [
    (TLS, new_topic, "NewTopic"),
    (TLS, lambda t: statement(t, "JobsOverTlsOnly", 0).pop("Condition"), "JobsTopic"),
    (TLS, lambda t: statement(t, "AlarmsOverTlsOnly", 1).update(Resource={"Ref": "JobsTopic"}), "AlarmsTopic"),
    (ONE, lambda t: properties(t, "JobsOverTlsOnly")["Topics"].append({"Ref": "AlarmsTopic"}), "AlarmsTopic"),
    (ALARMED, lambda t: statement(t, "AlarmsOverTlsOnly", 0).update(Effect="Deny"), "AlarmsTopic"),
    (CONDITIONAL, lambda t: statement(t, "AlarmsOverTlsOnly", 0).pop("Condition"), "AlarmsOverTlsOnly"),
    (CONDITIONAL, lambda t: statement(t, "MailFeedbackPolicy", 0).update(Principal="*"), "MailFeedbackPolicy"),
    (KEY, without("ModelLogs", "KmsKeyId"), "ModelLogs"),
    (KEY, without("ReviewsTopic", "KmsMasterKeyId"), "ReviewsTopic"),
    (KEY, lambda t: properties(t, "MailQueue").update(KmsMasterKeyId="alias/aws/sqs"), "MailQueue"),
    (KEY, lambda t: properties(t, "JobsTable")["SSESpecification"].pop("KMSMasterKeyId"), "JobsTable"),
    (KEY, without("SigningSecret", "KmsKeyId"), "SigningSecret"),
    (PUBLISHERS, no_key_for_topics, "BatchTaskRole"),
    (KEYLESS, keyless("admin"), "ModelFunction"),
    (KEYLESS, keyless({"Ref": "Stage"}), "ModelFunction"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_template_keeps_the_rule(rule: Rule) -> None:
    assert rule(template()) == []


@pytest.mark.parametrize(("rule", "defect", "named"), PLANTED)
def test_a_planted_defect_is_named(rule: Rule, defect: Defect, named: str) -> None:
    assert named in rule(planted(defect))
