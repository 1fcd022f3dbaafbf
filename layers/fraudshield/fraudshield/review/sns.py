"""The topic of closed reviews: a message for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from fraudshield.aws import client
from fraudshield.errors import QueueUnavailable
from fraudshield.review.closed import closed_object
from fraudshield.review.port import ClosedReview
from fraudshield.text.json_text import json_text


@dataclass(frozen=True, slots=True)
class SnsReviews:
    """Implements the `ReviewTopic` port. A subscription may filter by the attribute `verdict`."""

    topic_arn: str

    def tell(self, reviews: Sequence[ClosedReview]) -> None:
        for one in reviews:
            self._publish(one)

    def _publish(self, one: ClosedReview) -> None:
        try:
            client.sns().publish(
                TopicArn=self.topic_arn,
                Message=json_text(closed_object(one)),
                MessageAttributes={"verdict": {"DataType": "String", "StringValue": one.verdict}},
            )
        except (BotoCoreError, ClientError) as exc:
            raise QueueUnavailable(f"A closed review was not told: {type(exc).__name__}") from exc
