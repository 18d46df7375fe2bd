"""What happens when staff make a thread of a branch of replies."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import aliased

from forum.boards.commands import BoardSpec, CheckpointSpec
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.ledger.models import AuditEntry, NewsItem
from forum.posts import commands as posts
from forum.posts import queries
from forum.posts.models import Post, ReadMark, Thread
from forum.posts.rules import DEEPEST
from forum.posts.standing import standing_of_one
from forum.receipts.models import Receipt
from tests.conftest import Site
from tests.slices.test_fragments import OWN
from tests.slices.test_private_replies import send
from tests.slices.writing_steps import WORDS, board_of, member, started_by, words_in, written_by
from tests.world import WORLD_AT, World

EARLIER = WORLD_AT - timedelta(hours=2)
ASKS = (
    CheckpointSpec("first_post", min_words=5, due=Wall(date(2026, 12, 3))),
    CheckpointSpec("replies", replies=1, people=1, min_words=1, due=Wall(date(2026, 12, 5))),
)


class Talk:
    """Ben opens a thread; Ana answers, Chidi and Dana answer her, Ben answers Dana, Chidi answers Ben beside them."""

    def __init__(self, site: Site, form: str = "threads") -> None:
        self.site, self.world = site, site.world
        self.board, _ = board_of(site, BoardSpec("Bridges", form=form, checkpoints=ASKS))
        self.thread, self.opening = started_by(site, "ben", self.board, "Which bridge?", EARLIER)
        self.ana = self.post("ana", self.opening, 1)
        self.chidi = self.post("chidi", self.ana, 2)
        self.beside = self.post("chidi", self.opening, 3)
        self.dana = self.post("dana", self.ana, 4)
        self.ben = self.post("ben", self.dana, 5)

    def post(self, short: str, parent: str, minutes: int) -> str:
        at = EARLIER + timedelta(minutes=minutes)
        return written_by(self.site, short, self.thread, f"{WORDS} Number {minutes}.", at, parent)

    def url(self, thread: str | None = None) -> str:
        return f"{self.world.course}/threads/{thread or self.thread}"

    def split(self, post: str, title: str = "The keeper’s letters") -> Any:
        return self.site.client("ines").send(f"{self.world.course}/posts/{post}/split", {"title": title})

    def new(self) -> str:
        """The thread that was made last, by its public id."""
        with self.site.app.app_context():
            db.session.rollback()
            return db.session.scalars(select(Thread.public_id).order_by(Thread.id.desc())).first()  # type: ignore[return-value]


def order(page: str) -> list[str]:
    return re.findall(r'<article class="post[^"]*" id="p-(\w+)"', page)


def rows(site: Site, statement: Any) -> list[tuple[Any, ...]]:
    with site.app.app_context():
        db.session.rollback()
        return [tuple(row) for row in db.session.execute(statement)]


@pytest.mark.behavior("B038")
def test_a_branch_becomes_a_thread_after_its_title_was_given(site: Site, world: World) -> None:
    talk = Talk(site)
    ines, dana = site.client("ines"), site.client("dana")
    assert f'href="{world.course}/posts/{talk.ana}/split"' in ines.get(talk.url()).text
    assert "/split" not in dana.get(talk.url()).text
    asked = ines.get(f"{world.course}/posts/{talk.ana}/split").text
    assert "Make a thread of this reply by Ana Lindqvist?" in asked
    assert "3 replies below it go along." in asked
    assert talk.split(talk.ana, title="  ").status_code == 422
    assert order(dana.get(talk.url()).text) == [
        talk.opening,
        talk.ana,
        talk.chidi,
        talk.dana,
        talk.ben,
        talk.beside,
    ]
    done = talk.split(talk.ana)
    assert done.headers["Location"] == talk.url(talk.new())
    here, there = dana.get(talk.url()).text, dana.get(talk.url(talk.new())).text
    assert order(here) == [talk.opening, talk.beside]
    assert order(there) == [talk.ana, talk.chidi, talk.dana, talk.ben]
    assert "A reply to the post above, with all below it, is a thread of its own now:" in here
    assert here.index(f"p-{talk.opening}") < here.index(talk.url(talk.new())) < here.index(f"p-{talk.beside}")
    assert "This was a reply in another thread:" in there
    assert f'href="{world.course}/posts/{talk.opening}">Which bridge?</a>' in there
    assert "<h1>The keeper’s letters</h1>" in there
    listed = dana.get(f"{world.course}/boards/{talk.board}").text
    assert "The keeper’s letters" in listed
    # Links to posts lead to where they are now.
    moved = dana.get(f"{world.course}/posts/{talk.ben}").headers["Location"]
    assert moved == f"{talk.url(talk.new())}#p-{talk.ben}"


@pytest.mark.behavior("B038")
def test_both_threads_are_counted_anew(site: Site) -> None:
    talk = Talk(site)
    talk.split(talk.ana)
    found = rows(site, select(Thread.public_id, Thread.posts, Thread.last_post_at).where(
        Thread.public_id.in_([talk.thread, talk.new()])))  # fmt: skip
    assert sorted(found) == sorted([
        (talk.thread, 2, EARLIER + timedelta(minutes=3)), (talk.new(), 4, EARLIER + timedelta(minutes=5)),
    ])  # fmt: skip
    again = talk.post("chidi", talk.beside, 30)
    there = written_by(
        site, "chidi", talk.new(), "To the opening of the new thread.", EARLIER + timedelta(minutes=31)
    )
    dana = site.client("dana")
    assert order(dana.get(talk.url()).text) == [talk.opening, talk.beside, again]
    assert order(dana.get(talk.url(talk.new())).text) == [talk.ana, talk.chidi, talk.dana, talk.ben, there]
    parent = aliased(Post)
    answered = select(parent.public_id).join(Post, Post.parent_id == parent.id).where(Post.public_id == there)
    assert rows(site, answered) == [(talk.ana,)]


def test_nothing_of_what_was_met_or_proved_changes(site: Site) -> None:
    """docs/time.md, rule 17: a reply that opens a thread now is a reply still, and nobody's first post."""
    talk = Talk(site)
    columns = select(
        Post.public_id, Post.position, Post.arrived_at, Post.appears_at, Post.parent_id
    ).order_by(Post.id)
    receipts = select(*Receipt.__table__.columns).order_by(Receipt.id)

    def verdicts() -> list[Any]:
        found = []
        with site.app.app_context():
            db.session.rollback()
            for short in ("ana", "ben", "chidi", "dana"):
                view = queries.board_view(db.session(), member(site, short), talk.board, WORLD_AT)
                found.append(
                    [(each.state, each.met_at, each.post_ids) for each in standing_of_one(db.session(), view)]
                )
        return found

    before = verdicts(), rows(site, columns), rows(site, receipts)
    assert [state for state, *_rest in before[0][0]] == ["not_yet_due", "met_on_time"]
    talk.split(talk.ana)
    talk.split(talk.dana, "Once more")
    assert (verdicts(), rows(site, columns), rows(site, receipts)) == before
    with site.app.app_context():
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.deed == "split")).all()
        assert [entry.facts["posts"] for entry in entries] == [4, 2]
        news = db.session.execute(
            select(NewsItem.thread_id, Post.thread_id).join(Post, Post.id == NewsItem.post_id)
        ).all()
        assert all(one == other for one, other in news)


