"""The dates of a section or group, and the history of all dates of a board."""

from dataclasses import dataclass

from flask import Response, g, redirect, render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from ..core.access import needs
from ..core.asking import say
from ..core.db import db, transaction
from ..core.errors import NotHere
from ..core.times import moment
from ..courses.models import Group, Section
from ..courses.policy import Action
from ..courses.queries import groups_in, sections_in
from .blueprint import base, crumbs, names_of, pages
from .commands import NotThisBoard, set_audience_dates
from .dates_form import DateForm
from .forms import ReasonForm, add_error
from .models import Board, Checkpoint, DueRule
from .queries import board_for, checkpoints_of, versions_of
from .schedule import current_rules, wall_of
from .sentences import checkpoint_words
from .trouble_sentences import spelled, trouble_words

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class PartLine:
    """A section or group with its own dates in words."""

    title: str
    kind: str
    url: str
    dates: list[str]


def group_title(group: Group) -> str:
    return f"{group.set_title}: {group.title}" if group.set_title else group.title


def part_for(session: Session, public_id: str) -> Section | Group:
    """The section or group of this course by its public id; else NotHere."""
    parts: list[Section | Group] = [
        *sections_in(session, g.member.course_id),
        *groups_in(session, g.member.course_id),
    ]
    found = next((part for part in parts if part.public_id == public_id), None)
    if found is None:
        raise NotHere
    return found


def _what_words(rule: DueRule, checkpoints: dict[int, Checkpoint]) -> str:
    if rule.what == "opens":
        return _("Opens")
    if rule.what == "cut_off":
        return _("Late posts are taken until")
    if rule.what == "together":
        return _("All posts are shown after")
    checkpoint = checkpoints.get(rule.checkpoint_id or 0)
    return checkpoint_words(checkpoint) if checkpoint is not None else _("Something that is no longer asked")


def _rule_words(rule: DueRule) -> str:
    if rule.instant is None:
        return _("no date")
    text = spelled(rule.instant, g.member, is_due=rule.what != "opens")
    return _("%(time)s, for each student in their own zone", time=text) if rule.whose_zone == "own" else text


@pages.get("/c/<course>/manage/boards/<board>/dates")
@needs(Action.MANAGE_CONTENT)
def dates(course: str, board: str) -> Answer:
    session = db.session()
    row = board_for(session, g.member, board, g.at)
    crumbs(row)
    checkpoints = {one.id: one for one in checkpoints_of(session, [row.id])[row.id]}
    rules = current_rules(session, row.id)
    url = f"{base()}/boards/{board}/dates"

    def lines(kind: str, key: str, parts: list[tuple[int, str, str]]) -> list[PartLine]:
        return [
            PartLine(title, kind, f"{url}/{public_id}",
                     [f"{_what_words(rule, checkpoints)}: {_rule_words(rule)}" for rule in rules if getattr(rule, key) == part_id])
            for part_id, title, public_id in parts
        ]  # fmt: skip

    sections = [(one.id, one.title, one.public_id) for one in sections_in(session, g.member.course_id)]
    groups = [(one.id, group_title(one), one.public_id) for one in groups_in(session, g.member.course_id)]
    parts = [*lines(_("section"), "section_id", sections), *lines(_("group"), "group_id", groups)]
    everyone = [
        f"{_what_words(rule, checkpoints)}: {_rule_words(rule)}"
        for rule in rules
        if rule.section_id is None and rule.group_id is None
    ]
    return render_template(
        "boards/dates.html", board=row, parts=parts, everyone=everyone, url=f"{base()}/boards/{board}"
    )


def _date_forms(
    checkpoints: list[Checkpoint], *, sent: bool
) -> tuple[DateForm, DateForm, list[DateForm], ReasonForm]:
    if sent:
        dues = [DateForm(prefix=f"d{place}-") for place in range(len(checkpoints))]
        return DateForm(prefix="opens-"), DateForm(prefix="cut-off-"), dues, ReasonForm()
    dues = [DateForm(formdata=None, prefix=f"d{place}-") for place in range(len(checkpoints))]
    return (
        DateForm(formdata=None, prefix="opens-"),
        DateForm(formdata=None, prefix="cut-off-"),
        dues,
        ReasonForm(formdata=None),
    )


def _own_walls(session: Session, board: Board, part: Section | Group) -> dict[tuple[str, int | None], object]:
    key = "section_id" if isinstance(part, Section) else "group_id"
    return {
        (rule.what, rule.checkpoint_id): wall_of(rule.wall_on, rule.wall_minute)
        for rule in current_rules(session, board.id)
        if getattr(rule, key) == part.id
    }


