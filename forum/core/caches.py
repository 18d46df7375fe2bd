"""Bounded caches of what is computed from rows; a key names the versions of all rows it came from."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")
_all: list["Cache[Any]"] = []


class Cache(Generic[Value]):
    """Keeps what was used last, up to `most` in weight (bytes, or 1 each). Threads may share it."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._weight = 0
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()
        _all.append(self)

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: Value, weight: int = 1) -> None:
        with self._lock:
            if key in self._kept:
                self._weight -= self._kept.pop(key)[1]
            self._kept[key] = (value, weight)
            self._weight += weight
            while self._weight > self.most and self._kept:
                self._weight -= self._kept.popitem(last=False)[1][1]

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._weight = 0


def clear_all() -> None:
    """Forget everything: when another database takes the place of this one."""
    for cache in _all:
        cache.clear()
