"""More time for a student, section or group, and being excused: looked at first, then granted."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import Response, g, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import NotHere, Refused
from ..core.moments import end_of_day
from ..core.places import shown_in
from ..core.times import Moment, moment
from ..courses.models import Course
from ..courses.policy import Action, Member
from ..courses.queries import RosterLine, groups_in, sections_in
from . import extension_commands as commands
from .blueprint import base, crumbs, names_of, pages
from .dates_form import DateForm, options
from .dates_views import group_title
from .extension_terms import ResultLine, results_of, terms_in
from .forms import ExcusalForm, ExtensionForm, ReasonForm, add_error
from .models import Checkpoint, Extension
from .queries import (
    board_for,
    checkpoints_of,
    course_of,
    excusals_on,
    extension_for,
    extensions_on,
    students_of,
    students_seen_by,
)
from .schedule import wall_of
from .sentences import checkpoint_words
from .trouble_sentences import refusal_words, spelled

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Whom:
    """One student, section or group that may be given more time."""

    value: str
    title: str
    account_id: int | None = None
    section_id: int | None = None
    group_id: int | None = None

    @property
    def keys(self) -> dict[str, int | None]:
        return {"account_id": self.account_id, "section_id": self.section_id, "group_id": self.group_id}


def everyone_to_choose(session: Session, member: Member, at: datetime) -> tuple[list[Whom], list[RosterLine]]:
    """Whom this member may give more time to, and the students behind it."""
    students = students_seen_by(session, member, at)
    sections = {section_id for line in students for section_id, _title in line.sections}
    groups = {group_id for line in students for group_id, _title in line.groups}
    found = [Whom(f"student-{line.public_id}", line.name, account_id=line.account_id) for line in students]
    found += [
        Whom(f"section-{one.public_id}", _("Section %(title)s", title=one.title), section_id=one.id)
        for one in sections_in(session, member.course_id)
        if member.all_sections or one.id in sections
    ]
    found += [
        Whom(f"group-{one.public_id}", _("Group %(title)s", title=group_title(one)), group_id=one.id)
        for one in groups_in(session, member.course_id)
        if member.all_sections or one.id in groups
    ]
    return found, students


@dataclass(frozen=True)
class ExtensionLine:
    """An extension in the list."""

    whom: str
    what: str
    text: list[str]
    reason: str | None
    granted: Moment
    author: str
    withdrawn: str | None
    withdrawal_url: str | None


class ExtensionPage:
    """All that the page of extensions shows; made anew after a refused deed."""

    def __init__(self, board: str) -> None:
        session = db.session()
        self.session = session
        self.row = board_for(session, g.member, board, g.at)
        self.course: Course = course_of(session, g.member)
        self.checkpoints: list[Checkpoint] = checkpoints_of(session, [self.row.id])[self.row.id]
        self.whom, self.students = everyone_to_choose(session, g.member, g.at)
        self.url = f"{base()}/boards/{board}/extensions"
        crumbs(self.row)

    def fill(self, form: Any, *, students_only: bool = False) -> None:
        """Offer whom and what."""
        choices = [one for one in self.whom if one.account_id is not None or not students_only]
        form.who.choices = options(("", _("please choose")), *((one.value, one.title) for one in choices))
        whole = ("", _("the whole board"))
        form.checkpoint.choices = options(
            whole, *((one.public_id, checkpoint_words(one)) for one in self.checkpoints)
        )

    def chosen(self, value: str | None) -> Whom | None:
        return next((one for one in self.whom if one.value == value), None)

    def checkpoint_id(self, public_id: str | None) -> int | None:
        return next((one.id for one in self.checkpoints if one.public_id == public_id), None)

    def render(
        self, form: ExtensionForm, due: DateForm, cut_off: DateForm, excusal: ExcusalForm, *, status: int = 200,
        results: list[ResultLine] | None = None, problem: str | None = None,
    ) -> Answer:  # fmt: skip
        page = render_template(
            "boards/extensions.html", board=self.row, form=form, due=due, cut_off=cut_off, excusal=excusal,
            lines=self.lines(), excusals=self.excusals(), results=results, url=self.url, problem=problem,
            sees_reasons=g.member.may(Action.SEE_REASONS), course_zone=g.member.course_zone_name,
            beside=shown_in("extensions.aside", g.member, self.row.id, g.at),
            ends=spelled(end_of_day(self.course.ends_on, g.member.course_zone), g.member),
        )  # fmt: skip
        return page, status

    def lines(self) -> list[ExtensionLine]:
        rows = extensions_on(self.session, self.row.id)
        names = names_of(
            self.session, [row.author_id for row in rows] + [row.withdrawn_by_id for row in rows]
        )
        found = []
        for row in rows:
            of = next(
                (
                    one
                    for one in self.whom
                    if list(one.keys.values()) == [row.account_id, row.section_id, row.group_id]
                ),
                None,
            )
            if of is not None:
                found.append(self._line(row, of, names))
        return found

    def _line(self, row: Extension, of: Whom, names: dict[int | None, str]) -> ExtensionLine:
        reasons = g.member.may(Action.SEE_REASONS)
        what = next((checkpoint_words(one) for one in self.checkpoints if one.id == row.checkpoint_id), None)
        text = []
        if row.no_due:
            text.append(_("no due date"))
        elif row.due_at is not None:
            text.append(_("due %(time)s", time=spelled(row.due_at, g.member)))
        if row.cut_off_at is not None:
            text.append(_("open until %(time)s", time=spelled(row.cut_off_at, g.member)))
        withdrawn = None
        if row.withdrawn_at is not None:
            withdrawn = _(
                "taken back %(time)s by %(name)s",
                time=moment(row.withdrawn_at, g.member.zone).text,
                name=names.get(row.withdrawn_by_id, ""),
            )
            if reasons and row.withdrawal_reason:
                withdrawn += f": {row.withdrawal_reason}"
        return ExtensionLine(
            of.title, what or (_("the whole board") if row.checkpoint_id is None else _("something no longer asked")),
            text, (row.reason or None) if reasons else None, moment(row.created_at, g.member.zone, g.member.course_zone),
            names.get(row.author_id, ""), withdrawn,
            f"{self.url}/{row.public_id}/withdrawal" if row.withdrawn_at is None else None,
        )  # fmt: skip

    def excusals(self) -> list[tuple[str, str, str | None, str, str]]:
        """Name, from what, reason, and the two ids with which it is lifted."""
        found = []
        for row in excusals_on(self.session, self.row.id):
            of = next((one for one in self.whom if one.account_id == row.account_id), None)
            checkpoint = next((one for one in self.checkpoints if one.id == row.checkpoint_id), None)
            if of is None or (row.checkpoint_id is not None and checkpoint is None):
                continue
            what = checkpoint_words(checkpoint) if checkpoint is not None else _("the whole board")
            reason = row.reason if g.member.may(Action.SEE_REASONS) else None
            found.append(
                (of.title, what, reason, of.value, checkpoint.public_id if checkpoint is not None else "")
            )
        return found


def empty_forms(view: ExtensionPage) -> tuple[ExtensionForm, DateForm, DateForm, ExcusalForm]:
    form, excusal = ExtensionForm(formdata=None), ExcusalForm(formdata=None, prefix="excusal-")
    view.fill(form)
    view.fill(excusal, students_only=True)
    return form, DateForm(formdata=None, prefix="due-"), DateForm(formdata=None, prefix="cut-off-"), excusal


@pages.get("/c/<course>/manage/boards/<board>/extensions")
@needs(Action.EXTEND)
def extensions(course: str, board: str) -> Answer:
    view = ExtensionPage(board)
    return view.render(*empty_forms(view))


@pages.post("/c/<course>/manage/boards/<board>/extensions")
@needs(Action.EXTEND)
def extend(course: str, board: str) -> Answer:
    """Deeds: look (shows all resulting dates), grant (what was looked at; anything else is shown first)."""
    view = ExtensionPage(board)
    excusal = ExcusalForm(formdata=None, prefix="excusal-")
    form, due, cut_off = ExtensionForm(), DateForm(prefix="due-"), DateForm(prefix="cut-off-")
    view.fill(form)
    view.fill(excusal, students_only=True)
    wanted = _wanted(view, form, due, cut_off)
    if wanted is None:
        return view.render(form, due, cut_off, excusal, status=422)
    results, changes_something = _results(view, wanted)
    seen = sha256(
        repr((sorted(wanted.items(), key=lambda one: one[0]), view.row.version)).encode()
    ).hexdigest()[:24]
    if not changes_something:
        add_error(
            due.on,
            _("This changes nothing: the dates are as late already, and more time never shortens anything."),
        )
        return view.render(form, due, cut_off, excusal, status=422, results=results)
    if request.form.get("deed") != "grant" or form.looked_at.data != seen:
        form.looked_at.data = seen
        return view.render(form, due, cut_off, excusal, results=results)
    with transaction() as session:
        row = board_for(session, g.member, board, g.at, lock=True)
        commands.grant_extension(session, g.member, row, at=g.at, **wanted)
    say(_("More time was granted."))
    return redirect(view.url, 303)  # type: ignore[return-value]


def _wanted(
    view: ExtensionPage, form: ExtensionForm, due: DateForm, cut_off: DateForm
) -> dict[str, Any] | None:
    """What `grant_extension` takes; None if the forms hold errors."""
    for one in (form, due, cut_off):
        one.validate()
    of = view.chosen(form.who.data)
    if of is None and not form.who.errors:
        add_error(form.who, _("Please choose for whom."))
    terms = terms_in(form, due, cut_off, view.course, g.member)
    if of is None or terms is None:
        return None
    return {
        **of.keys, "checkpoint_id": view.checkpoint_id(form.checkpoint.data), **terms,
        "reason": (form.reason.data or "").strip(),
    }  # fmt: skip


def _results(view: ExtensionPage, wanted: dict[str, Any]) -> tuple[list[ResultLine], bool]:
    """All dates of the people concerned, before and after; whether anything changes for anybody."""
    parts = {key: wanted[key] for key in ("section_id", "group_id")}
    people = students_of(view.session, view.course.id, g.at, **parts)
    if wanted["account_id"] is not None:
        people = {key: value for key, value in people.items() if key == wanted["account_id"]}
    names = {line.account_id: line.name for line in view.students}
    return results_of(
        view.session, view.row, view.course, view.checkpoints, people, names, wanted, member=g.member, at=g.at
    )


@pages.get("/c/<course>/manage/boards/<board>/extensions/<extension>/withdrawal")
@needs(Action.EXTEND)
def withdrawal(course: str, board: str, extension: str) -> Answer:
    return _withdrawal_page(board, extension, ReasonForm(formdata=None))


def _withdrawal_page(
    board: str, extension: str, form: ReasonForm, status: int = 200, problem: str | None = None
) -> Answer:
    view = ExtensionPage(board)
    row = extension_for(view.session, view.row, extension)
    url = f"{view.url}/{extension}/withdrawal"
    line = next((one for one in view.lines() if one.withdrawal_url == url), None)
    if line is None:
        raise NotHere
    g.crumbs.append((_("More time"), view.url))
    page = render_template("boards/withdrawal.html", line=line, form=form, url=url, problem=problem, back=view.url,
                           due=wall_of(row.due_on, row.due_minute))  # fmt: skip
    return page, status


@pages.post("/c/<course>/manage/boards/<board>/extensions/<extension>/withdrawal")
@needs(Action.EXTEND)
def withdraw(course: str, board: str, extension: str) -> Answer:
    form = ReasonForm()
    _withdrawal_page(board, extension, form)  # NotHere for what this member does not see
    if not form.validate():
        return _withdrawal_page(board, extension, form, 422)
    try:
        with transaction() as session:
            row = board_for(session, g.member, board, g.at, lock=True)
            commands.withdraw_extension(
                session,
                g.member,
                row,
                extension_for(session, row, extension),
                at=g.at,
                reason=(form.reason.data or "").strip(),
            )
    except Refused as refused:
        problem = refusal_words(refused, g.member)
        if refused.code == "reason_needed":
            add_error(form.reason, problem)
            return _withdrawal_page(board, extension, form, 422)
        return _withdrawal_page(board, extension, form, 409, problem)
    say(_("The extension was taken back; those concerned are told."))
    return redirect(f"{base()}/boards/{board}/extensions", 303)  # type: ignore[return-value]
