"""A page that its browser has already: told so again, without making anything.

Reading a thread again, or going back to it, is what most requests are. Whether it changed is known from one row: who
asks, what they may see, the version of all that the page is made of, and the instants between which the answer holds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .caches import Cache

_NOTE = "forum.unchanged"


@dataclass(frozen=True)
class Holds:
    """What a 304 was said of: `found` is what `ask` gave, the very same while its row is an equal one; it holds from
    `since` until just before `until`, None for ever."""

    ask: Callable[[datetime], object | None]
    found: object
    since: datetime
    until: datetime | None

    def at(self, instant: datetime) -> bool:
        if instant < self.since or (self.until is not None and instant >= self.until):
            return False
        return self.ask(instant) is self.found


def note_unchanged(environ: dict[str, Any], holds: Holds) -> None:
    """To be said of a request that is answered 304 because of `holds` and nothing else."""
    environ[_NOTE] = holds


class Unchanged:
    """A WSGI application around another: gives a 304 again to the same browser that asks the same, while it holds.

    The statement that finds out who asks and what they may see is asked each time, as the gate does; only what would
    follow from an equal row is not done again.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self._given: Cache[tuple[Holds, str, list[tuple[str, str]]]] = Cache(2_000)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        has = environ.get("HTTP_IF_NONE_MATCH")
        if has is None or environ["REQUEST_METHOD"] != "GET" or environ.get("forum.too_busy"):
            return self.application(environ, start_response)
        asked = (
            environ.get("HTTP_COOKIE"), environ["PATH_INFO"], environ.get("QUERY_STRING"), has,
            environ.get("HTTP_HOST"), environ.get("wsgi.url_scheme"),
        )  # fmt: skip
        given = self._given.get(asked)
        if given is not None and given[0].at(environ["forum.arrived_at"]):
            start_response(given[1], list(given[2]))
            return ()

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            holds = environ.get(_NOTE)
            if holds is not None and not any(name == "Set-Cookie" for name, _value in headers):
                self._given.put(asked, (holds, status, list(headers)))
            return start_response(status, headers, *exc_info)

        return self.application(environ, start)
