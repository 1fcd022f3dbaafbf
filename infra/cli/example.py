"""`python -m infra.cli.example`: makes events/transactions.csv, the demo's input. Needs what `make test` installs.

A stretch of 1,200 rows holds one or two frauds. This is the stretch with the most, the first of them, out of 200,000
simulated transactions that no model has seen; nothing in it was picked, left out or changed.
"""

from pathlib import Path

import numpy as np

from infra.cli.path import TRANSACTIONS
from model.ledger import Ledger
from model.simulator import transactions

SIMULATED = 200_000
SEED = 20261124
ROWS = 1_200


def example() -> Ledger:
    """The stretch, in the order of time."""
    ledger = transactions(SIMULATED, SEED)
    before = np.concatenate([[0], np.cumsum(ledger.fraud)])
    start = int(np.argmax(before[ROWS:] - before[:-ROWS]))
    return ledger.rows(np.arange(start, start + ROWS))


def main(path: Path = TRANSACTIONS) -> None:
    """Write it."""
    example().write_csv(path)


if __name__ == "__main__":
    main()
