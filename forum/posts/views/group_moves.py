"""Moving a student to another group of the course, with what they wrote in the first one."""

from collections.abc import Sequence
from typing import Any

from flask import g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms.fields.choices import SelectChoice

from ...accounts.models import Account
from ...core.access import needs
from ...core.asking import say
from ...core.db import db, transaction
from ...core.errors import NotHere, Refused
from ...courses.models import Enrollment, Group
from ...courses.policy import Action, Role
from ...courses.queries import RosterLine, enrollment_for, groups_in, roster
from ..forms import GroupMoveForm
from ..group_moves import Written, move_to_group, written_in_groups
from .blueprint import Answer, pages


@pages.route("/c/<course>/people/<enrollment>/group-move", methods=["GET", "POST"])
@needs(Action.MANAGE_PEOPLE)
def group_move(course: str, enrollment: str) -> Answer:
    """From which group to which, and of which boards what they wrote goes with them."""
    session = db.session()
    _row, account = _student(session, enrollment)
    groups = {group.public_id: group for group in groups_in(session, g.member.course_id)}
    written = written_in_groups(session, g.member, account.id, g.at)
    form = _offered(groups, _line(account.id), written)
    url = f"/c/{course}/people/{enrollment}"
    if request.method == "GET" or not form.validate():
        return _page(form, account.name, url, 200 if request.method == "GET" else 422)
    leaves, joins = groups[form.leaves.data], groups[form.joins.data]
    chosen = [
        each.board_id
        for each in written
        if each.group_id == leaves.id and _key(each) in (form.boards.data or ())
    ]
    try:
        with transaction() as writing:
            _student(writing, enrollment)
            moved = move_to_group(
                writing, g.member, account.id, leaves=leaves, joins=joins, board_ids=chosen, at=g.at
            )
    except Refused:
        form.joins.errors = [*form.joins.errors, _("Please choose another group than the one they leave.")]
        return _page(form, account.name, url, 422)
    say(_("%(name)s is in %(group)s from now on.", name=account.name, group=joins.title))
    if moved:
        say(ngettext("%(num)d post went with them.", "%(num)d posts went with them.", moved))
    return redirect(url, 303)  # type: ignore[return-value]


def _student(session: Any, enrollment: str) -> tuple[Enrollment, Account]:
    row, account = enrollment_for(session, g.member, enrollment, g.at)
    if row.role != Role.STUDENT:
        raise NotHere
    return row, account


def _line(account_id: int) -> RosterLine:
    lines = roster(db.session(), g.member.course_id, g.at, role=Role.STUDENT)
    return next(line for line in lines if line.account_id == account_id)


def _key(written: Written) -> str:
    return f"{written.board_public_id}-{written.group_id}"


def _offered(groups: dict[str, Group], line: RosterLine, written: Sequence[Written]) -> GroupMoveForm:
    form = GroupMoveForm()
    own = dict(line.groups)
    form.leaves.choices = [SelectChoice(key, group.title) for key, group in groups.items() if group.id in own]
    form.joins.choices = [
        SelectChoice(key, group.title) for key, group in groups.items() if group.id not in own
    ]
    form.boards.choices = [
        SelectChoice(_key(each), ngettext("%(board)s, %(group)s: %(num)d post", "%(board)s, %(group)s: %(num)d posts",
                                          each.posts, board=each.title, group=own.get(each.group_id, "")))
        for each in written
    ]  # fmt: skip
    if request.method == "GET":
        form.boards.data = [choice.value for choice in form.boards.choices]
    return form


def _page(form: GroupMoveForm, name: str, url: str, status: int) -> Answer:
    return render_template("posts/group_move.html", form=form, name=name, url=url), status
