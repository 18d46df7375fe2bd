"""What stands in a person's calendar: their own due dates in all courses in which they are a student."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, or_, select, union_all
from sqlalchemy.orm import Session

from ...accounts.models import Account
from ...accounts.queries import zone_of
from ...boards.models import Board, Checkpoint, DueRule, Extension
from ...boards.rules import values
from ...boards.sentences import checkpoint_words
from ...core.errors import NotHere
from ...core.signing import token_hash
from ...core.times import due_moment
from ...courses.policy import Action, Member, Role
from ...courses.queries import courses_of, member_of
from ...desk.queries import board_views
from ...posts.queries import BoardView
from ...posts.standing import standings_of
from .entries import Entry
from .models import CalendarAddress

_IDS = uuid.UUID("6b3f2f0e-6f5c-4a39-9a55-0d5f3b6a7e11")  # of this kind of entry, for good
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Reader:
    """Whose calendar an address is."""

    account_id: int
    public_id: str
    language: str
    zone_name: str | None


def made_at(session: Session, account_id: int) -> datetime | None:
    """Since when a person has an address; None: they have none."""
    return session.scalar(select(CalendarAddress.made_at).where(CalendarAddress.account_id == account_id))


def reader_of(session: Session, token: str, at: datetime) -> Reader:
    """Whose calendar this secret opens; NotHere for one that is none, was withdrawn, or whose person is gone."""
    row = session.execute(
        select(Account.id, Account.public_id, Account.language)
        .join(CalendarAddress, CalendarAddress.account_id == Account.id)
        .where(
            CalendarAddress.token_hash == token_hash(token), Account.suspended_at.is_(None),
            Account.erased_at.is_(None), Account.joined_into_id.is_(None),
        )
    ).first()  # fmt: skip
    if row is None:
        raise NotHere
    return Reader(row.id, row.public_id, row.language, zone_of(session, row.id, at))


def entries_of(session: Session, reader: Reader, at: datetime, site: str) -> list[Entry]:
    """Every checkpoint with a due date that is asked of a person, by its end; a fixed number of statements a course.

    `site`: the public address, for links. What is excused or not asked is left out, what is done says so; whether it
    came late, and why a date is as it is, stands nowhere (docs/time.md, rule 24).
    """
    found: list[Entry] = []
    for line in courses_of(session, reader.account_id, at):
        if line.role is not Role.STUDENT or line.state not in ("open", "ended"):
            continue
        member = member_of(session, reader.account_id, line.id, at)
        if member is None or not member.may(Action.READ):
            continue
        views = [
            view for view in board_views(session, member, at) if any(date.due for date in view.dates.dates)
        ]
        standings = standings_of(session, views)
        changed = _changed_at(session, [view.board.id for view in views], reader.account_id)
        for view in views:
            found += _on_board(reader, view, standings[view.board.id], changed, site)
    return sorted(found, key=lambda entry: (entry.ends_at, entry.uid))


def _on_board(
    reader: Reader,
    view: BoardView,
    standing: Sequence[values.Met],
    changed: Mapping[int, datetime],
    site: str,
) -> list[Entry]:
    states = {met.checkpoint_id: met for met in standing}
    rows = {row.id: row for row in view.checkpoints}
    found = []
    for date in view.dates.dates:
        met = states.get(date.checkpoint_id)
        if date.due is None or met is None or met.state in ("excused", "not_asked"):
            continue
        found.append(_entry(reader, view, rows[date.checkpoint_id], date.due, met, changed, site))
    if found and view.dates.together_at is not None:
        found.append(_shown_entry(reader, view, view.dates.together_at, changed, site))
    return found


def _shown_entry(
    reader: Reader, view: BoardView, shown_at: datetime, changed: Mapping[int, datetime], site: str
) -> Entry:
    """When all posts of a board are shown together (docs/time.md, rule 23)."""
    member, board = view.member, view.board
    when = due_moment(shown_at, member.zone, member.course_zone)
    words = _("All posts are shown after: %(time)s, %(zone)s", time=when.text, zone=when.zone)
    return Entry(
        uid=str(uuid.uuid5(_IDS, f"{board.public_id} together {reader.public_id}")),
        ends_at=last_minute_at(shown_at),
        summary=_("All posts are shown") + f" · {board.title} · {member.course_code}",
        description="\n".join([f"{words} ({when.other})" if when.other else words, member.course_title]),
        url=f"{site}/c/{member.course_slug}/boards/{board.public_id}",
        category=member.course_code,
        changes=_changes(member, board),
        changed_at=max(at for at in (board.created_at, board.first_shown_at, changed.get(board.id)) if at),
    )


def _entry(
    reader: Reader, view: BoardView, checkpoint: Checkpoint, due: datetime, met: values.Met,
    changed: Mapping[int, datetime], site: str,
) -> Entry:  # fmt: skip
    member, board = view.member, view.board
    what = checkpoint_words(checkpoint)
    summary = f"{what} · {board.title} · {member.course_code}"
    when = due_moment(due, member.zone, member.course_zone)
    due_words = _("Due: %(time)s, %(zone)s", time=when.text, zone=when.zone)
    return Entry(
        uid=str(uuid.uuid5(_IDS, f"{checkpoint.public_id} {reader.public_id}")),
        ends_at=last_minute_at(due),
        summary=_("Done · %(what)s", what=summary) if met.met_at is not None else summary,
        description="\n".join([
            what, f"{due_words} ({when.other})" if when.other else due_words, member.course_title,
        ]),
        url=f"{site}/c/{member.course_slug}/boards/{board.public_id}",
        category=member.course_code,
        changes=_changes(member, board),
        changed_at=max(
            at for at in (board.created_at, board.first_shown_at, changed.get(board.id), met.met_at) if at
        ),
    )  # fmt: skip


def last_minute_at(due: datetime) -> datetime:
    """The beginning of the last minute that counts, in UTC: what clocks show when it is over a minute later."""
    return (due.astimezone(UTC) - _MICROSECOND).replace(second=0, microsecond=0)


def _changes(member: Member, board: Board) -> int:
    """Counts all that a date can change by, and never back."""
    return board.version + member.roster_version + member.account_version


def _changed_at(session: Session, board_ids: Sequence[int], account_id: int) -> dict[int, datetime]:
    """When somebody last wrote a date of each board or gave this person more time, by board id; one statement."""
    if not board_ids:
        return {}
    mine = or_(Extension.account_id == account_id, Extension.account_id.is_(None))
    written = union_all(
        select(DueRule.board_id, DueRule.created_at.label("at")).where(DueRule.board_id.in_(board_ids)),
        select(Extension.board_id, Extension.created_at).where(Extension.board_id.in_(board_ids), mine),
        select(Extension.board_id, Extension.withdrawn_at).where(
            Extension.board_id.in_(board_ids), mine, Extension.withdrawn_at.is_not(None)
        ),
    ).subquery()
    return {
        row.board_id: row.at
        for row in session.execute(
            select(written.c.board_id, func.max(written.c.at).label("at")).group_by(written.c.board_id)
        )
    }
