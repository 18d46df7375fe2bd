"""The only place that reads the clock; everything else takes `at`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present instant: UTC, timezone-aware, microseconds."""
    return _source()


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
