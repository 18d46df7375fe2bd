"""What can be done with requests for more time. All run inside transaction()."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..accounts.models import Account
from ..boards.extension_commands import grant_extension, minute_words
from ..boards.rules.values import Refusal, StudentBoard
from ..core.errors import NotHere, Refused
from ..core.moments import Wall, due_instant
from ..courses.policy import Member
from ..courses.queries import member_of
from ..ledger.commands import record, tell
from ..posts.drafts import new_key
from ..posts.queries import board_view
from .jobs import want_erasure
from .models import TimeRequest
from .queries import SeenRequest, own_request_for, request_for, term_end_of
from .rules import why_not_ask, why_not_wish
from .taking_in import RefusedText, TakenIn, lock_places, take_in


@dataclass(frozen=True)
class AskedFor:
    """A request that stands now: `deed` is asked, changed or same (it stood so already)."""

    request: TimeRequest
    deed: str


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Refused(refusal.code, refusal.values)


def dues_concerned(dates: StudentBoard, checkpoint_id: int | None) -> list[datetime | None]:
    """The due instants that a request is about: of one checkpoint, or of the whole board."""
    return [date.due for date in dates.dates if checkpoint_id in (None, date.checkpoint_id)]


def ask_for_more_time(
    session: Session, member: Member, board_id: str, *, checkpoint: str | None, wished: Wall, reason: str,
    hands_in: bool = False, at: datetime, key: str,
) -> AskedFor:  # fmt: skip
    """Ask for a later date of one checkpoint (its public id) or of the whole board (None), in the student's own zone.

    One request is open for a person and a thing: asking again changes it. The same key is the same request, and so
    are the same words. NotHere for a board or checkpoint that is none of theirs; Refused with a code of
    `rules.why_not_ask` or `rules.why_not_wish`.
    """
    view = board_view(session, member, board_id, at, lock=True)
    checkpoint_id = None
    if checkpoint is not None:
        found = next((row for row in view.checkpoints if row.public_id == checkpoint), None)
        if found is None:
            raise NotHere
        checkpoint_id = found.id
    ends_at = term_end_of(session, member.course_id)
    wished_at = due_instant(wished, member.zone)
    told = {
        "wished_on": wished.on, "wished_minute": minute_words(wished), "wished_zone": member.zone.key,
        "wished_at": wished_at, "reason": reason, "hands_in": hands_in,
    }  # fmt: skip
    repeated = session.scalars(
        select(TimeRequest).where(TimeRequest.account_id == member.account_id, TimeRequest.key == key)
    ).first()
    if repeated is not None:
        is_of_this = (repeated.board_id, repeated.checkpoint_id) == (view.board.id, checkpoint_id)
        if is_of_this and _stands(repeated, told):
            return AskedFor(repeated, "same")
        if not is_of_this or repeated.state != "open":
            key = new_key()  # other words, from a page that the browser had kept
    _refuse(why_not_ask(member.course_state, ends_at, at))
    _refuse(why_not_wish(wished_at, dues_concerned(view.dates, checkpoint_id), view.dates.cutoff_at, at))
    row = session.scalars(
        select(TimeRequest).where(
            TimeRequest.account_id == member.account_id, TimeRequest.board_id == view.board.id,
            TimeRequest.open_for == (checkpoint_id or 0),
        )
    ).first()  # fmt: skip
    if row is not None and _stands(row, told):
        return AskedFor(row, "same")
    deed = "asked" if row is None else "changed"
    if row is None:
        row = TimeRequest(
            course_id=member.course_id, board_id=view.board.id, checkpoint_id=checkpoint_id,
            account_id=member.account_id, key=key, state="open", open_for=checkpoint_id or 0, asked_at=at,
            created_at=at, version=1, **told,
        )  # fmt: skip
        session.add(row)
    else:
        for name, value in told.items():
            setattr(row, name, value)
        row.key, row.asked_at, row.version = key, at, row.version + 1
    _count(session, member.account_id)
    session.flush()
    want_erasure(session, member.course_id, ends_at)
    record(session, {"asked": "asked_for_time", "changed": "changed_request"}[deed], "time_request", row.id,
           actor_id=member.account_id, at=at, course_id=member.course_id, board_id=view.board.id)  # fmt: skip
    return AskedFor(row, deed)


def _stands(row: TimeRequest, told: Mapping[str, Any]) -> bool:
    """Whether a request says this; one that was withdrawn has no reason to compare any more."""
    gone = {"reason"} if row.state == "withdrawn" else set()
    return all(getattr(row, name) == value for name, value in told.items() if name not in gone)


def _count(session: Session, account_id: int) -> None:
    """What is kept of a person's pages goes by the version of their account; nobody else's changes with it."""
    session.execute(update(Account).where(Account.id == account_id).values(version=Account.version + 1))


def withdraw_request(
    session: Session, member: Member, public_id: str, *, board_id: int, at: datetime
) -> TimeRequest:
    """Take back one's own open request; its reason is gone with it. Pressed twice it is one deed."""
    row = own_request_for(session, member, public_id)
    if row.board_id != board_id:
        raise NotHere
    session.refresh(row, with_for_update=True)
    if row.state == "withdrawn":
        return row
    if row.state != "open":
        raise Refused("request_answered")
    row.state, row.open_for, row.reason, row.version = "withdrawn", None, None, row.version + 1
    _count(session, member.account_id)
    session.flush()
    record(session, "withdrew_request", "time_request", row.id, actor_id=member.account_id, at=at,
           course_id=member.course_id, board_id=row.board_id)  # fmt: skip
    return row


