"""The reason of a request ends with the term: unread from that instant on, then erased; and it is in nothing that leaves."""

import logging
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import inspect, select, text, update

from forum.core import clock, jobs
from forum.core.db import db, transaction
from forum.core.jobs import Job
from forum.courses.models import Term
from tests.conftest import Site

from .more_time_steps import TERM_ENDS, answer_path, answered, ask_path, asked, requests_now

MICRO = timedelta(microseconds=1)


def work(site: Site) -> None:
    """Do every job that is due."""
    with site.app.app_context():
        while jobs.run_one():
            pass


def prolong(site: Site, until: date) -> None:
    with site.app.app_context(), transaction() as session:
        session.execute(update(Term).values(ends_on=until))


def test_it_is_read_until_the_terms_end_and_not_from_then_on(site: Site) -> None:
    row = asked(site)
    answered(site.client("ines"), site, asked(site, "chidi"), "decline", text="SECRET-ANSWER")
    pages = {
        "ines": [f"{site.world.course}/manage/requests", answer_path(site, row)],
        "ana": [ask_path(site)],
    }
    chidis = f"{site.world.course}/boards/{site.world.boards['floods']}"
    for at, is_read in ((TERM_ENDS - MICRO, True), (TERM_ENDS, False)):
        site.at(at)
        for short, paths in pages.items():
            for path in paths:
                assert ("SECRET-REASON" in site.client(short).get(path).text) is is_read, (short, path, at)
        assert (
            "SECRET-ANSWER" in site.client("ines").get(f"{site.world.course}/manage/requests").text
        ) is is_read
        assert ("SECRET-ANSWER" in site.client("chidi").get(chidis).text) is is_read
    assert requests_now(site)[0].reason is not None, "no job has run: it is not shown all the same"


def test_it_is_erased_when_the_term_is_over_and_not_before(site: Site) -> None:
    asked(site)
    answered(site.client("ines"), site, asked(site, "chidi"), "decline", text="SECRET-ANSWER")
    site.at(TERM_ENDS - MICRO)
    work(site)
    assert all(row.reason for row in requests_now(site))
    site.at(TERM_ENDS)
    work(site)
    assert [(row.reason, row.answer) for row in requests_now(site)] == [(None, None)] * 2
    assert [row.state for row in requests_now(site)] == ["open", "declined"], "what became of it stays"
    assert not {"SECRET-REASON", "SECRET-ANSWER"} & set(re.findall(r"SECRET-[A-Z]+", everything(site)))


def test_a_term_that_was_prolonged_keeps_it_until_its_new_end(site: Site) -> None:
    asked(site)
    prolong(site, date(2026, 12, 27))
    site.at(TERM_ENDS + timedelta(hours=1))
    work(site)
    assert requests_now(site)[0].reason is not None
    site.at(TERM_ENDS + timedelta(days=7))
    work(site)
    assert requests_now(site)[0].reason is None


def everything(site: Site, *, but: str = "") -> str:
    """All that the database holds, as text, but one table."""
    found = []
    with site.app.app_context():
        db.session.rollback()
        for name in inspect(db.engine).get_table_names():
            if name != but:
                found += [repr(tuple(row)) for row in db.session.execute(text(f'SELECT * FROM "{name}"'))]
    return "\n".join(found)


def test_it_stands_in_one_table_alone_and_in_no_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    row = asked(site)
    answered(site.client("ines"), site, row, text="SECRET-ANSWER")
    assert "SECRET-REASON" in everything(site)
    kept = everything(site, but="time_request")
    assert "SECRET-REASON" not in kept, "not in the ledger, jobs, news, extensions or receipts"
    assert "SECRET-ANSWER" not in kept
    assert "SECRET" not in caplog.text


def test_no_export_and_no_receipt_has_it(site: Site) -> None:
    asked(site)
    course, floods = site.world.course, site.world.boards["floods"]
    for path in (
        f"{course}/boards/{floods}/participation.csv",
        f"{course}/grades.csv",
        f"{course}/dates.csv",
    ):
        answer = site.client("ines").get(path)
        assert "SECRET-REASON" not in answer.text, path


def test_one_end_of_a_term_is_one_job(site: Site) -> None:
    for short in ("ana", "ben", "chidi"):
        asked(site, short)
    with site.app.app_context():
        (job,) = db.session.scalars(select(Job).where(Job.kind == "erase_reasons")).all()
        assert job.due_at == TERM_ENDS
        assert job.facts == {"course_id": site.world.course_id}
        assert clock.now() < TERM_ENDS
