"""Requests for more time as instructors see them: a list a course, and one page on which each is answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import g, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ..boards.dates_form import DateForm
from ..boards.extension_terms import ResultLine, results_of, terms_in
from ..boards.queries import checkpoints_of, course_of, students_of
from ..boards.schedule import dates_on_schedules, schedules_of
from ..boards.trouble_sentences import spelled
from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import Refused
from ..core.moments import due_wall, end_of_day, zone
from ..core.times import Moment, moment
from ..courses.policy import Action, Member
from ..posts.rules import as_kept, number_in
from . import commands, queries
from .blueprint import Answer, pages
from .forms import AnswerForm
from .queries import SeenRequest
from .sentences import refusal_words, taken_words, text_words, what_words, wish_words
from .taking_in import RefusedText, refused_texts


@dataclass(frozen=True)
class RequestLine:
    """A request as a list shows it; `outcome` is empty while it is open."""

    url: str
    student: str
    board: str
    what: str
    due: list[str]
    wished: str
    wished_there: str | None
    reason: str | None
    asked: Moment
    hands_in: bool
    outcome: str
    answered: Moment | None
    answer: str | None


def base() -> str:
    return f"/c/{g.member.course_slug}/manage/requests"


def lines_of(
    session: Session, member: Member, found: Sequence[SeenRequest], at: datetime
) -> list[RequestLine]:
    """Requests with the due dates that they are about, as these are now; a fixed number of statements."""
    boards = list({each.board.id: each.board for each in found if each.row.state == "open"}.values())
    people = students_of(session, member.course_id, at) if boards else {}
    asking = {each.row.account_id for each in found}
    people = {account_id: since for account_id, since in people.items() if account_id in asking}
    course = course_of(session, member)
    schedules = schedules_of(session, boards, course) if boards else {}
    dates = dates_on_schedules(session, schedules, people, at) if boards else {}
    return [_line(member, each, dates) for each in found]


def _line(member: Member, each: SeenRequest, dates: dict[int, Any]) -> RequestLine:
    row, due = each.row, []
    own = dates.get(row.board_id, {}).get(row.account_id)
    if own is not None:
        dues = commands.dues_concerned(own, row.checkpoint_id)
        due = [spelled(instant, member) if instant else _("no due date") for instant in dues]
        if not due and own.cutoff_at is not None:
            due = [_("open until %(time)s", time=spelled(own.cutoff_at, member))]
    wished, there = wish_words(row.wished_at, zone(row.wished_zone), member)
    what = (
        what_words(each.checkpoint)
        if row.checkpoint_id is None or each.checkpoint
        else _("something no longer asked")
    )
    return RequestLine(
        f"{base()}/{row.public_id}", each.student.name, each.board.title, what, due, wished, there, each.reason,
        moment(row.asked_at, member.zone, member.course_zone), row.hands_in, _outcome(each, member),
        moment(row.answered_at, member.zone, member.course_zone) if row.answered_at else None, each.answer,
    )  # fmt: skip


def _outcome(each: SeenRequest, member: Member) -> str:
    name, given = each.answered_by or "", each.extension
    if each.row.state == "declined":
        return _("declined by %(name)s", name=name)
    if each.row.state != "granted":
        return ""
    if given is not None and given.withdrawn_at is not None:
        return _("granted by %(name)s, and taken back since", name=name)
    until = (given.due_at or given.cut_off_at) if given is not None and not given.no_due else None
    if until is None:
        return _("granted by %(name)s without a due date", name=name)
    return _("granted by %(name)s until %(time)s", name=name, time=spelled(until, member))


@pages.get("/c/<course>/manage/requests")
@needs(Action.EXTEND)
def requests(course: str) -> Answer:
    """The open requests, oldest first, and those answered last."""
    session = db.session()
    crumbs()
    waiting = queries.open_requests(session, g.member, g.at)
    done = queries.answered_requests(session, g.member, g.at)
    return render_template(
        "more_time/requests.html", lines=lines_of(session, g.member, waiting, g.at),
        answered=lines_of(session, g.member, done, g.at), sees_reasons=g.member.may(Action.SEE_REASONS),
    )  # fmt: skip


def crumbs(*, here: bool = False) -> None:
    g.crumbs = [(g.member.course_code, f"/c/{g.member.course_slug}")]
    if g.member.may(Action.MANAGE_CONTENT):
        g.crumbs.append((_("Manage"), f"/c/{g.member.course_slug}/manage"))
    if here:
        g.crumbs.append((_("Requests for more time"), base()))


# --- one request --------------------------------------------------------------------------------------------------------


class AnswerPage:
    """All that the page of one request shows; made anew after a refused deed."""

    def __init__(self, time_request: str) -> None:
        self.session = db.session()
        self.seen = queries.request_for(self.session, g.member, time_request, g.at)
        self.course = course_of(self.session, g.member)
        self.checkpoints = checkpoints_of(self.session, [self.seen.board.id])[self.seen.board.id]
        self.url = f"{base()}/{time_request}"
        self.is_open = self.seen.row.state == "open"
        board, row = self.seen.board, self.seen.row
        self.texts: list[RefusedText] = (
            refused_texts(self.session, row.account_id, board.id, board.public_id)
            if self.is_open and row.hands_in
            else []
        )
        crumbs(here=True)

    def start(self) -> tuple[AnswerForm, DateForm, DateForm]:
        """The forms as they are first opened: granted as it was wished, by the course's clocks."""
        form, due = AnswerForm(formdata=None), DateForm(formdata=None, prefix="due-")
        cut_off = DateForm(formdata=None, prefix="cut-off-")
        row = self.seen.row
        # Where nothing is due the board's end is what moves.
        (due if self._dues() else cut_off).show(due_wall(row.wished_at, zone(self.course.zone)))
        form.version.data = str(row.version)
        return form, due, cut_off

    def _dues(self) -> bool:
        return any(self.seen.row.checkpoint_id in (None, row.id) for row in self.checkpoints)

    def results(self, terms: dict[str, Any]) -> tuple[list[ResultLine], bool]:
        """What the dates of the student would come to."""
        row = self.seen.row
        people = students_of(self.session, self.course.id, g.at)
        people = {key: since for key, since in people.items() if key == row.account_id}
        wanted = {**terms, "account_id": row.account_id, "checkpoint_id": row.checkpoint_id}
        return results_of(
            self.session, self.seen.board, self.course, self.checkpoints, people,
            {row.account_id: self.seen.student.name}, wanted, member=g.member, at=g.at,
        )  # fmt: skip

    def mark(self, terms: dict[str, Any]) -> str:
        """What is looked at: these terms, for this request and this board as they are now."""
        row, board = self.seen.row, self.seen.board
        told = (sorted(terms.items()), row.public_id, row.version, board.version)
        return sha256(repr(told).encode()).hexdigest()[:24]

    def render(
        self, form: AnswerForm, due: DateForm, cut_off: DateForm, *, status: int = 200,
        results: list[ResultLine] | None = None, problem: str | None = None,
    ) -> Answer:  # fmt: skip
        zone_name = g.member.course_zone_name
        page = render_template(
            "more_time/answer.html", line=lines_of(self.session, g.member, [self.seen], g.at)[0], form=form, due=due,
            cut_off=cut_off, results=results, problem=problem, url=self.url, back=base(), is_open=self.is_open,
            sees_reasons=g.member.may(Action.SEE_REASONS), course_zone=zone_name,
            ends=spelled(end_of_day(self.course.ends_on, g.member.course_zone), g.member),
            texts=[text_words(text, g.member.zone, g.member.course_zone) for text in self.texts],
            can_take_in=any(text.arrived_at is not None for text in self.texts),
            moves_others=self.seen.row.checkpoint_id is not None and len(self.checkpoints) > 1,
        )  # fmt: skip
        return page, status


