"""Asking for more time: beside each due date and on each refusal, changed by asking again, taken back; words are kept."""

import re

import pytest
from sqlalchemy import func, select

from forum.boards.models import Extension
from forum.core.db import db
from forum.ledger.models import AuditEntry
from tests.conftest import Site
from tests.slices.board_steps import fields_of
from tests.world import PASSWORD, World

from .more_time_steps import (
    CUT_OFF,
    FLOODS,
    REASON,
    TERM_ENDS,
    answered,
    ask,
    ask_path,
    asked,
    checkpoints,
    requests_now,
    wish,
)
from .writing_steps import WORDS, reply, words_in


def audit(site: Site) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_a_request_keeps_the_wish_in_the_students_own_zone_with_its_reason(site: Site) -> None:
    row = asked(site, "ana", checkpoint=checkpoints(site)[0], text=REASON.replace("\n", "\r\n"))
    assert (row.wished_zone, row.wished_at.isoformat()) == ("America/Chicago", "2026-12-03T06:00:00+00:00")
    assert (row.reason, row.state, row.version) == (REASON, "open", 1)
    page = site.client("ana").get(f"{site.world.course}/boards/{site.world.boards['floods']}").text
    assert (
        "You asked for more time for First post, at least 10 words, until end of Wednesday 2 December 2026, Chicago time"
        in page
    )
    assert "not answered yet" in page
    assert "SECRET-REASON" not in page, "the board's page has no need of it"
    assert "SECRET-REASON" in site.client("ana").get(ask_path(site)).text


def test_pressing_twice_is_one_request_and_asking_again_changes_it(site: Site) -> None:
    ana = site.client("ana")
    assert [ask(ana, site).status_code for _press in range(2)] == [303, 303]
    ask(ana, site, key="another-key-same-words")
    (row,) = requests_now(site)
    assert row.version == 1
    entries = audit(site)
    ask(ana, site, on="2026-12-03", key="a-third-key-later-date")
    (changed,) = requests_now(site)
    assert (changed.version, changed.public_id) == (2, row.public_id)
    assert changed.wished_on.isoformat() == "2026-12-03"
    assert audit(site) == entries + 1
    page = ana.get(ask_path(site)).text
    assert 'value="2026-12-03"' in page
    assert "takes the place" in page
    assert words_in(page) == REASON


def test_each_thing_of_a_board_has_a_request_of_its_own(site: Site) -> None:
    ana, (first, replies) = site.client("ana"), checkpoints(site)
    for number, checkpoint in enumerate((first, replies, "")):
        assert ask(ana, site, checkpoint=checkpoint, key=f"key-number-{number}").status_code == 303
    assert len([row for row in requests_now(site) if row.state == "open"]) == 3


def test_a_late_second_press_after_the_answer_opens_no_second_request(site: Site) -> None:
    row = asked(site)
    answered(site.client("ines"), site, row, "decline", text="No.")
    assert ask(site.client("ana"), site).status_code == 303
    assert [each.state for each in requests_now(site)] == ["declined"]
    assert ask(site.client("ana"), site, key="a-new-form-later").status_code == 303
    assert [each.state for each in requests_now(site)] == ["declined", "open"]


