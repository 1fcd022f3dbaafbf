"""The template's secrets, made in moto and kept over restarts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.laptop import private_file
from infra.laptop.intrinsic import Resolver
from infra.laptop.sdk import Client
from infra.laptop.template import of_type, refuse_properties

TAKEN = ("Description", "GenerateSecretString", "Name")
LEFT_OUT = ("KmsKeyId", "Tags")  # it stays on this machine
GENERATED = ("PasswordLength", "ExcludePunctuation")
ADVICE = "delete it to have new secrets made: what the old ones signed is worth nothing then"


def restore_secrets(client: Client, kept: Path) -> None:
    """Put the secrets of an earlier run into moto, before anything is made.

    Raises:
        SetupError: the file cannot be read.
    """
    for name, value in private_file.read(kept, ADVICE).items():
        client("secretsmanager").create_secret(Name=name, SecretString=value)


def save_secrets(resolver: Resolver, client: Client, kept: Path) -> None:
    """Write down the secrets that have been made, for this user's eyes only."""
    before = private_file.read(kept, ADVICE)
    made = {}
    for name, properties in of_type(resolver.template, "AWS::SecretsManager::Secret"):
        told = client("secretsmanager").get_secret_value(SecretId=resolver.refs[name])
        made[resolver.resolve(properties).get("Name", name)] = told["SecretString"]
    if made.items() - before.items():
        private_file.write(kept, before | made)


def make_secret(resolver: Resolver, client: Client, logical_id: str, properties: Mapping[str, Any]) -> None:
    """Create the secret with a value of its own; one that is there already is kept.

    Raises:
        SetupError: a property nobody handles here.
    """
    refuse_properties(logical_id, properties, (*TAKEN, *LEFT_OUT))
    wanted = resolver.resolve(properties)
    refuse_properties(logical_id, wanted["GenerateSecretString"], GENERATED)
    name, manager = wanted.get("Name", logical_id), client("secretsmanager")
    try:
        arn = manager.describe_secret(SecretId=name)["ARN"]
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        value = manager.get_random_password(**wanted["GenerateSecretString"])["RandomPassword"]
        arn = manager.create_secret(Name=name, SecretString=value)["ARN"]
    resolver.refs[logical_id] = arn
