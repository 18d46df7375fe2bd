"""What a reply asks of the database: few statements, fewer under the lock, as many in a full thread as in an empty one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from forum.core.db import db
from forum.posts.models import Draft, Revision, Thread
from tests.conftest import Site
from tests.slices.writing_steps import WORDS, posts_by, reply, written_by
from tests.world import WORLD_AT, World


@contextmanager
def sent(site: Site) -> Iterator[tuple[list[str], list[str]]]:
    """The statements sent meanwhile: all, and those within a transaction that writes."""
    every: list[str] = []
    locked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            every.append(statement)
            if db.session().info.get("writing"):
                locked.append(statement)

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield every, locked
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("thread", "most"),
    [
        ("floods", 11),
        ("sources", 12),
        ("questions", 11),
    ],  # where one's own post shows the others', it is asked for
)
def test_a_reply_asks_little_under_the_lock_however_much_is_there(
    site: Site, world: World, thread: str, most: int
) -> None:
    ana, path = site.client("ana"), world.threads[thread]
    row_lock = 1 if site.base.kind == "postgres" else 0
    assert reply(ana, site, path, WORDS, "key-cost-00").status_code == 303  # what is kept is kept now
    with sent(site) as (_every, few):
        assert reply(ana, site, path, WORDS, "key-cost-01").status_code == 303
    for number in range(12):
        written_by(site, ("ana", "ben", "chidi")[number % 3], path, f"{WORDS} {number}", WORLD_AT)
    with sent(site) as (every, many):
        assert reply(ana, site, path, WORDS, "key-cost-02").status_code == 303
    assert len(many) <= len(few) <= most + row_lock, few
    request = every[max(place for place, told in enumerate(every) if "FROM sign_in_session" in told) :]
    assert len(request) - len(many) == 1, request  # who asks, and the thread with it
    assert (
        sum(statement.startswith("INSERT") for statement in many) == 4
    )  # the post, its text, the news, the receipt


def test_a_post_brings_all_that_goes_with_it(site: Site, world: World) -> None:
    """What the statements of a reply leave behind: places in the tree, counts, versions, no draft."""
    thread = world.threads["questions"]

    def row() -> Any:
        with site.app.app_context():
            return db.session.execute(
                select(Thread.posts, Thread.last_position, Thread.version, Thread.last_post_at).where(Thread.public_id == thread)
            ).one()  # fmt: skip

    ana, before = site.client("ana"), row()
    saved = ana.send(
        f"{world.course}/drafts/thread:{thread}", {"text": WORDS, "key": "key-whole-1", "seq": "1"}
    )
    assert saved.status_code == 200
    later = WORLD_AT + timedelta(minutes=3)
    site.at(later)
    assert reply(ana, site, thread, WORDS, "key-whole-1").status_code == 303
    first = posts_by(site, "ana")[-1]
    answer = ana.send(
        f"{world.course}/posts/{first.public_id}/replies", {"text": "And more.", "key": "key-whole-2"}
    )
    assert answer.status_code == 303
    second = posts_by(site, "ana")[-1]
    after = row()
    assert (after.posts, after.last_position, after.version) == tuple(number + 2 for number in before[:3])
    assert after.last_post_at == later
    # The thread has an opening, so an answer to it stands on the first level, an answer to that below it.
    assert (first.position, first.depth, second.position, second.depth) == (2, 0, 3, 1)
    assert second.path == first.path + (3).to_bytes(4, "big")
    assert second.parent_id == first.id
    with site.app.app_context():
        texts = db.session.execute(
            select(Revision.post_id, Revision.number, Revision.source).where(Revision.post_id.in_([first.id, second.id]))
            .order_by(Revision.post_id)
        ).all()  # fmt: skip
        assert [tuple(text) for text in texts] == [(first.id, 1, WORDS), (second.id, 1, "And more.")]
        drafts = db.session.scalars(select(Draft).where(Draft.account_id == world.people["ana"])).all()
        assert drafts == []


def test_pressed_twice_is_found_before_anything_is_written(site: Site, world: World) -> None:
    ana = site.client("ana")
    first = reply(ana, site, world.threads["floods"], WORDS, "key-twice-1")
    with sent(site) as (_every, locked):
        again = reply(ana, site, world.threads["floods"], WORDS, "key-twice-1")
    assert again.location == first.location
    assert not any(statement.startswith(("INSERT", "UPDATE", "DELETE")) for statement in locked)
    assert len(locked) <= 2
    assert len(posts_by(site, "ana")) == 1
