"""Administration of accounts: finding, making, changing, suspending, links that work once, joining two of a person."""

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ..accounts import commands as accounts
from ..accounts.joining import JoinLine, join_accounts
from ..accounts.links import link_page, post_link
from ..accounts.models import Account
from ..accounts.queries import account_by_email, account_by_public_id, accounts_page
from ..core import mail
from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import Refused
from ..core.times import moment
from . import queries
from .admin_views import Answer, accepted, own_zone
from .commands import note_renamed
from .forms import AccountForm, JoinForm
from .policy import Action

pages = Blueprint("admin_accounts", __name__)

KINDS = {
    "enrollment": lambda: _("times in courses"), "section_membership": lambda: _("times in sections"),
    "group_membership": lambda: _("times in groups"), "post": lambda: _("posts"), "thread": lambda: _("threads"),
    "revision": lambda: _("versions of posts"), "draft": lambda: _("drafts"), "read_mark": lambda: _("read marks"),
    "grade": lambda: _("grades"), "lesson_done": lambda: _("lessons marked done"),
    "extension": lambda: _("extensions"), "accommodation": lambda: _("accommodations"),
    "account_zone": lambda: _("time zones"), "file": lambda: _("files"), "visit": lambda: _("visits to courses"),
    "excusal": lambda: _("excused checkpoints"), "news_item": lambda: _("news"),
}  # fmt: skip


@pages.get("/admin/accounts")
@needs(Action.ADMINISTER)
def index() -> str:
    search = request.args.get("q", "").strip()[:320]
    found, more = accounts_page(db.session(), search, after=request.args.get("after"))
    return render_template(
        "admin/accounts.html",
        accounts=found,
        q=search,
        next_url=url_for("admin_accounts.index", q=search or None, after=found[-1].public_id)
        if more
        else None,
        is_first="after" not in request.args,
    )


@pages.route("/admin/accounts/new", methods=["GET", "POST"])
@needs(Action.ADMINISTER)
def new() -> Answer:
    form = AccountForm()
    made: list[str] = []

    def make() -> None:
        with transaction() as session:
            made.append(
                accounts.make_account(
                    session,
                    name=form.name.data,
                    email=form.email.data or None,
                    at=g.at,
                    author_id=g.person.account_id,
                ).public_id
            )

    if request.method == "GET" or not accepted(form, make):
        page = render_template("admin/new_account.html", form=form)
        return page if request.method == "GET" else (page, 422)
    say(_("The account is made. Make an invitation link below, and give it to the person."))
    return redirect(f"/admin/accounts/{made[0]}", 303)


@pages.route("/admin/accounts/<public_id>", methods=["GET", "POST"])
@needs(Action.ADMINISTER)
def account(public_id: str) -> Answer:
    form = AccountForm(obj=account_by_public_id(db.session(), public_id))

    def save() -> None:
        with transaction() as session:
            found = present(session, public_id)
            accounts.rename(
                session, found, name=form.name.data, email=form.email.data or None, actor_id=g.person.account_id,
                at=g.at,
            )  # fmt: skip

    if request.method == "GET" or not accepted(form, save):
        page = _account_page(public_id, form)
        return page if request.method == "GET" else (page, 422)
    say(_("Saved."))
    return redirect(f"/admin/accounts/{public_id}", 303)


def _account_page(public_id: str, form: AccountForm) -> str:
    found = account_by_public_id(db.session(), public_id)
    into = db.session().get(Account, found.joined_into_id) if found.joined_into_id else None
    zone = own_zone()
    return render_template(
        "admin/account.html",
        account=found,
        form=form,
        into=into,
        courses=queries.courses_of(db.session(), found.id, g.at),
        made=moment(found.created_at, zone),
        first_signed_in=moment(found.first_signed_in_at, zone) if found.first_signed_in_at else None,
        suspended=moment(found.suspended_at, zone) if found.suspended_at else None,
        is_self=found.id == g.person.account_id,
        mailed=mail.is_configured(),
    )


