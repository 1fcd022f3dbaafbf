"""Wiring that the adapters of all concepts use: threads, two breakers, and the deployment's secret."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from fraudshield.aws import client
from fraudshield.aws.secret import read_secret
from fraudshield.breaker import Breaker
from fraudshield.budget import LOOKUP_ATTEMPTS, LOOKUP_BREAKER_S, LOOKUP_FAILURES, LOOKUP_S
from fraudshield.dependency import Dependency
from fraudshield.dynamo.call import BoundedCalls, PacedCalls
from fraudshield.settings import Settings, settings
from fraudshield.text.cursor import Cursors


class SecretSettings(Settings):
    """The address of the deployment's secret."""

    signing_secret_arn: str


class DocumentSettings(Settings):
    """The table of versioned documents: policies, event types, and the audit log of all changes."""

    policies_table: str


@lru_cache
def pool() -> ThreadPoolExecutor:
    """The threads that wait for the network."""
    return ThreadPoolExecutor(client.CONNECTIONS, thread_name_prefix="store")


@lru_cache
def store_calls() -> BoundedCalls:
    """The bounded calls of DynamoDB on the path of a payment, which share the breaker that keeps its time."""
    return BoundedCalls(store_breaker(), pool())


@lru_cache
def lookup_calls() -> BoundedCalls:
    """The bounded calls of DynamoDB that no payment waits for: what people and programs look up or record.

    Each is tried twice as often as a payment's, and in vain only by whoever sent it, until several in a row have
    failed; then nobody is kept waiting for a moment. Neither do they open the breaker of payments, nor does that one
    refuse them.
    """
    return BoundedCalls(Breaker(LOOKUP_BREAKER_S, after=LOOKUP_FAILURES), pool(), LOOKUP_S, LOOKUP_ATTEMPTS)


@lru_cache
def paced_calls() -> PacedCalls:
    """The calls of DynamoDB by which files are stored, with threads of their own and without a breaker."""
    return PacedCalls()


@lru_cache
def store_breaker() -> Breaker:
    """The breaker of payments: while it is open, none waits for DynamoDB."""
    return Breaker()


@lru_cache
def signing_secret() -> bytes:
    """The key that signs cursors, mail links and the marks of erased accounts. Raises StoreUnavailable."""
    return read_secret(settings(SecretSettings).signing_secret_arn)


@lru_cache
def cursors() -> Cursors:
    """Makes and reads the cursors of all lists. Raises StoreUnavailable."""
    return Cursors(signing_secret())


def secret_needed() -> Dependency:
    """The signing secret; a process that has read it needs nobody for it any more."""

    def connect() -> Callable[[], bytes]:
        client.secretsmanager()
        return signing_secret

    return Dependency("the signing secret", "secret_unavailable", connect)
