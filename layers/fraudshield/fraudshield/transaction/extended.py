"""A transaction of a type that extends the built-in one: that one's fields, and its own."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, SkipValidation

from fraudshield.text.json_text import json_text
from fraudshield.transaction.built_in import BuiltInTransaction
from fraudshield.transaction.content_hash import SCHEME, digest_of
from fraudshield.transaction.own import OwnContent


class ExtendedTransaction(BuiltInTransaction):
    """A payment with fields of its type's own; the built-in type's model scores it."""

    content: Annotated[SkipValidation[OwnContent], Field(exclude=True)]

    @property
    def own(self) -> OwnContent:
        """Its own fields, and the version that it was read by."""
        return self.content

    @property
    def values(self) -> Mapping[str, object]:
        """Its fields by name, its own among them."""
        built_in = {name: value for name, value in self.__dict__.items() if name != "content"}
        return {**built_in, **self.content.fields}

    def content_hash(self) -> str:
        """As of any transaction; its type and its own fields are content too, and which version read them is not."""
        own = {"event_type": self.own.event_type.name, "fields": self.own.said}
        return SCHEME + digest_of(self.model_dump_json(exclude_none=True) + json_text(own, sort_keys=True))

    def has_content(self, content_hash: str) -> bool:
        """Whether a payment with this hash is the same one: there was no such type when hashes named no scheme."""
        return content_hash == self.content_hash()
