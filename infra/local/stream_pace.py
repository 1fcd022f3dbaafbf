"""How fast a stream is followed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """`poll_s` between two looks at a shard that had nothing, `shards_s` between looks for new shards.

    `pause_s` after a call that failed; `backoff_s` after a function's first failure, then twice as long each time.
    """

    poll_s: float = 0.25  # Lambda asks four times a second
    shards_s: float = 5.0
    pause_s: float = 1.0
    backoff_s: float = 0.5


USUAL = Pace()
