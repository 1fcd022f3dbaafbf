"""How decisions can be written; on its own so that help need not import what writes them."""

from enum import StrEnum


class Format(StrEnum):
    """A table of the riskiest, or every row."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
