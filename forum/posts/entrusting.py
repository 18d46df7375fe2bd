"""*Post my draft for me* (docs/time.md, rule 15): set on one draft for one checkpoint, and carried out at its due instant.

Whoever comes first from the due instant on, with whatever request, carries it out before anything else is done or shown
(`web`), and so does a job. So nobody ever reads or saves in a state in which it is not.
"""

from datetime import datetime, timedelta

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ..boards.models import Board, Checkpoint
from ..boards.rules.values import DueDate
from ..core import clock, jobs
from ..core.db import db, transaction
from ..core.errors import NotAllowed, NotHere, Refused, TooBusy
from ..courses.policy import Member
from ..courses.queries import member_of
from . import commands
from .attachments import attached_in
from .models import Draft, EntrustedDraft, Post, Thread
from .queries import BoardView, ThreadView, board_view, draft_at, post_view, thread_view, view_of
from .rules import Place
from .standing import standing_of_one
from .starting_texts import counted_beyond, is_first_place

_MOMENT = timedelta(microseconds=1)
# A due instant that is taken back lies at least two days after that (rule 6): who looks daily never looks too late.
_AT_LEAST_DAILY = timedelta(days=1)
_AFTER_A_FAULT = timedelta(minutes=1)


def due_for(view: BoardView, *, is_first: bool) -> DueDate | None:
    """The date for which a draft of a first post, or of a reply, can be entrusted now: the next one that is due."""
    if view.actor != "student":
        return None
    kinds = {row.id: row.kind for row in view.checkpoints}
    wanted = "first_post" if is_first else "replies"
    ahead = (date for date in view.dates.dates if kinds.get(date.checkpoint_id) == wanted)
    return next((date for date in ahead if date.due is not None and date.due > view.at), None)


def _where(session: Session, member: Member, place: Place, at: datetime) -> tuple[BoardView, bool]:
    """The board of a place, and whether a post there is one that can be the first."""
    if place.kind == "board":
        return board_view(session, member, place.public_id, at), True
    if place.kind == "thread":
        view = thread_view(session, member, place.public_id, at, plain=True)
        _counts(view)
        return view.board, view.thread.is_prompt
    if place.kind == "post":
        view = post_view(session, member, place.public_id, at).thread
        _counts(view)
        return view.board, False
    raise NotHere


def _counts(view: ThreadView) -> None:
    if view.thread.asker_id is not None:  # what only staff read counts for nothing
        raise Refused("nothing_due")


def entrust(session: Session, member: Member, place: Place, *, at: datetime) -> datetime:
    """Let the draft of a place be posted when its checkpoint is due, in place of another that was set for it.

    The due instant as it is now; `Refused` where nothing is due any more, or no words are saved.
    """
    view, is_first = _where(session, member, place, at)
    date = due_for(view, is_first=is_first)
    if date is None or date.due is None:
        raise Refused("nothing_due")
    draft = draft_at(session, member.account_id, place)
    if draft is None or not draft.source.strip():
        raise Refused("no_draft")
    leave(session, member, place)
    session.execute(
        delete(EntrustedDraft).where(
            EntrustedDraft.account_id == member.account_id, EntrustedDraft.checkpoint_id == date.checkpoint_id
        )
    )
    look_at = min(date.due, at + _AT_LEAST_DAILY)
    session.add(
        EntrustedDraft(account_id=member.account_id, course_id=member.course_id, checkpoint_id=date.checkpoint_id,
                       place=str(place), set_at=at, look_at=look_at)
    )  # fmt: skip
    session.flush()
    _want_look(session, member.account_id, date.checkpoint_id, look_at)
    return date.due


def leave(session: Session, member: Member, place: Place) -> None:
    """Take back what was set for the draft of a place. What was carried out stays."""
    session.execute(
        delete(EntrustedDraft).where(
            EntrustedDraft.account_id == member.account_id, EntrustedDraft.place == str(place),
            EntrustedDraft.look_at.is_not(None),
        )
    )  # fmt: skip


def settle_entrusted(at: datetime) -> None:
    """Carry out all that is due at an instant, each in a transaction of its own.

    What cannot be done for a fault of ours is noted and looked at again: it keeps nobody else from their page.
    """
    waiting = select(EntrustedDraft.id).where(EntrustedDraft.look_at <= at).order_by(EntrustedDraft.look_at)
    for row_id in db.session.scalars(waiting.order_by(EntrustedDraft.id)).all():
        try:
            with transaction() as session:
                _look_at_one(session, row_id, at)
        except TooBusy:
            raise
        except Exception:
            current_app.logger.exception("an entrusted draft could not be looked at: %s", row_id)
            with transaction() as session:
                session.execute(
                    update(EntrustedDraft)
                    .where(EntrustedDraft.id == row_id, EntrustedDraft.look_at <= at)
                    .values(look_at=at + _AFTER_A_FAULT)
                )


