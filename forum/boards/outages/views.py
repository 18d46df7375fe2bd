"""Outages on a board: what was given back there, and giving more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, g, redirect, render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from ...core.access import needs
from ...core.asking import say
from ...core.db import db, transaction
from ...core.errors import Refused
from ...core.refusals import tells
from ...core.times import Moment, duration_words, moment
from ...courses.policy import Action
from ..blueprint import base, crumbs, names_of, pages
from ..dates_form import options
from ..forms import add_error
from ..models import Board, Checkpoint
from ..queries import board_for, checkpoints_of, course_of, students_seen_by
from ..rules.outages import REACH, Outage
from ..schedule import dates_from, people_of, schedule_of
from ..sentences import checkpoint_words
from . import commands
from .forms import MoreTimeForm
from .queries import added_time_on, known_outages
from .words import outage_words

Answer = str | Response | tuple[str, int]
MOST_SHOWN = 20


@dataclass(frozen=True)
class OutageLine:
    """One outage, and what it gave to students of this board, in sentences."""

    text: str
    given: list[str]


@dataclass(frozen=True)
class AddedLine:
    """Time that somebody added."""

    what: str
    length: str
    reason: str
    author: str
    when: Moment


@pages.get("/c/<course>/manage/boards/<board>/outages")
@needs(Action.EXTEND)
def board_outages(course: str, board: str) -> Answer:
    row = board_for(db.session(), g.member, board, g.at)
    return _page(row, _form(row, sent=False))


@pages.post("/c/<course>/manage/boards/<board>/outages")
@needs(Action.EXTEND)
def give_more_time(course: str, board: str) -> Answer:
    row = board_for(db.session(), g.member, board, g.at)
    form = _form(row, sent=True)
    good = form.validate()
    minutes = (form.hours.data or 0) * 60 + (form.minutes.data or 0)
    if good and not 0 < minutes <= commands.MOST_MINUTES:
        add_error(form.hours, _("Please give some time, at most 14 days."))
        good = False
    if not good:
        return _page(row, form, status=422)
    ids = {one.public_id: one.id for one in checkpoints_of(db.session(), [row.id])[row.id]}
    try:
        with transaction() as session:
            kept = board_for(session, g.member, board, g.at, lock=True)
            commands.add_time(
                session, g.member, kept, checkpoint_id=ids.get(form.checkpoint.data), minutes=minutes,
                reason=(form.reason.data or "").strip(), at=g.at,
            )  # fmt: skip
    except Refused as refused:
        return _page(
            board_for(db.session(), g.member, board, g.at), form, status=409, problem=_tell(refused)[0]
        )
    say(_("Everybody on this board has %(time)s more.", time=duration_words(timedelta(minutes=minutes))))
    return redirect(f"{base()}/boards/{board}/outages", 303)  # type: ignore[return-value]


@tells("no_outage")
def _tell(_refused: Refused) -> list[str]:
    return [
        _(
            "The forum was not away since students could see this board, so there is nothing to add to. Its dates are changed on its own page."
        )
    ]


def _form(row: Board, *, sent: bool) -> MoreTimeForm:
    form = MoreTimeForm() if sent else MoreTimeForm(formdata=None)
    checkpoints = checkpoints_of(db.session(), [row.id])[row.id]
    form.checkpoint.choices = options(
        ("", _("everything that is asked here")),
        *((one.public_id, checkpoint_words(one)) for one in checkpoints),
    )
    return form


def _page(row: Board, form: MoreTimeForm, *, status: int = 200, problem: str | None = None) -> Answer:
    session = db.session()
    crumbs(row)
    checkpoints = checkpoints_of(session, [row.id])[row.id]
    added = added_time_on(session, [row.id])[row.id]
    names = names_of(session, [each.author_id for each in added])
    titles = {one.id: checkpoint_words(one) for one in checkpoints}
    page = render_template(
        "boards/outages.html", board=row, form=form, url=f"{base()}/boards/{row.public_id}/outages", problem=problem,
        lines=_lines(session, row, checkpoints), may_add=commands.any_since(session, row),
        added=[
            AddedLine(
                titles.get(each.checkpoint_id or 0, _("everything that is asked here")),
                duration_words(timedelta(minutes=each.minutes)), each.reason, names.get(each.author_id, ""),
                moment(each.created_at, g.member.zone, g.member.course_zone),
            )
            for each in added
        ],
    )  # fmt: skip
    return page, status


def _lines(session: Session, row: Board, checkpoints: list[Checkpoint]) -> list[OutageLine]:
    """The outages since students could see a board, the latest first, with what each gave."""
    shown_at = row.first_shown_at
    if shown_at is None:
        return []
    people = {line.account_id: line.enrolled_from for line in students_seen_by(session, g.member, g.at)}
    dates = dates_from(
        schedule_of(session, row, course_of(session, g.member)), people_of(session, people, g.at)
    )
    given: dict[tuple[datetime, int], list[timedelta]] = {}
    for each in dates.values():
        for date in each.dates:
            for reason in date.reasons:
                if reason.code == "credit":
                    key = (reason.values["from_at"], date.checkpoint_id)
                    given.setdefault(key, []).append(reason.values["given"])  # type: ignore[arg-type]
    found = [outage for outage in known_outages(session) if outage.ends_at > shown_at]
    return [_line(outage, checkpoints, given) for outage in reversed(found[-MOST_SHOWN:])]


def _line(
    outage: Outage, checkpoints: list[Checkpoint], given: dict[tuple[datetime, int], list[timedelta]]
) -> OutageLine:
    told = []
    for one in checkpoints:
        lengths = given.get((outage.starts_at, one.id), [])
        if not lengths:
            continue
        least, most = duration_words(min(lengths)), duration_words(max(lengths))
        length = least if least == most else _("%(least)s to %(most)s", least=least, most=most)
        told.append(
            ngettext(
                "%(what)s: %(length)s given back to %(num)d student.",
                "%(what)s: %(length)s given back to %(num)d students.",
                len(lengths), what=checkpoint_words(one), length=length,
            )
        )  # fmt: skip
    nothing = _(
        "Nothing was due in it or in the %(hours)d hours after it, or it was too short.",
        hours=REACH // timedelta(hours=1),
    )
    return OutageLine(outage_words(outage, g.member.course_zone) + ".", told or [nothing])