@pages.get("/c/<course>/manage/requests/<time_request>")
@needs(Action.EXTEND)
def one_request(course: str, time_request: str) -> Answer:
    """A request with what granting it as wished comes to."""
    page = AnswerPage(time_request)
    form, due, cut_off = page.start()
    results = None
    if page.is_open and (terms := terms_in(form, due, cut_off, page.course, g.member)) is not None:
        results, changes = page.results(terms)
        form.looked_at.data = page.mark(terms) if changes else ""
    return page.render(form, due, cut_off, results=results)


@pages.post("/c/<course>/manage/requests/<time_request>")
@needs(Action.EXTEND)
def answer(course: str, time_request: str) -> Answer:
    """Deeds: look (shows all resulting dates), grant (what was looked at; anything else is shown first), decline."""
    page = AnswerPage(time_request)
    form, due, cut_off = AnswerForm(), DateForm(prefix="due-"), DateForm(prefix="cut-off-")
    told = as_kept(form.text.data or "").strip()
    version = number_in(form.version.data) or 0
    if request.form.get("deed") == "decline":
        if not form.validate():
            return page.render(form, due, cut_off, status=422)
        try:
            with transaction() as session:
                commands.decline_request(
                    session, g.member, time_request, at=g.at, version=version, answer=told
                )
        except Refused as refused:
            return _again(time_request, form, due, cut_off, refused)
        say(_("The request was declined; the student reads your answer on the board's page."))
        return redirect(base(), 303)  # type: ignore[return-value]
    for one in (form, due, cut_off):
        one.validate()
    terms = terms_in(form, due, cut_off, page.course, g.member)
    if terms is None:
        return page.render(form, due, cut_off, status=422)
    takes_in = page.texts if form.takes_in.data else []
    is_seen = page.is_open and form.looked_at.data == page.mark(terms)
    if request.form.get("deed") != "grant" or (page.is_open and not is_seen):
        return _looked(page, form, due, cut_off, terms)
    try:
        with transaction() as session:
            granted = commands.grant_request(
                session,
                g.member,
                time_request,
                at=g.at,
                version=version,
                answer=told,
                terms=terms,
                texts=takes_in,
            )
    except Refused as refused:
        return _again(time_request, form, due, cut_off, refused)
    say(" ".join([_("More time was granted; the student reads it on the board's page."),
                  *([taken_words(granted.texts, g.member.zone)] if granted.texts else [])]))  # fmt: skip
    return redirect(base(), 303)  # type: ignore[return-value]


