"""All posts of a board are shown together at one moment, and nothing leaks before (docs/time.md, rule 23)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from forum.boards.commands import CheckpointSpec, grant_extension, save_board
from forum.boards.models import Accommodation, Board, Checkpoint
from forum.boards.queries import board_for, spec_of
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.posts import commands as posts
from tests.conftest import Site
from tests.slices.outage_steps import away
from tests.slices.together_steps import (
    FIRST,
    LIMIT,
    LONG,
    REPLIES,
    SECRET,
    SHOWN_AT,
    pages_of,
    sealed,
    sees,
    together_board,
)
from tests.slices.writing_steps import member, reply, started_by, written_by
from tests.world import BEGAN_AT, WORLD_AT, World

MICROSECOND, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)


def extend(site: Site, board: str, short: str, due: Wall | None, at: datetime = WORLD_AT) -> None:
    """More time for the first post; None: no due date, until the course ends."""
    with site.app.app_context(), transaction() as session:
        row = session.scalars(select(Board).where(Board.public_id == board)).one()
        first = session.scalars(select(Checkpoint).where(Checkpoint.board_id == row.id)).first()
        assert first is not None
        grant_extension(
            session, member(site, "ines"), row, at=at, account_id=site.world.people[short],
            checkpoint_id=first.id, due=due, no_due=due is None, reason="",
        )  # fmt: skip


def who_sees(site: Site, board: str, thread: str, at: datetime) -> set[str]:
    site.at(at)
    return {
        short
        for short in ("ines", "tariq", "olga", "ana", "ben", "chidi", "dana")
        if sees(site, short, board, thread)
    }


def test_until_the_moment_only_its_author_and_staff_see_a_post_and_then_everybody(
    site: Site, world: World
) -> None:
    board = together_board(site)
    thread, _post = sealed(site, board)
    everybody = {"ines", "tariq", "olga", "ana", "ben", "chidi", "dana"}
    assert who_sees(site, board, thread, WORLD_AT) == {"ines", "tariq", "ben"}
    assert who_sees(site, board, thread, SHOWN_AT - MICROSECOND) == {"ines", "tariq", "ben"}
    assert who_sees(site, board, thread, SHOWN_AT) == everybody


def test_before_the_moment_no_page_changes_by_what_others_write(site: Site, world: World) -> None:
    board = together_board(site, FIRST, REPLIES)
    own, opening = started_by(site, "ana", board, "My own", WORLD_AT, LONG)
    before = pages_of(site, "ana", board, own)
    thread, post = sealed(site, board)
    written_by(site, "ines", own, f"{SECRET} {LONG}", WORLD_AT, opening)
    assert pages_of(site, "ana", board, own) == before
    ana = site.client("ana")
    for path in ("", "/reply", "/revisions", "/edit", "/removal", "/flag", "/receipts"):
        assert ana.get(f"{world.course}/posts/{post}{path}").status_code == 404, path
    for path in ("", "/next", "/previous"):
        assert ana.get(f"{world.course}/threads/{thread}{path}").status_code == 404, path
    for path, fields in (
        (f"posts/{post}/replies", {"text": LONG, "key": "key-of-a-guess"}),
        (f"threads/{thread}/replies", {"text": LONG, "key": "key-of-a-guess2"}),
        (f"threads/{thread}/star", {"deed": "star"}),
        (f"threads/{thread}/read", {"position": "9", "at": WORLD_AT.isoformat()}),
        (f"posts/{post}/flag", {"reason": "a reason"}),
    ):
        assert ana.send(f"{world.course}/{path}", fields).status_code == 404, path


def test_ones_own_post_opens_nothing_before_the_moment(site: Site, world: World) -> None:
    board = together_board(site, form="single")
    with site.app.app_context():
        row = db.session.scalars(select(Board).where(Board.public_id == board)).one()
        prompt = posts.prompt_thread(db.session(), row, at=WORLD_AT).public_id
    written_by(site, "ben", prompt, f"{SECRET} {LONG}", WORLD_AT)
    ana = site.client("ana")
    page = ana.get(reply(ana, site, prompt, LONG).location, follow_redirects=True)
    assert SECRET not in page.text
    assert "ETag" not in ana.get(f"{world.course}/threads/{prompt}").headers
    site.at(SHOWN_AT)
    page = ana.get(f"{world.course}/threads/{prompt}")
    assert SECRET in page.text
    assert "1 post is new here." in page.text


def test_who_has_more_time_sees_others_once_they_have_posted_or_their_time_is_over(
    site: Site, world: World
) -> None:
    board = together_board(site)
    thread, _post = sealed(site, board)
    extend(site, board, "ana", Wall(date(2026, 11, 29)))
    extend(site, board, "chidi", Wall(date(2026, 11, 29)))
    extend(site, board, "dana", None)
    with site.app.app_context(), transaction() as session:
        session.add(Accommodation(course_id=world.course_id, account_id=world.people["ben"], days=1,
                                  from_on=BEGAN_AT.date(), created_at=BEGAN_AT))  # fmt: skip
    waiting = {"ana", "chidi", "dana"}
    assert not who_sees(site, board, thread, SHOWN_AT) & waiting
    started_by(site, "chidi", board, "Mine", SHOWN_AT, "Too short.")
    assert "chidi" not in who_sees(site, board, thread, SHOWN_AT + HOUR)
    started_by(site, "ana", board, "Mine", SHOWN_AT + HOUR, LONG)
    assert who_sees(site, board, thread, SHOWN_AT + HOUR) & waiting == {"ana"}
    own_limit = datetime(2026, 11, 29, 23, 5, tzinfo=UTC)
    assert who_sees(site, board, thread, own_limit - MICROSECOND) & waiting == {"ana"}
    assert who_sees(site, board, thread, own_limit) & waiting == {"ana", "chidi"}


def test_who_posted_before_the_moment_sees_others_with_the_class_whatever_time_they_have(
    site: Site, world: World
) -> None:
    board = together_board(site)
    thread, _post = sealed(site, board)
    extend(site, board, "ana", Wall(date(2026, 11, 29)))
    started_by(site, "ana", board, "Mine", WORLD_AT, LONG)
    assert "ana" not in who_sees(site, board, thread, SHOWN_AT - MICROSECOND)
    assert "ana" in who_sees(site, board, thread, SHOWN_AT)


def test_what_was_opened_stays_open(site: Site, world: World) -> None:
    """Neither more time for one student nor a later date for the class takes away what was shown."""
    board = together_board(site)
    thread, _post = sealed(site, board)
    site.at(SHOWN_AT + HOUR)
    extend(site, board, "ana", Wall(date(2026, 12, 2)), SHOWN_AT + HOUR)
    assert "ana" in who_sees(site, board, thread, SHOWN_AT + 2 * HOUR)
    with site.app.app_context(), transaction() as session:
        ines = member(site, "ines", SHOWN_AT)
        row = board_for(session, ines, board, SHOWN_AT, lock=True)
        spec = spec_of(session, row)
        later = CheckpointSpec(
            "first_post", id=spec.checkpoints[0].id, min_words=10, due=Wall(date(2026, 12, 4))
        )
        save_board(session, ines, row, replace(spec, checkpoints=(later,)), at=SHOWN_AT + 3 * HOUR)
    assert {"ana", "dana", "olga"} <= who_sees(site, board, thread, SHOWN_AT + 4 * HOUR)


def test_a_section_that_is_due_later_holds_the_moment_for_all(site: Site, world: World) -> None:
    board = together_board(site)
    thread, _post = sealed(site, board)
    answer = site.client("ines").send(
        f"{world.course}/manage/boards/{board}/dates/{world.sections['South']}",
        {"d0-on": "2026-11-28", "reason": "away on a trip"},
    )
    assert answer.status_code == 303
    after = datetime(2026, 11, 28, 23, 5, tzinfo=UTC)
    students = {"ana", "chidi", "dana", "olga"}
    assert not who_sees(site, board, thread, after - MICROSECOND) & students
    assert who_sees(site, board, thread, after) & students == students


def test_nothing_shows_for_whom_the_board_is_still_closed(site: Site, world: World) -> None:
    board = together_board(site)
    thread, _post = sealed(site, board)
    with site.app.app_context(), transaction() as session:
        row = session.scalars(select(Board).where(Board.public_id == board)).one()
        row.first_shown_at = None  # as if nobody had seen it yet
        row.published_at = None
        row.version += 1
    assert who_sees(site, board, thread, SHOWN_AT) == {"ines", "tariq"}


def test_an_outage_moves_the_moment_by_as_much_as_the_first_post(site: Site, world: World) -> None:
    """Away for two hours of the last night: due at noon, and all posts are shown as much later."""
    board = together_board(site)
    thread, _post = sealed(site, board)
    away(site, LIMIT - 2 * HOUR, LIMIT)
    moved = datetime(2026, 11, 27, 11, tzinfo=UTC) - datetime(2026, 11, 26, 23, tzinfo=UTC)
    students = {"ana", "chidi", "dana"}
    assert not who_sees(site, board, thread, SHOWN_AT + moved - MICROSECOND) & students
    assert who_sees(site, board, thread, SHOWN_AT + moved) & students == students


def test_where_each_has_their_own_midnight_the_last_zone_is_waited_for(site: Site, world: World) -> None:
    own = CheckpointSpec("first_post", min_words=10, due=Wall(date(2026, 11, 26)), whose_zone="own")
    board = together_board(site, own, shown=Wall(date(2026, 11, 27)))
    thread, _post = sealed(site, board)
    at = datetime(2026, 11, 27, 23, tzinfo=UTC)
    students = {"ana", "chidi", "dana"}
    assert not who_sees(site, board, thread, at - MICROSECOND) & students
    assert who_sees(site, board, thread, at) & students == students


def test_the_first_post_is_judged_as_it_stood_when_the_others_were_shown(site: Site, world: World) -> None:
    """Ana has until Sunday and posted before the moment; what she cuts or adds after it is read beside her post."""
    board = together_board(site)
    sealed(site, board)
    for short in ("ana", "chidi"):
        extend(site, board, short, Wall(date(2026, 11, 29)))
    _thread, post = started_by(site, "ana", board, "Mine", WORLD_AT, LONG)
    _thread, early = started_by(site, "chidi", board, "His", WORLD_AT, LONG)
    edit(site, "ana", post, "Cut short afterwards.", SHOWN_AT + HOUR)
    edit(site, "chidi", early, "Cut short before.", SHOWN_AT - HOUR)
    site.at(datetime(2026, 11, 30, 9, tzinfo=UTC))
    page = site.client("ines").get(f"{world.course}/boards/{board}/participation").text
    told = {name: page.split(name, 1)[1].split("</tr>")[0] for name in ("Ana", "Chidi")}
    assert 'data-state="on-time"' in told["Ana"]
    assert 'data-state="on-time"' not in told["Chidi"]
    evidence = site.client("ines").get(f"{world.course}/boards/{board}/grading/{world.public['ana']}").text
    assert LONG in evidence
    ana = site.client("ana").get(f"{world.course}/boards/{board}").text
    assert "on time" in ana


def edit(site: Site, short: str, post: str, words: str, at: datetime) -> None:
    with site.app.app_context():
        author = member(site, short, at)
        with transaction() as session:
            posts.edit_post(session, author, post, posts.write(words, posts.new_key()), at=at, revision=1, reason="")  # fmt: skip


def test_how_many_others_wrote_is_told_by_no_figure_of_ones_own(site: Site, world: World) -> None:
    """Fewer people to answer lower what is asked (rule 17), but not before others' posts are shown."""
    two = CheckpointSpec("replies", replies=2, people=2, due=Wall(date(2026, 11, 27), time(20)))
    board = together_board(site, FIRST, two)
    at = LIMIT - 2 * HOUR  # within a day of the replies' limit
    site.at(at)
    before = pages_of(site, "ana", board)
    assert "to 0 of 2 people" in before[f"{world.course}/boards/{board}"]
    started_by(site, "ben", board, f"{SECRET}-TITLE", WORLD_AT, LONG)
    assert pages_of(site, "ana", board) == before
    site.at(SHOWN_AT)
    assert "to 0 of 1 people" in pages_of(site, "ana", board)[f"{world.course}/boards/{board}"]


def test_a_page_that_is_kept_is_made_anew_at_the_moment(site: Site, world: World) -> None:
    board = together_board(site, form="single")
    path, tariq = f"{world.course}/boards/{board}", site.client("tariq")
    site.at(SHOWN_AT - HOUR)
    before = tariq.get(path)
    assert "Students know nothing of each other" in before.text
    assert tariq.get(path, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    site.at(SHOWN_AT)
    after = tariq.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "Students know nothing of each other" not in after.text
