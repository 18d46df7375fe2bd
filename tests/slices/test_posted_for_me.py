"""*Post my draft for me* (docs/time.md, rule 15): carried out at the due instant by whoever comes first, job or not."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.boards.models import Board, Extension
from forum.core import clock, jobs
from forum.core.db import db, transaction
from forum.courses.models import Enrollment
from forum.posts.models import Draft, EntrustedDraft, Post, Thread
from forum.receipts.models import Receipt
from tests.client import CheckingClient
from tests.conftest import Site
from tests.sweeps.test_queries import statements
from tests.world import WORLD_AT, World

WORDS = "CANARY-MINE: the ferryman wrote down every flood that he saw from his house on the bank."
DUE = datetime(
    2026, 11, 26, 23, 0, tzinfo=UTC
)  # end of Thursday in Madrid, for the first post on floods and sources
MOMENT = timedelta(microseconds=1)


def thread_of(world: World, board: str = "floods") -> str:
    return f"{world.course}/threads/{world.threads[board]}"


def set_it(client: CheckingClient, path: str, text: str = WORDS, deed: str = "entrust") -> Any:
    answer = client.send(f"{path}/replies", {"text": text, "key": "mine-00001", "deed": deed})
    assert answer.status_code == 303
    return client.get(answer.headers["Location"]).text


def the_post(site: Site, key: str = "mine-00001") -> Any:
    with site.app.app_context():
        return db.session.execute(
            select(Post.id, Post.public_id, Post.arrived_at, Post.appears_at).where(Post.key == key)
        ).first()


def outcome(site: Site) -> Any:
    with site.app.app_context():
        return db.session.scalars(select(EntrustedDraft)).one().outcome


def row_of(site: Site, board: str, name: str) -> str:
    table = (
        site.client("ines").get(f"{site.world.course}/boards/{site.world.boards[board]}/participation").text
    )
    return next(part for part in re.split(r"<tr", table) if name in part)


READS = {
    "another's thread page": lambda world: ("ben", thread_of(world)),
    "the course home": lambda world: ("chidi", world.course),
    "mine": lambda world: ("ana", "/mine"),
    "participation": lambda world: ("ines", f"{world.course}/boards/{world.boards['floods']}/participation"),
    "a page of another course": lambda world: ("mia", world.other),
}


@pytest.mark.parametrize("read", list(READS))
def test_any_read_from_the_due_instant_on_settles_it_first(site: Site, world: World, read: str) -> None:
    page = set_it(site.client("ana"), thread_of(world))
    assert "If you have not posted by Thursday 26 November 2026, 16:59" in page
    short, path = READS[read](world)
    site.at(DUE - MOMENT)
    site.client(short).get(path)
    assert the_post(site) is None
    site.at(DUE)
    text = site.client(short).get(path).text
    post = the_post(site)
    assert (post.arrived_at, post.appears_at) == (DUE - MOMENT, DUE)
    if read == "another's thread page":
        assert "CANARY-MINE" in text
    if read == "participation":
        assert "on time" in next(part for part in re.split(r"<tr", text) if "Ana Lindqvist" in part).lower()
    if read == "mine":
        assert "posted for you when it was due" in text


def test_a_page_kept_by_another_is_made_anew_at_the_due_instant(site: Site, world: World) -> None:
    set_it(site.client("ana"), thread_of(world))
    ben = site.client("ben")
    site.at(DUE - MOMENT)
    mark = FlaskClient.open(ben, thread_of(world)).headers["ETag"]
    before = FlaskClient.open(ben, thread_of(world), headers={"If-None-Match": mark})
    site.at(DUE)
    after = FlaskClient.open(ben, thread_of(world), headers={"If-None-Match": mark})
    assert (before.status_code, after.status_code) == (304, 200)
    assert "CANARY-MINE" in after.text
    with statements(site) as sent:
        ben.get(thread_of(world))
    assert len(sent) == 1, sent


def test_a_job_settles_it_too_and_once(site: Site, world: World) -> None:
    set_it(site.client("ana"), thread_of(world))
    with site.app.app_context():
        for instant in (WORLD_AT + timedelta(days=1), WORLD_AT + timedelta(days=2), DUE - MOMENT):
            with clock.standing_at(instant):
                while jobs.run_one():
                    pass
            assert the_post(site) is None
        with clock.standing_at(DUE + timedelta(hours=3)):
            while jobs.run_one():
                pass
    post = the_post(site)
    assert (post.arrived_at, post.appears_at) == (DUE - MOMENT, DUE)
    site.at(DUE + timedelta(hours=4))
    assert site.client("ben").get(thread_of(world)).text.count("CANARY-MINE") == 1


def test_what_is_posted_is_the_draft_as_last_saved_before_the_due_instant(site: Site, world: World) -> None:
    ana, path = site.client("ana"), thread_of(world)
    set_it(ana, path)
    place = f"thread:{world.threads['floods']}"
    site.at(DUE - MOMENT)
    saved = ana.send(f"{world.course}/drafts/{place}",
                     {"text": WORDS + " LAST-IN-TIME", "key": "mine-00001", "seq": "50"})  # fmt: skip
    assert saved.status_code == 200
    site.at(DUE)
    ana.send(f"{world.course}/drafts/{place}",
             {"text": WORDS + " TOO-LATE", "key": "mine-00001", "seq": "51"})  # fmt: skip
    page = site.client("ben").get(path).text
    assert "LAST-IN-TIME" in page
    assert "TOO-LATE" not in page
    assert "TOO-LATE" in ana.get(path).text.split("<textarea")[1]  # kept, as a draft of its own


def test_its_receipt_says_when_it_arrived(site: Site, world: World) -> None:
    set_it(site.client("ana"), thread_of(world))
    site.at(DUE + timedelta(minutes=30))
    site.client("ben").get("/")
    with site.app.app_context():
        row = db.session.scalars(select(Receipt).where(Receipt.post_id == the_post(site).id)).one()
        assert (row.kind, row.verdict, row.arrived_at, row.due_at) == (
            "accepted",
            "on_time",
            DUE - MOMENT,
            DUE,
        )
    assert "On time" in site.client("ana").get(f"/receipts/{row.public_id}").text


def test_a_post_by_hand_that_meets_it_leaves_the_draft_alone_and_says_so(site: Site, world: World) -> None:
    ana, path = site.client("ana"), thread_of(world)
    set_it(ana, path)
    ana.send(f"{path}/replies", {"text": "By hand, and with quite enough words to be counted here.", "key": "hand-00001"})  # fmt: skip
    ana.send(f"{path}/replies", {"text": WORDS, "key": "mine-00001", "deed": "draft"})
    site.at(DUE)
    page = ana.get(path).text
    assert outcome(site) == "met"
    assert the_post(site) is None
    assert "you had posted what was asked yourself" in page
    assert "CANARY-MINE" in page.split("<textarea")[1]


def test_a_post_by_hand_that_waits_to_be_shown_meets_it_too(site: Site, world: World) -> None:
    ana, path = site.client("ana"), thread_of(world)
    set_it(ana, path)
    site.at(DUE - timedelta(minutes=5))
    ana.send(f"{path}/replies", {"text": WORDS, "key": "hand-00001", "deed": "tomorrow"})
    ana.send(f"{path}/replies", {"text": "Another draft.", "key": "mine-00001", "deed": "draft"})
    site.at(DUE)
    site.client("ben").get("/")
    assert outcome(site) == "met"


def test_an_empty_draft_is_not_posted(site: Site, world: World) -> None:
    ana, path = site.client("ana"), thread_of(world)
    set_it(ana, path)
    ana.send(f"{world.course}/drafts/thread:{world.threads['floods']}", {"text": "  ", "key": "mine-00001", "seq": "9"})  # fmt: skip
    site.at(DUE)
    assert "no draft was saved here" in ana.get("/mine").text
    assert outcome(site) == "empty"


def test_where_nothing_can_be_posted_any_more_the_words_stay_a_draft(site: Site, world: World) -> None:
    ana = site.client("ana")
    set_it(ana, thread_of(world, "sources"))
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Thread).where(Thread.public_id == world.threads["sources"]).values(removed_at=WORLD_AT)
        )
    site.at(DUE)
    assert "nothing could be posted there any more" in ana.get("/mine").text
    with site.app.app_context():
        assert db.session.scalar(select(Draft.source).where(Draft.account_id == world.people["ana"])) == WORDS


def test_who_left_the_course_posts_nothing(site: Site, world: World) -> None:
    set_it(site.client("ana"), thread_of(world))
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Enrollment)
            .where(Enrollment.account_id == world.people["ana"])
            .values(until_at=WORLD_AT + timedelta(days=1))
        )
    site.at(DUE)
    assert "CANARY" not in site.client("ben").get(thread_of(world)).text
    assert outcome(site) == "place_gone"


def test_a_draft_below_the_minimum_is_posted_and_said_to_be(site: Site, world: World) -> None:
    ana, path = site.client("ana"), thread_of(world)
    set_it(ana, path, "CANARY-SHORT: too few words.")
    site.at(DUE)
    assert "CANARY-SHORT" in site.client("ben").get(path).text
    assert "fewer words than are asked" in ana.get("/mine").text
    row = row_of(site, "floods", "Ana Lindqvist").lower()
    assert "on time" not in row


def test_it_follows_an_extension_until_carried_out_and_is_never_undone_after(
    site: Site, world: World
) -> None:
    ana, path = site.client("ana"), thread_of(world)
    set_it(ana, path)

    def extend(days: int, at: datetime) -> None:
        with site.app.app_context(), transaction() as session:
            board = session.scalars(select(Board).where(Board.public_id == world.boards["floods"])).one()
            session.add(Extension(board_id=board.id, account_id=world.people["ana"], due_on=date(2026, 11, 26 + days),
                                  due_at=DUE + timedelta(days=days), zone="Europe/Madrid", reason="ill",
                                  author_id=world.people["ines"], created_at=at))  # fmt: skip
            board.version += 1

    extend(1, WORLD_AT + timedelta(hours=1))
    site.at(DUE + timedelta(hours=1))
    assert "Friday 27 November 2026, 16:59" in ana.get(path).text
    assert the_post(site) is None
    # Who has the page and asks again settles it, too: at that instant nothing else on the page changes for them.
    ben = site.client("ben")
    site.at(DUE + timedelta(days=1, minutes=-10))
    mark = ben.get(path).headers["ETag"]
    looks = [FlaskClient.open(ben, path, headers={"If-None-Match": mark}).status_code for _look in range(3)]
    site.at(DUE + timedelta(days=1))
    looks.append(FlaskClient.open(ben, path, headers={"If-None-Match": mark}).status_code)
    assert looks == [304, 304, 304, 200]
    assert the_post(site).arrived_at == DUE + timedelta(days=1) - MOMENT
    extend(3, DUE + timedelta(days=1, hours=1))
    site.at(DUE + timedelta(days=1, hours=2))
    assert "CANARY-MINE" in site.client("ben").get(path).text


def test_it_can_be_taken_back_until_then(site: Site, world: World) -> None:
    ana, path = site.client("ana"), thread_of(world)
    set_it(ana, path)
    page = set_it(ana, path, deed="leave")
    assert "It is not posted for you" in page
    site.at(DUE)
    ana.get("/")
    assert the_post(site) is None
    assert "CANARY-MINE" in ana.get(path).text.split("<textarea")[1]


def test_where_nothing_is_due_it_is_not_offered(site: Site, world: World) -> None:
    ana, path = site.client("ana"), f"{world.course}/threads/{world.threads['questions']}"
    page = set_it(ana, path)
    assert "Nothing is due here any more" in page
    assert "post my last saved draft for me" not in page
    with site.app.app_context():
        assert db.session.scalars(select(EntrustedDraft)).all() == []


def test_on_after_own_it_opens_others_posts_from_the_due_instant(site: Site, world: World) -> None:
    ana, path = site.client("ana"), thread_of(world, "sources")
    set_it(ana, path)
    site.at(DUE - MOMENT)
    assert "SECRET-AFTER-OWN" not in ana.get(path).text
    site.at(DUE)
    assert "SECRET-AFTER-OWN" in ana.get(path).text


def test_nobody_else_reads_that_it_is_set(site: Site, world: World) -> None:
    set_it(site.client("ana"), thread_of(world))
    for short in ("ben", "ines", "olga"):
        client = site.client(short)
        for path in (thread_of(world), "/mine", "/", world.course):
            text = client.get(path).text
            assert "CANARY-MINE" not in text
            assert "posted for you" not in text


def test_a_fault_of_ours_with_one_draft_keeps_nobody_from_their_page(
    site: Site, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A row that no code of ours writes stands for a fault that nobody thought of."""
    ana, chidi, path = site.client("ana"), site.client("chidi"), thread_of(world)
    set_it(ana, path)
    answer = chidi.send(f"{path}/replies", {"text": "CANARY-HIS: " + WORDS[13:], "key": "his-000001", "deed": "entrust"})  # fmt: skip
    assert answer.status_code == 303
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(EntrustedDraft)
            .where(EntrustedDraft.account_id == world.people["ana"])
            .values(place="post:nothing")
        )
        session.execute(
            update(Draft).where(Draft.account_id == world.people["ana"]).values(place="post:nothing")
        )
    site.at(DUE)
    page = site.client("ben").get(path)
    assert page.status_code == 200
    assert "CANARY-HIS" in page.text
    assert "CANARY-MINE" not in page.text
    assert "could not be looked at" in caplog.text
    with site.app.app_context():
        looks = {row.place: row.look_at for row in db.session.scalars(select(EntrustedDraft))}
    assert looks["post:nothing"] == DUE + timedelta(minutes=1)
    assert looks[f"thread:{world.threads['floods']}"] is None
