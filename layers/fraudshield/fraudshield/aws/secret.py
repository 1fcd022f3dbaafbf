"""The deployment's secret, read once a process."""

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.errors import StoreUnavailable


def read_secret(arn: str) -> bytes:
    """Reads the secret's bytes. Raises StoreUnavailable; nothing is cached then."""
    try:
        return client.secretsmanager().get_secret_value(SecretId=arn)["SecretString"].encode()
    except (BotoCoreError, ClientError) as exc:
        raise StoreUnavailable(f"The signing secret cannot be read: {type(exc).__name__}") from exc
