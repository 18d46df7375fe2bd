"""The way of a request: arrival, who asks, the gate, the token, headers."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import flask_login
from flask import (
    Flask,
    Response,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as cookie
from flask_babel import Babel, get_translations
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import update

from ..accounts.models import SignInSession
from ..accounts.rules import SESSION_IDLES, SESSION_LASTS
from ..accounts.views import SessionUser
from ..core import clock
from ..core.access import gate_of
from ..core.assets import load_assets
from ..core.cookies import RememberedCookies
from ..core.db import db, transaction
from ..core.errors import NotAllowed, NotHere, TooBusy
from ..core.origins import refuse_foreign_origin
from ..core.signing import token_hash
from ..courses.as_student import seen_as_student
from ..courses.policy import Action
from ..courses.queries import who_asks
from .arrival import Arrival
from .error_pages import READS, install_errors, words_kept
from .frame import Page

LEAVE_STUDENT_VIEW = (
    "courses.leave_student_view"  # the one deed that is let through while looking as a student
)
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
)


def install(app: Flask) -> None:
    """Set up everything between the socket and the rooms, in the order in which a request meets it."""
    app.wsgi_app = Arrival(app.wsgi_app, app.config["TRUSTED_PROXY"], app.config["MAX_CONTENT_LENGTH"])  # type: ignore[method-assign]
    app.session_interface = RememberedCookies(app)
    app.before_request(_take_arrival)
    _install_sign_in(app)
    app.before_request(_pass_gate)
    app.before_request(refuse_foreign_origin)
    csrf = CSRFProtect()
    csrf.init_app(app)
    csrf.exempt("forum.machines.heartbeat")  # opened by a secret of its own; takes no cookie
    app.after_request(_add_headers)
    app.teardown_request(_end_read)
    Babel(app, locale_selector=lambda: Page().language)
    _look_up_words_once(app)
    app.extensions["forum_assets"] = load_assets(Path(app.root_path) / "static")
    app.context_processor(lambda: {"page": Page()})
    install_errors(app)


def _look_up_words_once(app: Flask) -> None:
    """Templates find the reader's catalog once a request: a thread's page asks for its words hundreds of times."""

    def catalog() -> Any:
        found = g.get("catalog")
        if found is None:
            found = g.catalog = get_translations()
        return found

    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda words: catalog().gettext(words),
        lambda one, many, number: catalog().ngettext(one, many, number),
        newstyle=True,
    )


def _take_arrival() -> None:
    g.at = request.environ.get("forum.arrived_at") or clock.now()
    g.person = g.member = None
    if request.environ.get("forum.too_busy"):
        raise TooBusy


def _install_sign_in(app: Flask) -> None:
    manager = flask_login.LoginManager(app)
    manager.session_protection = (
        None  # an address may change while someone writes; sessions are server-side records
    )

    @manager.user_loader
    def load(token: str) -> SessionUser | None:
        slug = (request.view_args or {}).get("course")
        asking = who_asks(
            db.session(), token_hash(token), slug, at=g.at,
            oldest_start=g.at - SESSION_LASTS, oldest_use=g.at - SESSION_IDLES,
        )  # fmt: skip
        if asking is None:
            return None
        g.person, g.member = asking.person, asking.member
        if g.at - asking.session_last_used_at > timedelta(hours=1):
            with transaction() as session:
                session.execute(
                    update(SignInSession)
                    .where(SignInSession.id == asking.person.session_id)
                    .values(last_used_at=g.at)
                )
        return SessionUser(token)


def _pass_gate() -> Response | None:
    if request.endpoint is None:
        if request.routing_exception is not None and getattr(request.routing_exception, "code", 404) != 404:
            return None
        cookie.get("_user_id") and flask_login.current_user.is_authenticated
        raise NotHere
    gate = gate_of(current_app, request.endpoint)
    if gate is None:
        raise NotAllowed
    signed_in = bool(cookie.get("_user_id")) and flask_login.current_user.is_authenticated
    if gate.kind == "public":
        return None
    if not signed_in:
        return _ask_to_sign_in()
    if gate.kind == "signed_in":
        return None
    assert isinstance(gate.action, Action)
    if "course" not in (request.view_args or {}):
        if gate.action is not Action.ADMINISTER or not g.person.is_administrator:
            raise NotAllowed
        return None
    if g.member is None:
        raise NotHere
    if request.endpoint != LEAVE_STUDENT_VIEW:
        g.member = seen_as_student(g.member, cookie, g.at)
    if g.member.as_student and request.method not in READS:
        raise NotAllowed
    if not g.member.may(gate.action):
        if not g.member.may(Action.READ) and not g.person.is_administrator:
            raise NotHere  # a course in preparation does not exist for students
        raise NotAllowed
    return None


def _ask_to_sign_in() -> Response:
    if request.method in READS:
        target = request.full_path.rstrip("?")
        return redirect(url_for("accounts.sign_in", next=None if target == "/" else target))  # type: ignore[return-value]
    from ..accounts.forms import SignInForm

    form = SignInForm(formdata=None, data={"next": "/"})
    body = render_template("accounts/sign_in.html", form=form, kept=words_kept())
    return Response(body, 401)


_FIXED = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


def _add_headers(response: Response) -> Response:
    headers = response.headers
    there = {name for name, _value in headers}
    for name, value in _FIXED.items():
        if name not in there:
            headers.add(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _end_read(_error: BaseException | None) -> None:
    """Flask-SQLAlchemy removes the session; nothing is left open here."""
