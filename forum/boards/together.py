"""From rows to the instant at which a board shows all posts together (docs/time.md, rule 23)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from .models import Board
from .outages.models import AddedTime
from .outages.queries import credit_of
from .rules import due, shown, together, values

if TYPE_CHECKING:
    from .schedule import Schedule


def with_together(schedule: "Schedule") -> "Schedule":
    """The same schedule with the instant at which its class sees all posts; nothing is read."""
    if schedule.rules.together is None:
        return schedule
    changed = sorted(
        {rule.created_at for rule in schedule.versions}
        | {row.created_at for row, _value in schedule.extensions if row.account_id is None}
        | {each.created_at for each in schedule.added}
    )
    shown_at = min(schedule.shown_at.values(), default=None)
    steps = [(at, _comes_to(schedule.as_of(at), _before(schedule.added, at))) for at in changed]
    instant = together.settled(steps, shown_at) or _comes_to(schedule, schedule.added)
    earlier = tuple(
        (at, replace(schedule.as_of(at).rules, together_at=None))
        for at in changed
        if instant is not None and at >= instant
    )
    return replace(schedule, rules=replace(schedule.rules, together_at=instant, earlier=earlier))


def others_visible_at(
    board: Board, own_posts: Iterable[values.PostFacts], minimum: int, dates: values.StudentBoard
) -> datetime | None:
    """From when a student sees others' posts; None: at once, or not yet. `minimum` is the words of a first post."""
    mode = cast(shown.OthersShown, board.shown)
    return shown.others_visible_at(
        mode, own_posts, minimum, together_at=dates.together_at, own_limit=dates.held_until
    )


def _before(added: Iterable[AddedTime], at: datetime) -> list[AddedTime]:
    return [each for each in added if each.created_at < at]


def _comes_to(schedule: "Schedule", added: Iterable[AddedTime]) -> datetime | None:
    zone = together.class_zone(schedule.rules)
    credit = credit_of(list(added), [one.id for one in schedule.rules.checkpoints])

    def parts() -> Iterator[values.PartDates]:
        yield schedule.held(frozenset(), frozenset())
        section_ids = {key for key, dates in schedule.by_section.items() if dates.due}
        section_ids |= {row.section_id for row, _value in schedule.extensions if row.section_id is not None}
        group_ids = {key for key, dates in schedule.by_group.items() if dates.due}
        group_ids |= {row.group_id for row, _value in schedule.extensions if row.group_id is not None}
        for section_id in section_ids:
            yield schedule.held(frozenset({section_id}), frozenset())
        for group_id in group_ids:
            yield schedule.held(frozenset(), frozenset({group_id}))

    variants = [
        values.StudentDates(zone, audiences=part.audiences, extensions=part.extensions, credit=credit)
        for part in parts()
    ]
    return together.together_at(together.Class(schedule.rules, variants), due.student_board)
