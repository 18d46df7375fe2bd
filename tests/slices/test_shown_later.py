"""Handed in now, shown later (docs/time.md, rule 15): it counts from its arrival, and is there for others from its instant."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from forum.core.db import db
from forum.posts.models import Post, Thread
from forum.receipts.models import Receipt
from tests.client import CheckingClient
from tests.conftest import Site
from tests.slices.later_steps import (
    CANARY,
    CHICAGO_8,
    DUE,
    MADRID_8,
    MOMENT,
    OTHERS,
    doors,
    etag,
    hand_in,
    post_row,
    thread_of,
)
from tests.sweeps.test_queries import statements
from tests.world import WORLD_AT, World

# --- appearing -----------------------------------------------------------------------------------------------------------


def test_rule_15_a_post_is_handed_in_now_and_there_for_others_from_its_instant_on(
    site: Site, world: World
) -> None:
    ben, ana, path = site.client("ben"), site.client("ana"), thread_of(world, "floods")
    answer = hand_in(ben, f"{path}/replies")
    assert answer.status_code == 303
    row = post_row(site)
    assert (row.arrived_at, row.appears_at) == (WORLD_AT, MADRID_8)
    page = ben.get(path).text
    assert "CANARY-WAITS" in page
    assert "Others see it from" in page
    assert "Wednesday 25 November" in page
    for instant, seen in ((MADRID_8 - MOMENT, False), (MADRID_8, True), (MADRID_8 + MOMENT, True)):
        site.at(instant)
        assert ("CANARY-WAITS" in ana.get(path).text) is seen, instant
        assert ("Your post waits to be shown" in ben.get(path).text) is not seen


@pytest.mark.parametrize("short", OTHERS)
def test_no_page_shows_others_a_word_of_it_before(site: Site, world: World, short: str) -> None:
    ben = site.client("ben")
    hand_in(ben, f"{thread_of(world, 'floods')}/replies")
    hand_in(ben, f"{world.course}/boards/{world.boards['questions']}/threads", key="later-0002",
            title="CANARY-TITLE", text="CANARY-OPENING, which nobody reads before it is there.")  # fmt: skip
    rows = [post_row(site), post_row(site, "later-0002")]
    with site.app.app_context():
        hidden = db.session.scalar(select(Thread.public_id).where(Thread.title == "CANARY-TITLE"))
    client, fetched = site.client(short), 0
    for instant in (WORLD_AT, MADRID_8 - MOMENT):
        site.at(instant)
        for row in rows:
            for door in [*doors(world, row.public_id), f"{world.course}/threads/{hidden}"]:
                answer = client.get(door)
                fetched += answer.status_code == 200
                assert "CANARY" not in answer.text, (door, answer.status_code)
        for row in rows:
            assert client.get(f"{world.course}/posts/{row.public_id}").status_code in (403, 404)
    site.at(MADRID_8)
    if short == "ada":  # no member of the course
        return
    assert fetched > 20
    assert "CANARY-WAITS" in client.get(thread_of(world, "floods")).text
    assert "CANARY-TITLE" in client.get(f"{world.course}/boards/{world.boards['questions']}").text
    assert "CANARY-OPENING" in client.get(f"{world.course}/threads/{hidden}").text


def test_a_page_that_is_kept_by_others_does_not_change_before_and_does_at_the_instant(
    site: Site, world: World
) -> None:
    ben, ana, path = site.client("ben"), site.client("ana"), thread_of(world, "floods")
    _status, known = etag(ana, path)
    hand_in(ben, f"{path}/replies")
    post = post_row(site)
    ben.send(
        f"{world.course}/posts/{post.public_id}/edit",
        {"text": CANARY + " More.", "key": "later-0009", "revision": "1"},
    )
    site.at(MADRID_8 - MOMENT)
    assert etag(ana, path, known) == (304, known)
    site.at(MADRID_8)
    status, new = etag(ana, path, known)
    assert status == 200
    assert new != known
    with statements(site) as sent:
        assert etag(ana, path, new)[0] == 304
        assert etag(ana, path)[0] == 200
    assert len(sent) == 2, sent
    assert "CANARY-WAITS" in ana.get(path).text


def test_what_its_author_sees_is_kept_for_nobody_else(site: Site, world: World) -> None:
    ben, chidi, path = site.client("ben"), site.client("chidi"), thread_of(world, "floods")
    hand_in(ben, f"{path}/replies")
    assert (
        "CANARY-WAITS" in ben.get(path).text
    )  # Ben asks first: what is kept of his page is kept for his kind
    assert "CANARY" not in chidi.get(path).text


def test_it_is_new_from_then_even_for_who_read_to_the_end_meanwhile(site: Site, world: World) -> None:
    ben, ana, path = site.client("ben"), site.client("ana"), thread_of(world, "floods")

    def read() -> None:
        fields = dict(re.findall(r'name="(position|at)" value="([^"]+)"', ana.get(path).text))
        assert ana.send(f"{path}/read", fields).status_code == 303

    def new() -> int:
        found = re.search(r"(\d+) posts? (?:is|are) new here", ana.get(path).text)
        return int(found.group(1)) if found else 0

    hand_in(ben, f"{path}/replies")
    read()
    assert new() == 0
    site.at(MADRID_8 - MOMENT)
    assert new() == 0
    site.at(MADRID_8)
    assert new() == 1
    read()
    assert new() == 0
    site.at(MADRID_8 + timedelta(minutes=1))
    site.client("chidi").send(
        f"{path}/replies", {"text": "A plain answer, which settles the one before.", "key": "plain-0001"}
    )
    assert new() == 1  # the plain one; that it was given its place makes the other not new again


def test_its_place_is_where_it_appeared_and_stays_there(site: Site, world: World) -> None:
    ben, ana, chidi, path = site.client("ben"), site.client("ana"), site.client("chidi"), thread_of(world, "floods")  # fmt: skip

    def order() -> list[str]:
        return re.findall(r"ORDER-(\w+)", ana.get(path).text)

    def say(client: CheckingClient, word: str, **fields: str) -> None:
        assert client.send(f"{path}/replies", {"text": f"ORDER-{word} of the river", "key": f"order-{word}-0", **fields}).status_code == 303  # fmt: skip

    say(ben, "fourth", deed="chosen", show_on="2026-11-25", show_at="09:00")
    say(ben, "third", deed="tomorrow")
    site.at(WORLD_AT + timedelta(hours=1))
    say(chidi, "first")
    site.at(MADRID_8 - MOMENT)
    say(ana, "second")
    assert order() == ["first", "second"]
    site.at(MADRID_8)
    assert order() == ["first", "second", "third"]
    site.at(MADRID_8 + timedelta(hours=1))
    assert order() == ["first", "second", "third", "fourth"]
    say(chidi, "fifth")
    assert order() == ["first", "second", "third", "fourth", "fifth"]
    with site.app.app_context():
        thread = db.session.scalars(select(Thread).where(Thread.public_id == world.threads["floods"])).one()
        assert (thread.last_position, thread.posts) == (8, 8)


# --- choosing the instant --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "at", "says"),
    [
        ("2026-11-24", "13:00", "still to come"),  # 12:00 UTC is now
        ("2026-12-01", "13:01", "at most 7 days"),
        ("2026-11-29", "00:05", "before the next thing is due"),  # the limit of the replies
        ("", "08:00", "Please give a date"),
        ("2026-11-25", "", "Please give a time of day"),
        ("2026-11-31", "08:00", "Not a valid date"),
    ],
)
def test_an_instant_that_cannot_be_is_refused_beside_its_field(
    site: Site, world: World, on: str, at: str, says: str
) -> None:
    ben, path = site.client("ben"), thread_of(world, "floods")
    answer = hand_in(ben, f"{path}/replies", deed="chosen", show_on=on, show_at=at)
    assert answer.status_code == 422
    page = answer.text
    errors = " ".join(re.findall(r'id="show_(?:on|at)-error">([^<]*)', page))
    assert says in errors
    assert "CANARY-WAITS" in page
    assert '<details class="later" open' in page
    with site.app.app_context():
        assert db.session.scalar(select(Post.id).where(Post.key == "later-0001")) is None


@pytest.mark.parametrize(
    ("on", "at"), [("2026-11-24", "13:01"), ("2026-12-01", "13:00"), ("2026-11-29", "00:04")]
)
def test_the_last_and_first_instants_that_can_be_are_taken(
    site: Site, world: World, on: str, at: str
) -> None:
    board = "floods" if on == "2026-11-29" else "questions"
    path = thread_of(world, board)
    assert (
        hand_in(site.client("ben"), f"{path}/replies", deed="chosen", show_on=on, show_at=at).status_code
        == 303
    )


@pytest.mark.parametrize(
    ("now", "on", "at", "expected"),
    [
        # Madrid: 02:30 does not exist on 29 March 2026 (the earlier side of the gap), and is there twice on 25 October.
        (datetime(2026, 3, 27, 12, tzinfo=UTC), "2026-03-29", "02:30", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), "2026-10-25", "02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_minute_of_a_clock_change_is_the_earlier_side(
    site: Site, world: World, now: datetime, on: str, at: str, expected: datetime
) -> None:
    from flask import g

    from forum.posts.forms import ReplyForm
    from forum.posts.views.later import shown_from

    with site.app.test_request_context(method="POST", data={"deed": "chosen", "show_on": on, "show_at": at}):
        from types import SimpleNamespace

        from forum.core.moments import zone

        g.member, g.at = SimpleNamespace(zone=zone("Europe/Madrid")), now
        form = ReplyForm()
        assert shown_from(form) == expected


def test_tomorrow_at_8_is_of_ones_own_zone(site: Site, world: World) -> None:
    assert hand_in(site.client("ana"), f"{thread_of(world, 'floods')}/replies").status_code == 303
    assert post_row(site).appears_at == CHICAGO_8


# --- what it counts for ----------------------------------------------------------------------------------------------------


def test_handed_in_2350_for_0800_and_a_comma_mended_at_0020_is_on_time_judged_as_of_2350(
    site: Site, world: World
) -> None:
    ana, ines, path = site.client("ana"), site.client("ines"), thread_of(world, "floods")
    site.at(DUE - timedelta(minutes=10))
    told = hand_in(ana, f"{path}/replies", deed="chosen", show_on="2026-11-27", show_at="08:00")
    assert told.status_code == 303
    assert "Handed in. It arrived" in ana.get(told.headers["Location"], follow_redirects=True).text
    post = post_row(site)
    site.at(DUE + timedelta(minutes=20))
    edited = ana.send(f"{world.course}/posts/{post.public_id}/edit",
                      {"text": CANARY.replace(" that", ", that"), "key": "later-0003", "revision": "1"})  # fmt: skip
    assert edited.status_code == 303
    board = f"{world.course}/boards/{world.boards['floods']}"
    table = ines.get(f"{board}/participation").text
    assert "CANARY" not in table
    row = next(part for part in re.split(r"<tr", table) if "Ana Lindqvist" in part)
    assert "on time" in row.lower()
    assert "missing" not in row.lower()
    site.at(datetime(2026, 11, 27, 14, 0, tzinfo=UTC))  # 08:00 in Chicago
    page = ines.get(f"{board}/grading/{world.public['ana']}").text
    assert "flood that he saw" in page
    assert "flood, that he saw" in page
    chidi = site.client("chidi")
    thread = chidi.get(path).text
    assert "flood, that he saw" in thread
    article = next(part for part in thread.split("<article") if "CANARY-WAITS" in part)
    assert "Edited" not in article  # it would tell when it was handed in
    texts = chidi.get(f"{world.course}/posts/{post.public_id}/revisions").text
    assert "flood that he saw" not in texts
    assert "Friday 27 November" in texts
    assert "Thursday" not in texts
    assert "flood that he saw" in ana.get(f"{world.course}/posts/{post.public_id}/revisions").text


def test_its_receipt_is_of_its_arrival_and_names_when_it_is_shown(site: Site, world: World) -> None:
    ben, path = site.client("ben"), thread_of(world, "floods")
    hand_in(ben, f"{path}/replies")
    with site.app.app_context():
        row = db.session.scalars(select(Receipt).where(Receipt.post_id == post_row(site).id)).one()
        assert (row.kind, row.arrived_at, row.appears_at, row.verdict, row.due_at) == (
            "scheduled", WORLD_AT, MADRID_8, "on_time", DUE,
        )  # fmt: skip
    page = ben.get(f"/receipts/{row.public_id}").text
    assert "handed in to be shown later" in page


def test_the_same_press_twice_is_one_post(site: Site, world: World) -> None:
    ben, path = site.client("ben"), thread_of(world, "floods")
    first, second = hand_in(ben, f"{path}/replies"), hand_in(ben, f"{path}/replies")
    assert first.headers["Location"] == second.headers["Location"]


def test_on_after_own_it_opens_others_posts_only_once_it_has_appeared(site: Site, world: World) -> None:
    ana, path = site.client("ana"), thread_of(world, "sources")
    hand_in(ana, f"{path}/replies")
    page = ana.get(path).text
    assert "SECRET-AFTER-OWN" not in page
    assert "only once it has appeared" in page
    site.at(CHICAGO_8 - MOMENT)
    assert "SECRET-AFTER-OWN" not in ana.get(path).text
    site.at(CHICAGO_8)
    assert "SECRET-AFTER-OWN" in ana.get(path).text


def test_handed_in_on_after_own_and_withdrawn_before_it_appears_opens_nothing_and_counts_for_nothing(
    site: Site, world: World
) -> None:
    ana, path = site.client("ana"), thread_of(world, "sources")
    site.at(DUE - timedelta(minutes=10))
    hand_in(ana, f"{path}/replies", deed="chosen", show_on="2026-11-27", show_at="08:00")
    ana.get(path)  # a look, whose answer must not be kept as opened
    post = post_row(site)
    site.at(DUE + timedelta(hours=2))
    answer = ana.send(f"{world.course}/posts/{post.public_id}/waiting", {"deed": "withdraw"})
    assert answer.status_code == 303
    page = ana.get(path).text
    assert "counts for nothing until you post it" in page
    assert "CANARY-WAITS" in page.split("<textarea")[1].split("</textarea>")[0]
    for instant in (DUE + timedelta(hours=3), datetime(2026, 11, 27, 15, 0, tzinfo=UTC)):
        site.at(instant)
        page = ana.get(path).text
        assert "SECRET-AFTER-OWN" not in page
        assert "Done " not in page
        assert "Not posted" in page
        assert "was removed" not in page
        table = site.client("ines").get(f"{world.course}/boards/{world.boards['sources']}/participation").text
        row = next(part for part in re.split(r"<tr", table) if "Ana Lindqvist" in part)
        assert "not posted" in row.lower() or "missing" in row.lower()
        assert "CANARY" not in site.client("ben").get(path).text
