"""The template on this machine: what is made, who reads the rest, what is left out and why. All else is refused."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.laptop.awslambda.alias import make_alias
from infra.laptop.cloudwatch.alarm import make_alarm
from infra.laptop.errors import SetupError
from infra.laptop.eventbridge.event_rule import make_rule
from infra.laptop.intrinsic import Resolver
from infra.laptop.resources.bucket import make_bucket
from infra.laptop.resources.configuration_set import make_configuration_set
from infra.laptop.resources.queue import make_queue
from infra.laptop.resources.secret import make_secret
from infra.laptop.resources.state_machine import make_state_machine
from infra.laptop.resources.table import make_table
from infra.laptop.resources.topic import make_subscription, make_topic
from infra.laptop.sdk import Client, default_client
from infra.laptop.template import Resource, Template, expand

MAKERS = {
    "AWS::CloudWatch::Alarm": make_alarm,
    "AWS::DynamoDB::Table": make_table,
    "AWS::Events::Rule": make_rule,
    "AWS::Lambda::Alias": make_alias,
    "AWS::S3::Bucket": make_bucket,
    "AWS::SecretsManager::Secret": make_secret,
    "AWS::SES::ConfigurationSet": make_configuration_set,
    "AWS::SNS::Subscription": make_subscription,
    "AWS::SNS::Topic": make_topic,
    "AWS::SQS::Queue": make_queue,
    "AWS::StepFunctions::StateMachine": make_state_machine,
}
LAST = ("AWS::SNS::Subscription", "AWS::Events::Rule", "AWS::StepFunctions::StateMachine")  # they name the others

GATEWAY = "the gateway reads it from the template"
RUNTIME = "the runtime reads it from the template"
READ = {
    "AWS::ApiGateway::RestApi": GATEWAY,
    "AWS::ApiGateway::Deployment": GATEWAY,
    "AWS::ApiGateway::Stage": GATEWAY,
    "AWS::ApiGateway::GatewayResponse": GATEWAY,
    "AWS::ApiGateway::ApiKey": GATEWAY,
    "AWS::ApiGateway::UsagePlan": GATEWAY,
    "AWS::ApiGateway::UsagePlanKey": GATEWAY,
    "AWS::Lambda::Function": RUNTIME,
    "AWS::Lambda::LayerVersion": RUNTIME + "; a layer's content is used where it lies in the repository",
    "AWS::Lambda::EventInvokeConfig": "awslambda/failure_queue.py reads it, for events that fail every time",
    "AWS::Lambda::EventSourceMapping": "the pollers read it from the template",
    "AWS::Logs::SubscriptionFilter": "the log forwarder reads it from the template",
    "AWS::SES::ConfigurationSetEventDestination": "mail/event_publisher.py reads it, and tells its topic",
}
NO_IAM = "nobody is asked for permission here; the template's tests compare roles with what the code calls"
NO_NAME = "nobody looks for this machine by a name"
NO_ROLLOUT = "code that changes here is there at the next start, without an old version beside it"
LEFT_OUT = {
    "AWS::ApiGateway::Account": "lets API Gateway write logs; the gateway writes to .local/logs by itself",
    "AWS::ApiGateway::BasePathMapping": NO_NAME,
    "AWS::ApiGateway::DomainName": NO_NAME,
    "AWS::CodeDeploy::Application": NO_ROLLOUT,
    "AWS::CodeDeploy::DeploymentGroup": NO_ROLLOUT,
    "AWS::CloudWatch::Dashboard": "there is no console here; GET /api/v1/monitoring/metrics has the numbers",
    "AWS::IAM::ManagedPolicy": NO_IAM,
    "AWS::IAM::Policy": NO_IAM,
    "AWS::IAM::Role": NO_IAM,
    "AWS::Lambda::Permission": NO_IAM,
    "AWS::Lambda::Version": "there is one version of each function here, the code as it lies",
    "AWS::Logs::LogGroup": "a function's lines are in .local/logs, bounded by size instead of age",
    "AWS::S3::BucketPolicy": "asks for TLS, which there is none of on the loopback",
    "AWS::SNS::TopicPolicy": NO_IAM,
    "AWS::SQS::QueuePolicy": "asks for TLS, which there is none of on the loopback",
}


def deploy(template: Template, parameters: Mapping[str, str], client: Client = default_client) -> Resolver:
    """Make what an expanded template describes; the resolver then knows names, URLs and ARNs.

    Safe to repeat: a table or queue that is there already, and is what the template says, is kept as it is.

    Raises:
        SetupError: what does not fit or cannot be made, by name: a type, a property, a table that is there.
    """
    _refuse_unknown(template)
    resolver = Resolver(template, parameters)
    for logical_id, resource in _in_order(resolver):
        try:
            MAKERS[resource["Type"]](resolver, client, logical_id, resource["Properties"])
        except (BotoCoreError, ClientError) as exc:
            raise SetupError(f"{logical_id} cannot be made: {exc}") from exc
    return resolver


def main(template: Path) -> None:
    """Say of every type in the template what becomes of it here."""
    kinds = sorted({resource["Type"] for resource in expand(template)["Resources"].values()})
    said = dict.fromkeys(MAKERS, "made") | READ | {kind: f"left out: {why}" for kind, why in LEFT_OUT.items()}
    sys.stdout.writelines(f"{kind:36}{said.get(kind, 'UNKNOWN: refused')}\n" for kind in kinds)


def _refuse_unknown(template: Template) -> None:
    known = MAKERS.keys() | READ.keys() | LEFT_OUT.keys()
    unknown = [f"{name} ({one['Type']})" for name, one in template["Resources"].items() if one["Type"] not in known]
    if unknown:
        raise SetupError(f"The laptop cannot stand in for {', '.join(unknown)}: see infra/laptop/deploy.py")


def _turn(kind: str) -> int:
    """The order of a type: alarms after all else, since one of them names a state machine."""
    return 2 if kind == "AWS::CloudWatch::Alarm" else int(kind in LAST)


def _in_order(resolver: Resolver) -> Iterator[tuple[str, Resource]]:
    """What is to be made; before the others those that they name, such as dead-letter queues."""
    found: list[tuple[str, Any]] = [
        (name, one) for name, one in resolver.template["Resources"].items() if one["Type"] in MAKERS
    ]
    return iter(sorted(found, key=lambda entry: (_turn(entry[1]["Type"]), "RedrivePolicy" in entry[1]["Properties"])))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "template.yaml"))
