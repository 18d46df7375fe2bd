"""Which dates a form or an import refuses: docs/time.md, rule 22."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from forum.boards.rules.values import Values
from forum.core.moments import Wall, due_instant, opening_instant

FIRST_YEAR = 2000
LAST_YEAR = 2200


@dataclass(frozen=True, slots=True)
class Problem:
    """A refused field ("opens", "cutoff", or "due" with its checkpoint's place): a code and values."""

    name: str
    code: str
    place: int | None = None
    values: Values = field(default_factory=dict)


def is_in_bounds(wall: Wall) -> bool:
    """Whether a date lies in 2000 to 2200."""
    return FIRST_YEAR <= wall.on.year <= LAST_YEAR


def problems_of(
    opens: Wall | None, dues: Sequence[Wall | None], cutoff: Wall | None, zone: ZoneInfo
) -> tuple[Problem, ...]:
    """What is wrong with the dates of a board, field by field; empty if nothing is.

    `dues` are the due walls of its checkpoints in their order. Walls that are each student's own are compared
    as if in `zone`, the course's. Codes: out_of_bounds, due_not_after_opens (opens_at), due_after_cutoff
    (cutoff_at), due_before_earlier (earlier_at), cutoff_not_after_opens (opens_at).
    """
    found: list[Problem] = []

    def resolved(name: str, wall: Wall | None, place: int | None = None) -> datetime | None:
        if wall is None:
            return None
        if not is_in_bounds(wall):
            years = {"first_year": FIRST_YEAR, "last_year": LAST_YEAR}
            found.append(Problem(name, "out_of_bounds", place, years))
            return None
        return opening_instant(wall, zone) if name == "opens" else due_instant(wall, zone)

    opens_at = resolved("opens", opens)
    cutoff_at = resolved("cutoff", cutoff)
    earlier: datetime | None = None
    for place, wall in enumerate(dues):
        due = resolved("due", wall, place)
        if due is None:
            continue
        if opens_at is not None and due <= opens_at:
            found.append(Problem("due", "due_not_after_opens", place, {"opens_at": opens_at}))
        if cutoff_at is not None and due > cutoff_at:
            found.append(Problem("due", "due_after_cutoff", place, {"cutoff_at": cutoff_at}))
        if earlier is not None and due < earlier:
            found.append(Problem("due", "due_before_earlier", place, {"earlier_at": earlier}))
        earlier = due if earlier is None else max(earlier, due)
    if opens_at is not None and cutoff_at is not None and cutoff_at <= opens_at:
        found.append(Problem("cutoff", "cutoff_not_after_opens", None, {"opens_at": opens_at}))
    return tuple(found)
