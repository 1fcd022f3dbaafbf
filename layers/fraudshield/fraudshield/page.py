"""A list in pages: how much of it is asked for, from where on, and what a cursor to the next page is good for."""

from typing import Annotated

from pydantic import Field

from fraudshield.query import Query, Whole

MOST_OFFSET = 10_000  # for old clients; a cursor goes on for as long as there is something

Limit = Annotated[Whole, Field(ge=1, le=1000)]
Offset = Annotated[Whole, Field(ge=0, le=MOST_OFFSET)]
PLACE = {"limit", "cursor", "offset"}


class PageQuery(Query):
    """At most `limit` items, from `cursor` on, which is the `next_cursor` of the page before."""

    limit: Limit = 100
    cursor: str | None = None

    @property
    def filter(self) -> dict[str, object]:
        """What narrows the list, as plain JSON: a cursor goes with the same filter only, whatever the page's size."""
        return self.model_dump(mode="json", exclude=PLACE, exclude_none=True)
