"""Waiting in line among the threads of one process."""

import threading
from collections import deque
from collections.abc import Callable

IN_A_ROW = 4  # who goes first, before one of the others comes in: they get on too


class Turns:
    """So many may be inside at once; the others wait, and come in in the order in which they came.

    A place that gets free is handed to who has waited longest, so nobody who comes later can take it from them:
    a plain lock or semaphore lets them, and then some wait many times as long as others. Who goes `first` has a line
    of their own; of every five places that get free, the other line gets one.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._mutex = threading.Lock()
        self._line: deque[threading.Lock] = deque()
        self._first: deque[threading.Lock] = deque()
        self._in_a_row = 0

    def come_in(self, patience: float | None = None, *, first: bool = False) -> bool:
        """Wait for a place, at most so many seconds; False if there was none. Who came in must leave()."""
        with self._mutex:
            if self._free:
                self._free -= 1
                return True
            ticket = threading.Lock()
            ticket.acquire()
            (self._first if first else self._line).append(ticket)
        try:
            if ticket.acquire(timeout=-1 if patience is None else max(0.0, patience)):
                return True
        except BaseException:
            if not self._gave_up(ticket):
                self.leave()
            raise
        return not self._gave_up(ticket)

    def leave(self, last: Callable[[], None] | None = None) -> None:
        """Make the place free for the next; if there is none, `last` is called before anybody else can come in."""
        with self._mutex:
            if self._line or self._first:
                self._next().release()
                return
            try:
                if last is not None:
                    last()
            finally:
                self._free += 1

    def _next(self) -> threading.Lock:
        if self._first and (self._in_a_row < IN_A_ROW or not self._line):
            self._in_a_row += 1
            return self._first.popleft()
        self._in_a_row = 0
        return self._line.popleft()

    def _gave_up(self, ticket: threading.Lock) -> bool:
        """Leave the line; False if the place was handed over at the last moment."""
        with self._mutex:
            for line in (self._line, self._first):
                if ticket in line:
                    line.remove(ticket)
                    return True
            return False
