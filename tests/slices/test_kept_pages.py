"""A thread's page is joined from what is kept: it changes with all that it depends on, and is shown to nobody else."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from forum.accounts.commands import rename, set_zone, suspend
from forum.accounts.models import Account
from forum.boards.models import Board, Checkpoint
from forum.core import caches
from forum.core.db import db, transaction
from forum.courses import commands as courses
from forum.courses.models import Course, Enrollment, Module
from forum.courses.queries import member_of
from forum.posts import commands as posts
from forum.posts.models import Post, Thread
from forum.posts.queries import thread_view
from tests.conftest import Site
from tests.slices.grading import FEEDBACK, full_marks, make_rubric, release, save
from tests.slices.test_fragments import OWN
from tests.sweeps.test_queries import grow, statements
from tests.world import WORLD_AT, World

Deed = Callable[[Session, World], None]
LATER = WORLD_AT + timedelta(minutes=5)


def path_of(world: World, board: str = "floods") -> str:
    return f"{world.course}/threads/{world.threads[board]}"


def do(site: Site, deed: Deed) -> None:
    with site.app.app_context(), transaction() as session:
        deed(session, site.world)


def answer_to(client: FlaskClient, path: str, **headers: str) -> Any:
    return FlaskClient.open(client, path, headers=headers)


def known(client: FlaskClient, path: str) -> str:
    """The mark of a page that its browser has and that was found unchanged, twice: from here on it is told so by a row alone."""
    mark = str(answer_to(client, path).headers["ETag"])
    for _look in range(3):
        assert answer_to(client, path, **{"If-None-Match": mark}).status_code == 304
    return mark


def member(session: Session, world: World, short: str) -> Any:
    return member_of(session, world.people[short], world.course_id, WORLD_AT)


def account(session: Session, world: World, short: str) -> Account:
    return session.get_one(Account, world.people[short])


# --- statements -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("short", ["ana", "ben", "ines", "tariq", "olga"])
def test_a_page_that_was_seen_takes_one_statement_and_so_does_a_304(
    site: Site, world: World, short: str
) -> None:
    client, path = site.client(short), path_of(world)
    mark = answer_to(client, path).headers["ETag"]
    with statements(site) as sent:
        assert answer_to(client, path).status_code == 200
    assert len(sent) == 1, sent
    with statements(site) as sent:
        assert answer_to(client, path, **{"If-None-Match": mark}).status_code == 304
    assert len(sent) == 1, sent


def test_the_first_page_after_a_post_takes_as_many_statements_in_a_long_thread(
    site: Site, world: World
) -> None:
    client, path, taken = site.client("ana"), path_of(world), []
    for many, offset in ((3, 100), (60, 200)):
        answer_to(client, path)
        grow(site, many, offset)
        answer_to(client, path)  # the roster changed with it
        do(site, bumped)
        with statements(site) as sent:
            assert answer_to(client, path).status_code == 200
        taken.append(len(sent))
    assert taken[0] == taken[1] <= 10


def bumped(session: Session, world: World) -> None:
    session.execute(
        update(Thread).where(Thread.public_id == world.threads["floods"]).values(version=Thread.version + 1)
    )


def test_a_request_from_before_the_last_post_leaves_nothing_for_those_after_it(
    site: Site, world: World
) -> None:
    """It arrived before the post and waited until that was stored: it does not see it, and the version tells of it."""
    client, path = site.client("chidi"), path_of(world)
    answer_to(client, path)
    do(site, reply)  # it arrives at LATER
    for at, there in (
        (LATER - timedelta(seconds=1), False),
        (LATER, True),
        (LATER + timedelta(minutes=1), True),
    ):
        site.at(at)
        assert ("the third drawer" in answer_to(client, path).text) is there, at


# --- what changes it ----------------------------------------------------------------------------------------------------------


def reply(session: Session, world: World) -> None:
    written = posts.write("The letters lay in the third drawer of the desk all along.", "kept-1")
    posts.post_reply(
        session, member(session, world, "ben"), world.threads["floods"], written, at=LATER,
        parent_id=world.posts["ben"],
    )  # fmt: skip


def edit(session: Session, world: World) -> None:
    written = posts.write("The third one, from Tudela, and not the second.", "kept-2")
    posts.edit_post(
        session, member(session, world, "chidi"), world.posts["chidi"], written, at=LATER, revision=1
    )


def remove(session: Session, world: World) -> None:
    posts.remove_post(
        session, member(session, world, "ines"), world.posts["ben"], at=LATER, reason="Not yours."
    )


def hold(session: Session, world: World) -> None:
    session.execute(update(Post).where(Post.public_id == world.posts["chidi"]).values(held_at=LATER))
    bumped(session, world)


def close(session: Session, world: World) -> None:
    posts.set_thread_closed(session, member(session, world, "ines"), world.threads["floods"], True, at=LATER)


def retitle(session: Session, world: World) -> None:
    session.scalars(
        select(Board).where(Board.public_id == world.boards["floods"])
    ).one().title = "Another title of it"


def move(session: Session, world: World) -> None:
    set_zone(session, world.people["ana"], "Asia/Tokyo", WORLD_AT)


def speak(session: Session, world: World) -> None:
    account(session, world, "ana").language = "es"


def keys(session: Session, world: World) -> None:
    account(session, world, "ana").single_keys = True


def rename_self(session: Session, world: World) -> None:
    found = account(session, world, "ana")
    rename(session, found, name="Ana del Río", email=found.email, actor_id=found.id, at=LATER)


def rename_other(session: Session, world: World) -> None:
    found = account(session, world, "ben")
    rename(session, found, name="Benedikt Anders", email=found.email, actor_id=found.id, at=LATER)


def archive(session: Session, world: World) -> None:
    courses.set_state(session, session.get_one(Course, world.course_id), "archived", at=LATER, author_id=None)


def move_course(session: Session, world: World) -> None:
    course = session.get_one(Course, world.course_id)
    course.zone = "Pacific/Auckland"
    course.roster_version += 1  # as the command does


CHANGES: list[tuple[Deed, str | None]] = [
    (reply, "third drawer"), (edit, "from Tudela"), (remove, "was removed by staff"), (hold, None), (close, "closed by staff"),
    (retitle, "Another title of it"), (move, "Tokyo time"), (speak, 'lang="es"'), (keys, 'data-keys="on"'),
    (rename_self, "Ana del R"), (rename_other, "Benedikt Anders"), (archive, None), (move_course, "Auckland"),
]  # fmt: skip


@pytest.mark.parametrize(("deed", "words"), CHANGES, ids=[deed.__name__ for deed, _words in CHANGES])
def test_a_kept_page_changes_with_what_it_depends_on(
    site: Site, world: World, deed: Deed, words: str | None
) -> None:
    site.at(LATER + timedelta(minutes=1))
    client, path = site.client("ana"), path_of(world)
    answer_to(client, path)
    before = answer_to(client, path)
    assert known(client, path) == before.headers["ETag"]
    do(site, deed)
    after = answer_to(client, path, **{"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert OWN.sub("", after.text) != OWN.sub("", before.text)
    if words is not None:
        assert words in after.text
        assert words not in before.text
    kept = OWN.sub("", answer_to(client, path).text)
    caches.clear_all()
    assert kept == OWN.sub("", answer_to(client, path).text) == OWN.sub("", after.text)


HOUR, DAY = timedelta(hours=1), timedelta(hours=24)


def test_a_kept_page_changes_at_each_instant_of_its_board_and_not_a_microsecond_before(
    site: Site, world: World
) -> None:
    """Also a day before a limit, from which on it counts how many there are to answer (docs/time.md, rule 17)."""
    do(site, asks_for_more_people_than_there_are)
    path = path_of(world)
    with site.app.app_context():
        view = thread_view(
            db.session(), member(db.session(), world, "ana"), world.threads["floods"], WORLD_AT
        )
        dates = view.board.dates
    assert dates.cutoff_at is not None
    borders = {dates.cutoff_at}
    for date in dates.dates:
        assert date.limit is not None
        assert date.due is not None
        borders |= {date.due - HOUR, date.limit - DAY, date.limit}
    changed = []
    for border in sorted(borders):
        site.at(border - 3 * HOUR)
        client = site.client("ana")
        pages, mark = [], ""
        for at in (border - 2 * HOUR, border - timedelta(microseconds=1), border):
            site.at(at)
            again = answer_to(client, path, **{"If-None-Match": mark})
            assert (again.status_code == 304) == (again.headers["ETag"] == mark), at
            for _look in range(2):
                page = OWN.sub("", answer_to(client, path).text)
            caches.clear_all()
            assert page == OWN.sub("", answer_to(client, path).text), at
            assert not pages or page == pages[-1] or again.status_code == 200, at
            mark = known(client, path)
            pages.append(page)
        changed.append(pages[-1] != pages[-2])
    assert sum(changed) >= 5, changed


def asks_for_more_people_than_there_are(session: Session, world: World) -> None:
    board = session.scalars(select(Board).where(Board.public_id == world.boards["floods"])).one()
    asked = update(Checkpoint).where(Checkpoint.board_id == board.id, Checkpoint.kind == "replies")
    session.execute(asked.values(replies=9, people=9))
    board.version += 1


def test_a_name_that_somebody_changes_themselves_is_the_new_one_at_once_for_everybody(
    site: Site, world: World
) -> None:
    ana, ben, path = site.client("ana"), site.client("ben"), path_of(world)
    before = answer_to(ana, path)
    assert "Ben Achterberg" in before.text
    assert ben.send("/settings", {"name": "Benedikt Anders"}).status_code == 303
    for client in (ana, ben, site.client("ines")):
        page = answer_to(client, path).text
        assert "Benedikt Anders" in page
        assert "Ben Achterberg" not in page
    assert answer_to(ana, path, **{"If-None-Match": before.headers["ETag"]}).status_code == 200


# --- who may no longer see it -----------------------------------------------------------------------------------------------


def end_enrollment(session: Session, world: World) -> None:
    session.execute(
        update(Enrollment).where(Enrollment.account_id == world.people["ana"]).values(until_at=WORLD_AT)
    )


def suspended(session: Session, world: World) -> None:
    suspend(session, account(session, world, "ana"), actor_id=world.people["ada"], at=LATER)


def prepare(session: Session, world: World) -> None:
    session.get_one(Course, world.course_id).state = "preparation"


def unpublish(session: Session, world: World) -> None:
    session.scalars(select(Board).where(Board.public_id == world.boards["floods"])).one().published_at = None


def remove_module(session: Session, world: World) -> None:
    session.execute(update(Module).where(Module.course_id == world.course_id).values(removed_at=WORLD_AT))


def remove_thread(session: Session, world: World) -> None:
    posts.set_thread_removed(
        session, member(session, world, "ines"), world.threads["questions"], True, at=LATER
    )


def into_group(session: Session, world: World) -> None:
    group = courses.group_called(session, session.get_one(Course, world.course_id), "Bridge keepers")
    session.execute(
        update(Thread).where(Thread.public_id == world.threads["questions"]).values(group_id=group.id)
    )
    session.execute(
        update(Board).where(Board.public_id == world.boards["questions"]).values(groups="separate")
    )


@pytest.mark.parametrize(
    ("deed", "board", "status"),
    [(end_enrollment, "floods", 404), (suspended, "floods", 302), (prepare, "floods", 404), (unpublish, "floods", 404),
     (remove_module, "floods", 404), (remove_thread, "questions", 404), (into_group, "questions", 404)],
    ids=lambda value: value.__name__ if callable(value) else str(value),
)  # fmt: skip
def test_what_is_kept_is_no_way_past_a_door(
    site: Site, world: World, deed: Deed, board: str, status: int
) -> None:
    client, path = site.client("ana"), path_of(world, board)
    mark = known(client, path)
    do(site, deed)
    assert answer_to(client, path).status_code == status
    assert answer_to(client, path, **{"If-None-Match": mark}).status_code == status


@pytest.mark.parametrize("way", ["signed out", "idle", "old"])
def test_a_session_that_is_over_sees_nothing_kept(site: Site, world: World, way: str) -> None:
    client, path = site.client("ana"), path_of(world)
    mark = known(client, path)
    if way == "signed out":
        name = site.app.config["SESSION_COOKIE_NAME"]
        cookie = client.get_cookie(name)
        client.send("/sign-out", {})
        client.set_cookie(name, cookie.value)  # somebody kept a copy of it
    elif way == "idle":
        site.at(WORLD_AT + timedelta(days=14))
    else:
        for day in range(0, 30, 10):
            site.at(WORLD_AT + timedelta(days=day, hours=2))
            assert answer_to(client, path).status_code == 200
        site.at(WORLD_AT + timedelta(days=30))
    assert answer_to(client, path, **{"If-None-Match": mark}).status_code == 302


def test_two_sessions_of_one_person_get_tokens_of_their_own(site: Site, world: World) -> None:
    tokens = set()
    for _browser in range(2):
        client = site.client("ana")
        pages = [answer_to(client, path_of(world)).text for _view in range(2)]
        found = {token for page in pages for token in re.findall(r'name="csrf_token" value="([^"]+)"', page)}
        assert len(found) == 1
        tokens |= found
    assert len(tokens) == 2


def test_a_released_grade_is_shown_at_once_and_each_look_at_it_is_noted(site: Site, world: World) -> None:
    ana, ines, path = site.client("ana"), site.client("ines"), path_of(world)
    make_rubric(site)
    assert FEEDBACK not in answer_to(ana, path).text
    save(ines, site, "ana", full_marks(site))
    assert FEEDBACK not in answer_to(ana, path).text
    release(ines, site)
    log = site.base.folder / "grade-views.log"
    looks = len(log.read_text().splitlines()) if log.exists() else 0
    page = answer_to(ana, path)
    assert FEEDBACK in page.text
    assert answer_to(ana, path, **{"If-None-Match": page.headers["ETag"]}).status_code == 304
    assert len(log.read_text().splitlines()) == looks + 2
    assert FEEDBACK not in answer_to(site.client("ben"), path).text


def test_as_a_student_staff_get_the_page_of_a_student_and_their_own_again_after(
    site: Site, world: World
) -> None:
    ines, path = site.client("ines"), path_of(world)
    own = answer_to(ines, path).text
    ines.send(f"{world.course}/as-student", {})
    seen = answer_to(ines, path).text
    assert "as staff" in own
    assert "as staff" not in seen
    assert "You see this as a student would" in seen
