"""Steps that the slices of moderation share."""

from typing import Any

from sqlalchemy import select

from forum.core.db import db
from forum.ledger.models import AuditEntry
from forum.posts.models import Post
from tests.conftest import Site


def post_row(site: Site, public_id: str) -> Post:
    """A post as it is stored now, apart from any session."""
    with site.app.app_context():
        db.session.expire_all()
        found = db.session.scalars(select(Post).where(Post.public_id == public_id)).one()
        db.session.expunge(found)
        return found


def flag(site: Site, short: str, post: str, reason: str = "Please look at this.", deed: str = "flag") -> Any:
    return site.client(short).send(f"{site.world.course}/posts/{post}/flag", {"text": reason, "deed": deed})


def act(site: Site, post: str, deed: str, reason: str = "", short: str = "ines") -> Any:
    return site.client(short).send(
        f"{site.world.course}/moderation/posts/{post}", {"deed": deed, "text": reason}
    )


def queue(site: Site, show: str = "flagged", short: str = "ines") -> str:
    return site.client(short).get(f"{site.world.course}/moderation?show={show}").text


def deeds_of(site: Site, public_id: str) -> list[str]:
    """What the ledger tells of a post, in its order."""
    post = post_row(site, public_id)
    with site.app.app_context():
        return list(
            db.session.scalars(
                select(AuditEntry.deed)
                .where(AuditEntry.subject_kind == "post", AuditEntry.subject_id == post.id)
                .order_by(AuditEntry.id)
            )
        )
