"""How many attempts to post were answered, and how many of them with 5xx, by the minute, in all processes of a host.

Kept in memory that the processes of a site share, since they are forks of the one that made it: it can be counted
there when nothing can be written to the disk. A site that is not served by forks of one process counts each for itself.
"""

import mmap
import os
import struct
import threading
from datetime import UTC, datetime, timedelta

_MINUTES = 128  # that are remembered; a sign of life takes them over after each
_PLACES = 64  # for processes, so that no two write in the same place: no lock that a killed one could hold
_SLOT = struct.Struct("=qqq")  # minute since 1970, attempts, of them failed
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


class Attempts:
    """Counts by minute; made before the processes fork that write in it."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _PLACES * _MINUTES * _SLOT.size)
        self._one_at_a_time = threading.Lock()

    def count(self, at: datetime, *, failed: bool) -> None:
        """One more attempt, answered at an instant."""
        minute = (at - _EPOCH) // _MINUTE
        offset = ((os.getpid() % _PLACES) * _MINUTES + minute % _MINUTES) * _SLOT.size
        with self._one_at_a_time:
            kept, tried, bad = _SLOT.unpack_from(self._memory, offset)
            if kept != minute:
                tried = bad = 0
            _SLOT.pack_into(self._memory, offset, minute, tried + 1, bad + failed)

    def before(self, at: datetime) -> dict[datetime, tuple[int, int]]:
        """By its beginning, each minute of the last two hours that is over: attempts, and how many failed."""
        now, found = (at - _EPOCH) // _MINUTE, dict[datetime, tuple[int, int]]()
        for minute, tried, bad in _SLOT.iter_unpack(self._memory[:]):
            if tried and now - _MINUTES < minute < now:
                begins_at = _EPOCH + minute * _MINUTE
                before = found.get(begins_at, (0, 0))
                found[begins_at] = (before[0] + tried, before[1] + bad)
        return found
