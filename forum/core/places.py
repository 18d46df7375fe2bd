"""Named places in pages of lower rooms, for which higher rooms register what to show there."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, false, or_, true

Filler = Callable[[Any, int, datetime], Markup]
IfAny = Callable[[Any, Any], ColumnElement[bool]]

PLACES = frozenset(
    {
        "course.announcements",
        "course.modules",
        "course.state",
        "admin.imports",
        "lesson.aside",
        "board.asked",
        "board.aside",
        "composer.similar",
        "course.links",
        "manage.links",
        "extensions.aside",
        "admin.clocks",
    }
)
_fillers: dict[str, list[Filler]] = defaultdict(list)
_conditions: dict[str, list[IfAny]] = defaultdict(list)


def _always(_account_id: Any, _thing_id: Any) -> ColumnElement[bool]:
    return true()


def fills(place: str, *, if_any: IfAny = _always) -> Callable[[Filler], Filler]:
    """Register `filler(member, thing_id, at) -> Markup` for a place; an unknown place is a ValueError.

    `if_any(account_id, thing_id)` is a condition in SQL without which the filler has nothing to show, so that a page
    which asks it in a statement of its own need not call the filler.
    """
    if place not in PLACES:
        raise ValueError(f"no such place: {place}")

    def register(filler: Filler) -> Filler:
        if filler not in _fillers[place]:
            _fillers[place].append(filler)
            _conditions[place].append(if_any)
        return filler

    return register


def shown_in(place: str, member: Any, thing_id: int, at: datetime) -> Markup:
    """All that is registered for a place, in the order of registration."""
    return Markup("").join(filler(member, thing_id, at) for filler in _fillers[place])


def anything_in(place: str, account_id: Any, thing_id: Any) -> ColumnElement[bool]:
    """Whether anything may be shown there, as a condition of two columns; known once all rooms are registered."""
    return or_(false(), *(if_any(account_id, thing_id) for if_any in _conditions[place]))
