"""Moving a student to another group with what they wrote."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.boards.commands import CheckpointSpec
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.ledger.models import AuditEntry, NewsItem
from forum.posts import commands as posts
from forum.posts.models import Draft, Post, Thread
from forum.posts.rules import Place
from forum.receipts.models import Receipt
from tests.conftest import Site
from tests.slices.group_steps import grouped_board, groups_of, prompts_of, started, titles_on
from tests.slices.people_steps import place_of
from tests.slices.writing_steps import WORDS, written_by
from tests.world import WORLD_AT

AT = WORLD_AT - timedelta(hours=3)


def moved(site: Site, leaves: str, joins: str, boards: list[str], short: str = "ana") -> int:
    path = f"{site.world.course}/people/{place_of(site, site.world, short)}/group-move"
    return site.client("ines").send(path, {"leaves": leaves, "joins": joins, "boards": boards}).status_code


def ticked(site: Site, short: str = "ana") -> list[str]:
    """What the page offers to move, as it sends it."""
    page = (
        site.client("ines")
        .get(f"{site.world.course}/people/{place_of(site, site.world, short)}/group-move")
        .text
    )
    return re.findall(r'name="boards"[^>]*value="([^"]+)"', page)


@pytest.fixture
def ids(site: Site) -> dict[str, str]:
    return groups_of(site, Alpha="ana chidi", Beta="ben")


def test_threads_that_a_student_opened_go_with_them_and_their_answers_elsewhere_stay(
    site: Site, ids: dict[str, str]
) -> None:
    board = grouped_board(site)
    own = started(site, "ana", board, "Of Ana", ids["Alpha"], AT)
    theirs = started(site, "chidi", board, "Of Chidi", ids["Alpha"], AT)
    written_by(site, "ana", theirs, "ANA-ANSWERED " + WORDS, AT)
    assert moved(site, ids["Alpha"], ids["Beta"], ticked(site)) == 303
    path = f"{site.world.course}/boards/{board}"
    assert titles_on(site.client("ben").get(path).text) == {"Of Ana"}
    assert titles_on(site.client("chidi").get(path).text) == {"Of Chidi"}
    assert "ANA-ANSWERED" in site.client("chidi").get(f"{site.world.course}/threads/{theirs}").text
    assert site.client("chidi").get(f"{site.world.course}/threads/{own}").status_code == 404
    with site.app.app_context():
        groups = select(Thread.public_id, Thread.group_id, Post.group_id).join(
            Post, Post.thread_id == Thread.id
        )
        found = {thread: (of_thread, of_post) for thread, of_thread, of_post in db.session.execute(groups)}
    assert found[own][0] == found[own][1]
    assert found[theirs][0] == found[theirs][1] != found[own][1]


def test_answers_to_the_prompt_go_to_the_other_discussion_and_those_of_others_stay(
    site: Site, ids: dict[str, str]
) -> None:
    board = grouped_board(site, form="single")
    threads = prompts_of(site, board)
    alpha, beta = str(threads["Alpha"]), str(threads["Beta"])
    written_by(site, "ben", beta, "BEN-FIRST " + WORDS, AT)
    first = written_by(site, "ana", alpha, "ANA-FIRST " + WORDS, AT)
    written_by(site, "ana", alpha, "ANA-AFTER-ANA " + WORDS, AT, first)
    answer = written_by(site, "chidi", alpha, "CHIDI-ANSWERS " + WORDS, AT, first)
    written_by(site, "ana", alpha, "ANA-THANKS " + WORDS, AT, answer)
    before = {thread: counts(site, thread) for thread in (alpha, beta)}
    assert before == {alpha: (4, 4), beta: (1, 1)}
    chidi, ben = site.client("chidi"), site.client("ben")
    for client, thread in ((chidi, alpha), (ben, beta)):
        client.get(f"{site.world.course}/threads/{thread}")  # a kept page of before
    assert moved(site, ids["Alpha"], ids["Beta"], ticked(site)) == 303
    there = chidi.get(f"{site.world.course}/threads/{alpha}").text
    assert ("CHIDI-ANSWERS" in there, "ANA-" in there, "Ana Lindqvist" in there) == (True, False, False)
    here = ben.get(f"{site.world.course}/threads/{beta}").text
    places = [here.index(word) for word in ("BEN-FIRST", "ANA-FIRST", "ANA-AFTER-ANA", "ANA-THANKS")]
    assert places == sorted(places)
    assert "Chidi Okafor" not in here
    assert (counts(site, alpha), counts(site, beta)) == ((1, 4), (4, 4))
    with site.app.app_context():
        rows = {
            post.public_id: post
            for post in db.session.scalars(select(Post).where(Post.author_id == site.world.people["ana"]))
        }
        assert rows[first].depth == 0
        assert {post.depth for post in rows.values() if post.parent_id == rows[first].id} == {1}
        assert {item.thread_id for item in db.session.scalars(select(NewsItem).where(NewsItem.post_id == rows[first].id))} == {rows[first].thread_id}  # fmt: skip
    more = written_by(site, "ben", beta, "BEN-REPLIES " + WORDS, WORLD_AT, first)
    assert more
    assert "BEN-REPLIES" in site.client("ana").get(f"{site.world.course}/boards/{board}").text


def counts(site: Site, thread: str) -> tuple[int, int]:
    """What a thread says it has, and its last position; the first is compared with its posts."""
    with site.app.app_context():
        row = db.session.scalars(select(Thread).where(Thread.public_id == thread)).one()
        there = db.session.scalars(
            select(Post.id).where(Post.thread_id == row.id, Post.removed_at.is_(None))
        ).all()
        assert row.posts == len(there)
        return row.posts, row.last_position


def test_what_counted_counts_as_before_for_all(site: Site, ids: dict[str, str]) -> None:
    due = Wall(WORLD_AT.date() + timedelta(days=2))
    asked = (CheckpointSpec("first_post", due=due), CheckpointSpec("replies", replies=1, people=1, due=due))
    board = grouped_board(site, form="single", checkpoints=asked)
    alpha = str(prompts_of(site, board)["Alpha"])
    first = written_by(site, "ana", alpha, WORDS, AT)
    answer = written_by(site, "chidi", alpha, WORDS, AT, first)
    written_by(site, "ana", alpha, WORDS, AT, answer)
    path = f"{site.world.course}/boards/{board}/participation"
    before = site.client("ines").get(path).text.count('data-state="on-time"')
    with site.app.app_context():
        receipts = [(row.id, row.token) for row in db.session.scalars(select(Receipt).order_by(Receipt.id))]
    assert moved(site, ids["Alpha"], ids["Beta"], ticked(site)) == 303
    assert site.client("ines").get(path).text.count('data-state="on-time"') == before == 3
    assert site.client("ana").get(f"{site.world.course}/boards/{board}").text.count(", on time.") == 2
    with site.app.app_context():
        assert receipts == [
            (row.id, row.token) for row in db.session.scalars(select(Receipt).order_by(Receipt.id))
        ]
    assert site.client("ana").get(f"{site.world.course}/posts/{first}/receipts").status_code == 302


def test_what_is_not_ticked_stays_and_drafts_go_along(site: Site, ids: dict[str, str]) -> None:
    board = grouped_board(site, form="single")
    threads = prompts_of(site, board)
    written_by(site, "ana", str(threads["Alpha"]), "ANA-STAYS " + WORDS, AT)
    with site.app.app_context(), transaction() as session:
        posts.save_draft(session, site.world.people["ana"], site.world.course_id, Place("thread", str(threads["Alpha"])),
                         posts.write("ANA-DRAFTED", posts.new_key()), at=AT)  # fmt: skip
    assert moved(site, ids["Alpha"], ids["Beta"], []) == 303
    page = site.client("ana").get(f"{site.world.course}/boards/{board}").text
    assert ("ANA-STAYS" in page, "ANA-DRAFTED" in page) == (False, True)
    assert "ANA-STAYS" in site.client("chidi").get(f"{site.world.course}/boards/{board}").text
    with site.app.app_context():
        drafts = db.session.scalars(select(Draft).where(Draft.account_id == site.world.people["ana"])).all()
        assert [draft.place for draft in drafts] == [f"thread:{threads['Beta']}"]


def test_a_pinned_answer_is_counted_where_it_went(site: Site, ids: dict[str, str]) -> None:
    board = grouped_board(site, form="single")
    threads = prompts_of(site, board)
    first = written_by(site, "ana", str(threads["Alpha"]), "ANA-FIRST " + WORDS, AT)
    assert (
        site.client("ines").send(f"{site.world.course}/posts/{first}/marks", {"deed": "pin"}).status_code
        == 303
    )
    assert moved(site, ids["Alpha"], ids["Beta"], ticked(site)) == 303
    with site.app.app_context():
        marked = {
            row.public_id: row.marked for row in db.session.execute(select(Thread.public_id, Thread.marked))
        }
    assert (marked[str(threads["Alpha"])], marked[str(threads["Beta"])]) == (0, 1)


def test_what_staff_answered_them_privately_goes_along(site: Site, ids: dict[str, str]) -> None:
    board = grouped_board(site, form="single")
    threads = prompts_of(site, board)
    first = written_by(site, "ana", str(threads["Alpha"]), "ANA-FIRST " + WORDS, AT)
    told = {"text": "SECRET-TOLD-TO-ANA", "key": "private-0001"}
    assert site.client("ines").send(f"{site.world.course}/posts/{first}/private", told).status_code == 303
    assert moved(site, ids["Alpha"], ids["Beta"], ticked(site)) == 303
    page = f"{site.world.course}/threads/{threads['Beta']}"
    assert {short: "SECRET-TOLD-TO-ANA" in site.client(short).get(page).text for short in ("ana", "ben", "ines")} == {
        "ana": True, "ben": False, "ines": True,
    }  # fmt: skip


def test_the_move_is_in_the_ledger_by_ids_alone(site: Site, ids: dict[str, str]) -> None:
    board = grouped_board(site)
    started(site, "ana", board, "TITLE-OF-ANA", ids["Alpha"], AT)
    moved(site, ids["Alpha"], ids["Beta"], ticked(site))
    with site.app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.deed == "moved_group")).one()
        assert (entry.subject_id, entry.actor_id) == (site.world.people["ana"], site.world.people["ines"])
        assert entry.facts["posts"] == 1
        assert "TITLE-OF-ANA" not in str(entry.facts)


def test_moves_that_are_none_are_refused_beside_their_field_and_change_nothing(
    site: Site, ids: dict[str, str]
) -> None:
    grouped_board(site)
    assert moved(site, ids["Beta"], ids["Alpha"], []) == 422
    assert moved(site, ids["Alpha"], ids["Alpha"], []) == 422
    assert moved(site, ids["Alpha"], "elsewhere", []) == 422
    assert moved(site, ids["Alpha"], ids["Beta"], [], short="tariq") == 404
    path = f"{site.world.course}/people/{place_of(site, site.world, 'ana')}/group-move"
    for short in ("ana", "ben", "tariq"):
        assert (
            site.client(short).send(path, {"leaves": ids["Alpha"], "joins": ids["Beta"]}).status_code == 403
        )
    with site.app.app_context():
        assert not db.session.scalars(select(AuditEntry).where(AuditEntry.deed == "moved_group")).all()
