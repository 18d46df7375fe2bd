"""Which days are the weekend where a zone is: the week of the country that the zone belongs to, from Babel's CLDR."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global

_SATURDAY_AND_SUNDAY = frozenset({5, 6})


@lru_cache(maxsize=1024)
def weekend_of(zone_name: str) -> frozenset[int]:
    """The days of the weekend as `date.weekday()` counts them; Saturday and Sunday where the country is not known."""
    territory = get_global("zone_territories").get(zone_name)
    if territory is None:
        return _SATURDAY_AND_SUNDAY
    try:
        place = Locale.parse(f"und_{territory}")
    except (UnknownLocaleError, ValueError):
        return _SATURDAY_AND_SUNDAY
    first, last = place.weekend_start, place.weekend_end
    return frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))
