"""A place to write, as its macro shows it, and what was sent from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import g, request
from flask_babel import gettext as _
from markupsafe import Markup

from ...core import markup
from ...core.db import db, transaction
from ...core.errors import Refused
from ...core.signing import arrival_from
from ...core.times import due_moment, duration_words, moment, zone_words
from ...courses.policy import Member
from .. import commands
from ..attachments import Attached
from ..commands import Written
from ..entrusting import due_for, outcome_words
from ..forms import ReplyForm
from ..models import Draft
from ..queries import BoardView, entrusted_at
from ..receipting import prove_refusal
from ..rules import FOR_ALL, Place, is_key, number_in
from ..starting_texts import is_first_place, words_beyond
from .attaching import FilesShown, files_shown
from .heads import LAST_HOUR
from .writing_help import WritingHelp, help_for


@dataclass(frozen=True)
class Later:
    """*Hand in now, show later*: the label of its first button, and what its writer must know."""

    tomorrow: str
    hint: str
    is_open: bool


@dataclass(frozen=True)
class Entrusted:
    """*Post my draft for me*: whether it is set for this draft, what that comes to, or what became of it."""

    is_set: bool
    can_be_set: bool
    told: str | None


@dataclass(frozen=True)
class StartingText:
    """The board's template: where an empty composer is loaded with it, or its text where there are words already."""

    url: str | None
    source: str


@dataclass(frozen=True)
class Composer:
    """A place to write, as its macro shows it."""

    id: str
    heading: str
    action: str
    place: str
    owner: str
    key: str
    arrival: str
    seq: int
    draft_url: str
    preview_url: str
    minimum: int
    words: int
    hint: str | None
    notes: list[str]
    newer: str | None
    saved_text: str | None
    clock_text: str | None
    now_iso: str
    preview_html: Markup | None
    help: WritingHelp
    receipt_url: str | None = None
    later: Later | None = None
    entrusted: Entrusted | None = None
    template: StartingText | None = None
    files: FilesShown | None = None


def composer_for(
    view: BoardView, place: Place, *, heading: str, action: str, minimum: int = 0, draft: Draft | None = None,
    form: ReplyForm | None = None, preview: Markup | None = None, is_first_post: bool = False,
    newer: str | None = None, standing: Sequence[Attached] = (),
) -> Composer:  # fmt: skip
    """The composer for a place: with what was sent, else with the draft, else empty under a new key.

    `newer` is a draft that was saved elsewhere meanwhile and would be overwritten; `standing` are the files of the post
    that is edited.
    """
    member: Member = g.member
    key = (
        form.key.data
        if form is not None and is_key(form.key.data)
        else draft.key
        if draft
        else commands.new_key()
    )
    text = draft.source if draft else ""
    if form is not None and (form.is_submitted() or "template" in request.args):
        text = form.text.data
    words = draft.words if draft and text == draft.source else markup.count_words(text or "")
    has_template = is_first_place(place, view.board) and bool(view.board.template_source)
    if has_template:
        words = words_beyond(view.board, text or "")
    carried = (
        form.arrival.data
        if form is not None and form.arrival.data
        else draft.arrival_token
        if draft
        else None
    )
    base = f"/c/{member.course_slug}"
    return Composer(
        id="reply",
        heading=heading,
        action=action,
        place=str(place),
        owner=g.person.public_id
        if member.account_id
        else "nobody",  # as a student: no copy of one's own words
        key=key,
        arrival=carried or "",
        seq=draft.sequence if draft else 0,
        draft_url=f"{base}/drafts/{place}",
        preview_url=f"{base}/preview",
        minimum=minimum,
        words=words,
        hint=_("Markdown: **bold**, *italic*, > quotation, lists, tables, `code`, $math$."),
        notes=_notes(view, draft, is_first_post),
        newer=newer,
        saved_text=_saved(draft) if draft else None,
        clock_text=clock_text(view),
        now_iso=g.at.isoformat(),
        preview_html=preview,
        help=help_for(text or "", words),
        receipt_url=f"/receipts/{refused}" if (refused := g.get("refused_receipt")) else None,
        later=_later(member, form) if place.kind in FOR_ALL else None,
        entrusted=_entrusted(view, place, is_first_post)
        if draft is not None and place.kind in FOR_ALL
        else None,
        template=_template(view, place, text or "") if has_template else None,
        files=files_shown(place, draft, form, standing),
    )


def _template(view: BoardView, place: Place, text: str) -> StartingText:
    if text.strip():
        return StartingText(None, view.board.template_source)
    base = f"/c/{view.member.course_slug}"
    where = {"board": f"boards/{place.public_id}/new", "staff": f"boards/{place.public_id}/staff-question", "thread": f"threads/{place.public_id}"}[place.kind]  # fmt: skip
    return StartingText(f"{base}/{where}?template=1#reply", view.board.template_source)


