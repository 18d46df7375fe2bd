"""Excusing a student from a board or from one thing that it asks, and asking again."""

from flask import Response, g, redirect, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ..core.access import needs
from ..core.asking import say
from ..core.db import transaction
from ..core.errors import NotHere, Refused
from ..courses.policy import Action
from . import extension_commands as commands
from .blueprint import pages
from .extension_views import ExtensionPage, empty_forms
from .forms import ExcusalForm, add_error
from .models import Excusal
from .queries import board_for, excusals_on
from .trouble_sentences import refusal_words

Answer = str | Response | tuple[str, int]


@pages.post("/c/<course>/manage/boards/<board>/excusals")
@needs(Action.EXTEND)
def excusals(course: str, board: str) -> Answer:
    """Deeds: excuse, lift."""
    view = ExtensionPage(board)
    form, due, cut_off, _unused = empty_forms(view)
    excusal = ExcusalForm(prefix="excusal-")
    view.fill(excusal, students_only=True)
    good = excusal.validate()
    of = view.chosen(excusal.who.data)
    if of is None or of.account_id is None:
        add_error(excusal.who, _("Please choose a student."))
        good = False
    if not good or of is None or of.account_id is None:
        return view.render(form, due, cut_off, excusal, status=422)
    checkpoint_id = view.checkpoint_id(excusal.checkpoint.data)
    reason = (excusal.reason.data or "").strip()
    lifts = request.form.get("deed") == "lift"
    account_id, name = of.account_id, of.title
    try:
        with transaction() as session:
            row = board_for(session, g.member, board, g.at, lock=True)
            there = _excusal(session, row.id, account_id, checkpoint_id)
            if lifts and there is None:
                raise NotHere
            if lifts and there is not None:
                commands.lift_excusal(session, g.member, row, there, at=g.at, reason=reason)
            elif there is None:
                commands.excuse(
                    session, g.member, row, account_id, at=g.at, checkpoint_id=checkpoint_id, reason=reason
                )
    except Refused as refused:
        view = ExtensionPage(board)
        problem = refusal_words(refused, g.member)
        return view.render(*empty_forms(view), status=409, problem=problem)
    say(_("%(name)s is asked again.", name=name) if lifts else _("%(name)s is excused.", name=name))
    return redirect(view.url, 303)  # type: ignore[return-value]


def _excusal(session: Session, board_id: int, account_id: int, checkpoint_id: int | None) -> Excusal | None:
    return next(
        (row for row in excusals_on(session, board_id)
         if row.account_id == account_id and row.checkpoint_id == checkpoint_id), None,
    )  # fmt: skip
