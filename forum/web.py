"""Where HTTP meets the rooms: the arrival stamp, the gate, the token, headers, error pages."""

import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_login
from flask import Flask, Response, current_app, g, get_flashed_messages, redirect, render_template, request, session as cookie, url_for
from flask_babel import Babel, gettext as _
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from sqlalchemy import update
from werkzeug.exceptions import HTTPException

from .accounts.models import SignInSession
from .accounts.rules import SESSION_IDLES, SESSION_LASTS
from .accounts.views import SessionUser
from .core import clock
from .core.access import gate_of
from .core.assets import Assets, load_assets
from .core.db import db, transaction
from .core.errors import NotAllowed, NotHere, Refused, TooBusy, TooMany
from .core.origins import refuse_foreign_origin
from .core.times import zone_words
from .core.signing import arrival_from, sign_arrival, text_digest, token_hash
from .courses.as_student import seen_as_student
from .courses.policy import Action, Member, Person
from .courses.queries import who_asks
from .posts.rules import as_kept, is_key

AT_ONCE = 2  # requests that a worker computes at the same time; more only makes each slower
WAITING = 32  # requests that may wait for their turn
SLOW_BODY = timedelta(minutes=10)
LEAVE_STUDENT_VIEW = "courses.leave_student_view"  # the one deed that is let through while looking as a student
READS = frozenset({"GET", "HEAD", "OPTIONS"})
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
)


# --- arrival ---------------------------------------------------------------------------------------------------


