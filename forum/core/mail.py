"""Mail: written down as a job, sent by the job process if the site has SMTP settings."""

import smtplib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app
from sqlalchemy.orm import Session

from . import clock, jobs


def is_configured() -> bool:
    return bool(current_app.config["SMTP_URL"])


def post(
    session: Session, *, to: str, name: str, subject: str, text: str, unique_key: str, at: datetime
) -> None:
    """Write down one mail to one person; it leaves after the commit, once."""
    jobs.want(session, "mail", f"mail:{unique_key}", due_at=at, to=to, name=name, subject=subject, text=text)


@jobs.does("mail")
def _send(facts: dict[str, Any]) -> None:
    message = EmailMessage()
    user, _, host = str(facts["to"]).rpartition("@")
    message["From"] = current_app.config["MAIL_FROM"]
    message["To"] = Address(_one_line(facts["name"]), user, host)
    message["Subject"] = _one_line(facts["subject"])
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain="forum")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(str(facts["text"]))
    server = urlsplit(current_app.config["SMTP_URL"])
    smtp_class = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    with smtp_class(server.hostname or "127.0.0.1", server.port or 25, timeout=30) as smtp:
        if server.scheme == "smtp+starttls":
            smtp.starttls()
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)


def _one_line(text: object) -> str:
    return " ".join(str(text).split())
