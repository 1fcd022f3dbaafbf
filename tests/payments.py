"""Files of simulated payments, of any size, the same for the same seed."""

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from model.simulator import transactions

SEED = 20261129


@lru_cache(4)
def payments(rows: int, seed: int = SEED) -> bytes:
    """Makes a CSV with so many rows; ids and `isFraud` are among its columns."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "payments.csv"
        ledger = transactions(round(rows * 1.01), seed)
        ledger.rows(slice(0, rows)).write_csv(path)  # type: ignore[arg-type]
        return path.read_bytes()


def padded(content: bytes, characters: int) -> bytes:
    """Adds a column `note` of so many characters to each row."""
    head, *lines = content.splitlines()
    note = b"n" * characters
    return b"\n".join([head + b",note", *(line + b"," + note for line in lines)]) + b"\n"