def _look_at_one(session: Session, row_id: int, at: datetime) -> None:
    row = session.scalars(
        select(EntrustedDraft)
        .where(EntrustedDraft.id == row_id, EntrustedDraft.look_at <= at)
        .with_for_update()
    ).first()
    if row is not None:  # nobody else did meanwhile
        _look(session, row, at)


def _look(session: Session, row: EntrustedDraft, at: datetime) -> None:
    checkpoint = session.get_one(Checkpoint, row.checkpoint_id)
    board = session.get_one(Board, checkpoint.board_id)
    member = member_of(session, row.account_id, row.course_id, at)
    due = None
    if member is not None:
        dates = view_of(session, member, board, at).dates.dates
        due = next((date.due for date in dates if date.checkpoint_id == row.checkpoint_id), None)
        if due is None or due > at:
            row.look_at = at + _AT_LEAST_DAILY if due is None else min(due, at + _AT_LEAST_DAILY)
            _want_look(session, row.account_id, row.checkpoint_id, row.look_at)
            session.flush()
            return
    row.done_at, row.look_at = due or at, None
    row.outcome = _carried_out(session, row, member, board, due, at) if member and due else "place_gone"
    draft = session.scalars(
        select(Draft).where(Draft.account_id == row.account_id, Draft.place == row.place)
    ).first()
    if draft is not None:
        draft.sequence += 1  # so that its page is made anew
    session.flush()


def _carried_out(
    session: Session, row: EntrustedDraft, member: Member, board: Board, due: datetime, at: datetime
) -> str:
    """Post the draft, or say why not. It arrives in the last moment before the due instant."""
    arrived_at = due - _MOMENT
    view = view_of(session, member, board, arrived_at)
    met = next(each for each in standing_of_one(session, view) if each.checkpoint_id == row.checkpoint_id)
    if met.met_at is not None or met.state == "excused":
        return "met" if met.met_at is not None else "excused"
    place = Place.parse(row.place)
    draft = draft_at(session, member.account_id, place) if place is not None else None
    if place is None or draft is None or not draft.source.strip() or draft.saved_at >= due:
        return "empty"
    files = attached_in(draft.files)
    written = commands.write(draft.source, draft.key, title=draft.title, draft=draft, files=files)
    try:
        if place.kind == "board":
            posted = commands.start_thread(
                session, member, place.public_id, written, at=arrived_at, appears_at=at, came_at=due
            )
        else:
            thread_id, parent_id = place.public_id, None
            if place.kind == "post":
                parent_id = place.public_id
                thread_id = session.scalars(
                    select(Thread.public_id)
                    .join(Post, Post.thread_id == Thread.id)
                    .where(Post.public_id == parent_id)
                ).one()
            posted = commands.post_reply(
                session,
                member,
                thread_id,
                written,
                at=arrived_at,
                parent_id=parent_id,
                appears_at=at,
                came_at=due,
            )
    except Refused as refused:
        return "empty" if refused.code == "only_template" else "place_gone"
    except (NotHere, NotAllowed, commands.KeyUsed):
        return "place_gone"
    row.post_id = posted.id
    least = next(line.min_words for line in view.checkpoints if line.id == row.checkpoint_id)
    words = counted_beyond(board, written, is_first=is_first_place(place, board)).words
    return "short" if words < least else "posted"


def _want_look(session: Session, account_id: int, checkpoint_id: int, look_at: datetime | None) -> None:
    assert look_at is not None
    key = f"entrusted-{account_id}-{checkpoint_id}-{look_at.isoformat()}"
    jobs.want(session, "entrusted", key, due_at=look_at)


@jobs.does("entrusted")
def _settle_by_job(_facts: dict[str, str]) -> None:
    settle_entrusted(clock.now())


def outcome_words(outcome: str) -> str:
    """What became of a draft that was to be posted for its author."""
    return {
        "posted": _("Your last saved draft was posted for you when it was due."),
        "short": _("Your last saved draft was posted for you when it was due. It has fewer words than are asked, so it does not count yet; you can edit it."),
        "met": _("Nothing was posted for you: you had posted what was asked yourself."),
        "excused": _("Nothing was posted for you: you were excused from it."),
        "empty": _("Nothing was posted for you: no draft was saved here when it was due."),
        "place_gone": _("Nothing was posted for you: nothing could be posted there any more when it was due."),
    }[outcome]  # fmt: skip
