"""A file of a post or a draft, for who may have it now: asked at every request, whatever the browser has."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...core.errors import NotHere
from ...core.files import File
from ...courses.policy import Action, Member
from ..attachments import attached_in
from ..models import Revision
from ..rules import Place
from .single_posts import draft_at, post_view


def file_of_post(session: Session, member: Member, post_id: str, file_id: str, at: datetime) -> File:
    """A file of a post, by public ids, as visible as the post; else NotHere.

    What an edit took out is its author's and staff's to see; what a removed post had, staff's alone, as its words are.
    """
    view = post_view(session, member, post_id, at)
    moderates = member.may(Action.MODERATE)
    if view.post.removed_at is not None and not moderates:
        raise NotHere
    named = {each.id for each in attached_in(view.post.files)}
    if file_id not in named and (moderates or view.post.author_id == member.account_id):
        kept = session.scalars(
            select(Revision.files).where(Revision.post_id == view.post.id, Revision.files.is_not(None))
        )
        named |= {each.id for files in kept for each in attached_in(files)}
    return _file(session, member, file_id, named, "post", view.post.id)


def file_of_draft(session: Session, member: Member, place: Place, file_id: str, at: datetime) -> File:
    """A file of one's own draft, or one that the post has that the draft is to change; else NotHere."""
    draft = draft_at(session, member.account_id, place)
    if draft is not None and draft.course_id == member.course_id:
        named = {each.id for each in attached_in(draft.files)}
        found = session.scalars(
            select(File).where(
                File.public_id == file_id, File.place_kind == "draft", File.place_id == draft.id,
                File.author_id == member.account_id, File.course_id == member.course_id, File.removed_at.is_(None),
            )
        ).first()  # fmt: skip
        if found is not None and file_id in named:
            return found
    if place.kind != "edit":
        raise NotHere
    return file_of_post(session, member, place.public_id, file_id, at)


def _file(session: Session, member: Member, file_id: str, named: set[str], kind: str, place_id: int) -> File:
    file = session.scalars(
        select(File).where(
            File.public_id == file_id, File.course_id == member.course_id, File.place_kind == kind,
            File.place_id == place_id, File.removed_at.is_(None),
        )
    ).first()  # fmt: skip
    if file is None or file_id not in named:
        raise NotHere
    return file
