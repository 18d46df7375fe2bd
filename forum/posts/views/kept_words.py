"""Words of a request that came signed out, kept after signing in."""

from typing import Any

from sqlalchemy import select

from ...core.db import db, transaction
from ...courses.models import Course
from ...courses.policy import Action
from ...courses.queries import member_of
from .. import commands
from ..rules import Place, is_key


def keep_words(account_id: int, kept: dict[str, str], at: Any) -> str | None:
    """Words of a request that came signed out, kept as a draft after signing in; where to go on with them.

    `kept`: path, title, text, key, place, arrival (the signed arrival, docs/time.md, rule 11).
    """
    place = Place.parse(kept.get("place", ""))
    slug = kept.get("path", "").split("/")[2:3]
    if place is None or not slug:
        return None
    course = db.session.scalars(select(Course).where(Course.slug == slug[0])).first()
    if course is None:
        return None
    member = member_of(db.session(), account_id, course.id, at)
    if member is None or not member.may(Action.POST):
        return None
    key = kept["key"] if is_key(kept.get("key")) else commands.new_key()
    written = commands.write(kept.get("text", ""), key, title=kept.get("title", ""))
    with transaction() as session:
        commands.save_draft(
            session, account_id, course.id, place, written, at=at, arrival_token=kept.get("arrival")
        )
    return {
        "thread": f"/c/{slug[0]}/threads/{place.public_id}#reply",
        "post": f"/c/{slug[0]}/posts/{place.public_id}/reply",
        "board": f"/c/{slug[0]}/boards/{place.public_id}/new",
        "edit": f"/c/{slug[0]}/posts/{place.public_id}/edit",
        "staff": f"/c/{slug[0]}/boards/{place.public_id}/staff-question",
        "private": f"/c/{slug[0]}/posts/{place.public_id}/private",
    }[place.kind]
