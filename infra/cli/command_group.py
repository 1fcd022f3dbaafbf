"""How the command ends: every error it foresees is one line on standard error and an exit code that means something."""

import os
import sys
from typing import Any

import click
from typer.core import TyperGroup

from fraudshield.errors import FraudShieldError
from infra.laptop.errors import LaptopError

PARTLY, NOTHING, INTERRUPTED, NOBODY_READS = 1, 2, 130, 141  # the last two as a shell says SIGINT and SIGPIPE


class CommandGroup(TyperGroup):
    """The command with its sub-commands."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run it and end the process."""
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.ClickException as exc:
            code = _failed(_with_hint(exc))
        except click.Abort:
            code = INTERRUPTED
        sys.exit(code)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the sub-command."""
        try:
            return super().invoke(ctx)
        except (FraudShieldError, LaptopError) as exc:
            return _failed(str(exc))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains as it closes it
            return NOBODY_READS
        except OSError as exc:
            return _failed(f"{exc.filename}: {exc.strerror}" if exc.filename else str(exc))


def _with_hint(exc: click.ClickException) -> str:
    context = exc.ctx if isinstance(exc, click.UsageError) else None
    message = exc.format_message()
    return f"{message.rstrip('.')}. See {context.command_path} --help." if context else message


def _failed(message: str) -> int:
    from infra.cli import terminal  # noqa: PLC0415 help should not wait for it

    terminal.complain(message)
    return NOTHING
