"""The parameters of the routes of versions."""

from fraudshield.event_type.event_type import TypeName
from fraudshield.event_type.payment import NAME
from fraudshield.policy.query import PolicyQuery
from fraudshield.text.query import PageQuery, Whole


class VersionsQuery(PageQuery):
    """Whose versions: the name of an event type."""

    event_type: TypeName = NAME

    @property
    def asked(self) -> dict[str, object]:
        """The list and its filter, for the cursor to be bound to."""
        return {"list": "policy_versions", **self.filter}


class DifferenceQuery(PolicyQuery):
    """`to`: the version to compare with."""

    to: Whole