# --- answering --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Granted:
    """A grant as it was carried out, with what became of the refused words that it was to take in."""

    request: TimeRequest
    texts: list[TakenIn]


def grant_request(
    session: Session, member: Member, public_id: str, *, at: datetime, version: int, answer: str,
    terms: Mapping[str, Any], texts: Sequence[RefusedText] = (),
) -> Granted:  # fmt: skip
    """Give more time as `terms` say (those of `grant_extension`), tell the student, and take in refused words.

    `version` is that of the request as it was seen: if the student changed it since, or somebody answered it, nothing
    is done (Refused: request_changed, request_answered, request_withdrawn). `texts` are taken in only if the student asked for it.
    """
    lock_places(session, member.course_id, texts)
    found, is_done = _to_answer(session, member, public_id, "granted", version, answer, at)
    if is_done:
        return Granted(found.row, [])
    row, board = found.row, found.board
    extension = grant_extension(
        session, member, board, at=at, account_id=row.account_id, checkpoint_id=row.checkpoint_id, **terms
    )
    row.extension_id = extension.id
    _answered(session, member, row, "granted", answer, at)
    if not texts or not row.hands_in:
        return Granted(row, [])
    student = member_of(session, row.account_id, row.course_id, at)
    if student is None:
        raise NotHere
    taken = take_in(session, student, texts, at=at)
    row.taken_in = sum(text.post is not None for text in taken)
    session.flush()
    return Granted(row, taken)


def decline_request(
    session: Session, member: Member, public_id: str, *, at: datetime, version: int, answer: str
) -> TimeRequest:
    """Answer a request with no; `version` as in `grant_request`."""
    found, is_done = _to_answer(session, member, public_id, "declined", version, answer, at)
    if not is_done:
        _answered(session, member, found.row, "declined", answer, at)
    return found.row


def _to_answer(
    session: Session, member: Member, public_id: str, state: str, version: int, answer: str, at: datetime
) -> tuple[SeenRequest, bool]:
    """The request, held with its board until the transaction ends; True if this very answer was given already."""
    found = request_for(session, member, public_id, at)
    session.refresh(found.board, with_for_update=True)
    session.refresh(found.row, with_for_update=True)
    row = found.row
    if row.state == state and (row.answered_by_id, row.answer) == (member.account_id, answer):
        return found, True
    if row.state == "withdrawn":
        raise Refused("request_withdrawn")
    if row.state != "open":
        raise Refused("request_answered")
    if row.version != version:
        raise Refused("request_changed")
    return found, False


def _answered(
    session: Session, member: Member, row: TimeRequest, state: str, answer: str, at: datetime
) -> None:
    row.state, row.open_for, row.answer, row.version = state, None, answer, row.version + 1
    row.answered_at, row.answered_by_id = at, member.account_id or None
    _count(session, row.account_id)
    session.flush()
    tell(session, "request_answered", course_id=row.course_id, visible_at=at, board_id=row.board_id,
         actor_id=member.account_id, account_id=row.account_id)  # fmt: skip
    record(session, f"{state}_request", "time_request", row.id, actor_id=member.account_id, at=at,
           course_id=row.course_id, board_id=row.board_id, extension_id=row.extension_id)  # fmt: skip


__all__ = [
    "AskedFor", "Granted", "ask_for_more_time", "decline_request", "dues_concerned", "grant_request",
    "withdraw_request",
]  # fmt: skip
