"""What is odd about the dates of a board, as codes: what an instructor should look at before students see it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from forum.boards.rules.fairness import Whose, is_asleep
from forum.core.moments import Wall, due_instant, oddity_of

SHORTEST = timedelta(hours=24)  # from the opening to the first thing that is due
SHORTEST_TO_REPLY = timedelta(hours=12)
WIDEST_SPREAD = timedelta(hours=12)
CROWD, CROWD_WITHIN = 3, timedelta(hours=24)
HARDLY_ANYONE = 4  # hardly anyone is awake: at most one of so many

ODDITIES = ("skipped", "doubled", "date_skipped")
CODES = (
    "past_end", "before_start", "no_teaching_day", "due_already", "due_already_for_some", "due_before_opens",
    "short_notice", "asleep", "replies_soon", "own_spread", "crowded", *ODDITIES,
    "opens_past_end", *(f"opens_{kind}" for kind in ODDITIES),
    "cutoff_passed", "cutoff_at_due", "cutoff_past_end", "cutoff_held", *(f"cutoff_{kind}" for kind in ODDITIES),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `place` is the number of the checkpoint from 0 on, None for the whole board."""

    code: str
    place: int | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One checkpoint and its due rule."""

    kind: Literal["first_post", "replies"]
    wall: Wall | None
    whose: Whose = "course"


@dataclass(frozen=True, slots=True)
class Other:
    """Something that is due on another board of the course."""

    due: datetime
    title: str


@dataclass(frozen=True, slots=True)
class Readers:
    """Students for whom everything is the same: their zone, their due instants by place, what else they have."""

    zone: ZoneInfo
    students: int
    dues: tuple[datetime | None, ...]
    opens_at: datetime | None = None
    others: tuple[Other, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The dates of a board. `opened_at` is since when students can write: an opening, the first showing, or now.

    `weekend` holds days as `date.weekday()` counts them. `shown_at` None: no student could see the board yet.
    """

    course_zone: ZoneInfo
    starts_on: date
    ends_on: date
    asked: tuple[Asked, ...]
    readers: tuple[Readers, ...]
    opened_at: datetime
    at: datetime
    opens: Wall | None = None
    cut_off: Wall | None = None
    shown_at: datetime | None = None
    weekend: frozenset[int] = frozenset({5, 6})

    def is_over(self, place: int) -> bool:
        """Whether students had their date, and nothing can be done about it any more."""
        return self.shown_at is not None and all(due <= self.at for due in self.dues_of(place))

    def dues_of(self, place: int) -> list[datetime]:
        """When a checkpoint is due, for each kind of reader; as the course's zone has it if there are none."""
        wall = self.asked[place].wall
        if not self.readers and wall is not None:
            return [due_instant(wall, self.course_zone)]
        return [due for readers in self.readers if (due := readers.dues[place]) is not None]


def findings_of(plan: Plan) -> tuple[Finding, ...]:
    """Everything that is odd about a board's dates, in the order of its checkpoints; empty if nothing is.

    What is over for students who saw it is left out.
    """
    found: list[Finding] = list(_of_opening(plan))
    for place, asked in enumerate(plan.asked):
        if asked.wall is not None and not plan.is_over(place):
            found += _of_wall(plan, place, asked, asked.wall)
            found += _of_people(plan, place, asked)
    found += _of_replies(plan)
    found += _crowded(plan)
    found += _of_cut_off(plan)
    return tuple(found)


def _of_opening(plan: Plan) -> Iterator[Finding]:
    if plan.opens is None or (plan.shown_at is not None and plan.opened_at <= plan.at):
        return
    if plan.opens.on > plan.ends_on:
        yield Finding("opens_past_end")
    if odd := oddity_of(plan.opens, plan.course_zone):
        yield Finding(f"opens_{odd.kind}", None, {"wall": plan.opens, "zone": plan.course_zone})


def _of_wall(plan: Plan, place: int, asked: Asked, wall: Wall) -> Iterator[Finding]:
    """What the date itself says, whoever reads it."""
    if wall.on > plan.ends_on:
        yield Finding("past_end", place)
    if wall.on < plan.starts_on:
        yield Finding("before_start", place)
    if wall.on.weekday() in plan.weekend:
        yield Finding("no_teaching_day", place, {"on": wall.on})
    zones = [plan.course_zone]
    if asked.whose == "own" and plan.readers:
        zones = list({readers.zone.key: readers.zone for readers in plan.readers}.values())
    for zone in zones:
        if odd := oddity_of(wall, zone):
            yield Finding(odd.kind, place, {"wall": wall, "zone": zone})


