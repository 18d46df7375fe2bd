"""Headers that every answer carries, added where the answer leaves: error pages and 304s among them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any


class FixedHeaders:
    """A WSGI application around another: adds each header that an answer has not set itself."""

    def __init__(self, application: Callable[..., Iterable[bytes]], headers: Mapping[str, str]) -> None:
        self.application = application
        self._fixed = [(name, value, name.lower()) for name, value in headers.items()]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            there = {name.lower() for name, _value in headers}
            headers += [(name, value) for name, value, folded in self._fixed if folded not in there]
            return start_response(status, headers, *exc_info)

        return self.application(environ, start)