def test_a_page_that_the_browser_kept_asks_for_something_else(site: Site) -> None:
    ana, (first, replies) = site.client("ana"), checkpoints(site)
    ask(ana, site, checkpoint=first)
    ask(ana, site, checkpoint=replies)  # under the same key, as after the Back button
    assert [row.open_for is not None for row in requests_now(site)] == [True, True]
    answered(site.client("ines"), site, requests_now(site)[0], "decline", text="No.")
    ask(ana, site, checkpoint=first, text="Other words.")
    assert [(row.state, row.reason) for row in requests_now(site)][2:] == [("open", "Other words.")]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"on": ""}, "give the date that you wish for"),
        ({"on": "", "wished-minute": "10:00"}, "give the date of this time"),
        ({"on": "2026-11-24", "wished-minute": "05:00"}, "This has passed already"),
        (
            {"on": "2026-11-25"},
            "not later than what you have: Thursday 26 November 2026, 16:59, Chicago time",
        ),
        ({"on": "1999-12-31"}, "between the years"),
        ({"on": "2201-01-01"}, "between the years"),
        ({"on": "soon"}, "This is no date"),
        ({"on": "2026-12-02", "wished-minute": "00:00"}, "the night from Tuesday to Wednesday"),
    ],
)
def test_a_wish_that_cannot_be_is_said_beside_its_field_and_the_words_stay(
    site: Site, fields: dict[str, str], words: str
) -> None:
    answer = ask(site.client("ana"), site, **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert words_in(answer.text) == REASON
    assert requests_now(site) == []


def test_without_a_reason_and_with_one_too_long_it_is_said(site: Site) -> None:
    assert "nothing written here" in ask(site.client("ana"), site, text=" ").text
    long = ask(site.client("ana"), site, text="x" * 2_001)
    assert (long.status_code, "longer than 2000" in long.text) == (422, True)
    assert "x" * 2_001 in long.text
    assert requests_now(site) == []


def test_a_thing_of_another_board_can_not_be_asked_for(site: Site) -> None:
    other = checkpoints(site, "sources")[0]
    assert ask(site.client("ana"), site, checkpoint=other).status_code == 422
    assert requests_now(site) == []


def test_where_nothing_has_a_date_there_is_nothing_to_ask_for_before_the_course_ends(site: Site) -> None:
    page = site.client("ana").get(f"{site.world.course}/boards/{site.world.boards['questions']}").text
    assert "Ask for more time" not in page


def test_after_the_term_nothing_is_asked_and_the_words_come_back(site: Site) -> None:
    site.at(TERM_ENDS)
    answer = ask(site.client("ana"), site, on="2027-01-02")
    assert answer.status_code == 409
    assert "The term of this course is over" in answer.text
    assert words_in(answer.text) == REASON
    assert requests_now(site) == []


def test_a_request_is_taken_back_and_its_reason_is_gone(site: Site) -> None:
    row, ana = asked(site), site.client("ana")
    path = f"{ask_path(site)}/{row.public_id}/withdrawal"
    assert [ana.send(path, {}).status_code for _press in range(2)] == [303, 303]
    (row,) = requests_now(site)
    assert (row.state, row.reason) == ("withdrawn", None)
    assert "You asked" not in ana.get(ask_path(site)).text
    assert site.client("ben").send(path, {}).status_code == 404


def test_what_was_answered_is_not_taken_back(site: Site) -> None:
    row = asked(site)
    answered(site.client("ines"), site, row, "decline", text="No.")
    answer = site.client("ana").send(f"{ask_path(site)}/{row.public_id}/withdrawal", {})
    assert answer.status_code == 409
    assert "answered meanwhile" in answer.text


def test_the_way_to_ask_stands_beside_every_due_date(site: Site, world: World) -> None:
    ana, (first, replies) = site.client("ana"), checkpoints(site)
    board = ana.get(f"{world.course}/boards/{world.boards['floods']}").text
    for public_id in (first, replies):
        assert f"/boards/{world.boards['floods']}/more-time?for={public_id}" in board
    assert f'<option selected value="{first}">' in ana.get(f"{ask_path(site)}?for={first}").text
    for page in ("/", f"{world.course}/dates"):
        assert f"more-time?for={first}" in ana.get(page).text, page
    assert f'{ask_path(site)}">more time' in ana.get(world.course).text
    for short in ("ines", "tariq", "olga"):
        for page in ("/", world.course, f"{world.course}/boards/{world.boards['floods']}"):
            assert "more-time" not in site.client(short).get(page).text, (short, page)


def test_what_is_done_in_time_needs_no_more_of_it(site: Site, world: World) -> None:
    page = site.client("ben").get(f"{world.course}/boards/{world.boards['floods']}").text
    first, replies = checkpoints(site)
    assert f"?for={first}" not in page
    assert f"?for={replies}" in page


def test_every_refusal_after_the_cut_off_offers_it(site: Site, world: World) -> None:
    ana = site.client("ana")
    link = f'<a href="{ask_path(site)}">Ask for more time</a>'
    site.at(CUT_OFF)
    refused = reply(ana, site, world.threads["floods"], WORDS)
    assert refused.status_code == 409
    assert link in refused.text
    assert words_in(refused.text) == WORDS
    answer = ana.send(
        f"{world.course}/posts/{world.posts['ben']}/replies", {"text": WORDS, "key": "key-of-a-reply"}
    )
    assert (answer.status_code, link in answer.text) == (409, True)
    assert link in ana.get(f"{world.course}/posts/{world.posts['ben']}/reply").text
    assert link in site.client("ben").get(f"{world.course}/posts/{world.posts['ben']}/edit").text
    assert link in ana.get(f"{world.course}/threads/{world.threads['floods']}").text
    for short in ("ines", "olga"):
        assert (
            "more-time"
            not in site.client(short).get(f"{world.course}/threads/{world.threads['floods']}").text
        )


def test_who_asks_after_the_cut_off_wishes_from_then_on(site: Site) -> None:
    site.at(CUT_OFF)
    ana = site.client("ana")
    answer = ask(ana, site, on="2026-11-28")
    assert (answer.status_code, "This has passed already" in answer.text) == (422, True)
    assert ask(ana, site, on="2026-11-30").status_code == 303
    assert FLOODS[1] < requests_now(site)[0].wished_at


def test_a_form_that_is_no_longer_valid_gives_the_reason_back(site: Site) -> None:
    ana = site.client("ana")
    answer = ana.post(ask_path(site), data={**wish(), "csrf_token": "stale"})
    assert answer.status_code == 422
    assert "SECRET-REASON" in answer.text
    again = ana.send(ask_path(site), {"text": REASON, "key": "a-key-of-a-request"})
    assert again.status_code == 422, "the page of the error carries the words only"
    assert words_in(again.text) == REASON


def test_who_was_signed_out_has_the_reason_back_after_signing_in(site: Site) -> None:
    stranger = site.client()
    turned_away = stranger.send(ask_path(site), wish())
    assert turned_away.status_code == 401
    assert "SECRET-REASON" in turned_away.text
    kept = dict(re.findall(r'name="(kept-[a-z]+)" value="([^"]*)"', turned_away.text)) | {"kept-text": REASON}
    page = stranger.send("/sign-in", {"email": "ana@example.org", "password": PASSWORD, "next": "/", **kept})
    assert page.status_code == 200
    assert words_in(page.text) == REASON
    again = fields_of(page.text, "/more-time")
    answer = stranger.post(ask_path(site), data=again)
    assert (answer.status_code, "give the date that you wish for" in answer.text) == (422, True)
    assert words_in(answer.text) == REASON
    elsewhere = {**kept, "kept-path": "https://evil.example/"}
    page = site.client().send(
        "/sign-in", {"email": "ana@example.org", "password": PASSWORD, "next": "/", **elsewhere}
    )
    assert "evil.example" not in page.text


def test_looking_as_a_student_asks_for_nothing(site: Site, world: World) -> None:
    ines = site.client("ines")
    ines.send(f"{world.course}/as-student", {"section": "", "group": "", "zone": "Europe/Madrid"})
    page = ines.get(ask_path(site))
    assert page.status_code == 200
    assert ask(ines, site).status_code == 403
    assert requests_now(site) == []


def test_nothing_is_given_by_asking(site: Site, world: World) -> None:
    asked(site)
    with site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Extension)) == 0
    assert re.search(r"end of|16:59", site.client("ana").get(ask_path(site)).text)
