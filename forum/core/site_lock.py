"""The write lock of a site on SQLite: a line in front of the database's own lock, whose waiters are served at random.

Threads of one process wait in Turns. Processes wait by two flocks, which the kernel frees when a process is gone,
however it went: who is next holds the gate, and who comes in gives the gate up. So who has just written stands behind
who waits for them; among more than two processes, any of those before the gate is next.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import TooBusy
from .turns import Turns

# A process that has the lock goes on for its own line so long, since to hand it over takes a while.
RUN = 16  # turns
RUN_SECONDS = 0.05
LOOK = 0.001  # seconds between two looks at a lock that another process holds; waiting in the kernel knows no end


class SiteLock:
    """One writer at a time in all processes that use the file `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turns = Turns(1)
        self._file: int | None = None  # what holds the lock for this process
        self._since, self._served = 0.0, 0

    @contextmanager
    def held(self, patience: float) -> Iterator[None]:
        """Hold the lock in the block; TooBusy if it is not to be had within `patience` seconds."""
        give_up = time.monotonic() + patience
        if not self._turns.come_in(patience):
            raise TooBusy
        try:
            if self._file is None:
                self._take(give_up)
            self._served += 1
            yield
        finally:
            if self._served >= RUN or time.monotonic() - self._since >= RUN_SECONDS:
                self._let_go()
            self._turns.leave(self._let_go)

    def _take(self, give_up: float) -> None:
        gate = _locked(f"{self.path}.gate", give_up)
        try:
            self._file = _locked(str(self.path), give_up)
        finally:
            os.close(gate)
        self._since, self._served = time.monotonic(), 0

    def _let_go(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


def _locked(path: str, give_up: float) -> int:
    """A file descriptor that holds the lock of a file until it is closed; TooBusy after the instant `give_up`."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return file
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise TooBusy from None
                time.sleep(LOOK)
    except BaseException:
        os.close(file)
        raise
