"""The way of a request: arrival, who asks, the gate, the token, headers."""

from datetime import datetime
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
from ..accounts.rules import SESSION_IDLES, SESSION_LASTS, USE_NOTED_EVERY
from ..accounts.views import SessionUser
from ..core import clock
from ..core.access import Gate, gate_of
from ..core.assets import load_assets
from ..core.cookies import RememberedCookies, is_form_token
from ..core.db import transaction
from ..core.errors import NotAllowed, NotHere, TooBusy
from ..core.origins import refuse_foreign_origin
from ..core.signing import token_hash
from ..core.unchanged import Unchanged
from ..courses.as_student import seen_as_student
from ..courses.asking import Asking, who_asks
from ..courses.policy import Action, Member, Person
from ..posts.entrusting import settle_entrusted
from .addresses import tell_addresses
from .arrival import Arrival
from .error_pages import READS, install_errors, words_kept
from .fixed_headers import FixedHeaders
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
    app.wsgi_app = FixedHeaders(app.wsgi_app, _fixed_headers(app))  # type: ignore[method-assign]
    app.wsgi_app = Unchanged(app.wsgi_app)  # type: ignore[method-assign]
    app.wsgi_app = Arrival(app.wsgi_app, app.config["TRUSTED_PROXY"], app.config["MAX_CONTENT_LENGTH"])  # type: ignore[method-assign]
    app.session_interface = RememberedCookies(app)
    app.before_request(_take_arrival)
    _install_sign_in(app)
    app.before_request(_pass_gate)
    _install_token(app)
    Babel(app, locale_selector=lambda: Page().language)
    _look_up_words_once(app)
    app.extensions["forum_assets"] = load_assets(Path(app.root_path) / "static")
    app.context_processor(lambda: {"page": Page()})
    install_errors(app)
    tell_addresses(app)


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
    environ = request.environ
    g.at = environ.get("forum.arrived_at") or clock.now()
    g.person = g.member = None
    if environ.get("forum.too_busy"):
        raise TooBusy


def _install_sign_in(app: Flask) -> None:
    manager = flask_login.LoginManager(app)
    manager.session_protection = (
        None  # an address may change while someone writes; sessions are server-side records
    )

    @manager.user_loader
    def load(token: str) -> SessionUser | None:
        """For whom asks `current_user`; the gate found out who that is before."""
        return SessionUser(token) if g.person is not None else None


def _find_out_who_asks(gate: Gate | None, known: Any) -> None:
    """Who is behind the cookie's token, in one statement; nobody, if their session is over or they may do nothing.

    `known` is `g`, looked up once.
    """
    token = cookie.get("_user_id")
    if not token:
        return
    at: datetime = known.at
    asks = gate.asks if gate is not None and gate.asks is not None else who_asks
    lines, hashed, address = current_app.extensions["forum_lines"], token_hash(token), request.view_args or {}

    def ask(at: datetime) -> Asking | None:
        return asks.ask(
            lines, hashed, address, at=at, oldest_start=at - SESSION_LASTS, oldest_use=at - SESSION_IDLES
        )

    asking = ask(at)
    if asking is not None and asking.row.first_look_at is not None and asking.row.first_look_at <= at:
        # What is to be posted for its author is there before anything is read or saved.
        settle_entrusted(at)
        asking = ask(at)
    if asking is None:
        return
    known.ask, known.asking, known.person, known.member = ask, asking, asking.person, asking.member
    if at - asking.session_last_used_at > USE_NOTED_EVERY:
        with transaction() as session:
            session.execute(
                update(SignInSession)
                .where(SignInSession.id == asking.person.session_id)
                .values(last_used_at=at)
            )


def _pass_gate() -> Response | None:
    asked: Any = request._get_current_object()  # type: ignore[attr-defined]
    known: Any = g._get_current_object()
    endpoint = asked.endpoint
    if endpoint is None:
        if asked.routing_exception is not None and getattr(asked.routing_exception, "code", 404) != 404:
            return None
        _find_out_who_asks(None, known)
        raise NotHere
    gate = gate_of(current_app, endpoint)
    if gate is None:
        raise NotAllowed
    _find_out_who_asks(gate, known)
    if gate.kind == "public":
        return None
    person: Person | None = known.person
    member: Member | None = known.member
    if person is None:
        return _ask_to_sign_in()
    if gate.kind == "signed_in":
        return None
    assert isinstance(gate.action, Action)
    if "course" not in (asked.view_args or {}):
        if gate.action is not Action.ADMINISTER or not person.is_administrator:
            raise NotAllowed
        return None
    if member is None:
        raise NotHere
    if endpoint != LEAVE_STUDENT_VIEW:
        member = known.member = seen_as_student(member, cookie, known.at)
    if member.as_student and asked.method not in READS:
        raise NotAllowed
    if not member.may(gate.action):
        if not member.may(Action.READ) and not person.is_administrator:
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


def _install_token(app: Flask) -> None:
    """Everything but a read comes from a page of ours and brings the token of its form."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # asked here, where a read costs nothing
    csrf = CSRFProtect(app)
    csrf.exempt("forum.machines.heartbeat")  # opened by a secret of its own; takes no cookie

    @app.before_request
    def refuse_forged() -> None:
        if request.method in READS:
            return
        refuse_foreign_origin()
        if app.config["WTF_CSRF_ENABLED"] and not is_form_token(request.form.get("csrf_token")):
            csrf.protect(apply_exemptions=True)


def _fixed_headers(app: Flask) -> dict[str, str]:
    """What every answer says, unless it says otherwise itself."""
    secure = {"Strict-Transport-Security": "max-age=31536000"} if app.config["SESSION_COOKIE_SECURE"] else {}
    return {
        "Content-Security-Policy": CSP,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "private, no-cache",
        **secure,
    }
