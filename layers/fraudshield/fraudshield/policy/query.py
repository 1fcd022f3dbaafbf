"""The parameters of the policy's routes."""

from fraudshield.event_type.event_type import TypeName
from fraudshield.event_type.payment import NAME
from fraudshield.text.query import Query


class PolicyQuery(Query):
    """Whose policy: the name of an event type."""

    event_type: TypeName = NAME
