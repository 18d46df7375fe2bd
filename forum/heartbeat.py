"""Signs of life: requests through the site's own socket, as anybody's come in (docs/time.md, rule 14)."""

import os
import time
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from flask import Flask

from .machines import heartbeat_secret
from .serving import reached_at

PATIENCE = 4.0  # seconds: one beat without an answer, and the next is still within 15 s of the last


class Socket:
    """The site's public socket, asked in the name that the site is known by: it answers to no other."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self.host, self.port = reached_at(host), port
        self._headers = {"Host": urlsplit(app.config["PUBLIC_URL"]).netloc}
        with app.app_context():
            self._secret = heartbeat_secret()

    def answers(self) -> bool:
        """Whether it answers at all, with whatever status."""
        return self._ask("GET", "/healthz", {}, patience=1) is not None

    def beats(self) -> bool:
        """Ask it to leave one sign of life; whether it has."""
        return self._ask("POST", "/heartbeat", {"X-Heartbeat": self._secret}, patience=PATIENCE) == 200

    def _ask(self, method: str, path: str, headers: dict[str, str], *, patience: float) -> int | None:
        connection = HTTPConnection(self.host, self.port, timeout=patience)
        try:
            connection.request(method, path, headers={**self._headers, **headers, "Connection": "close"})
            return connection.getresponse().status
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()


def keep_beating(site: Socket, every: float = 10.0) -> None:
    """A beat each `every` seconds, from the start of one to the start of the next, and each second while none succeeds.

    Ends when the process that started this one is gone.
    """
    parent = os.getppid()
    while os.getppid() == parent:
        began = time.monotonic()
        wait = every if site.beats() else 1.0
        time.sleep(max(0.0, began + wait - time.monotonic()))
