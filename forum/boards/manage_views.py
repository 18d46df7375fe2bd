"""The course as its instructor sets it up: modules in order, with the lessons and boards in them."""

from dataclasses import dataclass
from datetime import datetime

from flask import Response, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import NotHere, Refused
from ..core.moments import Wall, zone
from ..core.places import shown_in
from ..courses import module_commands
from ..courses.commands import make_module
from ..courses.models import Module
from ..courses.policy import Action, Member
from ..courses.queries import modules_in
from ..lessons.models import Lesson
from .blueprint import base, crumbs, pages
from .dates_form import DateForm
from .forms import ModuleForm
from .models import Board, DueRule
from .promises import takes_boards_away
from .queries import boards_in, module_for
from .schedule import wall_of
from .trouble_sentences import oddity_note, refusal_words, spelled

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class ManagedItem:
    """A lesson or board in the list; `state` is (shape, words), `lines` are its dates in words."""

    kind: str
    title: str
    url: str
    state: tuple[str, str]
    lines: list[str]
    publish_url: str | None
    public_id: str


@dataclass(frozen=True)
class ManagedModule:
    title: str
    url: str | None
    state: tuple[str, str]
    lines: list[str]
    published: bool
    items: list[ManagedItem]
    public_id: str


def course_outline(session: Session, member: Member, at: datetime) -> list[ManagedModule]:
    """Everything in the course, hidden things too, by module and in order; four statements."""
    modules = modules_in(session, member, at)
    boards = boards_in(session, member, at)
    lessons = session.scalars(
        select(Lesson)
        .where(Lesson.course_id == member.course_id, Lesson.removed_at.is_(None))
        .order_by(Lesson.position, Lesson.id)
    ).all()
    rules = _course_rules(session, [board.id for board in boards])
    inside: dict[int | None, list[ManagedItem]] = {None: []}
    inside.update({module.id: [] for module in modules})
    for lesson in lessons:
        inside.get(lesson.module_id, inside[None]).append(_lesson_item(lesson))
    for board in boards:
        inside.get(board.module_id, inside[None]).append(
            _board_item(board, rules.get(board.id, []), member, at)
        )
    found = [_module_of(module, inside[module.id], member, at) for module in modules]
    if inside[None]:
        found.append(ManagedModule(_("In no module"), None, ("open", ""), [], True, inside[None], ""))
    return found


def _course_rules(session: Session, board_ids: list[int]) -> dict[int, list[DueRule]]:
    """The dates for everyone on each board, the latest version of each."""
    latest: dict[tuple[int, str, int | None], DueRule] = {}
    for rule in session.scalars(
        select(DueRule)
        .where(DueRule.board_id.in_(board_ids), DueRule.section_id.is_(None), DueRule.group_id.is_(None))
        .order_by(DueRule.version)
    ):
        latest[rule.board_id, rule.what, rule.checkpoint_id] = rule
    found: dict[int, list[DueRule]] = {}
    for rule in sorted(latest.values(), key=lambda one: (one.instant is None, one.instant)):
        if rule.instant is not None:
            found.setdefault(rule.board_id, []).append(rule)
    return found


def _lesson_item(lesson: Lesson) -> ManagedItem:
    state = ("open", _("published")) if lesson.published_at else ("hidden", _("hidden"))
    return ManagedItem(
        "lesson", lesson.title, f"{base()}/lessons/{lesson.public_id}", state, [], None, lesson.public_id
    )


def _board_item(board: Board, rules: list[DueRule], member: Member, at: datetime) -> ManagedItem:
    url = f"{base()}/boards/{board.public_id}"
    opens = next((rule.instant for rule in rules if rule.what == "opens"), None)
    if board.published_at is None:
        state = ("hidden", _("hidden"))
    elif board.closed_at is not None:
        state = ("closed", _("closed by hand"))
    elif opens is not None and opens > at:
        state = ("not-yet", _("opens later"))
    else:
        state = ("open", _("published"))
    lines = []
    if opens is not None:
        lines.append(_("Opens %(time)s", time=spelled(opens, member, is_due=False)))
    dues = [rule for rule in rules if rule.what == "due"]
    if dues:
        own = dues[0].whose_zone == "own"
        lines.append(
            _("Due %(time)s", time=spelled(dues[0].instant, member))
            + (" · " + _("in each student's own zone") if own else "")
        )
    if len(dues) > 1:
        lines.append(ngettext("and %(num)d more due date", "and %(num)d more due dates", len(dues) - 1))
    publish_url = f"{url}/publication" if not board.published_at else None
    return ManagedItem("board", board.title, url, state, lines, publish_url, board.public_id)


def _module_of(module: Module, items: list[ManagedItem], member: Member, at: datetime) -> ManagedModule:
    if module.published_at is None:
        state = ("hidden", _("hidden, with all that is in it"))
    elif module.opens_at is not None and module.opens_at > at:
        state = ("not-yet", _("opens later"))
    else:
        state = ("open", _("published"))
    lines = (
        [_("Opens %(time)s", time=spelled(module.opens_at, member, is_due=False))] if module.opens_at else []
    )
    url = f"{base()}/modules/{module.public_id}"
    return ManagedModule(
        module.title, url, state, lines, module.published_at is not None, items, module.public_id
    )


@pages.get("/c/<course>/manage")
@needs(Action.MANAGE_CONTENT)
def manage(course: str) -> Answer:
    return _manage_page(ModuleForm(formdata=None))


