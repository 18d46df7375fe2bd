"""What is done with files of texts: kept with a draft at once, taken over by the post, given back, cleared away.

All run inside transaction(), but for `FileDigests`, which only reads; bytes were written before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from ..core import clock, jobs
from ..core.db import transaction
from ..core.errors import Refused
from ..core.files import File, Stored, discard, path_of, row_of
from ..courses.policy import Member
from .attachments import Attached, attached_in, to_keep
from .drafts import Written, draft_for_files
from .models import Draft, Post, Revision
from .queries import draft_at
from .rules import Place

DAY = timedelta(hours=24)
CLEARED_AFTER = timedelta(days=7)  # from when it came, what no draft and no post has
CLEARING = "clear_attachments"


@dataclass(frozen=True)
class Fresh:
    """Bytes that are on disk and not yet any row's, with what is known of them; see `Attached`."""

    stored: Stored
    sent: str
    width: int = 0
    height: int = 0


def files_known(
    session: Session, account_id: int, place: Place, key: str, standing: Sequence[Attached] = ()
) -> dict[str, Attached]:
    """The files that a form of this place may name, by id: those of the draft, of the post that is edited (`standing`),
    and of the post that came under this key before."""
    posted = session.scalar(
        select(Revision.files)
        .join(Post, Post.id == Revision.post_id)
        .where(Post.author_id == account_id, Post.key == key, Revision.number == 1)
    )
    draft = draft_at(session, account_id, place)
    kept = attached_in(draft.files) if draft is not None else ()
    return {each.id: each for each in (*standing, *attached_in(posted), *kept)}


def came_today(session: Session, account_id: int, at: datetime) -> int:
    """How many bytes a person attached in the 24 hours before an instant, whatever became of them."""
    total = session.scalar(
        select(func.coalesce(func.sum(File.size), 0)).where(
            File.author_id == account_id, File.created_at > at - DAY, File.place_kind.in_(("draft", "post"))
        )
    )
    return int(total or 0)


def keep_files(
    session: Session, member: Member, place: Place, written: Written, chosen: Sequence[Attached],
    fresh: Sequence[Fresh], *, dropped: Iterable[str], at: datetime, standing: Sequence[Attached] = (),
) -> tuple[tuple[Attached, ...], list[Stored]]:  # fmt: skip
    """Give files to the draft of a place, made with these words if there is none: they are there whatever comes next.

    What came with the same bytes before is not kept twice. The files chosen, with those that came, and the bytes that
    nobody needs. What is dropped leaves the draft.
    """
    draft = draft_for_files(session, member.account_id, member.course_id, place, written, at)
    before = attached_in(draft.files) if draft.files is not None else tuple(standing)
    gone = set(dropped)
    kept = {each.id: each for each in before if each.id not in gone}
    kept |= {each.id: each for each in chosen if each.id in kept}  # with the words for pictures typed last
    by_sent = {each.sent: each for each in (*kept.values(), *chosen)}
    result, needless = list(chosen), []
    for one in fresh:
        known = by_sent.get(one.sent)
        if known is None:
            known = _row_for(session, member, draft, one, at)
            by_sent[one.sent] = kept[known.id] = known
        else:
            needless.append(one.stored)
        if known not in result:
            result.append(known)
    session.execute(
        update(File)
        .where(
            File.public_id.in_(gone), File.author_id == member.account_id, File.place_kind == "draft",
            File.place_id == draft.id, File.removed_at.is_(None),
        )
        .values(removed_at=at)
    )  # fmt: skip
    draft.files = to_keep(kept.values()) or ([] if standing else None)
    session.flush()
    want_clearing(session, at)
    return tuple(result), needless


def _row_for(session: Session, member: Member, draft: Draft, one: Fresh, at: datetime) -> Attached:
    row = row_of(one.stored, course_id=member.course_id, place_kind="draft", place_id=draft.id,
                 author_id=member.account_id, at=at)  # fmt: skip
    session.add(row)
    session.flush()
    return Attached(
        row.public_id, row.name, row.media_type, row.size, row.sha256, one.sent, "", one.width, one.height
    )


