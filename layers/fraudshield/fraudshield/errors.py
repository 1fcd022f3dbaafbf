"""Every error the product raises on purpose.

* FraudShieldError
  - InvalidInput: the caller sent something we cannot take; carries the faults, field by field
    - Malformed: not even the right shape (no JSON, no list, too many)
    - TooLarge: the body is over the size that one request may have
    - WrongMediaType: the body says that it is something other than what the route takes
      - UnsupportedCoding: the body is packed in a way that nobody here unpacks
    - Conflict: what is there already does not go with what the caller sent
      - TransactionConflict: another content under a known transaction_id
      - FactConflict: another value of a field that was told already
      - PolicyConflict: the policy moved on since the caller read it
      - FlagsTooMuch (in policy/flagged_share.py): the thresholds would flag far more than before
      - ThresholdsConflict: the alert thresholds moved on since the caller read them
      - BreaksStored: a new version of an event type does not go with stored payments
      - NoSlot: every slot for an entity is taken
      - RatesConflict: other rates or another event type were stored meanwhile
      - ListConflict (in value_list/port.py): the list is there, of another kind
      - EventTypeConflict: another version of the event type was stored meanwhile
      - JobEnded: the job has ended, or goes by another plan
      - ClaimLost, VerdictFinal, NothingToReview (in review/refusal.py): a verdict that cannot be given or undone
      - SubscriptionEnding (in notification/subscription.py): an earlier one of the address is being removed
      - NotReplayable (in scoring/replay.py): a stored decision that this process cannot compute again
    - ChunksFailed: parts of a job's file were given up
    - TooManyAtOnce: as many run already as may run at the same time
    - InvalidExpression (in expression/fault.py): a condition or feature that cannot be read; carries places in it
  - ScopeMissing: a valid key that may not do this
  - NotFound: the caller named something that is not there
    - UnknownEventType: there is no event type of this name
  - Unavailable: something we depend on did not respond
    - ModelRefused: the artifact is absent, damaged or made for other code
    - StoreUnavailable: DynamoDB did not take or give an item
    - QueueUnavailable: SQS did not take a message
    - FilesUnavailable: S3 did not give or take an object
    - RunnerUnavailable: Step Functions did not start or stop a job
    - ChunkTimeout: a chunk of a file ran out of time
    - MailUnavailable (in notification/port.py): SES did not take a mail, and why
    - OutboxTaken (in notification/port.py): another worker changed this subscriber's outbox
    - Unreadable (in notification/port.py): a stored item that a later release wrote, or that is damaged
    - NotPersisted: a decision could be neither stored nor parked
  - ConfigurationError: the process was started with settings it cannot work with

Adapters translate vendor errors (botocore, json) into these with `raise ... from exc`; nothing
above an adapter ever sees a `ClientError`. HTTP statuses are given in `api/status.py` only.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where (a JSON pointer), what was found and expected, a stable code.

    Of an expression also the character at which it is, from 0, and the name that was probably meant.
    """

    pointer: str
    detail: str
    code: str
    position: int | None = None
    suggestion: str = ""


class FraudShieldError(Exception):
    """Base class. `code` is the stable, machine-readable name a client sees."""

    code = "internal_error"


class InvalidInput(FraudShieldError):
    """The caller can mend this; `faults` says where."""

    code = "invalid_input"

    def __init__(self, message: str, faults: Sequence[Fault] = (), code: str | None = None) -> None:
        super().__init__(message)
        self.faults = tuple(faults)
        self.code = code or self.code


class Malformed(InvalidInput):
    """The request as a whole cannot be read, so nothing in it was looked at."""

    code = "malformed"


class TooLarge(InvalidInput):
    """The body is over the size that one request may have."""

    code = "too_large"


class WrongMediaType(InvalidInput):
    """The body says that it is something other than what the route takes."""

    code = "unsupported_media_type"


class UnsupportedCoding(WrongMediaType):
    """The body is packed in a way that nobody here unpacks."""


class Conflict(InvalidInput):
    """What is there already does not go with what the caller sent."""

    code = "conflict"


class TransactionConflict(Conflict):
    """The id is taken by a transaction with another content."""

    code = "transaction_conflict"


class FactConflict(Conflict):
    """A field that is told once was told with another value."""

    code = "fact_conflict"


class PolicyConflict(Conflict):
    """The stored policy is newer than the one the change was based on."""

    code = "policy_conflict"


class ThresholdsConflict(Conflict):
    """The stored thresholds are newer than those the change was based on."""

    code = "thresholds_conflict"


class BreaksStored(Conflict):
    """A new version of an event type would not read what earlier ones took."""

    code = "breaks_stored"


class NoSlot(Conflict):
    """Every slot for an entity is taken, for good."""

    code = "no_slot"


class EventTypeConflict(Conflict):
    """Another version of the event type, or of another one, was stored meanwhile; read it and send yours again."""

    code = "event_type_conflict"


class RatesConflict(Conflict):
    """Other rates, or another event type, were stored meanwhile; send yours again."""

    code = "rates_conflict"


class JobEnded(Conflict):
    """The job has ended, or goes by another plan than this."""

    code = "job_ended"


class ChunksFailed(InvalidInput):
    """Parts of a job's file were given up; says which and why."""

    code = "chunks_failed"


class TooManyAtOnce(InvalidInput):
    """As many run already as may; one of them has to end first."""

    code = "too_many_at_once"


class ScopeMissing(FraudShieldError):
    """The key is good, its plan does not carry the scope."""

    code = "scope_missing"


class NotFound(FraudShieldError):
    """The caller named something that is not there."""

    code = "not_found"


class UnknownEventType(NotFound):
    """There is no event type of this name."""

    code = "unknown_event_type"


class Unavailable(FraudShieldError):
    """Something we depend on did not respond in time; trying again later may help."""

    code = "unavailable"


class ModelRefused(Unavailable):
    """The model artifact is absent, damaged or made for other code: rules decide instead."""

    code = "model_refused"


class StoreUnavailable(Unavailable):
    """DynamoDB did not take or give an item in time."""

    code = "store_unavailable"


class QueueUnavailable(Unavailable):
    """SQS did not take a message in time."""

    code = "queue_unavailable"


class FilesUnavailable(Unavailable):
    """S3 did not give or take an object in time."""

    code = "files_unavailable"


class RunnerUnavailable(Unavailable):
    """Step Functions did not start or stop a job in time."""

    code = "runner_unavailable"


class ChunkTimeout(Unavailable):
    """A chunk ran out of time; it is tried again from its beginning."""

    code = "chunk_timeout"


class NotPersisted(Unavailable):
    """A decision could be neither stored nor parked; the caller must send it again."""

    code = "not_persisted"


class ConfigurationError(FraudShieldError):
    """The process was started with settings it cannot work with."""

    code = "configuration_error"