def _manage_page(form: ModuleForm, status: int = 200) -> Answer:
    member: Member = g.member
    g.crumbs = [(member.course_code, f"/c/{member.course_slug}")]
    modules = course_outline(db.session(), member, g.at)
    unpublished = [item for module in modules for item in module.items if item.state[0] == "hidden"]
    page = render_template(
        "boards/manage.html", modules=modules, form=form, base=base(), unpublished=unpublished,
        hidden_modules=[module for module in modules if not module.published], course_state=member.course_state,
        more_links=shown_in("manage.links", member, member.course_id, g.at),
        may_extend=member.may(Action.EXTEND), may_set_up=member.may(Action.SET_UP), may_people=member.may(Action.MANAGE_PEOPLE),
    )  # fmt: skip
    return page, status


@pages.post("/c/<course>/manage/modules")
@needs(Action.MANAGE_CONTENT)
def add_module(course: str) -> Answer:
    form = ModuleForm()
    if not form.validate():
        return _manage_page(form, 422)
    with transaction() as session:
        make_module(session, g.member.course_id, form.title.data, at=g.at, author_id=g.member.account_id)
    say(_("The module was made. It stands at the end."))
    return redirect(base(), 303)  # type: ignore[return-value]


@pages.get("/c/<course>/manage/modules/<module>")
@needs(Action.MANAGE_CONTENT)
def module(course: str, module: str) -> Answer:
    row = module_for(db.session(), g.member, module)
    form, opens = ModuleForm(formdata=None), DateForm(formdata=None, prefix="opens-")
    form.title.data = row.title
    opens.show(wall_of(row.opens_on, row.opens_minute))
    return _module_page(row, form, opens)


def _module_page(
    row: Module, form: ModuleForm, opens: DateForm, status: int = 200, problem: str | None = None
) -> Answer:
    crumbs()
    empty = not _is_used(db.session(), row.id)
    wall = wall_of(row.opens_on, row.opens_minute)
    page = render_template(
        "boards/module.html", module=row, form=form, opens=opens, url=f"{base()}/modules/{row.public_id}", empty=empty,
        problem=problem, note=oddity_note(wall, zone(g.member.course_zone_name), is_opening=True),
    )  # fmt: skip
    return page, status


def _is_used(session: Session, module_id: int) -> bool:
    for table in (Board, Lesson):
        there = select(table.id).where(table.module_id == module_id, table.removed_at.is_(None)).limit(1)
        if session.scalar(there) is not None:
            return True
    return False


def _opens_later(session: Session, row: Module, wall: Wall | None, at: datetime) -> bool:
    """Whether a new opening date would take boards away that students could see (docs/time.md, rule 6)."""
    shown = select(Board.id).where(
        Board.module_id == row.id, Board.first_shown_at.is_not(None), Board.removed_at.is_(None)
    )
    has_shown = session.scalar(shown.limit(1)) is not None
    return takes_boards_away(row, wall, zone(g.member.course_zone_name), at, has_shown_boards=has_shown)


@pages.post("/c/<course>/manage/modules/<module>")
@needs(Action.MANAGE_CONTENT)
def change_module(course: str, module: str) -> Answer:
    """Deeds: save (title, opening date), up, down, publish, hide, remove."""
    deed = request.form.get("deed", "save")
    if deed == "save":
        return _save_module(module)
    author_id = g.member.account_id
    with transaction() as session:
        row = module_for(session, g.member, module)
        if deed in ("up", "down"):
            moved = module_commands.move_module(
                session, row, -1 if deed == "up" else 1, at=g.at, author_id=author_id
            )
            text = (
                _("“%(title)s” was moved.", title=row.title)
                if moved
                else _("“%(title)s” stands at the edge already.", title=row.title)
            )
        elif deed in ("publish", "hide"):
            module_commands.set_module_published(
                session, row, deed == "publish", at=g.at, author_id=author_id
            )
            text = (
                _("“%(title)s” is published.", title=row.title)
                if deed == "publish"
                else _("“%(title)s” is hidden from students, with all that is in it.", title=row.title)
            )
        elif deed == "remove":
            if _is_used(session, row.id):
                raise Refused("module_not_empty")
            module_commands.remove_module(session, row, at=g.at, author_id=author_id)
            text = _("“%(title)s” was removed.", title=row.title)
        else:
            raise NotHere
    say(text)
    return redirect(f"{base()}#m-{module}" if deed in ("up", "down") else base(), 303)  # type: ignore[return-value]


def _save_module(public_id: str) -> Answer:
    form, opens = ModuleForm(), DateForm(prefix="opens-")
    row = module_for(db.session(), g.member, public_id)
    good = form.validate() and opens.validate()
    wall = opens.wall(wall_of(row.opens_on, row.opens_minute), is_opening=True)
    if not good or opens.errors:
        return _module_page(row, form, opens, 422)
    try:
        with transaction() as session:
            row = module_for(session, g.member, public_id)
            if _opens_later(session, row, wall, g.at):
                raise Refused("module_shown")
            module_commands.rename_module(
                session, row, form.title.data, at=g.at, author_id=g.member.account_id
            )
            module_commands.set_module_opens(session, row, wall, at=g.at, author_id=g.member.account_id)
    except Refused as refused:
        row = module_for(db.session(), g.member, public_id)
        return _module_page(row, form, opens, 409, refusal_words(refused, g.member))
    say(_("Saved."))
    if note := oddity_note(wall, zone(g.member.course_zone_name), is_opening=True):
        say(note)
    return redirect(base(), 303)  # type: ignore[return-value]
