"""One-time links as staff give them: shown once to copy, and mailed where the site has mail."""

from datetime import datetime

from flask import current_app, make_response, render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ..core import mail
from .models import Account


def link_to(token: str) -> str:
    """The address of a one-time link, under the configured public address and never the request's Host."""
    return f"{current_app.config['PUBLIC_URL'].rstrip('/')}/invitations/{token}"


def post_link(session: Session, account: Account, token: str, purpose: str, *, at: datetime) -> bool:
    """Mail a link to its person; False if the site sends no mail or the person has no address."""
    if not mail.is_configured() or not account.email:
        return False
    site = current_app.config["SITE_NAME"]
    if purpose == "invitation":
        subject = _("Your invitation to %(site)s", site=site)
        text = _("With this link you choose a password and come in. It works once, for 14 days:\n\n%(link)s\n",
                 link=link_to(token))  # fmt: skip
    else:
        subject = _("A new password")
        text = _(
            "With this link you can choose a new password within two hours:\n\n%(link)s\n",
            link=link_to(token),
        )
    mail.post(
        session,
        to=account.email,
        name=account.name,
        subject=subject,
        text=text,
        unique_key=f"link:{token[:12]}",
        at=at,
    )
    return True


def link_page(token: str, purpose: str, *, name: str, email: str, mailed: bool, back: str) -> Response:
    """The page that shows a link this once; no cache keeps it."""
    page = render_template(
        "accounts/link.html",
        link=link_to(token),
        purpose=purpose,
        name=name,
        email=email,
        mailed=mailed,
        back=back,
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
