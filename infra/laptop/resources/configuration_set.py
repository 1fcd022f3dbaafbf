"""The template's parts of SES: configuration sets, the verified sender, and the topic that is told of mails."""

from collections.abc import Mapping
from typing import Any

from infra.laptop.intrinsic import Resolver
from infra.laptop.sdk import Client
from infra.laptop.template import refuse_properties

DESTINATION = ("Enabled", "MatchingEventTypes", "SnsDestination", "Name")


def make_configuration_set(resolver: Resolver, _: Client, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Know the configuration set by its name; moto takes any.

    Raises:
        SetupError: a property nobody handles here.
    """
    refuse_properties(logical_id, properties, ("Name",))
    resolver.refs[logical_id] = resolver.resolve(properties["Name"])


def verify_sender(client: Client, address: str) -> None:
    """Count an address as verified, as if its owner had followed the link in SES's mail."""
    client("ses").verify_email_identity(EmailAddress=address)


def feedback_topic(resolver: Resolver) -> str | None:
    """The ARN of the topic that is told what became of mails; the topics have been made."""
    for name, resource in resolver.template["Resources"].items():
        if resource["Type"] == "AWS::SES::ConfigurationSetEventDestination":
            refuse_properties(name, resource["Properties"], ("ConfigurationSetName", "EventDestination"))
            wanted = resolver.resolve(resource["Properties"]["EventDestination"])
            refuse_properties(f"the destination of {name}", wanted, DESTINATION)
            return str(wanted["SnsDestination"]["TopicARN"])
    return None
