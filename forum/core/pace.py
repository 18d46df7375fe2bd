"""How often something was asked of this process: for reads, which write nothing. A restart forgets, and each of several
processes counts for itself; what must not be forgotten is in `limits`."""

from datetime import datetime, timedelta

from .caches import Cache
from .errors import TooMany

_asked: Cache[tuple[datetime, ...]] = Cache(20_000)


def check(key: str, *, at: datetime, most: int, period: timedelta) -> None:
    """Raise TooMany if `most` askings under the key lie within `arrival > at - period` (docs/time.md, rule 19)."""
    known = [asked for asked in _asked.get(key) or () if asked > at - period]
    if len(known) >= most:
        raise TooMany(max(1, int((known[0] + period - at).total_seconds()) + 1))


def count(key: str, *, at: datetime, most: int) -> None:
    """Note one; `most` of them are remembered."""
    _asked.put(key, (*(_asked.get(key) or ()), at)[-most:])