def _looked(
    page: AnswerPage, form: AnswerForm, due: DateForm, cut_off: DateForm, terms: dict[str, Any]
) -> Answer:
    if not page.is_open:
        return page.render(
            form, due, cut_off, status=409, problem=refusal_words(Refused("request_answered"), g.member)
        )
    results, changes = page.results(terms)
    if not changes:
        due.on.errors = [
            *due.on.errors,
            _("This changes nothing: the dates are as late already, and more time never shortens anything."),
        ]
        form.looked_at.data = ""
        return page.render(form, due, cut_off, status=422, results=results)
    problem = None
    if number_in(form.version.data) != page.seen.row.version:
        problem = refusal_words(Refused("request_changed"), g.member)
    form.version.data = str(page.seen.row.version)
    form.looked_at.data = page.mark(terms)
    return page.render(form, due, cut_off, status=409 if problem else 200, results=results, problem=problem)


def _again(time_request: str, form: AnswerForm, due: DateForm, cut_off: DateForm, refused: Refused) -> Answer:
    """The page as the request stands now, with all that was typed."""
    page = AnswerPage(time_request)
    form.version.data, form.looked_at.data = str(page.seen.row.version), ""
    return page.render(form, due, cut_off, status=409, problem=refusal_words(refused, g.member))
