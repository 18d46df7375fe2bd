"""The Flask application of the forum."""

from collections.abc import Callable
from typing import Any

from flask import Flask


class Forum(Flask):
    """Flask, told once that no function of ours is a coroutine: else it looks at each of them for each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func
