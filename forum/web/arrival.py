"""The outermost callable: the stamp of a request's arrival, and its wait for a turn."""

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from ..core import clock

AT_ONCE = 2  # requests that a worker computes at the same time; more only makes each slower
WAITING = 32  # requests that may wait for their turn


class Arrival:
    """The outermost callable: stamps the arrival of a request's head, then lets it wait for its turn.

    A server that queues requests before Python sees them would hide their arrival, so the queue is here.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], trusted_proxy: str) -> None:
        self.application = application
        self.trusted_proxy = trusted_proxy
        self.turns = threading.Semaphore(AT_ONCE)
        self.inside = 0
        self.counting = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["forum.arrived_at"] = arrival_of(environ, clock.now(), self.trusted_proxy)
        with self.counting:
            environ["forum.too_busy"] = self.inside >= AT_ONCE + WAITING
            self.inside += 1
        try:
            if environ["forum.too_busy"]:
                return self.application(environ, start_response)
            with self.turns:
                return self.application(environ, start_response)
        finally:
            with self.counting:
                self.inside -= 1


def arrival_of(environ: dict[str, Any], now: datetime, trusted_proxy: str) -> datetime:
    """When the head of the request was taken in: `now`, or the start that the trusted proxy tells, if it lies at most
    10 minutes before and not after (docs/time.md, rule 11). `X-Request-Start: t=<seconds>.<fraction>`."""
    told = environ.get("HTTP_X_REQUEST_START", "")
    if not trusted_proxy or environ.get("REMOTE_ADDR") != trusted_proxy or not told:
        return now
    try:
        start = datetime.fromtimestamp(float(told.removeprefix("t=")), UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return start if now - timedelta(minutes=10) <= start <= now else now
