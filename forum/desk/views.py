"""This week, a course's modules on its home, and what is mine."""

from datetime import datetime
from typing import Any

from flask import Blueprint, g, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy import select

from ..boards import sentences
from ..core.access import public, signed_in
from ..core.db import db
from ..core.markup import excerpt, markup_of
from ..core.places import fills
from ..core.times import due_moment, moment
from ..courses.models import Course
from ..courses.policy import Member
from ..lessons.models import Lesson
from ..participation.progress import Progress, of_lesson
from ..posts.attachments import attached_in
from ..posts.entrusting import outcome_words
from ..posts.file_lines import files_block
from ..posts.models import Draft, Post, Thread
from ..posts.queries import entrusted_by, not_withdrawn, waiting_of
from ..receipts.queries import own_receipts
from ..receipts.sentences import kind_words
from . import queries
from .progress_sentences import done_words, progress_words
from .queries import HomeBoard, Item, ModuleLine

pages = Blueprint("desk", __name__)


@pages.get("/")
@public(because="who is not signed in sees what this site is, and where to sign in")
def this_week() -> str:
    if g.person is None:
        return render_template("desk/welcome.html")
    week = queries.week_of(db.session(), g.person, g.at)
    return render_template("desk/this_week.html", week=week, is_administrator=g.person.is_administrator)


@fills("course.modules")
def modules(member: Member, _course_id: int, at: datetime) -> Markup:
    found = queries.home_of(db.session(), member, at)
    told = [_progress_of(member, items, done) for _module, items, done in found]
    lines = [
        ModuleLine(
            title=module.title if module else _("More"),
            hidden=module is not None and module.published_at is None,
            items=[_item(member, item, done, at) for item in items],
            progress=done_words(progress),
        )
        for (module, items, done), progress in zip(found, told, strict=True)
    ]
    progress_text = progress_words(sum(told, Progress()))
    return markup_of(render_template("desk/_modules.html", modules=lines, progress=progress_text))


def _progress_of(member: Member, items: list[Lesson | HomeBoard], done: frozenset[int]) -> Progress:
    """Of a student in a module; of others there is none."""
    if not queries.has_progress(member):
        return Progress()
    each = (
        of_lesson(done=item.id in done) if isinstance(item, Lesson) else item.progress or Progress()
        for item in items
    )
    return sum(each, Progress())


def _item(member: Member, item: Lesson | HomeBoard, done: frozenset[int], at: datetime) -> Item:
    base = f"/c/{member.course_slug}"
    if isinstance(item, Lesson):
        state = ("done", _("done")) if item.id in done else None
        if item.published_at is None:
            state = ("hidden", _("hidden"))
        minutes = max(1, round(item.words / 200))
        reading = ngettext("%(num)d minute of reading", "%(num)d minutes of reading", minutes)
        meta = [_("Lesson"), reading] if item.words else [_("Lesson")]
        return Item("lesson", item.title, f"{base}/lessons/{item.public_id}", meta, state, 0)
    view = item.view
    meta = [_("Board")]
    if view.dates.opens_at and at < view.dates.opens_at:
        meta.append(_("opens %(time)s", time=moment(view.dates.opens_at, member.zone).text))
    ahead = [date for date in view.dates.dates if date.due and date.limit and at < date.limit]
    if ahead and ahead[0].due:
        meta.append(_("due %(time)s", time=due_moment(ahead[0].due, member.zone).text))
    if view.dates.together_at is not None and at < view.dates.together_at:
        shown_after = due_moment(view.dates.together_at, member.zone).text
        meta.append(_("all posts are shown after %(time)s", time=shown_after))
    state = None
    if view.board.published_at is None:
        state = ("hidden", _("hidden"))
    elif view.state == "closed":
        state = ("closed", _("closed"))
    elif view.state == "late" and any(date.due for date in view.dates.dates):
        state = ("late", _("late posts are taken"))
    if item.progress is not None and (words := done_words(item.progress)):
        meta.append(words)
    is_dated = bool(ahead) or (state is not None and state[0] == "late")
    ask_url = sentences.more_time_url(member, view.board) if is_dated else None
    return Item(
        "board", view.board.title, f"{base}/boards/{view.board.public_id}", meta, state, item.new, ask_url
    )


@pages.get("/mine")
@signed_in
def mine() -> str:
    """My drafts, my posts and my proofs of arrival, newest first; nobody else's."""
    account_id = g.person.account_id
    drafts = db.session.execute(
        select(
            Draft.place,
            Draft.title,
            Draft.source,
            Draft.saved_at,
            Draft.words,
            Draft.files,
            Course.slug,
            Course.title.label("course"),
        )
        .join(Course, Course.id == Draft.course_id)
        .where(Draft.account_id == account_id)
        .order_by(Draft.saved_at.desc())
    ).all()
    posts = db.session.execute(
        select(Post.public_id, Post.html, Post.files, Post.arrived_at, Post.removed_at, Thread.title, Course.slug,
               Course.title.label("course"))
        .join(Thread, Thread.id == Post.thread_id)
        .join(Course, Course.id == Post.course_id)
        .where(Post.author_id == account_id, Post.appears_at <= g.at, not_withdrawn())
        .order_by(Post.arrived_at.desc(), Post.id.desc())
        .limit(100)
    ).all()  # fmt: skip
    zone = sentences.ZoneInfo(g.person.zone_name or "UTC")
    proofs, more = own_receipts(db.session(), account_id, before=request.args.get("receipts"))
    return render_template(
        "desk/mine.html",
        drafts=[(row, moment(row.saved_at, zone), excerpt(row.source, 160), _draft_url(row.slug, row.place), _file_names(row)) for row in drafts],
        waiting=[
            (row, moment(row.arrived_at, zone), moment(row.appears_at, zone), excerpt(row.html, 160), _verdict(row), _files(row))
            for row in waiting_of(db.session(), account_id, g.at)
        ],
        entrusted=[
            (row, _draft_url(row.slug, row.place), outcome_words(row.outcome), moment(row.done_at, zone))
            for row in entrusted_by(db.session(), account_id)
            if row.done_at is not None
        ],
        posts=[(row, moment(row.arrived_at, zone), excerpt(row.html, 160), _files(row)) for row in posts],
        receipts=[(row, moment(row.arrived_at, zone), kind_words(row.kind)) for row in proofs],
        more_receipts_url=f"/mine?receipts={more}#receipts" if more else None,
    )  # fmt: skip


def _file_names(row: Any) -> str:
    return ", ".join(each.name for each in attached_in(row.files))


def _files(row: Any) -> Markup:
    """The files of one's own post, as links; the reader is its author."""
    return files_block(row.files, f"/c/{row.slug}/posts/{row.public_id}/files/")


def _verdict(row: Any) -> str:
    """What its receipt says of a post that waits; nothing where nothing was due."""
    if row.limit_at is None:
        return ""
    return _("on time") if row.verdict == "on_time" else _("late by the date that applied then")


def _draft_url(slug: str, place: str) -> str:
    kind, _colon, public_id = place.partition(":")
    return {
        "thread": f"/c/{slug}/threads/{public_id}#reply",
        "post": f"/c/{slug}/posts/{public_id}/reply",
        "board": f"/c/{slug}/boards/{public_id}/new",
        "edit": f"/c/{slug}/posts/{public_id}/edit",
        "staff": f"/c/{slug}/boards/{public_id}/staff-question",
        "private": f"/c/{slug}/posts/{public_id}/private",
    }[kind]
