"""Where jobs are: their table and bucket, and the state machine that runs files and tests on history."""

from typing import Annotated

from pydantic import Field

from fraudshield.settings import Settings


class JobSettings(Settings):
    """The table of jobs, and the days that it keeps them."""

    jobs_table: str
    batch_file_days: Annotated[int, Field(ge=1, le=3650)] = 90


class FileSettings(Settings):
    """The bucket of files of transactions and of their results."""

    jobs_bucket: str


class MachineSettings(Settings):
    """The state machine that runs jobs."""

    batch_machine_arn: str


class ConcurrencySettings(Settings):
    """How many parts of a job are worked on at once."""

    batch_concurrency: Annotated[int, Field(ge=1, le=1000)] = 10
