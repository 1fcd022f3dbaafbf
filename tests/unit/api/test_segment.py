"""Paths: split before they are decoded, whatever an id is made of."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraudshield.api.segment import SegmentConvertor, placed, routable, sent_path

SEGMENTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=5)


@given(segments=SEGMENTS)
def test_every_segment_arrives_as_it_was_meant(segments: list[str]) -> None:
    path = routable("/" + "/".join(quote(one, safe="") for one in segments))
    found = path.split("/")[1:]
    assert [SegmentConvertor().convert(one) for one in found] == segments
    assert [SegmentConvertor().to_string(one) for one in segments] == found


@pytest.mark.parametrize(
    ("resource", "parameters", "path"),
    [
        ("/", {}, "/"),
        ("/api/v1/score", {}, "/api/v1/score"),
        ("/api/v1/model/{proxy+}", {"proxy": "model/info"}, "/api/v1/model/model/info"),
        ("/api/v1/model/{proxy+}", {"proxy": "model/info/"}, "/api/v1/model/model/info"),
        ("/a/{id}/{proxy+}", {"id": "x%2Fy", "proxy": "a%2Fb/%25"}, "/a/x%2Fy/a%2Fb/%25"),
        ("/{proxy+}", {"proxy": ""}, "/"),
        ("/{proxy+}", {}, "/"),
    ],
)
def test_the_sent_path_is_the_resource_with_its_parameters(
    resource: str, parameters: dict[str, str], path: str
) -> None:
    assert sent_path(resource, parameters) == path


@pytest.mark.parametrize(
    ("path", "prefix", "rest"),
    [
        ("/api/v1/score", "/api/v1", "/score"),
        ("/api/v1/model/policy", "/api/v1/model", "/policy"),
        ("/api/v1/model", "/api/v1/model", "/"),
        ("/api/v1/modelscore", "/api/v1", "/modelscore"),
        ("/api/v10/score", "/", "/api/v10/score"),
        ("/score", "/", "/score"),
    ],
)
def test_a_prefix_is_of_whole_segments(path: str, prefix: str, rest: str) -> None:
    assert placed(path, ("/api/v1/model", "/api/v1", "/")) == (prefix, rest)