@pages.get("/c/<course>/manage/boards/<board>/dates/<part>")
@needs(Action.MANAGE_CONTENT)
def part_dates(course: str, board: str, part: str) -> Answer:
    session = db.session()
    row, of = board_for(session, g.member, board, g.at), part_for(session, part)
    checkpoints = checkpoints_of(session, [row.id])[row.id]
    forms = _date_forms(checkpoints, sent=False)
    walls = _own_walls(session, row, of)
    forms[0].show(walls.get(("opens", None)))  # type: ignore[arg-type]
    forms[1].show(walls.get(("cut_off", None)))  # type: ignore[arg-type]
    for checkpoint, due in zip(checkpoints, forms[2], strict=True):
        due.show(walls.get(("due", checkpoint.id)))  # type: ignore[arg-type]
    return _part_page(row, of, checkpoints, forms)


def _part_page(
    row: Board, part: Section | Group, checkpoints: list[Checkpoint],
    forms: tuple[DateForm, DateForm, list[DateForm], ReasonForm], status: int = 200, problem: str | None = None,
) -> Answer:  # fmt: skip
    crumbs(row)
    url = f"{base()}/boards/{row.public_id}/dates"
    g.crumbs.append((_("Dates of sections and groups"), url))
    page = render_template(
        "boards/part_dates.html", board=row, title=part.title if isinstance(part, Section) else group_title(part),
        opens=forms[0], cut_off=forms[1], url=f"{url}/{part.public_id}", form=forms[3], problem=problem,
        dues=list(zip([checkpoint_words(one) for one in checkpoints], forms[2], strict=True)),
        course_zone=g.member.course_zone_name,
    )  # fmt: skip
    return page, status


@pages.post("/c/<course>/manage/boards/<board>/dates/<part>")
@needs(Action.MANAGE_CONTENT)
def set_part_dates(course: str, board: str, part: str) -> Answer:
    session = db.session()
    row, of = board_for(session, g.member, board, g.at), part_for(session, part)
    checkpoints = checkpoints_of(session, [row.id])[row.id]
    opens, cut_off, dues, reason = forms = _date_forms(checkpoints, sent=True)
    for form in (opens, cut_off, *dues, reason):
        form.validate()
    walls = _own_walls(session, row, of)
    opens_wall = opens.wall(is_opening=True)
    cut_off_wall = cut_off.wall(walls.get(("cut_off", None)))  # type: ignore[arg-type]
    due_walls = {
        checkpoint.id: due.wall(walls.get(("due", checkpoint.id)))  # type: ignore[arg-type]
        for checkpoint, due in zip(checkpoints, dues, strict=True)
    }
    if any(form.errors for form in (opens, cut_off, *dues, reason)):
        return _part_page(row, of, checkpoints, forms, 422)
    key = {"section_id": of.id} if isinstance(of, Section) else {"group_id": of.id}
    try:
        with transaction() as writing:
            kept = board_for(writing, g.member, board, g.at, lock=True)
            set_audience_dates(
                writing, g.member, kept, at=g.at, opens=opens_wall, cut_off=cut_off_wall, due=due_walls,
                reason=reason.reason.data or "", **key,
            )  # fmt: skip
    except NotThisBoard as refused:
        problem = None
        for trouble in refused.troubles:
            sentence = trouble_words(trouble.code, trouble.values, g.member, name=trouble.name)
            if trouble.code == "reason_needed":
                add_error(reason.reason, sentence)
            elif trouble.name == "part":
                problem = sentence
            else:
                add_error(
                    {"opens": opens, "cutoff": cut_off}.get(
                        trouble.name, dues[trouble.place or 0] if dues else opens
                    ).on,
                    sentence,
                )
        session = db.session()
        row, of = board_for(session, g.member, board, g.at), part_for(session, part)
        return _part_page(row, of, checkpoints_of(session, [row.id])[row.id], forms, 422, problem)
    say(_("Saved."))
    return redirect(f"{base()}/boards/{board}/dates", 303)  # type: ignore[return-value]


@dataclass(frozen=True)
class VersionLine:
    """One version of one date: when it was written, by whom, what it says, for whom, and why."""

    at: object
    author: str
    what: str
    text: str
    whom: str
    reason: str


@pages.get("/c/<course>/manage/boards/<board>/history")
@needs(Action.MANAGE_CONTENT)
def history(course: str, board: str) -> Answer:
    """Who set which date, when and why (docs/time.md, rule 6)."""
    session = db.session()
    row = board_for(session, g.member, board, g.at)
    crumbs(row)
    versions = versions_of(session, row.id)
    names = names_of(session, [version.author_id for version in versions])
    checkpoints = {one.id: one for one in checkpoints_of(session, [row.id])[row.id]}
    whom: dict[tuple[str, int], str] = {
        ("s", one.id): one.title for one in sections_in(session, g.member.course_id)
    }
    whom |= {("g", one.id): group_title(one) for one in groups_in(session, g.member.course_id)}
    lines = [
        VersionLine(
            moment(version.created_at, g.member.zone, g.member.course_zone),
            names.get(version.author_id, ""), _what_words(version, checkpoints), _rule_words(version),
            whom.get(("s", version.section_id or 0)) or whom.get(("g", version.group_id or 0)) or _("everyone"),
            version.reason,
        )
        for version in versions
    ]  # fmt: skip
    return render_template("boards/history.html", board=row, lines=lines)
