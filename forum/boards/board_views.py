"""Making and changing a board: its prompt, its dates and what it asks."""

from typing import Any

from flask import Response, g, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from ..core import markup
from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import NotHere, Refused
from ..core.moments import Wall, due_instant, opening_instant, zone
from ..courses.policy import Action
from ..courses.queries import modules_in
from .blueprint import base, crumbs, pages
from .commands import PROMPT_LIMIT, NotThisBoard, save_board
from .forms import MOST_CHECKPOINTS, BoardForms, add_error
from .groups import parts_offered
from .meaning import meaning_of
from .models import Board
from .queries import board_for, checkpoints_of, spec_of
from .specs import BoardSpec, Trouble
from .trouble_sentences import oddity_note, spelled, trouble_words

Answer = str | Response | tuple[str, int]
_FIRST_ROWS = 2


def _forms_for(board: Board | None, rows: int) -> tuple[BoardForms, dict[str, int]]:
    session = db.session()
    modules = modules_in(session, g.member, g.at)
    ids = {}
    if board is not None:
        ids = {row.public_id: row.id for row in checkpoints_of(session, [board.id])[board.id]}
    parts = parts_offered(session, g.member.course_id)
    forms = BoardForms([(module.public_id, module.title) for module in modules], ids, rows, parts)
    return forms, {module.public_id: module.id for module in modules}


def _rows_sent() -> int:
    try:
        return max(1, min(int(request.form.get("rows", "")), MOST_CHECKPOINTS))
    except ValueError:
        return _FIRST_ROWS


@pages.get("/c/<course>/manage/boards/new")
@needs(Action.MANAGE_CONTENT)
def new_board(course: str) -> Answer:
    forms, module_ids = _forms_for(None, _FIRST_ROWS)
    wanted = request.args.get("module", "")
    forms.show(BoardSpec(title=""), 0, wanted if wanted in module_ids else next(iter(module_ids), ""))
    return _board_page(None, forms)


@pages.get("/c/<course>/manage/boards/<board>")
@needs(Action.MANAGE_CONTENT)
def board(course: str, board: str) -> Answer:
    row = board_for(db.session(), g.member, board, g.at)
    spec = spec_of(db.session(), row)
    forms, module_ids = _forms_for(row, min(len(spec.checkpoints) + 1, MOST_CHECKPOINTS))
    forms.show(spec, row.version, _module_of(module_ids, spec.module_id))
    return _board_page(row, forms)


def _module_of(module_ids: dict[str, int], key: int | None) -> str:
    return next((public_id for public_id, module_id in module_ids.items() if module_id == key), "")


def _board_page(
    row: Board | None, forms: BoardForms, *, status: int = 200, preview: Markup | None = None,
    problem: str | None = None, current: BoardSpec | None = None, nothing_wrong: bool = True, template_preview: Markup | None = None,
) -> Answer:  # fmt: skip
    crumbs(row if row is not None and request.path.count("/") > 5 else None)
    forms.board.rows.data = str(len(forms.rows))
    stands = spec_of(db.session(), row) if row is not None else None
    page = render_template(
        "boards/board.html", board=row, forms=forms, form=forms.board, base=base(), preview=preview, problem=problem,
        template_preview=template_preview,
        url=f"{base()}/boards/{row.public_id}" if row is not None else f"{base()}/boards",
        may_add=len(forms.rows) < MOST_CHECKPOINTS, current=current, notes=_notes(stands, forms),
        shown_before=row is not None and row.first_shown_at is not None, course_zone=g.member.course_zone_name,
        preview_url=f"/c/{g.member.course_slug}/preview", may_extend=g.member.may(Action.EXTEND),
        board_url=f"/c/{g.member.course_slug}/boards/{row.public_id}" if row is not None else None,
        first_post_words=_("Students have seen this board"),
        meaning=meaning_of(db.session(), g.member, row, g.at) if row is not None and request.method == "GET" else None,
    )  # fmt: skip
    return page, status


def _notes(spec: BoardSpec | None, forms: BoardForms) -> dict[str, list[str]]:
    """What each date that stands comes to, by the prefix of its form (docs/time.md, rules 4 and 20)."""
    found: dict[str, list[str]] = {}
    if spec is None:
        return found
    course_zone = zone(g.member.course_zone_name)

    def note(prefix: str, wall: Wall | None, *, is_opening: bool = False, own: bool = False) -> None:
        if wall is None:
            return
        if own:
            found[prefix] = [_("Each student has it at this time of their own zone.")]
            return
        instant = opening_instant(wall, course_zone) if is_opening else due_instant(wall, course_zone)
        text = _("That is %(time)s.", time=spelled(instant, g.member, is_due=not is_opening))
        odd = oddity_note(wall, course_zone, is_opening=is_opening)
        found[prefix] = [odd, text] if odd else [text]

    note("opens", spec.opens, is_opening=True)
    note("cut_off", spec.cut_off)
    note("together", spec.together)
    by_id = {checkpoint.id: checkpoint for checkpoint in spec.checkpoints}
    for place, row in enumerate(forms.rows):
        checkpoint = by_id.get(forms.ids.get(row.form.id.data or "", 0))
        if checkpoint is not None:
            note(str(place), checkpoint.due, own=checkpoint.whose_zone == "own")
    return found


