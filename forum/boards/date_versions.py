"""Every version of a board's dates, and what the latest ones have from those before."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import DueRule

# By rule: earlier instants, each with when it was replaced.
WasShown = Mapping[int, tuple[tuple[datetime, datetime], ...]]


def versions_of(session: Session, board_ids: Sequence[int]) -> dict[int, list[DueRule]]:
    """Every version of each date of several boards, by board id; what was taken back is left out. One statement."""
    found: dict[int, list[DueRule]] = {board_id: [] for board_id in board_ids}
    for rule in session.scalars(
        select(DueRule)
        .where(DueRule.board_id.in_(board_ids), DueRule.withdrawn_at.is_(None))
        .order_by(DueRule.version)
    ):
        found[rule.board_id].append(rule)
    return found


def latest_of(versions: Iterable[DueRule]) -> list[DueRule]:
    """Of versions in their order the last of each date, for each audience; cleared dates are left out."""
    latest = {(rule.what, rule.checkpoint_id, rule.section_id, rule.group_id): rule for rule in versions}
    return [rule for rule in latest.values() if rule.wall_on is not None]


def shown_before(versions: Iterable[DueRule]) -> WasShown:
    """Of versions in their order: the earlier instants that students saw before the last of each date.

    What was later and is not any more was a mistake that was taken back.
    """
    latest: dict[tuple[object, ...], DueRule] = {}
    before: dict[tuple[object, ...], list[tuple[datetime, datetime]]] = {}
    for rule in versions:
        key = (rule.what, rule.checkpoint_id, rule.section_id, rule.group_id)
        old = latest.get(key)
        if old is not None and old.shown_at and old.instant and old.whose_zone == "course":
            before.setdefault(key, []).append((old.instant, rule.created_at))
        latest[key] = rule
    return {
        rule.id: tuple(each for each in before.get(key, ()) if rule.instant and each[0] < rule.instant)
        for key, rule in latest.items()
    }


def past_in_zones(row: DueRule) -> dict[str, datetime]:
    """What an own-zone date came to in zones where it was past when a zone database changed."""
    return {name: datetime.fromisoformat(at) for name, at in (row.past_in_zones or {}).items()}
