"""What happens when staff move a thread to another board."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from forum.boards.commands import BoardSpec, CheckpointSpec
from forum.core.db import db
from forum.core.moments import Wall
from forum.ledger.models import AuditEntry, NewsItem
from forum.posts import queries
from forum.posts.models import Draft, Post, ReadMark, Star, Thread
from forum.posts.standing import standing_of_one
from forum.receipts.models import Receipt
from tests.conftest import Site
from tests.slices.writing_steps import WORDS, board_of, member, started_by, written_by
from tests.world import WORLD_AT, World

EARLIER = WORLD_AT - timedelta(hours=2)
ASKS = (CheckpointSpec("first_post", min_words=5, due=Wall(date(2026, 12, 3))),)


def two_boards(site: Site) -> tuple[str, str]:
    plain, _ = board_of(site, BoardSpec("The wrong place", form="threads"))
    asking, _ = board_of(site, BoardSpec("The right place", form="threads", checkpoints=ASKS))
    return plain, asking


def met(site: Site, short: str, board: str) -> str:
    with site.app.app_context():
        db.session.rollback()
        view = queries.board_view(db.session(), member(site, short), board, WORLD_AT)
        return standing_of_one(db.session(), view)[0].state


@pytest.mark.behavior("B037")
def test_a_move_is_confirmed_by_the_name_of_the_board_and_found_there(site: Site, world: World) -> None:
    plain, asking = two_boards(site)
    thread, post = started_by(site, "ana", plain, "My first post", EARLIER)
    ines, ben, url = site.client("ines"), site.client("ben"), f"{world.course}/threads/{thread}"
    assert f'href="{url}/move"' in ines.get(url).text
    assert "The right place" in ines.get(f"{url}/move").text
    confirm = ines.get(f"{url}/move?to={asking}").text
    assert "Move “My first post” to “The right place”?" in confirm
    assert "Its posts count for what “The right place” asks from now on" in confirm
    assert met(site, "ana", asking) == "not_yet_due"
    ben.get(url)  # kept as of the old board
    done = ines.send(f"{url}/move", {"to": asking}, follow_redirects=True)
    assert "The thread is on “The right place” now." in done.text
    assert "My first post" in ben.get(f"{world.course}/boards/{asking}").text
    assert "My first post" not in ben.get(f"{world.course}/boards/{plain}").text
    assert (
        f"/boards/{asking}" in ben.get(url).text
    )  # the address is the same, and leads back to the new board
    assert ben.get(f"{world.course}/posts/{post}").headers["Location"].startswith(url)
    assert met(site, "ana", asking) == "met_on_time"


@pytest.mark.behavior("B037")
def test_drafts_marks_stars_receipts_and_news_go_along(site: Site, world: World) -> None:
    plain, asking = two_boards(site)
    thread, _post = started_by(site, "ana", plain, "My first post", EARLIER)
    answer = written_by(site, "ben", thread, WORDS, EARLIER)
    chidi, url = site.client("chidi"), f"{world.course}/threads/{thread}"
    chidi.send(f"{url}/star", {"deed": "star"})
    chidi.send(f"{url}/read", {"position": "2", "at": WORLD_AT.isoformat()})
    place = f"{world.course}/drafts/post:{answer}"
    assert chidi.send(place, {"text": "Half a thought", "key": "key-moved-1", "seq": "1"}).status_code == 200

    def rows() -> list[list[tuple[object, ...]]]:
        with site.app.app_context():
            db.session.rollback()
            return [
                [tuple(row) for row in db.session.execute(statement)]
                for statement in (
                    select(Star.account_id, Star.thread_id),
                    select(ReadMark.account_id, ReadMark.thread_id, ReadMark.position, ReadMark.at),
                    select(Draft.place, Draft.source),
                    select(*Receipt.__table__.columns),
                    select(Post.public_id, Post.position, Post.path, Post.arrived_at),
                )
            ]

    before = rows()
    assert site.client("ines").send(f"{url}/move", {"to": asking}).status_code == 303
    assert rows() == before
    with site.app.app_context():
        found = db.session.execute(
            select(Thread.board_id, Post.board_id, NewsItem.board_id)
            .join(Post, Post.thread_id == Thread.id)
            .join(NewsItem, NewsItem.post_id == Post.id)
            .where(Thread.public_id == thread)
        ).all()
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.deed == "moved")).one()
        assert len(found) == 2
        assert {each for row in found for each in row} == {entry.facts["to_board"]}
    assert "Half a thought" in chidi.get(f"{world.course}/posts/{answer}/reply").text
    assert (
        " new"
        not in chidi.get(f"{world.course}/boards/{asking}")
        .text.split('<ul class="threads">')[1]
        .split("</ul>")[0]
    )


@pytest.mark.behavior("B037")
def test_what_has_met_something_stays_where_it_met_it(site: Site, world: World) -> None:
    """docs/time.md, rule 17: moving never changes what a post met."""
    plain, asking = two_boards(site)
    thread, _post = started_by(site, "ana", asking, "Met here", EARLIER)
    ines, url = site.client("ines"), f"{world.course}/threads/{thread}/move"
    for answer in (ines.get(url), ines.get(f"{url}?to={plain}"), ines.send(url, {"to": plain})):
        assert answer.status_code == 409
        assert "what they posted here counts here" in answer.text
    assert met(site, "ana", asking) == "met_on_time"


@pytest.mark.behavior("B023", "B037")
def test_a_thread_goes_only_where_it_may(site: Site, world: World) -> None:
    plain, _asking = two_boards(site)
    hidden, _ = board_of(site, BoardSpec("Each sees their own first", form="threads", shown="after_own"))
    thread, _post = started_by(site, "ana", plain, "Stays", EARLIER)
    kept, _other = started_by(site, "ana", hidden, "Not shown to all", EARLIER)
    ines, url = site.client("ines"), f"{world.course}/threads/{thread}/move"
    for board, status, words in (
        (world.boards["floods"], 409, "This board takes no threads."),
        (plain, 409, "The thread is on this board already."),
        (world.boards["other"], 404, ""),
        ("zzzz", 404, ""),
        ("", 404, ""),
    ):
        refused = ines.send(url, {"to": board})
        assert (refused.status_code, words in refused.text) == (status, True), board
    refused = ines.send(f"{world.course}/threads/{kept}/move", {"to": plain})
    assert refused.status_code == 409
    assert "Some would read what is not shown to them yet." in refused.text
    prompt = ines.send(f"{world.course}/threads/{world.threads['floods']}/move", {"to": plain})
    assert prompt.status_code == 409
    assert ines.send(f"{world.course}/threads/zzzz/move", {"to": plain}).status_code == 404
    for short in ("ana", "olga"):
        assert site.client(short).send(url, {"to": world.boards["each"]}).status_code in (403, 404)
