"""The tags of a course as staff keep them, and those of a thread as its author or staff change them."""

from typing import Any

from flask import g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import SelectField

from ...boards import sentences as board_sentences
from ...boards.rules import values
from ...core.access import needs
from ...core.asking import say
from ...core.db import db, transaction
from ...core.errors import NotAllowed, NotHere, Refused
from ...core.forms import ForumForm, line_field
from ...core.markup import markup_of
from ...core.places import fills
from ...core.refusals import sentences_for, tells
from ...courses.policy import Action, Member
from .. import queries, tags
from ..forms import TagsField
from ..queries.tags import tag_for, tags_counted, tags_in, tags_of
from ..rules import TAG_LIMIT
from .blueprint import Answer, pages
from .heads import crumbs


class TagForm(ForumForm):
    name = line_field(_l("Name of the tag"), most=TAG_LIMIT)


class JoinForm(ForumForm):
    into = SelectField(_l("Join it into"))


class ThreadTagsForm(ForumForm):
    tags = TagsField(_l("Tags"))


def _base(course: str) -> str:
    return f"/c/{course}/manage/tags"


@fills("manage.links")
def link_in_set_up(member: Member, _course_id: int, _at: Any) -> Markup:
    return markup_of(render_template("posts/_tags_link.html", url=_base(member.course_slug)))


@pages.route("/c/<course>/manage/tags", methods=["GET", "POST"])
@needs(Action.MODERATE)
def course_tags(course: str) -> Answer:
    """The list that staff keep, and one more tag."""
    form = TagForm()
    if request.method == "POST" and form.validate():
        try:
            with transaction() as session:
                tags.add_tag(session, g.member, form.name.data, at=g.at)
        except Refused as refused:
            form.name.errors = sentences_for(refused)
            return _tags_page(course, form, 409)
        say(_("The tag was added. Whoever starts a thread can choose it."))
        return redirect(_base(course), 303)  # type: ignore[return-value]
    return _tags_page(course, form, 200 if request.method == "GET" else 422)


def _tags_page(course: str, form: TagForm, status: int) -> Answer:
    g.crumbs = [(g.member.course_code, f"/c/{course}")]
    counted = tags_counted(db.session(), g.member.course_id)
    return render_template("posts/tags.html", tags=counted, form=form, base=_base(course)), status


@pages.route("/c/<course>/manage/tags/<tag>", methods=["GET", "POST"])
@needs(Action.MODERATE)
def tag(course: str, tag: str) -> Answer:
    """One tag. Deeds: rename, join (into another), remove."""
    row = tag_for(db.session(), g.member, tag)
    form, join = TagForm(data={"name": row.name}), JoinForm()
    join.into.choices = [each for each in tags_in(db.session(), g.member.course_id) if each[0] != tag]
    if request.method == "GET":
        return _tag_page(course, tag, form, join, 200)
    deed = request.form.get("deed", "")
    if deed not in ("rename", "join", "remove"):
        raise NotHere
    asked = {"rename": form, "join": join}.get(deed)
    if asked is not None and not asked.validate():
        return _tag_page(course, tag, form, join, 422)
    try:
        with transaction() as session:
            if deed == "rename":
                tags.rename_tag(session, g.member, tag, form.name.data, at=g.at)
            elif deed == "join":
                tags.join_tags(session, g.member, tag, join.into.data, at=g.at)
            else:
                tags.remove_tag(session, g.member, tag, at=g.at)
    except Refused as refused:
        (form.name if deed == "rename" else join.into).errors = sentences_for(refused)
        return _tag_page(course, tag, form, join, 409)
    say(
        {
            "rename": _("Renamed, on every thread that has it."),
            "join": _("Joined. Every thread that had the one has the other now."),
            "remove": _("Removed, from the list and from every thread that had it."),
        }[deed]
    )
    return redirect(_base(course), 303)  # type: ignore[return-value]


def _tag_page(course: str, public_id: str, form: TagForm, join: JoinForm, status: int) -> Answer:
    g.crumbs = [(g.member.course_code, f"/c/{course}"), (_("Tags"), _base(course))]
    counted = {each[0]: each for each in tags_counted(db.session(), g.member.course_id)}
    if public_id not in counted:
        raise NotHere
    _id, name, threads = counted[public_id]
    return render_template(
        "posts/tag.html", name=name, threads=threads, form=form, join=join, url=f"{_base(course)}/{public_id}",
        back_url=_base(course), can_join=len(counted) > 1,
    ), status  # fmt: skip


@pages.route("/c/<course>/threads/<thread>/tags", methods=["GET", "POST"])
@needs(Action.POST)
def thread_tags(course: str, thread: str) -> Answer:
    view = queries.thread_view(db.session(), g.member, thread, g.at)
    own = view.thread.author_id == g.member.account_id
    if view.thread.is_prompt or not (own or g.member.may(Action.MODERATE)):
        raise NotHere
    form = ThreadTagsForm(data={"tags": [each for each, _name in tags_of(view.thread.tags)]})
    form.tags.choices = tags_in(db.session(), g.member.course_id)
    status, why_not = 200, None
    if request.method == "POST":
        if form.validate():
            try:
                with transaction() as session:
                    tags.tag_thread(session, g.member, thread, form.tags.data or (), at=g.at)
                say(_("The tags of this thread are as you chose."))
                return redirect(f"/c/{course}/threads/{thread}", 303)  # type: ignore[return-value]
            except NotAllowed:
                raise NotHere from None
            except Refused as refused:
                status = 409
                why_not = board_sentences.refusal_sentence(
                    values.Refusal(refused.code, refused.values), g.member.zone
                )
        else:
            status = 422
    crumbs(view.board)
    return render_template(
        "posts/thread_tags.html", form=form, title=view.thread.title, back_url=f"/c/{course}/threads/{thread}",
        why_not=why_not, more_time_url=None, action=f"/c/{course}/threads/{thread}/tags",
    ), status  # fmt: skip


@tells("tag_taken", "too_many_tags", "same_tag")
def sentences(refused: Refused) -> list[str]:
    return [
        {
            "tag_taken": _("There is a tag of this name already. To make one of the two, join them."),
            "too_many_tags": _("A course has at most 100 tags. Join or remove some first."),
            "same_tag": _("This is the same tag. Choose another to join it into."),
        }[refused.code]
    ]
