"""What runs in the background of a laptop cloud, and what becomes of it when it fails."""

import asyncio

import pytest

from infra.laptop.lifecycle import Lifecycle

pytestmark = pytest.mark.anyio

SOON_S = 60.0


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_work_that_fails_begins_again() -> None:
    life, third, begun = Lifecycle(pause_s=0.0), asyncio.Event(), list[int]()

    async def work() -> None:
        begun.append(len(begun))
        if len(begun) < 3:
            raise OSError(28, "No space left on device")
        third.set()
        await asyncio.Event().wait()

    life.keep_running(work)
    await asyncio.wait_for(third.wait(), SOON_S)
    await life.close()
    assert begun == [0, 1, 2]


async def test_work_ends_with_its_cloud() -> None:
    life, ended = Lifecycle(pause_s=0.0), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    life.keep_running(work)
    await asyncio.sleep(0)
    await life.close()
    assert ended.is_set()
