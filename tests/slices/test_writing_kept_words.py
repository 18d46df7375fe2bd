"""Whoever is turned away gets the words back, and counts from the first arrival where we were at fault."""

import fcntl
import re
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import URLSafeSerializer
from sqlalchemy import event, select

from forum.core import db as database
from forum.core.db import db, transaction
from forum.core.errors import TooMany
from forum.courses.models import Enrollment
from forum.posts.models import Draft, Post, Thread
from forum.posts.views import composer
from tests.conftest import Site
from tests.slices.writing_steps import WORDS, field, posts_by, reply, started_by, words_in, written_by
from tests.world import WORLD_AT, World

KEY = "key-of-the-words"
IN_TIME = datetime.fromisoformat("2026-11-26T23:04:50+00:00")  # the limit of Floods is 23:05:00
TOO_LATE = IN_TIME + timedelta(minutes=1)


def arrival_in(page: str) -> str:
    found = re.search(r'name="(?:kept-)?arrival" value="([^"]*)"', page)
    assert found
    return unescape(found.group(1))


class Break:
    """Every statement that stores a post fails, as if the disk were full."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def __enter__(self) -> None:
        with self.site.app.app_context():
            self.engine = db.engine
        event.listen(self.engine, "before_cursor_execute", self._fail)

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._fail)

    @staticmethod
    def _fail(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if re.match(r"INSERT INTO (post|revision) ", statement):
            raise OSError("the disk is full")


def turned_away(
    site: Site, how: str, path: str, fields: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> str:
    """Send words in a way that is answered by our own fault; the page that comes back."""
    client = site.client("ana")
    if how == "token":
        answer = client.post(path, data={**fields, "csrf_token": "an old one"})
        assert answer.status_code == 422
    elif how == "signed out":
        answer = site.client().post(path, data=fields)
        assert answer.status_code == 401
    elif how == "fault":
        site.app.config["PROPAGATE_EXCEPTIONS"] = False
        with Break(site):
            answer = client.send(path, fields)
        assert answer.status_code == 500
    elif how == "lock":
        monkeypatch.setattr(database, "LOCK_PATIENCE", 0.05)
        with Path(site.base.folder, "write.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            answer = client.send(path, fields)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
    else:
        monkeypatch.setattr(composer.commands, "write", _too_many)
        answer = client.send(path, fields)
        monkeypatch.undo()
        assert answer.status_code == 429
    return answer.text


def _too_many(*_: Any, **__: Any) -> None:
    raise TooMany(60)


@pytest.mark.parametrize("how", ["token", "signed out", "fault", "too many"])
def test_rule_11_words_turned_away_by_us_in_time_count_from_then(
    site: Site, world: World, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    site.at(IN_TIME)
    page = turned_away(
        site,
        how,
        path,
        {"text": WORDS, "key": KEY, "place": f"thread:{world.threads['floods']}"},
        monkeypatch,
    )
    assert words_in(page) == WORDS
    site.at(TOO_LATE)
    sent = {"text": words_in(page), "key": KEY, "arrival": arrival_in(page)}
    assert site.client("ana").send(path, sent).status_code == 303
    post = posts_by(site, "ana")[-1]
    assert (post.arrived_at, post.appears_at) == (IN_TIME, TOO_LATE)
    assert "on time" in site.client("ana").get(f"{world.course}/boards/{world.boards['floods']}").text


@pytest.mark.sqlite_only
def test_words_that_met_a_held_lock_count_from_their_arrival(
    site: Site, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    test_rule_11_words_turned_away_by_us_in_time_count_from_then(site, world, "lock", monkeypatch)


@pytest.mark.parametrize("change", ["another text", "another key", "31 minutes", "another title"])
def test_rule_11_a_signed_arrival_holds_for_the_same_words_and_key_within_30_minutes(
    site: Site, world: World, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{world.course}/boards/{world.boards['questions']}/threads"
    fields = {"text": WORDS, "title": "A title", "key": KEY}
    page = turned_away(site, "token", path, fields, monkeypatch)
    assert field(page, "title") == "A title"
    later = WORLD_AT + timedelta(minutes=31 if change == "31 minutes" else 30)
    site.at(later)
    sent = {**fields, "arrival": arrival_in(page)}
    if change == "another text":
        sent["text"] += "!"
    elif change == "another key":
        sent["key"] = "another-key"
    elif change == "another title":
        sent["title"] += "!"
    assert site.client("ana").send(path, sent).status_code == 303
    assert posts_by(site, "ana")[-1].arrived_at == later


@pytest.mark.parametrize("how", ["another key", "earlier by hand", "no signature"])
def test_an_arrival_that_we_did_not_sign_counts_for_nothing(
    site: Site, world: World, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    site.at(TOO_LATE)
    signed = arrival_in(turned_away(site, "token", path, {"text": WORDS, "key": KEY}, monkeypatch))
    payload, _dot, signature = signed.rpartition(".")
    with site.app.app_context():
        key, digest, micros = URLSafeSerializer("", salt="arrival").loads_unsafe(signed)[1]
    claimed = [key, digest, micros - 60_000_000]
    forged = URLSafeSerializer("another key", salt="arrival").dumps(claimed)
    arrival = {
        "another key": forged,
        "earlier by hand": f"{str(forged).rpartition('.')[0]}.{signature}",
        "no signature": str(forged).rpartition(".")[0],
    }[how]
    assert payload
    sent = {"text": WORDS, "key": KEY, "arrival": arrival}
    assert site.client("ana").send(path, sent).status_code == 303
    assert posts_by(site, "ana")[-1].arrived_at == TOO_LATE


def test_thirty_minutes_to_the_microsecond_still_hold_for_a_thread_with_its_title(
    site: Site, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{world.course}/boards/{world.boards['questions']}/threads"
    fields = {"text": "One line\r\nand another", "title": "  A title ", "key": KEY}
    page = turned_away(site, "token", path, fields, monkeypatch)
    site.at(WORLD_AT + timedelta(minutes=30))
    assert site.client("ana").send(path, {**fields, "arrival": arrival_in(page)}).status_code == 303
    assert posts_by(site, "ana")[-1].arrived_at == WORLD_AT


def test_turned_away_again_the_first_arrival_is_carried_on(
    site: Site, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    site.at(IN_TIME)
    first = arrival_in(turned_away(site, "fault", path, {"text": WORDS, "key": KEY}, monkeypatch))
    site.at(TOO_LATE)
    second = arrival_in(
        turned_away(site, "token", path, {"text": WORDS, "key": KEY, "arrival": first}, monkeypatch)
    )
    site.client("ana").send(path, {"text": WORDS, "key": KEY, "arrival": second})
    assert posts_by(site, "ana")[-1].arrived_at == IN_TIME


def test_other_words_with_an_old_arrival_get_one_of_their_own(
    site: Site, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    old = arrival_in(turned_away(site, "fault", path, {"text": "Other words", "key": KEY}, monkeypatch))
    site.at(IN_TIME)
    new = arrival_in(
        turned_away(site, "fault", path, {"text": WORDS, "key": KEY, "arrival": old}, monkeypatch)
    )
    site.at(TOO_LATE)
    site.client("ana").send(path, {"text": WORDS, "key": KEY, "arrival": new})
    assert posts_by(site, "ana")[-1].arrived_at == IN_TIME


def test_an_edit_that_was_turned_away_is_sent_again_as_the_same_edit(
    site: Site, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = written_by(site, "ana", world.threads["floods"], WORDS, WORLD_AT)
    path = f"{world.course}/posts/{post}/edit"
    site.at(IN_TIME)
    page = turned_away(
        site,
        "fault",
        path,
        {"text": WORDS + " Mended.", "key": KEY, "revision": "1", "reason": "a slip"},
        monkeypatch,
    )
    assert (field(page, "revision"), field(page, "reason")) == ("1", "a slip")
    site.at(TOO_LATE)
    sent = {"text": words_in(page), "key": KEY, "revision": "1", "arrival": arrival_in(page)}
    assert site.client("ana").send(path, sent).status_code == 303
    assert posts_by(site, "ana")[0].edited_at == IN_TIME


def test_a_draft_that_was_turned_away_is_sent_again_as_a_draft(
    site: Site, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    page = turned_away(site, "token", path, {"text": WORDS, "key": KEY, "deed": "draft"}, monkeypatch)
    assert 'name="deed" value="draft">' in page


def test_who_asks_for_what_is_not_there_gets_words_but_no_arrival(site: Site, world: World) -> None:
    answer = site.client("ana").send(
        f"{world.course}/threads/zzzzzzzzzz/replies", {"text": WORDS, "key": KEY}
    )
    assert answer.status_code == 404
    assert words_in(answer.text) == WORDS
    assert arrival_in(answer.text) == ""


def test_signed_out_while_starting_a_thread_title_and_words_are_there_after_sign_in(
    site: Site, world: World
) -> None:
    stranger = site.client()
    fields = {"text": WORDS, "title": "A title", "key": KEY, "place": f"board:{world.boards['questions']}"}
    kept = stranger.post(f"{world.course}/boards/{world.boards['questions']}/threads", data=fields)
    carried = {
        name: unescape(value)
        for name, value in re.findall(r'name="(kept-[a-z]+)" value="([^"]*)"', kept.text)
    }
    sign_in = {
        **carried,
        "kept-text": words_in(kept.text),
        "email": world.emails["ana"],
        "password": "seven grey herons",
    }
    answer = stranger.send("/sign-in", sign_in)
    page = stranger.get(answer.location).text
    assert 'value="A title"' in page
    assert words_in(page) == WORDS
    site.at(WORLD_AT + timedelta(minutes=5))
    path = f"{world.course}/boards/{world.boards['questions']}/threads"
    stranger.send(
        path,
        {"text": WORDS, "title": "A title", "key": field(page, "key"), "arrival": field(page, "arrival")},
    )
    assert posts_by(site, "ana")[-1].arrived_at == WORLD_AT


def test_a_thread_closed_meanwhile_gives_the_words_back_and_keeps_them(site: Site, world: World) -> None:
    thread, _opening = started_by(site, "chidi", world.boards["questions"], "Closing soon", WORLD_AT)
    site.client("ines").send(f"{world.course}/threads/{thread}/state", {"deed": "close"})
    ana = site.client("ana")
    answer = reply(ana, site, thread, WORDS)
    assert answer.status_code == 409
    assert words_in(answer.text) == WORDS
    assert "closed by staff" in answer.text
    assert words_in(ana.get(f"{world.course}/threads/{thread}").text) == WORDS


def test_a_thread_removed_meanwhile_is_refused_by_its_own_name(site: Site, world: World) -> None:
    thread, opening = started_by(site, "chidi", world.boards["questions"], "Gone soon", WORLD_AT)
    ines, ana = site.client("ines"), site.client("ana")
    assert ines.send(f"{world.course}/threads/{thread}/state", {"deed": "remove"}).status_code == 303
    for path in (f"threads/{thread}/replies", f"posts/{opening}/replies"):
        answer = ana.send(f"{world.course}/{path}", {"text": WORDS, "key": KEY})
        assert answer.status_code == 409
        assert "This thread was removed." in answer.text
        assert words_in(answer.text) == WORDS
    assert reply(ines, site, thread, WORDS).status_code == 409
    assert ana.get(f"{world.course}/threads/{thread}").status_code == 404
    assert "Gone soon" not in ana.get(f"{world.course}/boards/{world.boards['questions']}").text
    assert WORDS in ana.get("/mine").text
    ines.send(f"{world.course}/threads/{thread}/state", {"deed": "restore"})
    assert reply(ana, site, thread, WORDS).status_code == 303


def test_a_removed_post_is_not_answered_and_the_words_can_go_to_the_discussion(
    site: Site, world: World
) -> None:
    site.client("ben").send(f"{world.course}/posts/{world.posts['ben']}/removal", {"deed": "remove"})
    ana = site.client("ana")
    answer = ana.send(f"{world.course}/posts/{world.posts['ben']}/replies", {"text": WORDS, "key": KEY})
    assert answer.status_code == 409
    assert words_in(answer.text) == WORDS
    action = f"{world.course}/threads/{world.threads['floods']}/replies"
    assert f'action="{action}"' in answer.text
    assert ana.send(action, {"text": WORDS, "key": field(answer.text, "key")}).status_code == 303
    with site.app.app_context():
        assert db.session.scalars(select(Draft).where(Draft.account_id == world.people["ana"])).all() == []


def test_a_refused_thread_start_gives_title_and_words_back(site: Site, world: World) -> None:
    ana, path = site.client("ana"), f"{world.course}/boards/{world.boards['each']}/threads"
    assert ana.send(path, {"text": WORDS, "title": "Mine", "key": KEY}).status_code == 303
    answer = ana.send(path, {"text": WORDS, "title": "A second", "key": "another-key"})
    assert answer.status_code == 409
    assert words_in(answer.text) == WORDS
    assert 'value="A second"' in answer.text
    blank = ana.send(path, {"text": WORDS, "title": " ", "key": "another-key"})
    assert blank.status_code == 422
    assert words_in(blank.text) == WORDS


def test_nothing_is_stored_when_a_post_fails_halfway(
    site: Site, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.app.app_context(), transaction() as session:
        before = session.scalars(select(Thread.last_position).order_by(Thread.id)).all()
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    turned_away(site, "fault", path, {"text": WORDS, "key": KEY}, monkeypatch)
    with site.app.app_context():
        assert db.session.scalars(select(Thread.last_position).order_by(Thread.id)).all() == before
        assert db.session.scalar(select(Post.id).where(Post.author_id == world.people["ana"])) is None


def test_a_mistyped_password_keeps_the_words(site: Site, world: World) -> None:
    stranger, thread = site.client(), world.threads["floods"]
    kept = stranger.post(
        f"{world.course}/threads/{thread}/replies",
        data={"text": WORDS, "key": KEY, "place": f"thread:{thread}"},
    ).text
    fields = dict(re.findall(r'name="(kept-[a-z]+)" value="([^"]*)"', kept)) | {"kept-text": WORDS}
    signing_in = {**fields, "email": world.emails["ana"], "next": "/"}
    for password in ("", "seven grey herrings"):
        page = stranger.send("/sign-in", {**signing_in, "password": password})
        assert page.status_code == 422
        assert WORDS in unescape(page.text)
        assert arrival_in(page.text) == arrival_in(kept)


def test_who_may_not_write_any_more_gets_the_words_back(site: Site, world: World) -> None:
    ana, path = site.client("ana"), f"{world.course}/threads/{world.threads['floods']}/replies"
    with site.app.app_context(), transaction() as session:
        session.scalars(
            select(Enrollment).where(Enrollment.account_id == world.people["ana"])
        ).one().role = "observer"
    answer = ana.send(path, {"text": WORDS, "key": KEY})
    assert answer.status_code == 403
    assert words_in(answer.text) == WORDS
    assert 'name="arrival" value=""' in answer.text or 'name="arrival"' not in answer.text, (
        "we were not at fault"
    )