def test_what_each_has_read_stays_read_and_what_is_new_stays_new(site: Site) -> None:
    talk = Talk(site)
    dana, ana = site.client("dana"), site.client("ana")
    dana.send(f"{talk.url()}/read", {"position": "3", "at": (EARLIER + timedelta(minutes=2)).isoformat()})
    before = re.search(r"(\d+) posts? (?:is|are) new here", dana.get(talk.url()).text)
    assert before is not None
    assert before[1] == "2"  # Ben's answer to her, and the one beside
    talk.split(talk.ana)
    for thread in (talk.thread, talk.new()):
        page = dana.get(talk.url(thread)).text
        assert "1 post is new here." in page
    marks = rows(site, select(ReadMark.position, ReadMark.at))
    assert len(marks) == 2
    assert len(set(marks)) == 1
    # Chidi answered Ana: for Ana, whose post opened the branch, what she answered stays answered.
    assert "1 post is new here." in ana.get(talk.url()).text  # the one beside; the opening she answered


def test_what_one_answered_in_the_branch_stays_answered_where_it_was(site: Site) -> None:
    talk = Talk(site)
    ana = site.client("ana")
    assert "4 posts are new here." in ana.get(talk.url()).text
    talk.split(talk.ana)
    assert "1 post is new here." in ana.get(talk.url()).text
    with site.app.app_context(), transaction() as session:
        posts.remove_post(session, member(site, "ana"), talk.ana, at=WORLD_AT)
    assert "2 posts are new here." in ana.get(talk.url()).text  # she answers the opening no longer


def test_the_line_is_for_who_may_see_the_new_thread_and_has_no_title_that_was_removed(site: Site) -> None:
    talk = Talk(site)
    talk.split(talk.ana, "CANARY-TITLE")
    new, ines = talk.new(), site.client("ines")
    readers = {short: site.client(short) for short in ("dana", "tariq")}
    for client in (*readers.values(), ines):
        assert "CANARY-TITLE" in client.get(talk.url()).text
    with site.app.app_context(), transaction() as session:
        posts.remove_post(session, member(site, "ines"), talk.ana, at=WORLD_AT, reason="Not here")
    for client in readers.values():
        page = client.get(talk.url()).text
        assert f'href="{talk.url(new)}">Removed by its author or staff</a>' in page
        assert "CANARY-TITLE" not in page
    with site.app.app_context(), transaction() as session:
        posts.set_thread_removed(session, member(site, "ines"), new, True, at=WORLD_AT)
    for client in readers.values():
        assert new not in client.get(talk.url()).text
    with site.app.app_context(), transaction() as session:
        posts.set_thread_removed(session, member(site, "ines"), new, False, at=WORLD_AT)
        posts.remove_post(session, member(site, "ines"), talk.opening, at=WORLD_AT, reason="Neither")
    there = readers["dana"].get(talk.url(new)).text
    assert "Which bridge?" not in there
    assert f'href="{site.world.course}/posts/{talk.opening}">Removed by its author or staff</a>' in there


