"""A board with its threads, and starting one."""

from typing import Any

from flask import g, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from ...boards import sentences
from ...core.access import needs
from ...core.asking import say
from ...core.db import db, transaction
from ...core.errors import Refused
from ...courses.policy import Action
from .. import commands, queries
from ..commands import KeyUsed
from ..forms import ThreadForm
from ..models import Thread
from ..queries import BoardView
from ..rules import Place
from ..starting_texts import counted_beyond
from .attaching import receive_files
from .blueprint import Answer, pages
from .composer import arrival_of, asked_template, composer_for, keep_refused, words_sent
from .group_lists import group_sent, is_group_chosen, offer_groups, why_in_no_group
from .heads import crumbs, head_of, more_time_after_cut_off
from .later import is_well_chosen, shown_from
from .outcomes import (
    WITHOUT_POSTING,
    other_words,
    proof_link,
    refused_sentence,
    verdict_words,
    without_posting,
)
from .tags_field import offering_tags
from .thread_lists import list_page
from .thread_pages import thread_page


@pages.get("/c/<course>/boards/<board>")
@needs(Action.READ)
def board(course: str, board: str) -> Answer:
    view = queries.board_view(db.session(), g.member, board, g.at)
    if view.why_not_read() is not None:
        g.crumbs = [(g.member.course_code, f"/c/{course}")]
        return render_template("posts/not_open.html", head=head_of(view))
    if view.board.form == "single":
        thread = queries.single_thread_of(db.session(), view)
        if thread is not None:
            return thread_page(queries.thread_view(db.session(), g.member, thread, g.at))
    threads = list_page(view)
    g.crumbs = [(g.member.course_code, f"/c/{course}")]
    is_single = view.board.form == "single"
    start = (
        why_in_no_group(view) if is_single else view.why_not_start(queries.has_own_thread(db.session(), view))
    )
    return render_template(
        "posts/board.html",
        head=head_of(view, aside=True),
        list=threads,
        can_star=bool(g.member.account_id),
        base=f"/c/{course}",
        start_url=f"/c/{course}/boards/{board}/new" if start is None and not is_single else None,
        why_not_start=sentences.refusal_sentence(start, g.member.zone) if start is not None else None,
        is_question=view.board.form == "question",
        is_single=is_single,
        more_time_url=more_time_after_cut_off(view),
        ask_staff_url=staff_question_url(view),
    )


def staff_question_url(view: BoardView) -> str | None:
    """Where this member asks what only staff read; None where they cannot."""
    if view.why_not_ask_staff() is not None:
        return None
    return f"/c/{view.member.course_slug}/boards/{view.board.public_id}/staff-question"


@pages.get("/c/<course>/boards/<board>/new")
@needs(Action.POST)
def new_thread(course: str, board: str) -> Answer:
    view = queries.board_view(db.session(), g.member, board, g.at)
    return _new_thread_page(view, offering_tags(ThreadForm(formdata=None)))


def _new_thread_page(
    view: BoardView,
    form: ThreadForm,
    *,
    status: int = 200,
    preview: Markup | None = None,
    problem: str | None = None,
    newer: str | None = None,
) -> Answer:
    place = Place("board", view.board.public_id)
    draft = queries.draft_at(db.session(), g.member.account_id, place)
    if "group" in form and form.group.choices is None:
        offer_groups(form, queries.group_choices(db.session(), view))
    if draft is not None and not form.is_submitted():
        form.text.data, form.title.data = draft.source, draft.title
        if "tags" in form:
            form.tags.data = draft.tags.split()
    if not form.is_submitted() and (start := asked_template(view, draft)) is not None:
        form.text.data = start
    refusal = view.why_not_start(queries.has_own_thread(db.session(), view))
    crumbs(view)
    composer = composer_for(
        view, place, heading=_("New thread"), action=f"/c/{g.member.course_slug}/boards/{view.board.public_id}/threads",
        minimum=view.first_minimum, draft=draft, form=form, preview=preview,
        is_first_post=True, newer=newer,
    )  # fmt: skip
    why = problem or (sentences.refusal_sentence(refusal, g.member.zone) if refusal is not None else None)
    return render_template(
        "posts/new_thread.html",
        head=head_of(view),
        form=form,
        c=composer,
        why_not=why,
        more_time_url=more_time_after_cut_off(view),
        for_staff=False,
        for_staff_url=staff_question_url(view),
    ), status


@pages.post("/c/<course>/boards/<board>/threads")
@needs(Action.POST)
def start_thread(course: str, board: str) -> Answer:
    form = offering_tags(ThreadForm())
    place = Place("board", board)
    view = queries.board_view(db.session(), g.member, board, g.at)
    draft = queries.draft_at(db.session(), g.member.account_id, place)
    receive_files(form, place)
    if request.form.get("deed") in WITHOUT_POSTING:
        return without_posting(
            form, place, lambda **more: _new_thread_page(view, form, **more), title=form.title.data or ""
        )
    offer_groups(form, queries.group_choices(db.session(), view))
    valid = form.validate()
    if not is_group_chosen(form) or not is_well_chosen(form, view, is_first=True) or not valid:
        return _new_thread_page(view, form, status=422)
    written = words_sent(form, title=form.title.data, draft=draft)
    at = arrival_of(form, written, draft)
    try:
        with transaction() as session:
            posted = commands.start_thread(session, g.member, board, written, at=at, appears_at=g.at,
                                           group=group_sent(form), shown_from=shown_from(form))  # fmt: skip
            thread_id = thread_public_id(session, posted.thread_id)
    except Refused as refused:
        keep_refused(place, written, refused, at=at)
        view = queries.board_view(db.session(), g.member, board, g.at)
        return _new_thread_page(view, form, status=409, problem=refused_sentence(refused))
    except KeyUsed:
        form.key.data = commands.new_key()
        return _new_thread_page(view, form, status=409, problem=other_words())
    counted = counted_beyond(view.board, written, is_first=True)
    told = verdict_words(posted, view, kind="first_post", words=counted.words)
    say(told, link=proof_link(posted.public_id))
    return redirect(f"/c/{course}/threads/{thread_id}#p-{posted.public_id}", 303)  # type: ignore[return-value]


def thread_public_id(session: Any, thread_id: int) -> str:
    return str(session.get_one(Thread, thread_id).public_id)
