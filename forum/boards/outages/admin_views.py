"""Outages of the site for administrators: what was recorded, clocks that were set, stops that are planned."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Response, g, redirect, render_template, request
from flask_babel import gettext as _

from ...core.access import needs
from ...core.asking import say
from ...core.db import db, transaction
from ...core.moments import Wall, opening_instant
from ...core.places import shown_in
from ...core.times import duration_words, moment
from ...courses.policy import Action
from ..blueprint import pages
from ..forms import add_error
from . import commands
from .forms import StopForm
from .queries import clock_steps, known_outages, planned_stop_for, planned_stops
from .words import outage_words, set_words

Answer = str | Response | tuple[str, int]
MOST_SHOWN = 100


def _zone() -> ZoneInfo:
    return ZoneInfo(g.person.zone_name or "UTC")


@pages.route("/admin/outages", methods=["GET", "POST"])
@needs(Action.ADMINISTER)
def site_outages() -> Answer:
    """The page, and the deed of announcing a stop."""
    form = StopForm()
    if request.method == "GET":
        return _page(StopForm(formdata=None))
    times = _times(form) if form.validate() else None
    if times is None:
        return _page(form, status=422)
    with transaction() as session:
        commands.plan_stop(
            session, starts_at=times[0], ends_at=times[1], note=form.note.data or "", author_id=g.person.account_id,
            at=g.at,
        )  # fmt: skip
    say(_("The stop is noted. What the forum is away is given back as for any outage."))
    return redirect("/admin/outages", 303)  # type: ignore[return-value]


@pages.post("/admin/outages/<stop>/withdrawal")
@needs(Action.ADMINISTER)
def withdraw_planned_stop(stop: str) -> Answer:
    with transaction() as session:
        commands.withdraw_stop(
            session, planned_stop_for(session, stop), author_id=g.person.account_id, at=g.at
        )
    say(_("The stop is no longer planned."))
    return redirect("/admin/outages", 303)  # type: ignore[return-value]


def _times(form: StopForm) -> tuple[datetime, datetime] | None:
    """From when until when, in the administrator's own zone; None with errors beside the fields."""
    for field in (form.start_on, form.start_at, form.end_on, form.end_at):
        if field.data is None and not field.errors:
            add_error(field, _("Please fill this in."))
    if form.errors or form.start_on.data is None or form.end_on.data is None:
        return None
    starts_at = opening_instant(Wall(form.start_on.data, form.start_at.data), _zone())
    ends_at = opening_instant(Wall(form.end_on.data, form.end_at.data), _zone())
    if ends_at <= starts_at:
        add_error(form.end_at, _("This is not after its start."))
        return None
    if ends_at <= g.at:
        add_error(form.end_at, _("This has passed. What the forum was away is recorded by itself."))
        return None
    return starts_at, ends_at


def _page(form: StopForm, *, status: int = 200) -> Answer:
    session, zone = db.session(), _zone()
    found = known_outages(session)
    page = render_template(
        "admin/outages.html", form=form, zone=zone.key,
        outages=[outage_words(outage, zone) for outage in reversed(found[-MOST_SHOWN:])],
        steps=[set_words(step, zone) for step in clock_steps(session)[:MOST_SHOWN]],
        posts=shown_in("admin.clocks", g.person, 0, g.at),
        stops=[
            (moment(stop.starts_at, zone), moment(stop.ends_at, zone), stop.note,
             duration_words(stop.ends_at - stop.starts_at), f"/admin/outages/{stop.public_id}/withdrawal")
            for stop in planned_stops(session, after=g.at)
        ],
    )  # fmt: skip
    return page, status
