"""Rosters in the browser: upload, report of the dry run, carry out, links for the new accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, g, make_response, redirect, render_template
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from ..accounts.links import link_to, post_link
from ..core import mail
from ..core.access import needs
from ..core.asking import say
from ..core.csvs import write_csv
from ..core.db import db, transaction
from ..core.errors import NotHere
from ..courses.models import Course, Term
from ..courses.policy import Action, Role
from . import kept
from .archives import BadArchive
from .forms import CarryOutForm, CourseRosterForm, SchoolRosterForm
from .reports import Deed, NotCarriedOut, Report, Row, report_as_json, report_from_json
from .roster_commands import CarriedOut, import_roster, invite
from .roster_people import Asker
from .roster_plans import plan_roster
from .roster_sources import Wanted, wanted_by_csv, wanted_by_oneroster
from .rosters import LARGEST_ROSTER
from .sentences import archive_words, deed_words, remark_words

pages = Blueprint("rosters", __name__)
Answer = str | Response | tuple[str, int]
ROWS_SHOWN = 400
_ORDER = (Deed.REFUSED, Deed.ENDED, Deed.CHANGED, Deed.ADDED, Deed.LEFT)


class Line(NamedTuple):
    """A row of a report as the page shows it."""

    deed: str
    name: str
    email: str
    where: str
    line: str
    words: str


def lines_of(report: Report, most: int | None = None) -> list[Line]:
    """The rows in words, what asks for attention first."""
    rows = sorted(report.rows, key=lambda row: (_ORDER.index(row.deed), row.file, row.line))
    return [_line(row) for row in rows[:most]]


def _line(row: Row) -> Line:
    words = "; ".join(remark_words(remark) for remark in row.remarks)
    place = f"{row.file} {row.line or ''}".strip()
    return Line(deed_words(row.deed), row.name, row.email, row.where, place, words)


def counts_of(report: Report) -> list[tuple[str, int]]:
    """How many rows of each deed."""
    return [
        (deed_words(deed), report.count(deed))
        for deed in (Deed.ADDED, Deed.CHANGED, Deed.ENDED, Deed.LEFT, Deed.REFUSED)
    ]


def source_of_course(course: Course) -> str:
    """Registrars' numbers of a plain roster are known in its course alone: nobody's file reaches further."""
    return f"roster:{course.public_id}"


def asker_now() -> Asker:
    """What the person at the browser may do by a file."""
    is_administrator = bool(g.person.is_administrator)
    gives = is_administrator or (g.member is not None and g.member.role is Role.INSTRUCTOR)
    return Asker(
        g.person.account_id, changes_accounts=is_administrator and g.member is None, gives_instructor=gives
    )


# --- one course ----------------------------------------------------------------------------------------------------


@pages.get("/c/<course>/people/import")
@needs(Action.MANAGE_PEOPLE)
def course_roster(course: str) -> str:
    return _upload_page(CourseRosterForm(formdata=None))


@pages.post("/c/<course>/people/import")
@needs(Action.MANAGE_PEOPLE)
def uploading_course_roster(course: str) -> Answer:
    form = CourseRosterForm()
    if not form.validate():
        return _upload_page(form), 422
    content = form.file.data.stream.read(LARGEST_ROSTER + 1)
    return _first_look(form, wanted_by_csv(content, ""), {"keep_others": bool(form.keep_others.data)})


@pages.get("/c/<course>/people/import/<token>")
@needs(Action.MANAGE_PEOPLE)
def course_report(course: str, token: str) -> Answer:
    return _report_page(_mine(token), CarryOutForm(formdata=None))


@pages.post("/c/<course>/people/import/<token>")
@needs(Action.MANAGE_PEOPLE)
def carrying_out_course_roster(course: str, token: str) -> Answer:
    return _carry_out(_mine(token))


@pages.post("/c/<course>/people/import/<token>/links")
@needs(Action.MANAGE_PEOPLE)
def course_links(course: str, token: str) -> Response:
    return _links(_mine(token))


@pages.get("/c/<course>/people/import/<token>/rows.csv")
@needs(Action.MANAGE_PEOPLE)
def course_rows(course: str, token: str) -> Response:
    return _rows(_mine(token))


# --- the whole site ------------------------------------------------------------------------------------------------


@pages.get("/admin/imports/roster")
@needs(Action.ADMINISTER)
def site_roster() -> str:
    form = SchoolRosterForm(formdata=None, data={"zone": g.person.zone_name or "UTC"})
    return _upload_page(_with_terms(form))


@pages.post("/admin/imports/roster")
@needs(Action.ADMINISTER)
def uploading_site_roster() -> Answer:
    form = _with_terms(SchoolRosterForm())
    if not form.validate():
        return _upload_page(form), 422
    by_class = form.each.data == "class"
    choices = {
        "term": form.term.data, "by_class": by_class, "zone": form.zone.data, "keep_others": bool(form.keep_others.data)
    }  # fmt: skip
    try:
        wanted = wanted_by_oneroster(
            form.file.data.stream, "", by_class=by_class, today=g.at.date(), since=g.at.date()
        )
    except BadArchive as bad:
        form.file.errors = [archive_words(bad), _("Nothing was written.")]
        return _upload_page(form), 422
    return _first_look(form, wanted, choices)


@pages.get("/admin/imports/roster/<token>")
@needs(Action.ADMINISTER)
def site_report(token: str) -> Answer:
    return _report_page(_mine(token), CarryOutForm(formdata=None))


@pages.post("/admin/imports/roster/<token>")
@needs(Action.ADMINISTER)
def carrying_out_site_roster(token: str) -> Answer:
    return _carry_out(_mine(token))


@pages.post("/admin/imports/roster/<token>/links")
@needs(Action.ADMINISTER)
def site_links(token: str) -> Response:
    return _links(_mine(token))


@pages.get("/admin/imports/roster/<token>/rows.csv")
@needs(Action.ADMINISTER)
def site_rows(token: str) -> Response:
    return _rows(_mine(token))


# --- both ----------------------------------------------------------------------------------------------------------


def terms_in(session: Session) -> list[Term]:
    """All terms, the newest first."""
    return list(session.scalars(select(Term).order_by(Term.starts_on.desc(), Term.code)))


def _with_terms(form: SchoolRosterForm) -> SchoolRosterForm:
    form.term.choices = [
        SelectChoice(term.public_id, f"{term.title} ({term.code})") for term in terms_in(db.session())
    ]
    return form


def _kind() -> str:
    return "roster" if g.member is None else "course-roster"


def _course_id() -> int | None:
    return g.member.course_id if g.member is not None else None


def _home() -> str:
    return "/admin/imports/roster" if g.member is None else f"/c/{g.member.course_slug}/people/import"


def _mine(token: str) -> kept.Kept:
    return kept.kept_for(token, kind=_kind(), account_id=g.person.account_id, course_id=_course_id(), at=g.at)


def _upload_page(form: CourseRosterForm | SchoolRosterForm) -> str:
    return render_template("interop/roster.html", form=form, whole_site=g.member is None)


def _first_look(form: Any, wanted: Wanted, choices: dict[str, Any]) -> Answer:
    if wanted.fatal:
        form.file.errors = [*(remark_words(remark) for remark in wanted.fatal), _("Nothing was written.")]
        return _upload_page(form), 422
    form.file.data.stream.seek(0)
    token = kept.keep(
        form.file.data.stream, name=form.file.data.filename or "", kind=_kind(), account_id=g.person.account_id,
        course_id=_course_id(), choices=choices, at=g.at,
    )  # fmt: skip
    return redirect(f"{_home()}/{token}", 303)


def _wanted(session: Session, mine: kept.Kept) -> tuple[Wanted, dict[str, Any]]:
    """What the kept file wants, and of which course or term."""
    keep_others = bool(mine.choices["keep_others"])
    if g.member is not None:
        course = session.get_one(Course, g.member.course_id)
        wanted = wanted_by_csv(mine.path.read_bytes(), source_of_course(course))
        return wanted, {"course": course, "keep_others": keep_others}
    term = session.scalars(select(Term).where(Term.public_id == mine.choices["term"])).first()
    if term is None:
        raise NotHere
    wanted = wanted_by_oneroster(
        mine.path,
        "oneroster",
        by_class=bool(mine.choices["by_class"]),
        today=g.at.date(),
        since=term.starts_on,
    )
    return wanted, {"term": term, "keep_others": keep_others}


def _report_of(mine: kept.Kept) -> Report:
    """What was carried out, else what would be now."""
    if mine.result is not None:
        return report_from_json(mine.result["report"])
    session = db.session()
    wanted, where = _wanted(session, mine)
    return plan_roster(session, wanted, at=g.at, asker=asker_now(), **where).report


def _report_page(mine: kept.Kept, form: CarryOutForm) -> str:
    report = _report_of(mine)
    return render_template(
        "interop/roster_report.html", form=form, report=report, lines=lines_of(report, ROWS_SHOWN),
        counts=counts_of(report), more=max(0, len(report.rows) - ROWS_SHOWN), name=mine.name,
        notes=[remark_words(remark) for remark in report.notes[:ROWS_SHOWN]],
        refused=report.count(Deed.REFUSED), asks=report.asks, done=mine.result is not None,
        invited=len(mine.result["invited"]) if mine.result else 0, home=_home(), token=mine.token, mails=mail.is_configured(),
        whole_site=g.member is None,
    )  # fmt: skip


def _carry_out(mine: kept.Kept) -> Answer:
    form = CarryOutForm()
    if mine.result is not None:
        return redirect(f"{_home()}/{mine.token}", 303)
    try:
        with kept.carrying_out(mine):
            done = _import(mine, form, g.at)
    except NotCarriedOut as refusal:
        if refusal.code == "rows_refused":
            form.partly.errors = [_("Rows are refused. Mend the file and begin anew, or tick this.")]
        elif refusal.code == "asks":
            form.remove_anyway.errors = [
                _("More than a tenth of a course would be taken out. Tick this if it is meant.")
            ]
        return _report_page(mine, form), 422
    kept.finish(mine, {"report": report_as_json(done.report), "invited": list(done.invited)})
    say(_("The roster was carried out."))
    return redirect(f"{_home()}/{mine.token}", 303)


def _import(mine: kept.Kept, form: CarryOutForm, at: datetime) -> CarriedOut:
    zone = str(mine.choices.get("zone", "UTC"))
    with transaction() as session:
        wanted, where = _wanted(session, mine)
        return import_roster(
            session, wanted, at=at, asker=asker_now(), zone=zone, partly=bool(form.partly.data),
            remove_anyway=bool(form.remove_anyway.data), **where,
        )  # fmt: skip


def _rows(mine: kept.Kept) -> Response:
    """Every row of the report, in the order of the page."""
    head = (_("Who or what"), _("What happens"), _("Why"), _("E-mail"), _("Course"), _("Line"))
    rows = [
        (line.name, line.deed, line.words, line.email, line.where, line.line)
        for line in lines_of(_report_of(mine))
    ]
    return _csv(write_csv([head, *rows]), "roster-report.csv")


def _csv(content: bytes, name: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _links(mine: kept.Kept) -> Response:
    """New one-time links for the accounts that this import made, as one CSV; mailed too if the site sends mail."""
    if mine.result is None:
        raise NotHere
    with transaction() as session:
        links = invite(session, tuple(mine.result["invited"]), at=g.at, author_id=g.person.account_id)
        content = links_csv([(account.name, account.email or "", token) for account, token in links])
        for account, token in links:
            post_link(session, account, token, "invitation", at=g.at)
    return _csv(content, "invitations.csv")


def links_csv(links: list[tuple[str, str, str]]) -> bytes:
    """One-time links as CSV: name, e-mail, link."""
    head = (_("Name"), _("E-mail"), _("Link (works once, 14 days)"))
    return write_csv([head, *((name, email, link_to(token)) for name, email, token in links)])
