"""Texts before they are posted: rendered and hashed before any lock is taken, kept as drafts for their author."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Integer, String, and_, bindparam, delete, or_, select
from sqlalchemy.orm import Session

from ..core import markup
from ..core.db import upsert
from ..core.prepared import Prepared
from ..core.signing import text_digest
from .attachments import Attached
from .models import Draft, Post, Revision
from .queries import draft_at
from .rules import POST_LIMIT, TITLE_LIMIT, Place, as_kept


@dataclass(frozen=True)
class Written:
    """A text ready to be stored: rendered and hashed before any lock was taken.

    `digest` is over title, words and files, `text_digest` over title and words alone.
    """

    source: str
    title: str
    html: str
    words: int
    digest: str
    key: str
    text_digest: str
    files: tuple[Attached, ...] = ()
    tags: tuple[str, ...] | None = None  # chosen for a new thread, by public ids; None: not asked
    seen: int | None = None  # the number of the draft that this text goes on from; None: its form did not say


def new_key() -> str:
    return secrets.token_hex(16)


def write(
    source: str, key: str, *, title: str = "", draft: Draft | None = None, files: Sequence[Attached] = (),
    sent: Sequence[str] | None = None, tags: tuple[str, ...] | None = None,
) -> Written:  # fmt: skip
    """Render and hash; the draft's rendering is used again if it is of the same words under the same key.

    The key makes the ids in the HTML unique on a page, and the same in the preview as in the post. `files` are those of
    the text; where only the digests of what was sent are known, `sent`.
    """
    source, title = as_kept(source), as_kept(title).replace("\n", " ").strip()[:TITLE_LIMIT]
    plain, attached = text_digest(title, source), [each.sent for each in files] if sent is None else sent
    digest = text_digest(title, source, *sorted(attached)) if attached else plain
    if tags is None and draft is not None:
        tags = tuple(draft.tags.split())
    if draft is not None and draft.html is not None and (draft.digest, draft.key) == (plain, key) \
            and draft.renderer_version == markup.RENDERER_VERSION:  # fmt: skip
        return Written(source, title, draft.html, draft.words, digest, key, plain, tuple(files), tags)
    prefix = f"n{sha256(key.encode()).hexdigest()[:10]}-"
    rendered = markup.render(source, limit=POST_LIMIT, prefix=prefix, first_heading=4)
    return Written(source, title, rendered.html, rendered.words, digest, key, plain, tuple(files), tags)


def save_draft(
    session: Session,
    member_account_id: int,
    course_id: int,
    place: Place,
    written: Written,
    *,
    at: datetime,
    sequence: int | None = None,
    arrival_token: str | None = None,
    refused_at: datetime | None = None,
) -> Draft | None:
    """Keep a text for its author. A save that is older than what is kept (by its sequence number) changes nothing.

    `sequence` None is a save by button: it always wins. Words that were posted already, and so come late, are not
    kept again (None); other words under a key that was used get a new one.
    """
    if _stands_already(session, member_account_id, place, written):
        return None
    if (used := _digest_under(session, member_account_id, written.key)) is not None:
        if used == written.digest:
            return None
        written = replace(written, key=new_key())
    draft = draft_at(session, member_account_id, place)
    if draft is None:
        draft = _new_draft(session, member_account_id, course_id, place, written.key, at)
    elif sequence is not None and sequence <= draft.sequence:
        return draft
    draft.sequence = sequence if sequence is not None else draft.sequence + 1
    _put_words(draft, written, at)
    if arrival_token is not None:
        draft.arrival_token = arrival_token
    if refused_at is not None:
        draft.refused_at = refused_at
    session.flush()
    return draft


def _new_draft(
    session: Session, account_id: int, course_id: int, place: Place, key: str, at: datetime
) -> Draft:
    upsert(
        session, Draft.__table__,
        {"account_id": account_id, "course_id": course_id, "place": str(place), "source": "",
         "sequence": 0, "title": "", "tags": "", "renderer_version": 0, "words": 0, "key": key, "saved_at": at},
        keys=["account_id", "place"], update=[],
    )  # fmt: skip
    draft = draft_at(session, account_id, place)
    assert draft is not None
    return draft


def _put_words(draft: Draft, written: Written, at: datetime) -> None:
    draft.title, draft.source, draft.html = written.title, written.source, written.html
    draft.digest, draft.words, draft.renderer_version = (
        written.text_digest, written.words, markup.RENDERER_VERSION,
    )  # fmt: skip
    draft.key, draft.saved_at = written.key, at
    if written.tags is not None:
        draft.tags = " ".join(written.tags)


def draft_for_files(
    session: Session, account_id: int, course_id: int, place: Place, written: Written, at: datetime
) -> Draft:
    """The draft that is at a place, its words left as they are; one with these words if there is none yet."""
    draft = draft_at(session, account_id, place)
    if draft is None:
        if _digest_under(session, account_id, written.key) is not None:
            written = replace(written, key=new_key())
        draft = _new_draft(session, account_id, course_id, place, written.key, at)
        _put_words(draft, written, at)
    draft.saved_at = at
    return draft


def _digest_under(session: Session, account_id: int, key: str) -> str | None:
    return session.scalar(select(Post.digest).where(Post.author_id == account_id, Post.key == key))


def _stands_already(session: Session, account_id: int, place: Place, written: Written) -> bool:
    """Whether a draft of an edit is what the author made the post say last: a save that came after the edit."""
    if place.kind != "edit":
        return False
    latest = session.execute(
        select(Revision.source, Revision.author_id, Revision.number)
        .join(Post, Post.id == Revision.post_id)
        .where(Post.public_id == place.public_id)
        .order_by(Revision.number.desc())
        .limit(1)
    ).first()
    return latest is not None and (latest.source, latest.author_id) == (written.source, account_id)


_EVERY = 2**31 - 1  # no draft has a higher number

_POSTED = Prepared(
    delete(Draft).where(
        Draft.account_id == bindparam("account", type_=Integer()),
        or_(
            Draft.place == bindparam("at_place", type_=String()),
            Draft.key == bindparam("under_key", type_=String()),
        ),
        or_(
            Draft.sequence < bindparam("seen", type_=Integer()),
            and_(Draft.sequence == bindparam("seen"), Draft.key == bindparam("under_key")),
            Draft.digest == bindparam("words", type_=String()),
        ),
    )
)


def drop_draft(session: Session, account_id: int, place: Place, written: Written) -> None:
    """What was posted needs no draft, neither at its place nor where the same words (by their key) began.

    A draft with other words that another window saved since this one was opened stays: nobody has posted it.
    """
    seen = _EVERY if written.seen is None else written.seen
    _POSTED.run(session, {"account": account_id, "at_place": str(place), "under_key": written.key, "seen": seen,
                          "words": written.text_digest})  # fmt: skip
