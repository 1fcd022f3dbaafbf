"""The body of a call, read as the object that it has to be."""

from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field

from fraudshield.errors import InvalidInput, Malformed
from fraudshield.text.fault import json_object, read_object


class Parcel(BaseModel):
    model_config = ConfigDict(extra="forbid")

    weight: Annotated[int, Field(strict=True, ge=1)]


def read(body: object) -> Parcel:
    return read_object(body, Parcel, "a weight", "The parcel is not valid", "invalid_parcel")


def test_an_object_is_read_as_its_model() -> None:
    assert read({"weight": 3}) == Parcel(weight=3)
    assert json_object({"weight": 3}, "a weight") == {"weight": 3}


@pytest.mark.parametrize(
    ("body", "found"), [([], "an empty list"), ([1], "a list"), ("x", "a text"), (None, "nothing"), (3, "a number")]
)
def test_what_is_no_object_is_malformed(body: object, found: str) -> None:
    with pytest.raises(Malformed, match=f"Expected an object with a weight, found {found}$"):
        read(body)


def test_faults_are_named_where_they_are() -> None:
    with pytest.raises(InvalidInput, match="The parcel is not valid") as refused:
        read({"weight": 0, "colour": "red"})
    assert refused.value.code == "invalid_parcel"
    assert [fault.pointer for fault in refused.value.faults] == ["/weight", "/colour"]
