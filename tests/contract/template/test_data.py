"""What keeps data: tables, queues, logs."""

import re
from typing import Any

import pytest

from infra.laptop.awslambda.alias import function_of
from infra.laptop.resources.index_change import carried, fits, indexes
from infra.laptop.template import Template
from tests.contract.expanded import Defect, Rule, of_type, planted, properties, routes, template

CONSUMER_TIMEOUT_S = 60  # of a consumer that has not joined yet
KEEPER = "MonitoringLogsFunction"
MACHINES_OWN = "BatchMachineLogs"  # Step Functions' events, not lines; what fails is in its job, with the reason
FROM_WARNING_ON = '?WARNING ?ERROR ?CRITICAL ?"Task timed out" ?"Runtime exited"'
WITH_CALLS = f"{FROM_WARNING_ON} ?api_key_id"
VERSIONED = {"PoliciesTable"}  # small, and every decision names a version: nothing ages


def every_table_is_guarded(template: Template) -> list[str]:
    """Recoverable, encrypted, protected by parameter, paid by use, kept when the stack goes."""
    problems = []
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        wanted = {
            "PITR": table.get("PointInTimeRecoverySpecification") == {"PointInTimeRecoveryEnabled": True},
            "SSE": table.get("SSESpecification", {}).get("SSEEnabled") is True,
            "customer key": "KmsKeyArn" in str(table.get("SSESpecification")),
            "deletion protection": table.get("DeletionProtectionEnabled") == {"Ref": "DeletionProtection"},
            "on demand": table.get("BillingMode") == "PAY_PER_REQUEST",
        }
        problems += [f"{name}: {what}" for what, there in wanted.items() if not there]
    return problems


def what_ages_has_a_time_to_live(template: Template) -> list[str]:
    ageing = of_type(template, "AWS::DynamoDB::Table").keys() - VERSIONED
    wanted = {"AttributeName": "expires_at", "Enabled": True}
    return [name for name in ageing if properties(template, name).get("TimeToLiveSpecification") != wanted]


def data_outlives_the_stack(template: Template) -> list[str]:
    return [
        name
        for kind in ("AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SecretsManager::Secret")
        for name in of_type(template, kind)
        if {template["Resources"][name].get(policy) for policy in ("DeletionPolicy", "UpdateReplacePolicy")}
        != {"Retain"}
    ]