class Arrival:
    """The outermost callable: stamps the arrival of a request's head, then lets it wait for its turn.

    A server that queues requests before Python sees them would hide their arrival, so the queue is here.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], trusted_proxy: str) -> None:
        self.application = application
        self.trusted_proxy = trusted_proxy
        self.turns = threading.Semaphore(AT_ONCE)
        self.inside = 0
        self.counting = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["forum.arrived_at"] = arrival_of(environ, clock.now(), self.trusted_proxy)
        with self.counting:
            environ["forum.too_busy"] = self.inside >= AT_ONCE + WAITING
            self.inside += 1
        try:
            if environ["forum.too_busy"]:
                return self.application(environ, start_response)
            with self.turns:
                return self.application(environ, start_response)
        finally:
            with self.counting:
                self.inside -= 1


def arrival_of(environ: dict[str, Any], now: datetime, trusted_proxy: str) -> datetime:
    """When the head of the request was taken in: `now`, or the start that the trusted proxy tells, if it lies at most
    10 minutes before and not after (docs/time.md, rule 11). `X-Request-Start: t=<seconds>.<fraction>`."""
    told = environ.get("HTTP_X_REQUEST_START", "")
    if not trusted_proxy or environ.get("REMOTE_ADDR") != trusted_proxy or not told:
        return now
    try:
        start = datetime.fromtimestamp(float(told.removeprefix("t=")), UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return start if now - timedelta(minutes=10) <= start <= now else now


# --- what a page knows of its request -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Notice:
    kind: str
    text: str


@dataclass(frozen=True)
class CourseHead:
    code: str
    title: str
    url: str


class Page:
    """What the layout shows around a page; computed when a template asks for it."""

    @property
    def signed_in(self) -> bool:
        return g.get("person") is not None

    @property
    def name(self) -> str:
        return g.person.name if self.signed_in else ""

    @property
    def demo(self) -> bool:
        return bool(current_app.config["DEMO"])

    @property
    def site_name(self) -> str:
        return str(current_app.config["SITE_NAME"])

    @property
    def course(self) -> CourseHead | None:
        member: Member | None = g.get("member")
        if member is None:
            return None
        return CourseHead(member.course_code, member.course_title, f"/c/{member.course_slug}")

    @property
    def nav(self) -> list[tuple[str, str, bool]]:
        return nav_of(g.get("person"), g.get("member"), request.path)

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        return list(g.get("crumbs", ()))

    @property
    def csrf(self) -> str:
        return str(generate_csrf())

    @property
    def language(self) -> str:
        return str(g.person.language) if self.signed_in else "en"

    @property
    def zone(self) -> str:
        return zone_words(reader_zone_name())

    @property
    def css_url(self) -> str:
        return assets().style.url

    @property
    def js_url(self) -> str:
        return assets().script.url

    @property
    def study_js_url(self) -> str:
        return assets().study_script.url

    @property
    def notices(self) -> list[Notice]:
        return [Notice(kind, text) for kind, text in get_flashed_messages(with_categories=True)]

    @property
    def as_student(self) -> bool:
        member: Member | None = g.get("member")
        return member is not None and member.as_student

    @property
    def keys(self) -> bool:
        return self.signed_in and bool(g.person.single_keys)

    @property
    def leave_student_url(self) -> str:
        return f"/c/{g.member.course_slug}/as-student/leave"

    @property
    def now(self) -> str:
        return g.at.isoformat() if "at" in g else clock.now().isoformat()


def assets() -> Assets:
    found: Assets = current_app.extensions["forum_assets"]
    return found


def nav_of(person: Person | None, member: Member | None, path: str) -> list[tuple[str, str, bool]]:
    """The links at the top: label, address, whether it is the page shown."""
    if person is None:
        return []
    links = [(_("This week"), "/")]
    if member is not None:
        home = f"/c/{member.course_slug}"
        if member.may(Action.READ):
            links.append((_("Course"), home))
        if member.may(Action.SEE_PARTICIPATION) or member.may(Action.SEE_OWN_GRADES):
            links.append((_("Grades"), f"{home}/grades"))
        if member.may(Action.SEE_PEOPLE):
            links.append((_("People"), f"{home}/people"))
        if member.may(Action.SET_UP) or member.may(Action.MANAGE_CONTENT):
            links.append((_("Manage"), f"{home}/manage"))
    links.append((_("Mine"), "/mine"))
    if person.is_administrator:
        links.append((_("Site"), "/admin"))
    return [(label, url, url == path) for label, url in links]


def reader_zone_name() -> str:
    """The zone in which a page shows its times: one's own, else the course's, else UTC."""
    person: Person | None = g.get("person")
    member: Member | None = g.get("member")
    if member is not None and member.as_student and member.own_zone_name:
        return member.own_zone_name
    if person is not None and person.zone_name:
        return person.zone_name
    return member.course_zone_name if member is not None else "UTC"


# --- the way of a request -----------------------------------------------------------------------------------------


def install(app: Flask) -> None:
    """Set up everything between the socket and the rooms, in the order in which a request meets it."""
    app.wsgi_app = Arrival(app.wsgi_app, app.config["TRUSTED_PROXY"])  # type: ignore[method-assign]
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
    app.extensions["forum_assets"] = load_assets(Path(app.root_path) / "static")
    app.context_processor(lambda: {"page": Page()})
    _install_errors(app)


def _take_arrival() -> None:
    at: datetime = request.environ.get("forum.arrived_at") or clock.now()
    if request.method not in READS and (length := request.content_length) and length > 0:
        if request.environ.get("forum.too_busy"):
            _ = request.form
        elif length > 1024 * 1024 or request.mimetype == "multipart/form-data":
            _ = request.form  # read the body first: a very slow one arrived 10 minutes before its end
            at = max(at, clock.now() - SLOW_BODY)
    g.at = at
    g.person = g.member = None
    if request.environ.get("forum.too_busy"):
        raise TooBusy


def _install_sign_in(app: Flask) -> None:
    manager = flask_login.LoginManager(app)
    manager.session_protection = None  # an address may change while someone writes; sessions are server-side records

    @manager.user_loader  # type: ignore[untyped-decorator]
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
                    update(SignInSession).where(SignInSession.id == asking.person.session_id).values(last_used_at=g.at)
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
    from .accounts.forms import SignInForm

    form = SignInForm(formdata=None, data={"next": "/"})
    body = render_template("accounts/sign_in.html", form=form, kept=words_kept())
    return Response(body, 401)


# --- nothing typed is lost -----------------------------------------------------------------------------------------


CARRIED = ("title", "key", "place", "revision", "reason", "seq", "deed")


def words_kept(*, count_from_now: bool = True) -> dict[str, str] | None:
    """The words that a refused request brought, and all that its form needs to be sent again.

    `arrival` is the signed instant from which they count when they are sent again within 30 minutes: this one, or an
    earlier one that these same words came with (docs/time.md, rule 11). Who was not turned away by us
    (`count_from_now` false) gets none but the earlier one.
    """
    text = request.form.get("text")
    if request.method in READS or text is None:
        return None
    kept = {name: request.form.get(name, "") for name in CARRIED}
    if not is_key(kept["key"]):
        kept["key"] = secrets.token_hex(16)
    text, title = as_kept(text), as_kept(kept["title"]).replace("\n", " ").strip()
    digest = text_digest(title, text)
    earlier = request.form.get("arrival", "")
    arrived_at = arrival_from(earlier, kept["key"], digest, g.at)
    signed = count_from_now or arrived_at != g.at
    return {
        **kept, "path": request.path, "title": title, "text": text,
        "arrival": sign_arrival(kept["key"], digest, arrived_at) if signed else "",
    }  # fmt: skip


def _error_page(status: int, title: str, sentences: list[str], *, keep: bool = False, by_us: bool = False) -> Response:
    """An error says what happened, what was kept, and what to do now. `by_us`: who was in time is in time, rule 11."""
    kept = words_kept(count_from_now=by_us) if keep else None
    if kept is not None and by_us:
        sentences = [*sentences, _("What you wrote is here. Send it again from this page: unchanged and within 30 minutes, it counts from its first arrival.")]
    elif kept is not None:
        sentences = [*sentences, _("What you wrote is here, so that you can copy it to another place.")]
    if request.accept_mimetypes.best == "application/json":
        response = current_app.json.response({"refused": title, "sentences": sentences})
        response.status_code = status
        return response  # type: ignore[no-any-return]
    body = render_template("layout/error.html", title=title, sentences=sentences, kept=kept, status=status)
    return Response(body, status)


def _install_errors(app: Flask) -> None:
    @app.errorhandler(NotHere)
    @app.errorhandler(404)
    def not_here(_error: Exception) -> Response:
        return _error_page(404, _("There is nothing here for you"), [
            _("Either there is no such page, or it is not open to you. Both get this same answer."),
            _("Check the address, or go back to This week."),
        ], keep=True)  # fmt: skip

    @app.errorhandler(NotAllowed)
    def not_allowed(_error: Exception) -> Response:
        sentences = [_("You may see this, but not do it.")]
        if g.get("member") is not None and g.member.as_student:
            sentences = [_("You are looking at the course as a student. Nothing can be changed until you leave that view.")]
        elif g.get("member") is not None and g.person is not None and g.person.is_administrator:
            sentences.append(_("As an administrator you can enter this course with a reason under Manage; its instructors see the reason."))
        return _error_page(403, _("Not for your role"), sentences, keep=True)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        from .core.refusals import sentences_for

        return _error_page(409, _("Not taken"), sentences_for(error), keep=True)

    @app.errorhandler(CSRFError)
    def token_expired(_error: Exception) -> Response:
        return _error_page(422, _("Please send this once more"), [
            _("The form was no longer valid, for example because you signed in again in another tab. Nothing was changed."),
        ], keep=True, by_us=True)  # fmt: skip

    @app.errorhandler(TooMany)
    def too_many(error: TooMany) -> Response:
        minutes = max(1, round(error.retry_after / 60))
        response = _error_page(429, _("Too many attempts"), [
            _("To protect accounts, this is held back for about %(minutes)d minutes. Nothing was changed.", minutes=minutes),
        ], keep=True, by_us=True)  # fmt: skip
        response.headers["Retry-After"] = str(error.retry_after)
        return response

    @app.errorhandler(TooBusy)
    def too_busy(error: TooBusy) -> Response:
        response = _error_page(503, _("The forum is very busy"), [
            _("Your request could not be taken up in time. Nothing was changed; please try again in a few seconds."),
        ], keep=True, by_us=True)  # fmt: skip
        response.headers["Retry-After"] = str(error.retry_after)
        return response

    @app.errorhandler(413)
    def too_large(_error: Exception) -> Response:
        return _error_page(422, _("This is too large"), [
            _("At most %(mb)d MB can be sent at once. Nothing was changed.", mb=int(app.config["UPLOAD_MB"])),
        ])  # fmt: skip

    @app.errorhandler(HTTPException)
    def other(error: HTTPException) -> Response:
        response = _error_page(error.code or 500, error.name, [_("The request could not be understood as it came.")], keep=True, by_us=(error.code or 500) >= 500)
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After", "Location"):
                response.headers[name] = value
        if error.code in (301, 302, 303, 307, 308):
            return error.get_response()  # type: ignore[return-value]
        return response

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        db.session.rollback()
        current_app.logger.exception("request failed: %s %s", request.method, request.path)
        return _error_page(500, _("Something went wrong on our side"), [
            _("Nothing was changed. The fault is noted for the people who run this site."),
        ], keep=True, by_us=True)  # fmt: skip


# --- headers --------------------------------------------------------------------------------------------------------


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cache-Control", "private, no-cache")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _end_read(_error: BaseException | None) -> None:
    """Flask-SQLAlchemy removes the session; nothing is left open here."""

