"""Named places in pages of lower rooms, for which higher rooms register what to show there."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from markupsafe import Markup

Filler = Callable[[Any, int, datetime], Markup]

PLACES = frozenset({"course.modules", "admin.imports", "lesson.aside", "board.aside", "composer.similar"})
_fillers: dict[str, list[Filler]] = defaultdict(list)


def fills(place: str) -> Callable[[Filler], Filler]:
    """Register `filler(member, thing_id, at) -> Markup` for a place; an unknown place is a ValueError."""
    if place not in PLACES:
        raise ValueError(f"no such place: {place}")

    def register(filler: Filler) -> Filler:
        if filler not in _fillers[place]:
            _fillers[place].append(filler)
        return filler

    return register


def shown_in(place: str, member: Any, thing_id: int, at: datetime) -> Markup:
    """All that is registered for a place, in the order of registration."""
    return Markup("").join(filler(member, thing_id, at) for filler in _fillers[place])
