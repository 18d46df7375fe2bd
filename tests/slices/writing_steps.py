"""Steps that the slices of writing share: boards made for a test, words sent, fields read from a page."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from sqlalchemy import select

from forum.boards.commands import BoardSpec, publish_board, save_board
from forum.core.db import db, transaction
from forum.courses.queries import member_of
from forum.posts import commands as posts
from forum.posts.models import Post, Thread
from tests.client import CheckingClient
from tests.conftest import Site
from tests.world import WORLD_AT

WORDS = "The council knew of it by Tuesday, for the bridge keeper wrote to them twice that week."


def field(page: str, name: str) -> str:
    """The value of a hidden field of the last form that has it."""
    found = re.findall(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return unescape(found[-1])


def words_in(page: str) -> str:
    """What stands in the box for text."""
    found = re.search(r"<textarea[^>]*>\r?\n?(.*?)</textarea>", page, re.S)
    assert found
    return unescape(found.group(1)).replace("\r\n", "\n")


def member(site: Site, short: str, at: datetime = WORLD_AT) -> Any:
    found = member_of(db.session(), site.world.people[short], site.world.course_id, at)
    assert found is not None
    return found


def board_of(site: Site, spec: BoardSpec) -> tuple[str, str | None]:
    """A published board and the thread of its prompt, by public ids."""
    at = WORLD_AT - timedelta(days=3)
    with site.app.app_context():
        ines = member(site, "ines")
        with transaction() as session:
            board = save_board(session, ines, None, spec, at=at)
            publish_board(session, ines, board, at=at)
            thread = posts.prompt_thread(session, board, at=at).public_id if spec.form == "single" else None
            return board.public_id, thread


def written_by(
    site: Site, short: str, thread: str, words: str, at: datetime, parent: str | None = None
) -> str:
    """A post made without a page; its public id."""
    with site.app.app_context():
        author = member(site, short)
        text = posts.write(words, posts.new_key())
        with transaction() as session:
            return posts.post_reply(session, author, thread, text, at=at, parent_id=parent).public_id


def started_by(
    site: Site, short: str, board: str, title: str, at: datetime, words: str = WORDS
) -> tuple[str, str]:
    """A thread and its opening post, by public ids."""
    with site.app.app_context():
        author = member(site, short)
        text = posts.write(words, posts.new_key(), title=title)
        with transaction() as session:
            post = posts.start_thread(session, author, board, text, at=at)
            return session.get_one(Thread, post.thread_id).public_id, post.public_id


def reply(
    client: CheckingClient, site: Site, thread: str, words: str, key: str = "key-of-a-test", **more: Any
) -> Any:
    return client.send(f"{site.world.course}/threads/{thread}/replies", {"text": words, "key": key, **more})


def posts_by(site: Site, short: str) -> list[Post]:
    with site.app.app_context():
        db.session.rollback()
        return list(
            db.session.scalars(
                select(Post)
                .where(Post.author_id == site.world.people[short])
                .order_by(Post.arrived_at, Post.id)
            )
        )