def present(session: Session, public_id: str) -> Account:
    """An account that still goes on; Refused (gone_account) if it was joined or erased."""
    found = account_by_public_id(session, public_id)
    if found.joined_into_id is not None or found.erased_at is not None:
        raise Refused("gone_account")
    return found


@pages.post("/admin/accounts/<public_id>/administrator")
@needs(Action.ADMINISTER)
def administrator(public_id: str) -> Response:
    """Gives the role, or takes it: the field `deed` is give or take."""
    gives = request.form.get("deed") == "give"
    with transaction() as session:
        found = present(session, public_id)
        accounts.set_administrator(session, found, gives, actor_id=g.person.account_id, at=g.at)
        name, is_self = found.name, found.id == g.person.account_id
    if is_self:
        return redirect(url_for("accounts.sign_in"), 303)
    say(_("%(name)s is an administrator now, and signs in anew.", name=name) if gives
        else _("%(name)s is no longer an administrator.", name=name))  # fmt: skip
    return redirect(f"/admin/accounts/{public_id}", 303)


@pages.post("/admin/accounts/<public_id>/suspension")
@needs(Action.ADMINISTER)
def suspension(public_id: str) -> Response:
    """Suspends, or lifts it: the field `deed` is suspend or lift."""
    lifts = request.form.get("deed") == "lift"
    with transaction() as session:
        found = present(session, public_id)
        accounts.suspend(session, found, actor_id=g.person.account_id, at=g.at, lift=lifts)
        name = found.name
    say(_("%(name)s can sign in again.", name=name) if lifts
        else _("%(name)s is suspended and signed out everywhere. What they wrote stays.", name=name))  # fmt: skip
    return redirect(f"/admin/accounts/{public_id}", 303)


@pages.post("/admin/accounts/<public_id>/links")
@needs(Action.ADMINISTER)
def links(public_id: str) -> Response:
    """A link that works once, shown this once: to accept an invitation, or to choose a new password."""
    with transaction() as session:
        found = present(session, public_id)
        if found.suspended_at is not None:
            raise Refused("gone_account")
        if not found.email:
            raise Refused("no_address")
        purpose = "reset" if found.password_hash else "invitation"
        token = accounts.make_link(session, found.id, purpose, author_id=g.person.account_id, at=g.at)
        mailed = post_link(session, found, token, purpose, at=g.at)
        name, email = found.name, found.email
    return link_page(
        token, purpose, name=name, email=email, mailed=mailed, back=f"/admin/accounts/{public_id}"
    )


@pages.route("/admin/accounts/<public_id>/joining", methods=["GET", "POST"])
@needs(Action.ADMINISTER)
def joining(public_id: str) -> Answer:
    """First what would move, then the deed: the account of this address goes on, the other is joined into it."""
    form = JoinForm()
    lines: list[JoinLine] | None = None
    name = other_name = ""

    def look() -> None:
        nonlocal lines, other_name
        deed = request.form.get("deed") == "join"
        with transaction() as session:
            account = present(session, public_id)
            other = account_by_email(session, form.other.data)
            if other is None:
                raise Refused("no_such_account")
            other_name = other.name
            lines = join_accounts(
                session, other, account, actor_id=g.person.account_id, at=g.at, dry=not deed
            )
            if deed:
                note_renamed(session, account.id)

    done = request.method == "POST" and accepted(form, look) and request.form.get("deed") == "join"
    if done:
        say(_("Joined. Both addresses now lead to this account; it goes on with its own password."))
        return redirect(f"/admin/accounts/{public_id}", 303)
    found = account_by_public_id(db.session(), public_id)
    name = found.name
    page = render_template(
        "admin/joining.html",
        form=form,
        account=found,
        name=name,
        other_name=other_name,
        lines=None if lines is None else [(_kind(line.table), line.moved, line.left) for line in lines],
    )
    status = 422 if request.method == "POST" and lines is None else 200
    return make_response(page, status)


def _kind(table: str) -> str:
    return KINDS[table]() if table in KINDS else _("further rows (%(table)s)", table=table.replace("_", " "))
