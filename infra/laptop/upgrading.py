"""Tables of an earlier version of the template are upgraded before anything runs, after a copy was made."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.laptop.errors import SetupError
from infra.laptop.process import sqlite_file
from infra.laptop.process.dynamodb_engine import DynoxideEngine, Engine, ExternalEngine
from infra.laptop.resources.table_upgrade import upgrade, upgrades
from infra.laptop.template import Template

logger = logging.getLogger(__name__)
Tell = Callable[[str], None]


def upgrade_tables(
    template: Template, parameters: Mapping[str, str], dynamodb: Any, engine: Engine, tell: Tell = logger.warning
) -> list[str]:
    """Gives tables the indexes that the template says, and returns the names of those that had others.

    Raises SetupError: something else differs, or the engine is somebody else's, whose data we cannot copy.
    """
    try:
        plans = upgrades(template, parameters, dynamodb)
        if plans and isinstance(engine, ExternalEngine):
            tables = ", ".join(one.table for one in plans)
            raise SetupError(f"{tables}: these are of an earlier version; copy the data and upgrade them there first")
        if plans and isinstance(engine, DynoxideEngine):
            copy = sqlite_file.copied(engine.database, f"{datetime.now(UTC):%Y%m%dT%H%M%S}")
            tell(f"{engine.database.name} is of an earlier version; {copy.name} beside it is a copy as it was")
        for plan in plans:
            upgrade(plan, dynamodb, tell)
    except (BotoCoreError, ClientError) as exc:
        raise SetupError(f"The tables cannot be upgraded: {exc}") from exc
    return [one.table for one in plans]
