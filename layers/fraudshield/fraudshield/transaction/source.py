"""How a transaction came in."""

from typing import Literal

Source = Literal["api", "queue", "batch", "store"]  # `store`: kept as it came, without a decision