def _of_people(plan: Plan, place: int, asked: Asked) -> Iterator[Finding]:
    """What it means for those who read it."""
    dues = plan.dues_of(place)
    if not dues:
        return
    having = [(readers, due) for readers in plan.readers if (due := readers.dues[place]) is not None]
    counted = sum(readers.students for readers, _due in having)
    if plan.shown_at is None and all(due <= plan.at for due in dues):
        yield Finding("due_already", place)
        return
    if past := sum(readers.students for readers, due in having if due <= plan.at and plan.shown_at is None):
        yield Finding("due_already_for_some", place, {"students": past})
    early = sum(readers.students for readers, due in having if due <= (readers.opens_at or plan.opened_at))
    if early:
        yield Finding("due_before_opens", place, {"students": early})
    elif (shortest := min(dues) - max(_openings(plan))) < SHORTEST:
        yield Finding("short_notice", place, {"length": shortest})
    asleep = sum(readers.students for readers, due in having if is_asleep(due, readers.zone))
    if asleep and (counted - asleep) * HARDLY_ANYONE <= counted:
        yield Finding("asleep", place, {"students": asleep, "of": counted})
    before = [one.whose for one in plan.asked[:place] if one.wall is not None]
    if asked.whose == "own" and "own" not in before and max(dues) - min(dues) > WIDEST_SPREAD:
        told = {"first": min(dues), "last": max(dues), "length": max(dues) - min(dues)}
        yield Finding("own_spread", place, told)  # said once: it is much the same for all of them


def _openings(plan: Plan) -> list[datetime]:
    return [readers.opens_at or plan.opened_at for readers in plan.readers] or [plan.opened_at]


def _of_replies(plan: Plan) -> Iterator[Finding]:
    """Replies that are due so soon after first posts that there is hardly anybody to answer."""
    for place, (first, second) in enumerate(pairwise(plan.asked)):
        if (first.kind, second.kind) != ("first_post", "replies") or plan.is_over(place + 1):
            continue
        between = [later - earlier for readers in _all_readers(plan)
                   if (earlier := readers[place]) is not None and (later := readers[place + 1]) is not None]  # fmt: skip
        if between and min(between) < SHORTEST_TO_REPLY:
            yield Finding("replies_soon", place + 1, {"length": min(between)})


def _all_readers(plan: Plan) -> list[tuple[datetime | None, ...]]:
    if plan.readers:
        return [readers.dues for readers in plan.readers]
    return [tuple(due_instant(one.wall, plan.course_zone) if one.wall else None for one in plan.asked)]


def _crowded(plan: Plan) -> Iterator[Finding]:
    """Three deadlines within 24 hours for the same student, one of them of this board and still ahead."""
    students, most = 0, 0
    told: dict[str, object] = {}
    for readers in plan.readers:
        crowd = _crowd_of(plan, readers)
        if not crowd:
            continue
        students += readers.students
        if readers.students > most:
            most = readers.students
            titles = dict.fromkeys(title for _due, title in crowd if title)
            told = {"number": len(crowd), "titles": tuple(titles), "first": crowd[0][0], "last": crowd[-1][0]}
    if students:
        yield Finding("crowded", None, {"students": students, **told})


def _crowd_of(plan: Plan, readers: Readers) -> Sequence[tuple[datetime, str]]:
    """The largest crowd of deadlines within 24 hours, in their order; those of this board have no title."""
    own = [(due, "") for due in readers.dues if due is not None and (plan.shown_at is None or due > plan.at)]
    every = sorted([*own, *((other.due, other.title) for other in readers.others)])
    largest: Sequence[tuple[datetime, str]] = ()
    for start, (first, _title) in enumerate(every):
        crowd = [one for one in every[start:] if one[0] - first <= CROWD_WITHIN]
        if len(crowd) >= CROWD and len(crowd) > len(largest) and any(not title for _due, title in crowd):
            largest = crowd
    return largest


def _of_cut_off(plan: Plan) -> Iterator[Finding]:
    if plan.cut_off is None:
        return
    at = due_instant(plan.cut_off, plan.course_zone)
    if at <= plan.at:
        if plan.shown_at is None:
            yield Finding("cutoff_passed")
        return
    if plan.cut_off.on > plan.ends_on:
        yield Finding("cutoff_past_end")
    if odd := oddity_of(plan.cut_off, plan.course_zone):
        yield Finding(f"cutoff_{odd.kind}", None, {"wall": plan.cut_off, "zone": plan.course_zone})
    last = [
        max(dues) for readers in _all_readers(plan) if (dues := [due for due in readers if due is not None])
    ]
    if last and all(due == at for due in last):
        yield Finding("cutoff_at_due")
    later = [readers for readers in plan.readers if any(due is not None and due > at for due in readers.dues)]
    if later and any(asked.whose == "own" for asked in plan.asked):  # more time that was given is no oddity
        yield Finding("cutoff_held", None, {"students": sum(readers.students for readers in later)})