def every_queue_has_a_dead_letter_queue(template: Template) -> list[str]:
    queues = of_type(template, "AWS::SQS::Queue")
    targets = {name: q["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] for name, q in working(queues).items()}
    ends = {*targets.values(), *failure_queues(template).values()}
    return [name for name in queues if name not in targets and name not in ends]


def failure_queues(template: Template) -> dict[str, str]:
    """Where each function's asynchronous events go that fail every time."""
    return {
        one["FunctionName"]["Ref"]: one["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
        for one in of_type(template, "AWS::Lambda::EventInvokeConfig").values()
    }


def working(queues: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: queue for name, queue in queues.items() if "RedrivePolicy" in queue}


def a_function_knows_when_its_queue_gives_a_message_up(template: Template) -> list[str]:
    """Of those that are told: it is what they count."""
    problems = []
    for mapping in of_type(template, "AWS::Lambda::EventSourceMapping").values():
        queue, name = mapping["EventSourceArn"]["Fn::GetAtt"][0], mapping["FunctionName"]["Ref"]
        attempts = properties(template, name)["Environment"]["Variables"].get("MESSAGE_ATTEMPTS")
        if attempts is not None and attempts != str(properties(template, queue)["RedrivePolicy"]["maxReceiveCount"]):
            problems.append(name)
    return problems


def every_queue_is_encrypted_and_kept_for_14_days(template: Template) -> list[str]:
    return [
        name
        for name, queue in of_type(template, "AWS::SQS::Queue").items()
        if queue.get("MessageRetentionPeriod") != 14 * 24 * 3600
        or "SqsManagedSseEnabled" not in queue
        or "KmsMasterKeyId" not in queue
    ]


def every_queue_refuses_plain_http(template: Template) -> list[str]:
    refusing = {
        queue["Ref"]
        for policy in of_type(template, "AWS::SQS::QueuePolicy").values()
        for queue in policy["Queues"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        and {"Fn::GetAtt": [queue["Ref"], "Arn"]} in statement["Resource"]
    }
    return [name for name in of_type(template, "AWS::SQS::Queue") if name not in refusing]


def a_message_stays_hidden_for_six_attempts(template: Template) -> list[str]:
    """AWS's advice for a queue that feeds a function: visibility at least six times the function's time-out."""
    timeouts = {name: f["Timeout"] for name, f in of_type(template, "AWS::Lambda::Function").items()}
    longest = dict.fromkeys(working(of_type(template, "AWS::SQS::Queue")), CONSUMER_TIMEOUT_S)
    for mapping in of_type(template, "AWS::Lambda::EventSourceMapping").values():
        queue = mapping["EventSourceArn"]["Fn::GetAtt"][0]
        if queue in longest:
            longest[queue] = max(longest[queue], timeouts[mapping["FunctionName"]["Ref"]])
    return [
        name for name, needed in longest.items() if properties(template, name).get("VisibilityTimeout", 30) < 6 * needed
    ]


def every_function_logs_to_a_group_of_its_own(template: Template) -> list[str]:
    groups: list[str] = []
    problems = []
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        group = function.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref")
        if group in groups or group not in of_type(template, "AWS::Logs::LogGroup"):
            problems.append(name)
        groups.append(group)
    return problems


def every_log_group_forgets(template: Template) -> list[str]:
    return [name for name, g in of_type(template, "AWS::Logs::LogGroup").items() if not g.get("RetentionInDays")]


def greedy(template: Template) -> list[str]:
    """The log groups of functions whose routes API Gateway cannot tell apart: those say themselves what was called."""
    functions = {
        function_of(template, name)
        for path, _, one in routes(template)
        if path.endswith("{proxy+}")
        for name in re.findall(r"functions/\$\{(\w+?)(?:\.Arn)?\}/", str(one))
    }
    return [properties(template, name)["LoggingConfig"]["LogGroup"]["Ref"] for name in sorted(functions)]


def every_log_is_told_to_the_function_that_keeps_logs(template: Template) -> list[str]:
    """But its own: each line would make another. Of the access log all lines, of the others those for people."""
    own = properties(template, KEEPER)["LoggingConfig"]["LogGroup"]["Ref"]
    told = {
        one["LogGroupName"]["Ref"]: one["FilterPattern"]
        for one in of_type(template, "AWS::Logs::SubscriptionFilter").values()
        if one["DestinationArn"] == {"Fn::GetAtt": [KEEPER, "Arn"]}
    }
    groups = of_type(template, "AWS::Logs::LogGroup").keys() - {own, MACHINES_OWN}
    wanted = (
        dict.fromkeys(groups, FROM_WARNING_ON) | dict.fromkeys(greedy(template), WITH_CALLS) | {"ApiAccessLogs": ""}
    )
    return [name for name in sorted(wanted.keys() | told.keys()) if told.get(name) != wanted.get(name)]


RULES: list[Rule] = [
    every_table_is_guarded,
    what_ages_has_a_time_to_live,
    data_outlives_the_stack,
    every_queue_has_a_dead_letter_queue,
    a_function_knows_when_its_queue_gives_a_message_up,
    every_queue_is_encrypted_and_kept_for_14_days,
    every_queue_refuses_plain_http,
    a_message_stays_hidden_for_six_attempts,
    every_function_logs_to_a_group_of_its_own,
    every_log_group_forgets,
    every_log_is_told_to_the_function_that_keeps_logs,
]


def slow_consumer(template: Template) -> None:
    properties(template, "ModelFunction")["Timeout"] = 61
    source = {"Fn::GetAtt": ["UnpersistedQueue", "Arn"]}
    template["Resources"]["Mapping"] = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {"EventSourceArn": source, "FunctionName": {"Ref": "ModelFunction"}},
    }


def unheard(template: Template) -> None:
    template["Resources"]["NewLogs"] = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 1}}


def subscription(template: Template, group: str) -> dict[str, Any]:
    """The properties of the one that a group has."""
    found = of_type(template, "AWS::Logs::SubscriptionFilter").values()
    return next(one for one in found if one["LogGroupName"] == {"Ref": group})


def without(logical_id: str, name: str) -> Defect:
    return lambda t: properties(t, logical_id).pop(name)


TOLD = every_log_is_told_to_the_function_that_keeps_logs

PLANTED: list[tuple[Rule, Defect, str]] = [
    (TOLD, unheard, "NewLogs"),
    (TOLD, lambda t: subscription(t, "DatabaseLogs").update(FilterPattern=FROM_WARNING_ON), "DatabaseLogs"),
    (TOLD, lambda t: subscription(t, "ModelLogs").update(FilterPattern=""), "ModelLogs"),
    (TOLD, lambda t: subscription(t, "ModelLogs").update(LogGroupName={"Ref": "MonitoringLogsLogs"}), "LogsLogs"),
    (TOLD, lambda t: subscription(t, "ApiAccessLogs").update(FilterPattern="ERROR"), "ApiAccessLogs"),
    (every_table_is_guarded, without("PoliciesTable", "PointInTimeRecoverySpecification"), "PoliciesTable: PITR"),
    (every_table_is_guarded, without("PoliciesTable", "SSESpecification"), "PoliciesTable: SSE"),
    (
        every_table_is_guarded,
        lambda t: properties(t, "TransactionsTable")["SSESpecification"].pop("KMSMasterKeyId"),
        "TransactionsTable: customer key",
    ),
    (
        every_table_is_guarded,
        lambda t: properties(t, "TransactionsTable").update(DeletionProtectionEnabled=False),
        "TransactionsTable: deletion protection",
    ),
    (every_table_is_guarded, without("TransactionsTable", "BillingMode"), "TransactionsTable: on demand"),
    (what_ages_has_a_time_to_live, without("TransactionsTable", "TimeToLiveSpecification"), "TransactionsTable"),
    (
        data_outlives_the_stack,
        lambda t: t["Resources"]["PoliciesTable"].pop("DeletionPolicy"),
        "PoliciesTable",
    ),
    (every_queue_has_a_dead_letter_queue, without("UnpersistedQueue", "RedrivePolicy"), "UnpersistedQueue"),
    (
        a_function_knows_when_its_queue_gives_a_message_up,
        lambda t: properties(t, "IngestQueue")["RedrivePolicy"].update(maxReceiveCount=6),
        "IngestWorkerFunction",
    ),
    (
        every_queue_is_encrypted_and_kept_for_14_days,
        without("UnpersistedDeadLetters", "SqsManagedSseEnabled"),
        "UnpersistedD",
    ),
    (
        every_queue_is_encrypted_and_kept_for_14_days,
        without("UnpersistedQueue", "MessageRetentionPeriod"),
        "UnpersistedQueue",
    ),
    (
        every_queue_refuses_plain_http,
        lambda t: properties(t, "QueuesOverTlsOnly")["Queues"].remove({"Ref": "UnpersistedDeadLetters"}),
        "UnpersistedDeadLetters",
    ),
    (
        a_message_stays_hidden_for_six_attempts,
        lambda t: properties(t, "UnpersistedQueue").update(VisibilityTimeout=359),
        "UnpersistedQueue",
    ),
    (a_message_stays_hidden_for_six_attempts, slow_consumer, "UnpersistedQueue"),
    (every_function_logs_to_a_group_of_its_own, without("ModelFunction", "LoggingConfig"), "ModelFunction"),
    (every_log_group_forgets, without("ApiAccessLogs", "RetentionInDays"), "ApiAccessLogs"),
]


@pytest.mark.parametrize("rule", RULES)
def test_the_template_keeps_the_rule(rule: Rule) -> None:
    assert rule(template()) == []


@pytest.mark.parametrize(("rule", "defect", "named"), PLANTED)
def test_a_planted_defect_is_named(rule: Rule, defect: Defect, named: str) -> None:
    assert any(named in problem for problem in rule(planted(defect)))


def test_transactions_are_found_by_time_by_account_and_by_what_waits_for_review() -> None:
    found = indexes(properties(template(), "TransactionsTable"))
    keys = {name: [key["AttributeName"] for key in index["KeySchema"]] for name, index in found.items()}
    assert keys == {
        "by_day": ["day_shard", "occurred_at"],
        "by_sender": ["nameOrig", "occurred_at"],
        "by_receiver": ["nameDest", "occurred_at"],
        "by_loss": ["review_queue", "expected_loss"],
        "by_closing": ["closed_reviews", "closed_at"],
        "by_entity_1": ["entity_1", "occurred_at"],
        "by_entity_2": ["entity_2", "occurred_at"],
        "by_entity_3": ["entity_3", "occurred_at"],
        "by_entity_4": ["entity_4", "occurred_at"],
    }


def test_the_indexes_carry_no_more_than_dynamodb_takes() -> None:
    found = indexes(properties(template(), "TransactionsTable"))
    assert (fits(found), carried(found)) == (True, 100)
    more = {**found, "by_more": {"Projection": {"NonKeyAttributes": ["one_more"]}}}
    assert not fits(more)
