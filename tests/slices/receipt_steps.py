"""Steps that the slices of receipts share: the rows, the one of a post, a page's token."""

import re
from html import unescape
from typing import Any

from sqlalchemy import select

from forum.core.db import db
from forum.posts.models import Post
from forum.receipts.models import Receipt
from forum.receipts.queries import ChainCheck, Check, check_chain, check_token
from tests.conftest import Site


def receipts_by(site: Site, short: str) -> list[Receipt]:
    """All receipts of one of the cast, in order."""
    with site.app.app_context():
        db.session.rollback()
        mine = Receipt.account_id == site.world.people[short]
        found = list(db.session.scalars(select(Receipt).where(mine).order_by(Receipt.id)))
        db.session.expunge_all()
        return found


def receipt_of(site: Site, post: str) -> Receipt:
    """The first receipt of a post, by its public id."""
    with site.app.app_context():
        db.session.rollback()
        statement = select(Receipt).join(Post, Post.id == Receipt.post_id).where(Post.public_id == post)
        found = db.session.scalars(statement.order_by(Receipt.id)).first()
        assert found is not None
        db.session.expunge_all()
        return found


def chain_of(site: Site) -> ChainCheck:
    with site.app.app_context():
        db.session.rollback()
        return check_chain(db.session(), site.world.course_id)


def checked(site: Site, token: str) -> Check:
    with site.app.app_context():
        db.session.rollback()
        return check_token(db.session(), token)


def area(page: str, name: str) -> str:
    """What stands in the box with this id."""
    found = re.search(rf'<textarea[^>]* ?id="{name}"[^>]*>(.*?)</textarea>', page, re.S)
    assert found, name
    return unescape(found.group(1)).strip()


def sent(client: Any, token: str, **more: str) -> Any:
    return client.send("/receipts/verify", {"token": token, **more})
