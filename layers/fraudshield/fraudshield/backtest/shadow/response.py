"""A draft in shadow as the API shows it."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from typing_extensions import TypedDict

from fraudshield.backtest.answer import HistoryAnswer
from fraudshield.backtest.shadow.shadow import ShadowAnswer
from fraudshield.text.schema import Moment, one_of
from fraudshield.text.timestamp import timestamp

# `state` is `shadow` where it is judged now. `shadow_failed` payments could not be judged, which held up nothing.
ShadowHead = TypedDict(
    "ShadowHead",
    {
        "version": int,
        "digest": str,
        "state": Annotated[str, one_of("draft", "shadow")],
        "from": Moment,
        "to": Moment,
        "shadow_failed": int,
    },
)


class ShadowResponse(ShadowHead, HistoryAnswer):
    """What a draft would have decided on what came since it was made."""


def shadow_response(found: ShadowAnswer) -> ShadowResponse:
    """All that was found."""
    made = found.draft.created_at
    head: Mapping[str, Any] = {
        "version": found.draft.version,
        "digest": found.draft.digest,
        "state": "shadow" if found.is_judged else "draft",
        "from": timestamp(made) if made else "",
        "to": timestamp(found.until),
        "shadow_failed": found.failed,
    }
    return cast(ShadowResponse, {**head, **found.answer})
