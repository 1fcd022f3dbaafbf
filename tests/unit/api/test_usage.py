"""How much of what it was given a process uses."""

from fraudshield.api.usage import EVERY_S, Usage

LARGE_MB = 1 << 20  # more than the process of any test run takes


def test_it_is_told_once_a_minute_and_in_percent() -> None:
    usage = Usage()
    usage.begin()
    assert usage.end(LARGE_MB) == {}
    usage.looked_at -= EVERY_S
    usage.begin()
    sum(number * number for number in range(100_000))
    told = usage.end(LARGE_MB)
    assert told.keys() == {"CpuPercent", "MemoryPercent", "DiskPercent"}
    assert all(0 <= percent <= 100 for percent in told.values())
    assert told["CpuPercent"] > 0
    assert usage.end(LARGE_MB) == {}


def test_a_smaller_share_of_memory_is_a_larger_percentage() -> None:
    def told(memory_mb: int) -> float:
        usage = Usage()
        usage.looked_at -= EVERY_S
        usage.begin()
        return usage.end(memory_mb)["MemoryPercent"]

    assert told(1000) > told(2000) > 0
