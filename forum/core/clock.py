"""The only place that reads the clock; everything else takes `at`."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SINCE_START = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present instant: UTC, timezone-aware, microseconds."""
    return _source()


def uptime() -> timedelta:
    """Time since this machine started, asleep or not: by a clock that nobody can set, while `now` can be."""
    if _source is not _system:
        return _source() - _EPOCH  # a clock that is held is never set
    return timedelta(seconds=time.clock_gettime(_SINCE_START))


@lru_cache(maxsize=1)
def boot() -> str:
    """Which start of the machine `uptime` counts from; empty where that is not known."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


@contextmanager
def standing_at(at: datetime) -> Iterator[None]:
    """Hold the clock at one instant: for tests and for laying the demo, never in a running site."""
    global _source
    before = _source
    _source = lambda: at  # noqa: E731 - the shortest clock there is
    try:
        yield
    finally:
        _source = before
