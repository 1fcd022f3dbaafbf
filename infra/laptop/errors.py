"""What can go wrong with the laptop cloud.

* LaptopError
  - SetupError: a setting, a port, the template or a program is not as it must be
  - RequestError: what a caller sent or asked for cannot be served; the cloud itself is well
"""


class LaptopError(Exception):
    """Base class; the message says which thing and what to do."""


class SetupError(LaptopError):
    """A setting, a port, the template or a program is not as it must be, so nothing is started."""


class RequestError(LaptopError):
    """A request that cannot be read, is too large, or names what is not there."""
