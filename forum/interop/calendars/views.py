"""The address of one's calendar, and the calendar at that address."""

from datetime import timedelta

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
)
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from ...core import pace
from ...core.access import public, signed_in
from ...core.db import db, transaction
from ...core.errors import NotHere
from ...core.signing import text_digest, token_hash
from ...core.times import ZoneInfo, moment
from . import commands, queries
from .entries import calendar_of

pages = Blueprint("calendars", __name__)

MOST = 60
READS = {
    "most": MOST,
    "period": timedelta(minutes=10),
}  # of one calendar; of one address with secrets that are none


def _site() -> str:
    return str(current_app.config["PUBLIC_URL"]).rstrip("/")


@pages.get("/settings/calendar")
@signed_in
def calendar() -> str:
    made_at = queries.made_at(db.session(), g.person.account_id)
    zone = ZoneInfo(g.person.zone_name or "UTC")
    return render_template(
        "interop/calendar.html", made=moment(made_at, zone) if made_at else None, address=None
    )


@pages.post("/settings/calendar/address")
@signed_in
def make() -> AnyResponse:
    """The address, shown this once; no cache keeps the page."""
    with transaction() as session:
        token = commands.make_address(session, g.person.account_id, at=g.at)
    address = f"{_site()}/calendar/{token}.ics"
    page = render_template(
        "interop/calendar.html", made=None, address=address, subscribe=f"webcal:{address.partition(':')[2]}"
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.post("/settings/calendar/withdrawal")
@signed_in
def withdraw() -> AnyResponse:
    with transaction() as session:
        commands.withdraw_address(session, g.person.account_id, at=g.at)
    flash(_("The address of your calendar does not work any more."), "done")
    return redirect("/settings/calendar", 303)


@pages.get("/calendar/<token>.ics")
@public(
    because="calendar programs sign in nowhere; the secret in the address is the key, made and withdrawn by its person"
)
def feed(token: str) -> Response:
    stranger = f"calendar-from:{request.remote_addr or ''}"[:200]
    pace.check(stranger, at=g.at, **READS)  # type: ignore[arg-type]
    session = db.session()
    try:
        reader = queries.reader_of(session, token, g.at)
    except NotHere:
        pace.count(stranger, at=g.at, most=MOST)
        raise
    own = f"calendar:{token_hash(token)}"
    pace.check(own, at=g.at, **READS)  # type: ignore[arg-type]
    pace.count(own, at=g.at, most=MOST)
    with force_locale(reader.language):
        name = _("%(site)s: what is due", site=current_app.config["SITE_NAME"])
        body = calendar_of(
            queries.entries_of(session, reader, g.at, _site()), name=name, zone_name=reader.zone_name
        )
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = 'inline; filename="due-dates.ics"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.set_etag(text_digest(body)[:32])
    return response.make_conditional(request)  # type: ignore[return-value]
