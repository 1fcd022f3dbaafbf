"""Which failures of the store are tried again."""

import pytest
from botocore.exceptions import ReadTimeoutError

from fraudshield.dynamo.call import PatientCalls
from fraudshield.dynamo.failure import CONTENTION, THROTTLES
from fraudshield.errors import StoreUnavailable
from tests.aws_failure import failing, refused


@pytest.mark.parametrize(
    "failure", [*map(refused, sorted(THROTTLES | CONTENTION)), refused("InternalServerError", 500)]
)
def test_what_ends_by_itself_is_tried_again(failure: Exception) -> None:
    assert PatientCalls().one(failing(failure, ReadTimeoutError(endpoint_url="u"), failure)) == "done"


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "ValidationException", "AccessDeniedException"])
def test_what_would_be_refused_again_is_not(code: str) -> None:
    with pytest.raises(StoreUnavailable, match=code):
        PatientCalls().one(failing(refused(code)))


def test_patience_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 3.9, 4.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(StoreUnavailable, match="ReadTimeoutError"):
        PatientCalls().one(failing(*[ReadTimeoutError(endpoint_url="u")] * 3))
