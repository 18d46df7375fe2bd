"""Why the instant at which a board shows all posts together can't stand (docs/time.md, rules 6, 22 and 23)."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from ..core.moments import due_instant
from .models import Board, DueRule
from .rules import changes, together
from .schedule import wall_of
from .specs import BoardSpec, Trouble


def together_troubles(
    board: Board | None, current: Iterable[DueRule], spec: BoardSpec, zone: ZoneInfo, at: datetime
) -> list[Trouble]:
    """Why the instant that a board is to show all posts at can't stand, beside its field.

    `current` are the dates of the board that hold; `zone` is the course's. Once students could see it, it moves only
    later, and no board comes to show posts together, or ceases to.
    """
    rule = next((one for one in current if one.what == "together" and one.wall_on is not None), None)
    shown_at = board.first_shown_at if board is not None else None
    was_shown = changes.was_shown(shown_at, at)
    has_passed = was_shown and rule is not None and rule.instant is not None and rule.instant <= at
    found = [
        Trouble(problem.name, problem.code, problem.place, dict(problem.values))
        for problem in together.problems_of(
            spec.shown, spec.together,
            [together.Asked(one.kind, one.due, one.whose_zone) for one in spec.checkpoints],
            spec.grace_minutes, zone, has_passed=has_passed,
        )
    ]  # fmt: skip
    if not was_shown or board is None:
        return found
    if board.shown == "together" and spec.shown != "together":
        return [Trouble("shown", "together_stays")]
    if board.shown == "after_own" and spec.shown == "together":
        return [Trouble("shown", "stays_open")]
    if rule is None or spec.together is None or spec.together == wall_of(rule.wall_on, rule.wall_minute):
        return found
    if has_passed:
        return [Trouble("together", "together_passed", values={"stays": rule.instant})]
    refusal = changes.why_not_move_cutoff(
        rule.instant, due_instant(spec.together, zone), at, shown_at=shown_at
    )
    if refusal is not None:
        found.append(Trouble("together", refusal.code, values=dict(refusal.values)))
    return found
