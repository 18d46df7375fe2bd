"""Requests for more time answered in one act: as wished, otherwise, or declined; by several at once; seen by whom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from forum.boards.models import Extension
from forum.core.db import db, transaction
from forum.courses.models import Enrollment
from forum.ledger.models import AuditEntry, NewsItem
from forum.more_time.commands import decline_request
from forum.more_time.models import TimeRequest
from tests.conftest import Site
from tests.slices.board_steps import fields_of
from tests.sweeps.test_queries import statements
from tests.world import WORLD_AT, World

from .more_time_steps import (
    FLOODS,
    answer_path,
    answered,
    ask,
    ask_path,
    asked,
    checkpoints,
    dues_of,
    let_assistants_extend,
    only_own_section,
    requests_now,
    seen_form,
)
from .writing_steps import member

CHICAGO_2_DECEMBER = datetime(2026, 12, 3, 6, tzinfo=UTC)


def extensions(site: Site) -> list[Extension]:
    with site.app.app_context():
        found = list(db.session.scalars(select(Extension)))
        db.session.expunge_all()
        return found


def manage(site: Site) -> str:
    return f"{site.world.course}/manage/requests"


def test_the_list_says_who_what_until_when_and_why(site: Site) -> None:
    asked(site, "ana", checkpoint=checkpoints(site)[0], **{"wished-minute": "10:00"})
    page = site.client("ines").get(manage(site)).text
    assert "Ana Lindqvist" in page
    assert "Floods: what did they know?: First post, at least 10 words" in page
    assert "end of Thursday 26 November 2026, Madrid time" in page, "what is due now"
    assert "Wednesday 2 December 2026, 17:00, Madrid time" in page, "the wish by the course's clocks"
    assert "by the student’s clock: Wednesday 2 December 2026, 10:00, Chicago time" in page
    assert "SECRET-REASON" in page


def test_a_request_is_granted_as_wished_in_one_press(site: Site, world: World) -> None:
    row = asked(site)
    ines = site.client("ines")
    page = ines.get(answer_path(site, row)).text
    assert "What granting comes to" in page
    assert page.count("<b>Thursday 3 December 2026, 06:59, Madrid time</b>") == 2
    assert "<b>Thursday 3 December 2026, 07:04, Madrid time</b>" in page, (
        "the board takes posts until the limit"
    )
    answer = answered(ines, site, row, text="Get well, both of you.")
    assert answer.status_code == 303
    assert dues_of(site, "ana") == [CHICAGO_2_DECEMBER] * 2
    assert dues_of(site, "ben") == FLOODS
    (granted,) = requests_now(site)
    assert (granted.state, granted.open_for, granted.answered_by_id) == (
        "granted",
        None,
        world.people["ines"],
    )
    assert [given.reason for given in extensions(site)] == [""], "the reason is not copied to what stays"
    board = site.client("ana").get(f"{world.course}/boards/{world.boards['floods']}").text
    assert "Inés Aranda granted it" in board
    assert "until end of Wednesday 2 December 2026, Chicago time" in board
    assert "Get well, both of you." in board
    assert "granted by Inés Aranda until" in ines.get(manage(site)).text


def test_pressing_grant_twice_grants_once(site: Site) -> None:
    row, ines = asked(site), site.client("ines")
    form = {**seen_form(ines, site, row), "deed": "grant", "text": "Yes."}
    assert [ines.send(answer_path(site, row), form).status_code for _press in range(2)] == [303, 303]
    assert len(extensions(site)) == 1


def test_another_date_is_looked_at_before_it_is_granted_and_later_things_move(site: Site) -> None:
    row, ines = asked(site, checkpoint=checkpoints(site)[0]), site.client("ines")
    first = {**seen_form(ines, site, row), "due-on": "2026-11-27", "due-minute": "", "text": "A day."}
    looked = ines.send(answer_path(site, row), {**first, "deed": "grant"})
    assert looked.status_code == 200, "what was not looked at is shown first"
    assert extensions(site) == []
    assert "<b>end of Sunday 29 November 2026, Madrid time</b>" in looked.text, (
        "the replies move by a day, too"
    )
    assert "A day." in looked.text
    form = {**fields_of(looked.text, f"/requests/{row.public_id}"), "deed": "grant"}
    assert ines.send(answer_path(site, row), form).status_code == 303
    assert dues_of(site, "ana") == [instant + timedelta(days=1) for instant in FLOODS]


def test_granted_without_a_due_date_it_says_so(site: Site, world: World) -> None:
    row, ines = asked(site), site.client("ines")
    form = {**seen_form(ines, site, row), "due-on": "", "due-minute": "", "no_due": "y"}
    looked = ines.send(answer_path(site, row), {**form, "deed": "look"})
    form = {**fields_of(looked.text, f"/requests/{row.public_id}"), "deed": "grant"}
    assert ines.send(answer_path(site, row), form).status_code == 303
    assert dues_of(site, "ana") == [None, None]
    assert (
        "without a due date" in site.client("ana").get(f"{world.course}/boards/{world.boards['floods']}").text
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"due-on": "", "due-minute": ""}, "give a later date"),
        ({"no_due": "y"}, "not both"),
        ({"due-on": "2026-11-20", "due-minute": ""}, "This changes nothing"),
        ({"due-on": "2201-01-01"}, "between the years"),
        ({"text": "x" * 2_001}, "longer than 2000"),
    ],
)
def test_a_grant_that_cannot_be_is_said_and_the_answer_kept(
    site: Site, fields: dict[str, str], words: str
) -> None:
    row, ines = asked(site), site.client("ines")
    form = {**seen_form(ines, site, row), "text": "My answer.", **fields, "deed": "grant"}
    answer = ines.send(answer_path(site, row), form)
    assert answer.status_code == 422
    assert words in answer.text
    assert form["text"] in answer.text
    assert extensions(site) == []
    assert requests_now(site)[0].state == "open"


def test_a_request_is_declined_with_an_answer_and_can_be_asked_again(site: Site, world: World) -> None:
    row = asked(site)
    assert (
        answered(site.client("ines"), site, row, "decline", text="The class goes on without it.").status_code
        == 303
    )
    ana = site.client("ana")
    page = ana.get(f"{world.course}/boards/{world.boards['floods']}").text
    assert "Inés Aranda declined it Tuesday 24 November 2026" in page
    assert "The class goes on without it." in page
    assert "The class goes on without it." in ana.get(ask_path(site)).text, "and where it was asked"
    assert extensions(site) == []
    assert ask(ana, site, key="another-try-of-mine").status_code == 303
    assert "not answered yet" in ana.get(f"{world.course}/boards/{world.boards['floods']}").text


def second_instructor(site: Site) -> Any:
    """Tariq as one more instructor."""
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Enrollment)
            .where(Enrollment.account_id == site.world.people["tariq"])
            .values(role="instructor")
        )
    return site.client("tariq")


@pytest.mark.parametrize(
    ("first", "then"), [("grant", "decline"), ("decline", "grant"), ("decline", "decline")]
)
def test_what_another_instructor_answered_meanwhile_is_never_overwritten_unseen(
    site: Site, first: str, then: str
) -> None:
    row, ines, tariq = asked(site), site.client("ines"), second_instructor(site)
    theirs, mine = (
        {**seen_form(each, site, row), "text": words}
        for each, words in ((tariq, "Of Tariq."), (ines, "Of Inés."))
    )
    assert tariq.send(answer_path(site, row), {**theirs, "deed": first}).status_code == 303
    answer = ines.send(answer_path(site, row), {**mine, "deed": then})
    assert answer.status_code == 409
    assert "answered meanwhile" in answer.text
    assert "Of Tariq." in answer.text, "it shows what stands"
    assert [each.answer for each in requests_now(site)] == ["Of Tariq."]
    assert len(extensions(site)) == (first == "grant")


def test_a_request_that_its_student_changed_is_looked_at_again(site: Site) -> None:
    row, ines = asked(site), site.client("ines")
    form = {**seen_form(ines, site, row), "text": "My answer."}
    ask(site.client("ana"), site, on="2026-12-05", key="a-later-wish")
    for deed in ("grant", "decline"):
        answer = ines.send(answer_path(site, row), {**form, "deed": deed})
        assert answer.status_code == 409
        assert "changed this request meanwhile" in answer.text
        assert "My answer." in answer.text
    assert requests_now(site)[0].state == "open"
    again = fields_of(answer.text, f"/requests/{row.public_id}")
    assert ines.send(answer_path(site, row), {**again, "deed": "decline"}).status_code == 303


def test_one_that_was_taken_back_meanwhile_is_not_answered(site: Site) -> None:
    row, ines = asked(site), site.client("ines")
    form = seen_form(ines, site, row)
    site.client("ana").send(f"{ask_path(site)}/{row.public_id}/withdrawal", {})
    assert ines.send(answer_path(site, row), {**form, "deed": "grant"}).status_code == 404
    assert extensions(site) == []


def test_the_command_itself_refuses_what_was_seen_otherwise(site: Site) -> None:
    from forum.core.errors import Refused

    row = asked(site)
    with site.app.app_context():
        ines = member(site, "ines")
        with pytest.raises(Refused, match="request_changed"), transaction() as session:
            decline_request(session, ines, row.public_id, at=WORLD_AT, version=row.version + 1, answer="")
    assert requests_now(site)[0].state == "open"


# --- who ----------------------------------------------------------------------------------------------------------------


def test_an_assistant_answers_only_if_the_instructor_allows_and_never_reads_why(site: Site) -> None:
    row, tariq = asked(site), site.client("tariq")
    assert tariq.get(manage(site)).status_code == 403
    assert "requests" not in tariq.get(site.world.course).text
    let_assistants_extend(site)
    for path in (manage(site), answer_path(site, row), "/", site.world.course):
        page = tariq.get(path).text
        assert "SECRET-REASON" not in page, path
    assert "Ana Lindqvist" in tariq.get(manage(site)).text
    answer = answered(tariq, site, row, text="Yes.")
    assert answer.status_code == 303
    for path in (manage(site), answer_path(site, row)):
        assert "SECRET-REASON" not in tariq.get(path).text


def test_who_sees_one_section_sees_its_requests_only(site: Site) -> None:
    row, of_chidi = asked(site, "ana"), asked(site, "chidi")
    let_assistants_extend(site)
    only_own_section(site, "tariq", "South")
    tariq = site.client("tariq")
    page = tariq.get(manage(site)).text
    assert ("Chidi Okafor" in page, "Ana Lindqvist" in page) == (True, False)
    assert tariq.get(answer_path(site, row)).status_code == 404
    assert tariq.send(answer_path(site, row), {"deed": "decline"}).status_code == 404
    assert tariq.get(answer_path(site, of_chidi)).status_code == 200
    assert "1 request for more time" in tariq.get("/").text


def test_another_course_sees_nothing_of_it(site: Site) -> None:
    row = asked(site)
    for path in (answer_path(site, row), f"{site.world.other}/manage/requests/{row.public_id}"):
        assert site.client("ian").get(path).status_code == 404
    assert "Ana" not in site.client("ian").get(f"{site.world.other}/manage/requests").text


def test_who_left_the_course_asks_for_nothing_more(site: Site) -> None:
    row = asked(site)
    with site.app.app_context(), transaction() as session:
        session.execute(
            update(Enrollment)
            .where(Enrollment.account_id == site.world.people["ana"])
            .values(until_at=WORLD_AT)
        )
    assert site.client("ines").get(answer_path(site, row)).status_code == 404
    assert "No request is open" in site.client("ines").get(manage(site)).text


# --- where instructors look ---------------------------------------------------------------------------------------------


def test_the_number_of_open_requests_stands_where_instructors_look(site: Site, world: World) -> None:
    ines = site.client("ines")
    assert "Requests for more time" not in ines.get(world.course).text, "nothing to see, nothing said"
    assert "Requests for more time</a></li>" in ines.get(f"{world.course}/manage").text
    assert "for more time" not in ines.get("/").text
    asked(site, "ana")
    asked(site, "ben")
    for path in (world.course, f"{world.course}/manage"):
        assert "Requests for more time</a> (2 open)" in ines.get(path).text, path
    assert "2 requests for more time" in ines.get("/").text
    beside = ines.get(f"{world.course}/manage/boards/{world.boards['floods']}/extensions").text
    assert "Ana Lindqvist" in beside
    assert "SECRET-REASON" in beside
    assert (
        "SECRET-REASON"
        not in ines.get(f"{world.course}/manage/boards/{world.boards['sources']}/extensions").text
    )
    for short in ("ana", "olga", "tariq"):
        assert "requests for more time" not in site.client(short).get("/").text.lower()


def test_many_requests_take_as_many_statements_as_few(site: Site) -> None:
    ines, counts = site.client("ines"), []
    for short in ("ana", "ben", "chidi", "dana"):
        asked(site, short)
        asked(site, short, "sources", key="key-for-sources")
        ines.get(manage(site))
        with statements(site) as sent:
            assert ines.get(manage(site)).status_code == 200
        counts.append(len(sent))
    assert len(set(counts)) == 1, counts
    assert counts[0] <= 22


def test_what_was_asked_costs_its_students_pages_nothing_more(site: Site, world: World) -> None:
    ana = site.client("ana")
    paths = [f"{world.course}/boards/{world.boards[name]}" for name in ("floods", "each")]
    paths.append(f"{world.course}/threads/{world.threads['floods']}")
    costs = []
    for _time in range(2):
        for path in paths:
            ana.get(path)
        with statements(site) as sent:
            for path in paths:
                assert ana.get(path).status_code == 200
        costs.append(len(sent))
        asked(site, "ana")
    assert costs[1] <= costs[0] + 2, costs


# --- the ledger ---------------------------------------------------------------------------------------------------------


def test_the_ledger_holds_ids_and_only_the_student_is_told(site: Site, world: World) -> None:
    row = asked(site)
    answered(site.client("ines"), site, row, "decline", text="SECRET-ANSWER")
    with site.app.app_context():
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.subject_kind == "time_request")
        ).all()
        assert [entry.deed for entry in entries] == ["asked_for_time", "declined_request"]
        assert "SECRET" not in repr([entry.facts for entry in entries])
        news = db.session.scalars(select(NewsItem).where(NewsItem.kind == "request_answered")).all()
        assert [item.account_id for item in news] == [world.people["ana"]]
        assert db.session.scalar(select(func.count()).select_from(TimeRequest)) == 1
