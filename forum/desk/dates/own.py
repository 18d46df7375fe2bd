"""The dates of a course as one person has them: their own due instants, each with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ...boards.rules import values
from ...boards.sentences import Deadline, deadline_of, more_time_url, progress_words
from ...core.times import Moment, due_moment, moment
from ...courses.policy import Member, Role
from ...courses.queries import modules_in
from ...posts.queries import BoardView
from ...posts.standing import standings_of
from ..queries import board_views


@dataclass(frozen=True)
class OwnBoard:
    """A board with everything of it that has a date."""

    title: str
    url: str
    opens: Moment | None
    deadlines: list[Deadline]
    late_until: Moment | None


@dataclass(frozen=True)
class OwnStretch:
    """A module with the boards in it that have dates; no title for those in no module."""

    title: str
    boards: list[OwnBoard]


def own_dates(session: Session, member: Member, at: datetime) -> list[OwnStretch]:
    """Of every board that the member may know of, by module; what was done beside what is due for students."""
    modules = modules_in(session, member, at)
    views = board_views(session, member, at)
    asking = [view for view in views if any(date.due or date.no_due for date in view.dates.dates)]
    states = (
        {board_id: {met.checkpoint_id: met for met in mets} for board_id, mets in standings_of(session, asking).items()}
        if member.role is Role.STUDENT and member.account_id
        else {}
    )  # fmt: skip
    known = {module.id for module in modules}
    found = []
    for module in [*modules, None]:
        boards = [
            _board(view, member, states.get(view.board.id, {}))
            for view in views
            if (view.board.module_id == module.id if module else view.board.module_id not in known)
        ]
        dated = [board for board in boards if board.opens or board.deadlines or board.late_until]
        if dated:
            found.append(OwnStretch(module.title if module else "", dated))
    return found


def _board(view: BoardView, member: Member, states: Mapping[int, values.Met]) -> OwnBoard:
    rows = {row.id: row for row in view.checkpoints}
    deadlines = []
    for date in view.dates.dates:
        if date.due is None and not date.no_due:
            continue
        row, met = rows[date.checkpoint_id], states.get(date.checkpoint_id)
        done = (
            progress_words(met, row, member, cut_off=view.dates.cutoff_at, at=view.at)
            if met is not None
            else None
        )
        deadlines.append(deadline_of(
            date, row, member, grace_minutes=view.board.grace_minutes, late_until=view.dates.cutoff_at, done_text=done,
            state=met.state if met is not None else "", ask_url=more_time_url(member, view.board, row),
        ))  # fmt: skip
    opens, until = view.dates.opens_at, view.dates.cutoff_at
    return OwnBoard(
        view.board.title, f"/c/{member.course_slug}/boards/{view.board.public_id}",
        moment(opens, member.zone, member.course_zone) if opens else None, deadlines,
        due_moment(until, member.zone, member.course_zone) if until and not deadlines and _has_own(view) else None,
    )  # fmt: skip


def _has_own(view: BoardView) -> bool:
    """Whether the board itself has a cut-off, and not only the end of the course."""
    return any(reason.code != "course_end" for reason in view.dates.cutoff_reasons)
