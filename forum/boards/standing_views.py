"""Publishing and hiding a board, closing and reopening it; each first says what it means."""

from flask import Response, g, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import NotHere
from ..core.moments import opening_instant
from ..core.times import due_moment
from ..courses.models import Module
from ..courses.policy import Action
from . import commands
from .blueprint import base, crumbs, pages
from .meaning import meaning_of
from .models import Board
from .queries import board_for, checkpoints_of, spec_of, versions_of
from .sentences import checkpoint_words
from .trouble_sentences import spelled

Answer = str | Response | tuple[str, int]


@pages.get("/c/<course>/manage/boards/<board>/publication")
@needs(Action.MANAGE_CONTENT)
def publication(course: str, board: str) -> Answer:
    row = board_for(db.session(), g.member, board, g.at)
    crumbs(row)
    return render_template(
        "boards/publication.html", board=row, meaning=meaning_of(db.session(), g.member, row, g.at),
        url=f"{base()}/boards/{board}", course_in_preparation=g.member.course_state == "preparation",
    )  # fmt: skip


@pages.post("/c/<course>/manage/boards/<board>/publication")
@needs(Action.MANAGE_CONTENT)
def set_publication(course: str, board: str) -> Answer:
    deed = request.form.get("deed")
    if deed not in ("publish", "hide"):
        raise NotHere
    with transaction() as session:
        row = board_for(session, g.member, board, g.at, lock=True)
        if deed == "publish":
            commands.publish_board(session, g.member, row, at=g.at)
        else:
            commands.hide_board(session, g.member, row, at=g.at)
        title, sees = row.title, _who_sees_it(session, row) if deed == "publish" else ""
    if deed == "publish":
        say(_("“%(title)s” is published. %(sees)s", title=title, sees=sees))
    else:
        say(
            _(
                "“%(title)s” is hidden from students. The dates that they have seen stay promised.",
                title=title,
            )
        )
    return redirect(f"{base()}#b-{board}", 303)  # type: ignore[return-value]


def _who_sees_it(session: Session, board: Board) -> str:
    """What publishing it came to: whether students see it now, or what must happen before."""
    module = session.get(Module, board.module_id) if board.module_id is not None else None
    opens = spec_of(session, board).opens
    opens_at = max(
        (at for at in (opening_instant(opens, g.member.course_zone) if opens else None, module.opens_at if module else None) if at),
        default=None,
    )  # fmt: skip
    if g.member.course_state == "preparation":
        return _("Students see it once the course is opened.")
    if module is not None and module.published_at is None:
        return _("Students see it once its module “%(module)s” is published.", module=module.title)
    if opens_at is not None and opens_at > g.at:
        return _("It opens for students %(time)s.", time=spelled(opens_at, g.member, is_due=False))
    return _("Students see it now.")


@pages.get("/c/<course>/manage/boards/<board>/closing")
@needs(Action.MANAGE_CONTENT)
def closing(course: str, board: str) -> Answer:
    """What closing or reopening would mean: which due dates lie ahead, which were cut short."""
    session = db.session()
    row = board_for(session, g.member, board, g.at)
    crumbs(row)
    since = row.closed_at or g.at
    due = {
        rule.checkpoint_id: rule.instant
        for rule in reversed(versions_of(session, row.id))
        if rule.what == "due" and rule.section_id is None and rule.group_id is None
    }
    cut_short = [
        (
            checkpoint_words(checkpoint),
            due_moment(instant, g.member.zone, g.member.course_zone) if instant else None,
        )
        for checkpoint in checkpoints_of(session, [row.id])[row.id]
        if (instant := due.get(checkpoint.id)) is None or instant > since
    ]
    return render_template(
        "boards/closing.html", board=row, cut_short=cut_short, url=f"{base()}/boards/{board}",
        dated_again=commands.is_dated_again(session, row),
    )  # fmt: skip


@pages.post("/c/<course>/manage/boards/<board>/closing")
@needs(Action.MANAGE_CONTENT)
def set_closing(course: str, board: str) -> Answer:
    deed = request.form.get("deed")
    if deed not in ("close", "reopen"):
        raise NotHere
    with transaction() as session:
        row = board_for(session, g.member, board, g.at, lock=True)
        (commands.close_board if deed == "close" else commands.reopen_board)(session, g.member, row, at=g.at)
    say(
        _("The board is closed, whatever its dates say.")
        if deed == "close"
        else _("The board is open again.")
    )
    return redirect(f"{base()}/boards/{board}", 303)  # type: ignore[return-value]