def take_files(
    session: Session, files: Sequence[Attached], post_id: int, author_id: int, *, already: Sequence[Attached] = ()
) -> None:  # fmt: skip
    """Files of a draft become those of a post; Refused if one of them is not the author's draft's any more."""
    there = {each.id for each in already}
    taken = [each.id for each in files if each.id not in there]
    if not taken:
        return
    moved = session.execute(
        update(File)
        .where(
            File.public_id.in_(taken),
            File.removed_at.is_(None),
            or_(
                and_(File.place_kind == "draft", File.author_id == author_id),
                and_(File.place_kind == "post", File.place_id == post_id),
            ),
        )
        .values(place_kind="post", place_id=post_id)
    )
    if int(cast(Any, moved).rowcount) != len(taken):
        raise Refused("files_gone")


def give_files_back(session: Session, files: Any, draft: Draft, at: datetime) -> None:
    """What was attached to a post that its author takes back is the draft's again, after what the draft has."""
    given = attached_in(files)
    if not given:
        return
    session.execute(
        update(File)
        .where(File.public_id.in_([each.id for each in given]), File.place_kind == "post")
        .values(place_kind="draft", place_id=draft.id)
    )
    draft.files = to_keep({each.id: each for each in (*attached_in(draft.files), *given)}.values())
    want_clearing(session, at)


# --- what is kept, for who checks receipts ----------------------------------------------------------------------------


class FileDigests:
    """The SHA-256 of the bytes that are kept of attached files; one statement if there are any.

    With `reads` they are read from the disk; else it is only seen that as many bytes are there as should be.
    """

    def __init__(self, session: Session, lists: Iterable[Any], *, reads: bool = True) -> None:
        ids = {each.id for kept in lists for each in attached_in(kept)}
        self._digests: Mapping[str, str] = {}
        if ids:
            rows = session.scalars(select(File).where(File.public_id.in_(ids)))
            self._digests = {row.public_id: _digest_of(row) if reads else _told(row) for row in rows}

    def of(self, kept: Any) -> tuple[str, ...]:
        """The digests of a text's files, in order; "gone" for bytes that are not there."""
        return tuple(self._digests.get(each.id, "gone") for each in attached_in(kept))


def _told(row: File) -> str:
    path = path_of(row.stored_as)
    return row.sha256 if path.is_file() and path.stat().st_size == row.size else "gone"


def _digest_of(row: File) -> str:
    digest = sha256()
    try:
        with path_of(row.stored_as).open("rb") as file:
            while chunk := file.read(1024 * 1024):
                digest.update(chunk)
    except OSError:
        return "gone"
    return digest.hexdigest()


# --- what nobody has any more -----------------------------------------------------------------------------------------


def want_clearing(session: Session, at: datetime) -> None:
    """Write down that somebody looks, some days after files came, for those that no draft has; for one day it is one job."""
    due_at = at.replace(hour=3, minute=0, second=0, microsecond=0) + CLEARED_AFTER + DAY
    jobs.want(session, CLEARING, f"{CLEARING}-{due_at:%Y%m%d}", due_at=due_at)


def clear_files(session: Session, at: datetime) -> list[Stored]:
    """Forget files that came with drafts that are gone, or were taken out of them, some days ago. What a draft has stays
    as long as it. The bytes that are to be removed once this is committed."""
    rows = session.scalars(
        select(File).where(File.place_kind == "draft", File.created_at <= at - CLEARED_AFTER)
    ).all()
    drafts = {
        draft.id: draft
        for draft in session.scalars(select(Draft).where(Draft.id.in_({row.place_id for row in rows})))
    }
    cleared = []
    for row in rows:
        draft = drafts.get(row.place_id)
        # Ids of drafts may be given again: it has the file only if it names it.
        if draft is not None and row.public_id in {each.id for each in attached_in(draft.files)}:
            continue
        cleared.append(Stored(row.name, row.media_type, row.size, row.sha256, row.stored_as))
        session.delete(row)
    session.flush()
    if session.scalar(select(File.id).where(File.place_kind == "draft").limit(1)) is not None:
        want_clearing(session, at - CLEARED_AFTER)
    return cleared


@jobs.does(CLEARING)
def _clear_by_job(_facts: dict[str, str]) -> None:
    with transaction() as session:
        cleared = clear_files(session, clock.now())
    for each in cleared:
        discard(each)


def with_words(files: Iterable[Attached], words: Mapping[str, str]) -> tuple[Attached, ...]:
    """The files, with the words for pictures that a form brought."""
    return tuple(replace(each, alt=words.get(each.id, each.alt)) for each in files)
