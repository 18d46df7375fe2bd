"""The outermost callable: the stamp of a request's arrival, and its wait for a turn."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from tempfile import SpooledTemporaryFile
from typing import Any

from ..core import clock
from ..core.turns import Turns

AT_ONCE = 2  # requests that a worker computes at the same time; more only makes each slower
WAITING = 32  # requests that may wait for their turn
SLOW_BODY = timedelta(minutes=10)  # docs/time.md, rule 11
IN_MEMORY = 1024 * 1024
PIECE = 256 * 1024


class Arrival:
    """The outermost callable: stamps the arrival of a request's head, then lets it wait for its turn.

    A server that queues requests before Python sees them would hide their arrival, so the queue is here.
    """

    def __init__(
        self, application: Callable[..., Iterable[bytes]], trusted_proxy: str, largest: int = 1 << 30
    ) -> None:
        self.application = application
        self.trusted_proxy = trusted_proxy
        self.largest = largest
        self.turns = Turns(AT_ONCE)
        self.inside = 0
        self.counting = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        head_at = arrival_of(environ, clock.now(), self.trusted_proxy)
        with taken_in(environ, self.largest):
            # A body that took longer than 10 minutes arrived 10 minutes before its end.
            environ["forum.arrived_at"] = max(head_at, clock.now() - SLOW_BODY)
            with self.counting:
                environ["forum.too_busy"] = self.inside >= AT_ONCE + WAITING
                self.inside += 1
            try:
                if environ["forum.too_busy"]:
                    return self.application(environ, start_response)
                self.turns.come_in()
                try:
                    return self.application(environ, start_response)
                finally:
                    self.turns.leave()
            finally:
                with self.counting:
                    self.inside -= 1


@contextmanager
def taken_in(environ: dict[str, Any], largest: int) -> Iterator[None]:
    """The body read before the request waits for its turn, so that a slow sender holds up nobody.

    Up to IN_MEMORY bytes stay in memory, more go to a temporary file. A body announced as larger than `largest` is
    left unread: the application refuses it.
    """
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if not 0 < length <= largest:
        yield
        return
    with SpooledTemporaryFile(max_size=IN_MEMORY) as body:
        source, left = environ["wsgi.input"], length
        while left and (piece := source.read(min(left, PIECE))):
            body.write(piece)
            left -= len(piece)
        body.seek(0)
        environ["wsgi.input"] = body
        yield


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
