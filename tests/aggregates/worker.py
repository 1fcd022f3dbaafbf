"""A process that decides payments, one a line, until it is killed."""

import json
import os
import sys
from datetime import UTC, datetime

from moto import mock_aws

from tests.aggregates.run import send
from tests.caller import Caller


def main() -> None:
    """Answers each payment with its entry, and when that was asked for and given."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what is logged and metered, by whoever has taken standard output already
    with mock_aws():
        caller = Caller()
        for line in sys.stdin:
            began = datetime.now(UTC)
            [entry] = send(caller, json.loads(line))
            answer = {"began": began.isoformat(), "entry": entry, "ended": datetime.now(UTC).isoformat()}
            out.write(json.dumps(answer) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
