"""Sign-in, sign-out, links that work once, settings."""

from urllib.parse import urlsplit

import flask_login
from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ..core import mail
from ..core.access import public, signed_in
from ..core.db import db, transaction
from ..core.moments import zone_names
from . import commands, passwords, queries
from .forms import ChangePasswordForm, ForgottenForm, NewPasswordForm, SettingsForm, SignInForm, ZoneForm
from .links import link_to

pages = Blueprint("accounts", __name__)


class SessionUser(flask_login.UserMixin):
    """What Flask-Login puts in the cookie: the token of a session, not the number of an account."""

    def __init__(self, token: str) -> None:
        self.id = token


def safe_next(target: str | None) -> str:
    """A path on this site to go on to, else the first page: nothing that a browser could read as another host."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    if any(ord(char) < 33 or char == "\\" for char in target):
        return "/"
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else "/"


@pages.get("/sign-in")
@public(because="it is where everybody comes in")
def sign_in() -> str | Response:
    target = safe_next(request.args.get("next"))
    if g.person is not None:
        return redirect(target, 303)
    return render_template(
        "accounts/sign_in.html", form=SignInForm(formdata=None, data={"next": target}), kept=None
    )


@pages.post("/sign-in")
@public(because="it is where everybody comes in")
def signing_in() -> str | Response | tuple[str, int]:
    form = SignInForm()
    kept = kept_words()
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form, kept=kept), 422
    address, at = request.remote_addr or "", g.at
    commands.check_limits(db.session(), form.email.data, address, at)
    account_id = commands.credentials_agree(db.session(), form.email.data, form.password.data)
    if account_id is None:
        with transaction() as session:
            commands.count_failure(session, form.email.data, address, at)
        form.password.errors = [_("E-mail and password do not go together. Nothing else was changed.")]
        return render_template("accounts/sign_in.html", form=form, kept=kept), 422
    with transaction() as session:
        token = commands.start_session(session, account_id, at, earlier_token=cookie.get("_user_id"))
        zone = queries.zone_of(session, account_id, at)
    begin_cookie(token)
    target = safe_next(form.next.data)
    if kept is not None:
        cookie["kept"] = True
        g.after_sign_in_account_id = account_id
        kept_at = current_app.extensions["forum_keep_words"](account_id, kept, at)
        if kept_at is None and kept.get("text", "").strip():
            return _words_back(kept)
        target = kept_at or target
    if zone is None:
        return redirect(url_for("accounts.zone", next=target), 303)
    return redirect(target, 303)


def _words_back(kept: dict[str, str]) -> str:
    """Words of a form that keeps no drafts: they are given back at once, to be sent again."""
    names = (
        "title",
        "key",
        "place",
        "arrival",
        "text",
        "revision",
        "reason",
        "seq",
        "deed",
        "files",
        "file_names",
    )
    return render_template(
        "layout/error.html", title=_("You are signed in"), status=200, where=None,
        sentences=[_("You were signed out before this arrived, so nothing was changed. What you wrote is here: send it again from this page. What else the form asks for is asked again.")],
        kept={**{name: kept.get(name, "") for name in names}, "path": safe_next(kept["path"])},
    )  # fmt: skip


def begin_cookie(token: str) -> None:
    """Sign the browser in under a new session; whatever the cookie held before is gone."""
    cookie.clear()
    cookie.permanent = True
    flask_login.login_user(SessionUser(token))


def kept_words() -> dict[str, str] | None:
    """Words of a refused request that the sign-in form carries on, so that nothing typed is lost."""
    fields = {name[5:]: value for name, value in request.form.items() if name.startswith("kept-")}
    return fields if fields.get("path") else None


@pages.post("/sign-out")
@public(because="whoever is signed out already may press it too")
def sign_out() -> Response:
    if token := cookie.get("_user_id"):
        with transaction() as session:
            commands.end_session(session, token, g.at)
    flask_login.logout_user()
    cookie.clear()
    return redirect(url_for("accounts.sign_in"), 303)


@pages.route("/forgotten", methods=["GET", "POST"])
@public(because="who forgot a password can't be signed in")
def forgotten() -> str | Response | tuple[str, int]:
    form = ForgottenForm()
    if request.method == "GET":
        return render_template("accounts/forgotten.html", form=form, mailed=mail.is_configured())
    if not form.validate():
        return render_template("accounts/forgotten.html", form=form, mailed=mail.is_configured()), 422
    with transaction() as session:
        commands.limits.check(session, f"forgotten:{request.remote_addr}", at=g.at, **commands.BY_ACCOUNT)  # type: ignore[arg-type]
        commands.limits.count(session, f"forgotten:{request.remote_addr}", at=g.at)
        account = queries.account_by_email(session, form.email.data)
        if account is not None and account.email and not account.suspended_at and mail.is_configured():
            token = commands.make_link(session, account.id, "reset", author_id=None, at=g.at)
            mail.post(
                session, to=account.email, name=account.name, subject=_("A new password"), at=g.at,
                text=_("With this link you can choose a new password within two hours:\n\n%(link)s\n",
                       link=link_to(token)),
                unique_key=f"reset:{token[:12]}",
            )  # fmt: skip
    flash(_("If an account goes by this address, a link is on its way to it."), "done")
    return redirect(url_for("accounts.sign_in"), 303)


@pages.route("/invitations/<token>", methods=["GET", "POST"])
@public(because="the link is the key, and works once")
def invitation(token: str) -> str | Response | tuple[str, int]:
    _row, account = queries.open_token(db.session(), token, g.at, purposes=("invitation", "reset"))
    form = NewPasswordForm(own_name=account.name, own_email=account.email or "")
    if request.method == "GET":
        return render_template("accounts/invitation.html", form=form, name=account.name, email=account.email)
    if not form.validate():
        return render_template(
            "accounts/invitation.html", form=form, name=account.name, email=account.email
        ), 422
    password_hash = passwords.hash_of(form.password.data)
    with transaction() as session:
        row, account = queries.open_token(session, token, g.at, purposes=("invitation", "reset"))
        commands.set_password(session, account, password_hash, g.at, actor_id=account.id)
        row.used_at = g.at
        row.revoked_at = None
        new = commands.start_session(session, account.id, g.at)
        zone = queries.zone_of(session, account.id, g.at)
    begin_cookie(new)
    return redirect(url_for("accounts.zone") if zone is None else "/", 303)


def _to_read(target: str) -> str:
    """The same, unless it is an address to send to alone: the line about zones stands on the answers of deeds too."""
    path = urlsplit(target).path
    return target if current_app.url_map.bind("").test(path, "GET") else "/"


@pages.route("/settings/zone", methods=["GET", "POST"])
@signed_in
def zone() -> str | Response | tuple[str, int]:
    target = _to_read(safe_next(request.args.get("next")))
    form = ZoneForm(formdata=request.form if request.method == "POST" else None,
                    data={"zone": g.person.zone_name or "UTC"})  # fmt: skip
    if request.method == "GET":
        return render_template(
            "accounts/zone.html", form=form, target=target, first=g.person.zone_name is None
        )
    if not form.validate() or form.zone.data not in zone_names():
        return render_template(
            "accounts/zone.html", form=form, target=target, first=g.person.zone_name is None
        ), 422
    with transaction() as session:
        commands.set_zone(session, g.person.account_id, form.zone.data, g.at)
    flash(_("Times are shown in %(zone)s now.", zone=form.zone.data.replace("_", " ")), "done")
    return redirect(target, 303)


@pages.route("/settings", methods=["GET", "POST"])
@signed_in
def settings() -> str | Response | tuple[str, int]:
    account = queries.account_by_public_id(db.session(), g.person.public_id)
    form = SettingsForm(obj=account)
    if request.method == "GET":
        return render_template(
            "accounts/settings.html", form=form, zone=g.person.zone_name, email=account.email
        )
    if not form.validate():
        return render_template(
            "accounts/settings.html", form=form, zone=g.person.zone_name, email=account.email
        ), 422
    with transaction() as session:
        account = queries.account_by_public_id(session, g.person.public_id)
        account.single_keys = bool(form.single_keys.data)
        commands.rename(
            session, account, name=form.name.data, email=account.email, actor_id=account.id, at=g.at
        )
    flash(_("Saved."), "done")
    return redirect(url_for("accounts.settings"), 303)


@pages.route("/settings/password", methods=["GET", "POST"])
@signed_in
def password() -> str | Response | tuple[str, int]:
    account = queries.account_by_public_id(db.session(), g.person.public_id)
    form = ChangePasswordForm(own_name=account.name, own_email=account.email or "")
    if request.method == "GET":
        return render_template("accounts/password.html", form=form)
    account_id, key, old_hash = account.id, account.email or str(account.id), account.password_hash
    address = request.remote_addr or ""
    commands.check_limits(db.session(), key, address, g.at)
    valid = form.validate()
    if form.current.data and not passwords.agrees(old_hash, form.current.data):
        with transaction() as session:
            commands.count_failure(session, key, address, g.at)
        form.current.errors = [_("This is not your current password.")]
        valid = False
    if not valid:
        return render_template("accounts/password.html", form=form), 422
    password_hash = passwords.hash_of(form.password.data)
    with transaction() as session:
        account = queries.account_by_public_id(session, g.person.public_id)
        commands.set_password(session, account, password_hash, g.at, actor_id=account_id)
        new = commands.start_session(session, account_id, g.at)
    begin_cookie(new)
    flash(_("Your password is changed. You are signed out everywhere else."), "done")
    return redirect(url_for("accounts.settings"), 303)