def asked_template(view: BoardView, draft: Draft | None) -> str | None:
    """The text that an empty composer is to start with, if the address asks for it; what was kept is never covered."""
    if "template" not in request.args or (draft is not None and (draft.source.strip() or draft.title)):
        return None
    return view.board.template_source or None


def _entrusted(view: BoardView, place: Place, is_first: bool) -> Entrusted | None:
    """Asked for only where a draft is: what is another's, and what is nobody's yet, has none."""
    date = due_for(view, is_first=is_first)
    row = entrusted_at(db.session(), view.member.account_id, place)
    if row is None and date is None:
        return None
    told, is_set = None, False
    if row is not None and row.look_at is not None:
        is_set = True
        due = next((each.due for each in view.dates.dates if each.checkpoint_id == row.checkpoint_id), None)
        told = set_words(due, view.member)
    elif row is not None:
        told = outcome_words(row.outcome)
    return Entrusted(is_set, date is not None and not is_set, told)


def set_words(due: datetime | None, member: Member) -> str:
    """What is set for a draft, as long as it is not carried out."""
    if due is None:
        return _("Nothing is due any more: your draft is posted for you only if something is due again.")
    when = due_moment(due, member.zone, member.course_zone).text
    return _("If you have not posted by %(time)s, your last saved draft here is posted for you.", time=when)


def _later(member: Member, form: ReplyForm | None) -> Later:
    return Later(
        tomorrow=_("Hand in now, show tomorrow 08:00"),
        hint=_(
            "It arrives when you press, and that counts. Others see it from the time that you choose, in your zone (%(zone)s), at most 7 days from now. Until then you can edit it, show it at once or withdraw it.",
            zone=zone_words(member.zone.key),
        ),
        is_open=form is not None and bool(form.show_on.errors or form.show_at.errors or form.show_on.data),
    )


def _notes(view: BoardView, draft: Draft | None, is_first_post: bool) -> list[str]:
    """What its writer must know before posting."""
    notes = []
    if draft is not None and draft.refused_at is not None:
        when = moment(draft.refused_at, view.member.zone).text
        notes.append(
            _(
                "These words arrived %(time)s, when nothing was taken here. They were kept as a draft.",
                time=when,
            )
        )
    if is_first_post and view.actor == "student" and view.board.shown != "at_once" and not view.others_shown:
        notes.append(
            _(
                "Your first post is judged as it stands when others' posts are shown to you, or when its time is over, if that is earlier. What you change later stands beside it."
            )
        )
    return notes


def _saved(draft: Draft) -> str:
    return _("Draft saved %(time)s", time=moment(draft.saved_at, g.member.zone).text)


def clock_text(view: BoardView) -> str | None:
    """In the last hour before a limit: the forum's time and how long is left."""
    if view.actor != "student":
        return None
    ahead = [date for date in view.dates.dates if date.due and date.limit and g.at < date.limit]
    if not ahead or ahead[0].due is None or ahead[0].due - g.at > LAST_HOUR:
        return None
    now = moment(g.at, view.member.zone).text.rsplit(", ", 1)[-1]
    if g.at >= ahead[0].due:
        return _(
            "The forum's time is %(now)s. It was due a moment ago; what arrives in the next minutes still counts as on time.",
            now=now,
        )
    return _("The forum's time is %(now)s: %(left)s left.", now=now, left=duration_words(ahead[0].due - g.at))


def words_sent(form: ReplyForm, *, title: str = "", draft: Draft | None = None) -> Written:
    key = form.key.data if is_key(form.key.data) else commands.new_key()
    tags = tuple(form["tags"].data or ()) if "tags" in form else None
    written = commands.write(
        form.text.data or "", key, title=title, draft=draft, files=form.attached, tags=tags
    )
    return replace(written, seen=number_in(form.seq.data))


def arrival_of(form: ReplyForm, written: Written, draft: Draft | None) -> Any:
    """From when these words count: now, or the signed arrival that they carry or that was kept with the draft."""
    for token in (form.arrival.data, draft.arrival_token if draft else None):
        found = arrival_from(token, written.key, written.digest, g.at)
        if found != g.at:
            return found
    return g.at


def keep_refused(place: Place, written: Written, refused: Refused, *, at: datetime) -> Draft | None:
    """What is refused is kept: as a draft of its author with a receipt (`at` is its arrival), in a transaction of its own.

    The composer of this answer links the receipt.
    """
    with transaction() as session:
        draft = commands.save_draft(
            session, g.member.account_id, g.member.course_id, place, written, at=g.at, refused_at=g.at
        )
        if draft is not None:
            session.expunge(draft)
            g.refused_receipt = prove_refusal(
                session, g.member, place, written, refused.code, at=at, issued_at=g.at
            )
    return draft
