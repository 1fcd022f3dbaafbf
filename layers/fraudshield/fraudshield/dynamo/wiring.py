"""Wiring that the adapters of all concepts use: threads, one breaker, and the deployment's secret."""

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from fraudshield.aws import client
from fraudshield.aws.secret import read_secret
from fraudshield.breaker import Breaker
from fraudshield.dynamo.call import BoundedCalls, PacedCalls
from fraudshield.settings import Settings, settings
from fraudshield.text.cursor import Cursors


class SecretSettings(Settings):
    """The address of the deployment's secret."""

    signing_secret_arn: str


@lru_cache
def pool() -> ThreadPoolExecutor:
    """The threads that wait for the network."""
    return ThreadPoolExecutor(client.CONNECTIONS, thread_name_prefix="store")


@lru_cache
def store_calls() -> BoundedCalls:
    """The bounded calls of DynamoDB, which share one breaker."""
    return BoundedCalls(store_breaker(), pool())


@lru_cache
def paced_calls() -> PacedCalls:
    """The calls of DynamoDB by which files are stored, with threads of their own and without a breaker."""
    return PacedCalls()


@lru_cache
def store_breaker() -> Breaker:
    """The breaker of DynamoDB; while it is open, no call is made."""
    return Breaker()


@lru_cache
def signing_secret() -> bytes:
    """The key that signs cursors, mail links and the marks of erased accounts. Raises StoreUnavailable."""
    return read_secret(settings(SecretSettings).signing_secret_arn)


@lru_cache
def cursors() -> Cursors:
    """Makes and reads the cursors of all lists. Raises StoreUnavailable."""
    return Cursors(signing_secret())