@pytest.mark.behavior("B038")
def test_what_cannot_be_split_off(site: Site, world: World) -> None:
    talk = Talk(site)
    gone = talk.post("chidi", talk.opening, 40)
    with site.app.app_context(), transaction() as session:
        posts.remove_post(session, member(site, "chidi"), gone, at=WORLD_AT)
    assert send(site, "ines", talk.ana, "Between us").status_code == 303
    private = rows(site, select(Post.public_id).where(Post.private_with_id.is_not(None)))[0][0]
    for post, words in (
        (talk.opening, "This post opens its thread"),
        (private, "This is a private reply."),
        (gone, "Others cannot read this post now"),
        (world.posts["ben"], "On this board nothing can be split off"),
    ):
        before = rows(site, select(Thread.id, Thread.version))
        for answer in (talk.split(post), site.client("ines").get(f"{world.course}/posts/{post}/split")):
            assert (answer.status_code, words in answer.text) == (409, True)
        assert rows(site, select(Thread.id, Thread.version)) == before
    for short, status in (("ana", 403), ("olga", 403)):
        url = f"{world.course}/posts/{talk.ana}/split"
        assert site.client(short).send(url, {"title": "Mine"}).status_code == status
    assert talk.split("zzzz").status_code == 404


def test_private_replies_waiting_posts_drafts_and_quotes_go_along(site: Site, world: World) -> None:
    talk = Talk(site)
    assert send(site, "ines", talk.dana, "Between us, Dana").status_code == 303
    with site.app.app_context(), transaction() as session:
        posts.post_reply(
            session, member(site, "chidi"), talk.thread, posts.write(f"[quote {talk.beside}.1.0-11]\n\nLater.", "key-later"),
            at=WORLD_AT, parent_id=talk.dana, shown_from=WORLD_AT + timedelta(hours=1),
        )  # fmt: skip
    chidi = site.client("chidi")
    chidi.send(
        f"{world.course}/drafts/post:{talk.ben}", {"text": "Half a thought", "key": "key-split-1", "seq": "1"}
    )
    outside = OWN.sub("", site.client("olga").get(talk.url()).text)
    talk.split(talk.ana)
    new = talk.url(talk.new())
    assert OWN.sub("", site.client("olga").get(talk.url()).text) != outside
    assert "Between us, Dana" in site.client("dana").get(new).text
    assert "Between us" not in site.client("ben").get(new).text
    assert "Later." in chidi.get(new).text
    assert "Half a thought" in words_in(chidi.get(f"{world.course}/posts/{talk.ben}/reply").text)
    site.at(WORLD_AT + timedelta(hours=2))
    page = site.client("ben").get(new).text
    assert '<blockquote class="quoted">\n<p>The council</p>' in page  # of a post that stayed
    answer = written_by(site, "ben", talk.new(), "To what appeared.", WORLD_AT + timedelta(hours=2))
    assert order(site.client("ben").get(new).text)[-1] == answer


def test_a_branch_deeper_than_the_order_has_levels_keeps_its_order(site: Site) -> None:
    talk = Talk(site)
    above, chain = talk.ana, [talk.ana]
    for number in range(DEEPEST + 3):
        above = talk.post(("ben", "chidi")[number % 2], above, 50 + number)
        chain.append(above)
    talk.split(talk.ana)
    page = order(site.client("dana").get(talk.url(talk.new())).text)
    assert [each for each in page if each in chain] == chain
    assert set(page) == {*chain, talk.chidi, talk.dana, talk.ben}
    assert talk.split(chain[DEEPEST + 1]).status_code == 303
    assert order(site.client("dana").get(talk.url(talk.new())).text) == chain[DEEPEST + 1 :]


def test_a_question_to_staff_is_not_split_and_not_quoted_to_others(site: Site, world: World) -> None:
    talk = Talk(site, "question")
    with site.app.app_context(), transaction() as session:
        text = posts.write("CANARY-ASKED words", "key-asked", title="Asked")
        asked = posts.start_thread(
            session, member(site, "chidi"), talk.board, text, at=EARLIER, for_staff=True
        )
        thread = session.get_one(Thread, asked.thread_id).public_id
    answer = written_by(site, "ines", thread, "CANARY-ASKED answer", EARLIER)
    assert "It stays as it is." in talk.split(answer).text
    mark = f"[quote {answer}.1.0-12]"
    written_by(site, "chidi", talk.thread, f"{mark}\n\nSee above.", EARLIER + timedelta(minutes=9))
    for short in ("ana", "ben", "chidi", "ines"):
        assert ("CANARY-ASKED" in site.client(short).get(talk.url()).text) == (short in ("chidi", "ines"))
