"""The outermost callable: the stamp of a request's arrival, and its wait for a turn."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from tempfile import SpooledTemporaryFile
from typing import Any

from ..core import clock
from ..core.turns import Turns

AT_ONCE = 2  # requests that a worker computes at the same time; more only makes each slower
WAITING = 128  # requests that may wait for their turn
HANDED_IN_WAITING = (
    96  # the same of what is handed in, which goes first: it has a deadline, and who reads has none
)
_HANDS_IN = re.compile(r"/c/[^/]+/(?:boards/[^/]+/threads|(?:threads|posts)/[^/]+/replies|posts/[^/]+/edit)")
SLOW_BODY = timedelta(minutes=10)  # docs/time.md, rule 11
IN_MEMORY = 1024 * 1024
PIECE = 256 * 1024


class Arrival:
    """The outermost callable: stamps the arrival of a request's head, then lets it wait for its turn.

    What is handed in goes before what is read or saved, and is turned away last: in the rush before a due instant a
    page that comes a second later costs nobody anything.

    A server that queues requests before Python sees them would hide their arrival, so the queue is here.
    """

    def __init__(
        self, application: Callable[..., Iterable[bytes]], trusted_proxy: str, largest: int = 1 << 30
    ) -> None:
        self.application = application
        self.trusted_proxy = trusted_proxy
        self.largest = largest
        self.turns = Turns(AT_ONCE)
        self.inside = {False: 0, True: 0}  # by whether they hand in
        self.counting = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        head_at = arrival_of(environ, clock.now(), self.trusted_proxy)
        with taken_in(environ, self.largest):
            # A body that took longer than 10 minutes arrived 10 minutes before its end.
            environ["forum.arrived_at"] = max(head_at, clock.now() - SLOW_BODY)
            first = hands_in(environ)
            with self.counting:
                environ["forum.too_busy"] = self.inside[first] >= AT_ONCE + (
                    HANDED_IN_WAITING if first else WAITING
                )
                self.inside[first] += 1
            try:
                if environ["forum.too_busy"]:
                    return self.application(environ, start_response)
                self.turns.come_in(first=first)
                try:
                    return self.application(environ, start_response)
                finally:
                    self.turns.leave()
            finally:
                with self.counting:
                    self.inside[first] -= 1


def hands_in(environ: dict[str, Any]) -> bool:
    """Whether a request hands in a post or an edit."""
    return environ.get("REQUEST_METHOD") == "POST" and bool(_HANDS_IN.fullmatch(environ.get("PATH_INFO", "")))


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
