"""The blueprint of the pages with which boards are set up, and what those pages share."""

from collections.abc import Iterable

from flask import Blueprint, g
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..accounts.models import Account
from .models import Board

pages = Blueprint("boards", __name__)


def base() -> str:
    """The address under which this course is set up."""
    return f"/c/{g.member.course_slug}/manage"


def crumbs(board: Board | None = None) -> None:
    """The way back: the course, its set-up, the board."""
    g.crumbs = [(g.member.course_code, f"/c/{g.member.course_slug}"), (_("Manage"), base())]
    if board is not None:
        g.crumbs.append((board.title, f"{base()}/boards/{board.public_id}"))


def names_of(session: Session, account_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Names of accounts by their keys; nobody's is the forum itself, or an import."""
    ids = {account_id for account_id in account_ids if account_id}
    found: dict[int | None, str] = {None: _("the forum, or an import")}
    for account_id, name in session.execute(select(Account.id, Account.name).where(Account.id.in_(ids))):
        found[account_id] = name
    return found
