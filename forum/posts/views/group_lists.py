"""What a board's page says of groups: whose threads are listed, whose each thread is, what a form offers."""

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from ...boards.groups import groups_named
from ...boards.rules import groups as rules
from ...boards.rules.values import Refusal
from ...core.db import db, reading
from .. import queries
from ..forms import ThreadForm
from ..queries import BoardView, GroupChoices, ThreadLine, ThreadView


@dataclass(frozen=True)
class GroupList:
    """Groups on a board's page: each that can be chosen with whether it is, the chosen ones, all names by id."""

    offered: tuple[tuple[str, str, bool], ...] = ()
    chosen: tuple[int, ...] = ()
    names: dict[int, str] | None = None
    own: frozenset[int] = frozenset()

    def kept_in(self, url: str) -> str:
        """An address that keeps the choice."""
        chosen = "&".join(f"group={public_id}" for public_id in self.chosen_ids)
        return f"{url}{'&' if '?' in url else '?'}{chosen}" if chosen else url

    @property
    def chosen_ids(self) -> list[str]:
        return [public_id for public_id, _name, is_chosen in self.offered if is_chosen]

    def title(self, line: ThreadLine) -> str | None:
        """The title of a thread in the list; a prompt's thread is told by its group."""
        return self.whose(line.group_id) if line.is_prompt and self.names is not None else line.title

    def whose(self, group_id: int | None) -> str | None:
        """Whose a thread is, in words; None where nobody is told."""
        if self.names is None:
            return None
        if group_id is None:
            return _("for everyone")
        name = self.names.get(group_id, "")
        return _("%(group)s (your group)", group=name) if group_id in self.own else name


def group_list(view: BoardView) -> GroupList:
    """Of the address's groups those whose threads this member reads; others are as none."""
    readable = queries.readable_groups(db.session(), view)
    if view.board.groups == "none":
        return GroupList()
    wanted = set(request.values.getlist("group"))
    return GroupList(
        tuple((name.public_id, name.title, name.public_id in wanted) for name in readable)
        if len(readable) > 1
        else (),
        tuple(name.id for name in readable if name.public_id in wanted),
        {name.id: name.title for name in readable},
        view.own_groups if view.actor != "staff" else frozenset(),
    )


def group_of(view: ThreadView) -> str | None:
    """Whose a thread is, in words, on a board of groups; None on any other."""
    if view.board.board.groups == "none":
        return None
    if view.thread.group_id is None:
        return _("for everyone")
    names = {name.id: name.title for name in groups_named(reading, view.board.member)}
    return _("Group: %(group)s", group=names.get(view.thread.group_id, ""))


def why_in_no_group(view: BoardView) -> Refusal | None:
    """Why a board of one discussion for each group has none for this student."""
    if view.actor != "student":
        return None
    return rules.why_not_start(view.board.groups, view.own_groups, actor="student", everywhere=False)


def offer_groups(form: ThreadForm, choices: GroupChoices | None) -> None:
    """The field of the group with what can be chosen; no field on a board that is not one of groups."""
    if choices is None:
        del form.group
        return
    offered = [SelectChoice(name.public_id, name.title) for name in choices.groups]
    if choices.everyone:
        offered.insert(0, SelectChoice("", _("everyone")))
    elif len(offered) > 1:
        offered.insert(0, SelectChoice("-", _("choose one of your groups")))
    form.group.choices = offered


def group_sent(form: ThreadForm) -> str | None:
    """The group that was chosen; None where there was nothing to choose."""
    return form.group.data if "group" in form else None


def is_group_chosen(form: ThreadForm) -> bool:
    """Whether one of the groups that were offered was chosen; the words stand beside the field if not."""
    if "group" not in form:
        return True
    offered = {choice.value for choice in form.group.choices}
    if form.group.data in offered - {"-"} or not offered:
        return True
    form.group.errors = [*form.group.errors, _("Please choose one of the groups that are offered.")]
    return False