@pages.post("/c/<course>/manage/boards")
@needs(Action.MANAGE_CONTENT)
def make_board(course: str) -> Answer:
    return _save(None)


@pages.post("/c/<course>/manage/boards/<board>")
@needs(Action.MANAGE_CONTENT)
def change_board(course: str, board: str) -> Answer:
    return _save(board)


def _save(public_id: str | None) -> Answer:
    """Deeds: save, preview, preview-template, more (one more row)."""
    deed = request.form.get("deed", "save")
    row = board_for(db.session(), g.member, public_id, g.at) if public_id else None
    forms, module_ids = _forms_for(row, _rows_sent() + (1 if deed == "more" else 0))
    if deed == "more":
        return _board_page(row, forms)
    if deed == "preview-template":
        rendered = markup.render(forms.template_chosen(None), limit=PROMPT_LIMIT)
        return _board_page(row, forms, template_preview=markup.markup_of(rendered.html))
    if deed == "preview":
        rendered = markup.render(forms.board.text.data or "", limit=PROMPT_LIMIT)
        return _board_page(row, forms, preview=markup.markup_of(rendered.html))
    before = spec_of(db.session(), row) if row is not None else None
    spec, places = forms.spec(before, module_ids)
    if spec is None:
        return _board_page(row, forms, status=422)
    try:
        with transaction() as session:
            kept = board_for(session, g.member, public_id, g.at, lock=True) if public_id else None
            if (
                kept is not None
                and str(kept.version) != forms.board.version.data
                and spec_of(session, kept) != spec
            ):
                raise Refused("board_changed")
            version = kept.version if kept is not None else 0
            saved = save_board(session, g.member, kept, spec, at=g.at, reason=forms.board.reason.data or "")
            new_id, changed = saved.public_id, saved.version != version
    except NotThisBoard as refused:
        _place(refused.troubles, forms, places)
        row = board_for(db.session(), g.member, public_id, g.at) if public_id else None
        return _board_page(row, forms, status=422)
    except Refused:
        if public_id is None:
            raise NotHere from None
        row = board_for(db.session(), g.member, public_id, g.at)
        forms.board.version.data = str(row.version)
        problem = _("Somebody changed this board since you opened it. What you wrote is here and what stands now is below; save again to put yours in its place.")  # fmt: skip
        return _board_page(row, forms, status=409, problem=problem, current=spec_of(db.session(), row))
    _say_saved(spec, is_new=public_id is None, changed=changed)
    return redirect(f"{base()}/boards/{new_id}", 303)  # type: ignore[return-value]


def _say_saved(spec: BoardSpec, *, is_new: bool, changed: bool) -> None:
    if is_new:
        say(_("The board was made. Students don't see it until you publish it."))
    else:
        say(_("Saved.") if changed else _("Nothing was changed."))
    course_zone = zone(g.member.course_zone_name)
    notes = [oddity_note(spec.opens, course_zone, is_opening=True), oddity_note(spec.cut_off, course_zone),
             oddity_note(spec.together, course_zone)]  # fmt: skip
    notes += [oddity_note(one.due, course_zone) for one in spec.checkpoints if one.whose_zone == "course"]
    for note in dict.fromkeys(note for note in notes if note):
        say(note)


def _place(troubles: tuple[Trouble, ...], forms: BoardForms, places: list[int]) -> None:
    """Put each trouble beside its field, in words."""
    fields: dict[str, Any] = {
        "opens": forms.opens.on, "cutoff": forms.cut_off.on, "together": forms.together.on, "grace": forms.board.grace, "form": forms.board.form,
        "shown": forms.board.shown, "classmates_only": forms.board.classmates_only,
        "students_start": forms.board.students_start, "groups": forms.board.groups, "audience": forms.board.audience,
    }  # fmt: skip
    for trouble in troubles:
        sentence = trouble_words(trouble.code, trouble.values, g.member, name=trouble.name)
        if trouble.place is None:
            add_error(fields[trouble.name], sentence)
            continue
        row = forms.rows[places[trouble.place]]
        add_error(row.due.on if trouble.name == "due" else getattr(row.form, trouble.name), sentence)
        if trouble.code == "reason_needed":
            add_error(forms.board.reason, _("Please write why the date is taken back."))
