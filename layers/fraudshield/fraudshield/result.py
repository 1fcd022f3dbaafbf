"""How a request went as a whole, whose parts succeed or fail one by one. The HTTP edge knows the status of each."""

from enum import Enum, auto


class Result(Enum):
    """What became of the parts of a request."""

    DONE = auto()  # at least one was done
    CREATED = auto()  # what was asked for is there now
    QUEUED = auto()  # at least one will be done later
    ALL_FAILED = auto()
    ALL_CONFLICTING = auto()  # every one was about something that is there with another content
