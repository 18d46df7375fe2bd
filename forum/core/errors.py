"""The few ways in which a request does not get what it asked for; `web.py` turns each into its page."""

from collections.abc import Mapping
from typing import Any


class NotHere(Exception):
    """There is no such thing, or not for this person: the two are one answer (404)."""


class NotAllowed(Exception):
    """The person may see it and not do it (403)."""


class Refused(Exception):
    """A rule refuses the deed now (409). `code` names the rule's answer, `values` fill the sentence."""

    def __init__(self, code: str, values: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.values: Mapping[str, Any] = values or {}


class TooMany(Exception):
    """A limit on attempts is reached (429); `retry_after` in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class TooBusy(Exception):
    """The site's write lock was not to be had in time (503); nothing was written."""

    retry_after = 5
