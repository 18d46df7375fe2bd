"""What happens when someone writes: posted once, on time or late, refused with the words back."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from forum.core.db import db
from forum.posts.models import Draft, Post
from tests.conftest import Site
from tests.world import World

WORDS = "The council knew of it by Tuesday, for the bridge keeper wrote to them twice that week."
LIMIT = datetime(2026, 11, 26, 23, 5, tzinfo=UTC)  # end of Thursday in Madrid, grace 5
MIDNIGHT = LIMIT - timedelta(minutes=5)
CUT_OFF = datetime(2026, 11, 29, 17, 1, tzinfo=UTC)  # Sunday 18:00 in Madrid counts to its end


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found.group(1)


def count(site: Site, table: type) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_post_before_the_deadline_is_there_once_and_on_time(site: Site, world: World) -> None:
    ana = site.client("ana")
    page = ana.get(f"{world.course}/boards/{world.boards['floods']}")
    assert "Thursday, 16:59" in page.text
    assert "end of Thursday 26 November 2026 Madrid time" in page.text
    fields = {"text": WORDS, "key": key_of(page.text)}
    site.at(LIMIT - timedelta(microseconds=1))
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    before = count(site, Post)
    first = ana.send(path, fields)
    again = ana.send(path, fields)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    assert count(site, Post) == before + 1
    with site.app.app_context():
        post = db.session.scalars(select(Post).where(Post.author_id == world.people["ana"])).one()
        assert post.arrived_at == LIMIT - timedelta(microseconds=1)
    page = ana.get(first.location, follow_redirects=True)
    assert WORDS in page.text
    assert "on time" in page.text


def test_a_post_at_the_limit_is_late_by_a_microsecond(site: Site, world: World) -> None:
    ana = site.client("ana")
    site.at(LIMIT)
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    answer = ana.send(path, {"text": WORDS, "key": "key-of-ana-1"})
    page = ana.get(answer.location, follow_redirects=True)
    assert "5 minutes late" in page.text


def test_rule_13_a_post_at_the_cut_off_is_refused_with_the_words_back_and_kept(
    site: Site, world: World
) -> None:
    ana = site.client("ana")
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    before = count(site, Post)
    site.at(CUT_OFF)
    answer = ana.send(path, {"text": WORDS, "key": "key-of-ana-1"})
    assert answer.status_code == 409
    assert WORDS in answer.text
    assert "Sunday 29 November 2026, 11:00" in answer.text
    assert count(site, Post) == before
    with site.app.app_context():
        draft = db.session.scalars(select(Draft).where(Draft.account_id == world.people["ana"])).one()
        assert (draft.source, draft.refused_at) == (WORDS, CUT_OFF)
    site.at(CUT_OFF - timedelta(microseconds=1))
    assert ana.send(path, {"text": WORDS, "key": "key-of-ana-1"}).status_code == 303


def test_the_same_key_with_other_words_gives_them_back_under_a_new_key(site: Site, world: World) -> None:
    ana = site.client("ana")
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    assert ana.send(path, {"text": WORDS, "key": "key-of-ana-1"}).status_code == 303
    answer = ana.send(path, {"text": WORDS + " And more.", "key": "key-of-ana-1"})
    assert answer.status_code == 409
    assert "And more." in answer.text
    assert key_of(answer.text) != "key-of-ana-1"


def test_a_blank_reply_is_refused_beside_its_field(site: Site, world: World) -> None:
    answer = site.client("ana").send(
        f"{world.course}/threads/{world.threads['floods']}/replies", {"text": "  \n ", "key": "k" * 8}
    )
    assert answer.status_code == 422
    assert "There is nothing written here yet." in answer.text


def test_scenario_signed_out_20_seconds_before_midnight_and_posted_at_six_past_with_the_same_words_is_on_time(
    site: Site, world: World
) -> None:
    stranger = site.client()
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    site.at(MIDNIGHT - timedelta(seconds=20))
    kept = stranger.post(
        path, data={"text": WORDS, "key": "key-of-ana-1", "place": f"thread:{world.threads['floods']}"}
    )
    assert kept.status_code == 401
    assert WORDS in kept.text
    fields = dict(re.findall(r'name="(kept-[a-z]+)" value="([^"]*)"', kept.text)) | {"kept-text": WORDS}
    site.at(MIDNIGHT + timedelta(minutes=6))
    signed = stranger.send(
        "/sign-in", {**fields, "email": world.emails["ana"], "password": "seven grey herons", "next": "/"}
    )
    assert signed.status_code == 303
    page = stranger.get(signed.location)
    assert WORDS in page.text
    arrival = re.search(r'name="arrival" value="([^"]+)"', page.text)
    assert arrival
    sent = {"text": WORDS, "key": key_of(page.text), "arrival": arrival.group(1)}
    answer = stranger.send(path, sent)
    with site.app.app_context():
        post = db.session.scalars(select(Post).where(Post.author_id == world.people["ana"])).one()
        assert post.arrived_at == MIDNIGHT - timedelta(seconds=20)
    assert "on time" in stranger.get(answer.location, follow_redirects=True).text


def test_scenario_the_same_with_one_letter_changed_is_late(site: Site, world: World) -> None:
    stranger = site.client()
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    site.at(MIDNIGHT - timedelta(seconds=20))
    kept = stranger.post(
        path, data={"text": WORDS, "key": "key-of-ana-1", "place": f"thread:{world.threads['floods']}"}
    )
    arrival = re.search(r'name="kept-arrival" value="([^"]+)"', kept.text)
    assert arrival
    ana = site.client("ana")
    site.at(MIDNIGHT + timedelta(minutes=6))
    answer = ana.send(path, {"text": WORDS + "!", "key": "key-of-ana-1", "arrival": arrival.group(1)})
    with site.app.app_context():
        post = db.session.scalars(select(Post).where(Post.author_id == world.people["ana"])).one()
        assert post.arrived_at == MIDNIGHT + timedelta(minutes=6)
    assert "6 minutes late" in ana.get(answer.location, follow_redirects=True).text


def test_a_first_post_that_is_too_short_is_said_to_be_so(site: Site, world: World) -> None:
    ana, board = site.client("ana"), f"{world.course}/boards/{world.boards['floods']}"
    assert "Nothing posted yet." in ana.get(board).text
    sent = {"text": "They knew it.", "key": "key-of-ana-1"}
    assert ana.send(f"{world.course}/threads/{world.threads['floods']}/replies", sent).status_code == 303
    page = ana.get(board).text
    assert "Posted with 3 of at least 10 words." in page
    assert "Nothing posted yet." not in page
    assert "Posted with 3 of at least 10 words." in ana.get("/").text
    site.at(LIMIT)
    late = "Posted with 3 of at least 10 words. It can still be made longer, late, until Sunday 29 November 2026, 11:00"
    assert late in ana.get(board).text
    site.at(CUT_OFF)
    assert "Posted with 3 of at least 10 words. This is closed." in ana.get(board).text


@pytest.mark.parametrize(("board", "there"), [("news", False), ("floods", True), ("questions", True)])
def test_news_that_ask_nothing_offer_staff_no_participation_and_no_grading(
    site: Site, world: World, board: str, there: bool
) -> None:
    path = f"{world.course}/boards/{world.boards[board]}"
    page = site.client("ines").get(path).text
    assert (f'href="{path}/participation"' in page, f'href="{path}/grading"' in page) == (there, there)
    assert f'href="{world.course}/manage/boards/{world.boards[board]}"' in page
