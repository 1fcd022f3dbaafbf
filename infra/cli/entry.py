"""The console script. It imports what it runs, so that Ctrl-C meanwhile ends it as quietly as later."""

import sys


def main() -> None:
    """Run the command and end the process."""
    try:
        from infra.cli.main import main as run  # noqa: PLC0415 this is what takes time

        run()
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell says SIGINT
