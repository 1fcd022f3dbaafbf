"""How a call went as a whole, whose parts succeed or fail one by one. The edge knows which HTTP status that is."""

from enum import Enum, auto


class Result(Enum):
    """What became of the parts of a call."""

    DONE = auto()  # at least one was done
    QUEUED = auto()  # at least one will be done later
    ALL_FAILED = auto()
    ALL_CONFLICTING = auto()  # every one was about something that is there with another content
