"""The list of a board's threads: its pages and filters, stars in it, and going from thread to thread."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import g, redirect, request
from flask_babel import gettext as _
from flask_babel import ngettext

from ...core.access import needs
from ...core.asking import say
from ...core.db import db, transaction
from ...core.errors import NotHere
from ...core.times import Moment, moment
from ...courses.policy import Action
from .. import queries
from ..queries import BoardView, ListKey, ThreadLine
from ..queries.tags import tags_in
from ..stars import set_starred
from .blueprint import Answer, pages
from .board_filters import Filters, address_of, filter_named, filters_of, tag_named
from .group_lists import GroupList, group_list

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ListPage:
    """A page of the list as its template shows it: each line with the moment of its last post."""

    lines: list[tuple[ThreadLine, Moment]]
    filters: Filters
    groups: GroupList
    total_text: str
    empty_text: str
    show: str
    tag: str
    after: str
    first_url: str | None
    next_url: str | None


def list_page(view: BoardView) -> ListPage:
    """The page that the address asks for; NotHere for a filter or key that we never gave."""
    show, after = filter_named(request.args.get("show")), request.args.get("after") or ""
    groups = group_list(view)
    tags = tags_in(db.session(), view.member.course_id)
    tag = tag_named(request.args.get("tag"), tags)
    found = queries.threads_page(
        db.session(), view, after=list_key(after), show=show, tag=tag, group_ids=groups.chosen
    )
    member, filters = view.member, filters_of(view, show, groups, tag, tags)
    empty = _("Nothing here yet. Threads will be listed here, those written in last at the top.")
    return ListPage(
        lines=[(line, moment(line.last_at, member.zone, member.course_zone)) for line in found.lines],
        filters=filters,
        groups=groups,
        total_text=ngettext("%(num)d thread", "%(num)d threads", found.total),
        empty_text=_("No more threads.") if after else filters.told or empty,
        show=show,
        tag=tag,
        after=after,
        first_url=groups.kept_in(address_of(view, show, tag=tag)) if after else None,
        next_url=groups.kept_in(address_of(view, show, list_key_text(found.more), tag=tag))
        if found.more
        else None,
    )


def list_key(text: str | None) -> ListKey | None:
    """Where a page of the list goes on: group, microseconds, id; NotHere for what we never gave."""
    if not text:
        return None
    found = re.fullmatch(r"([0-2])-([0-9]{1,16})-([0-9]{1,9})", text, re.ASCII)
    if found is None:
        raise NotHere
    group, micros, number = (int(part) for part in found.groups())
    return group, _EPOCH + timedelta(microseconds=micros), number


def list_key_text(key: ListKey) -> str:
    return f"{key[0]}-{(key[1] - _EPOCH) // timedelta(microseconds=1)}-{key[2]}"


@pages.post("/c/<course>/threads/<thread>/star")
@needs(Action.READ)
def star(course: str, thread: str) -> Answer:
    """From the list (`from_list`, with its filter and page) or from the thread; back to where it was pressed."""
    deed = request.form.get("deed")
    if deed not in ("star", "unstar"):
        raise NotHere
    show, after = filter_named(request.form.get("show")), request.form.get("after") or ""
    list_key(after)
    tag = tag_named(request.form.get("tag"), tags_in(db.session(), g.member.course_id))
    with transaction() as session:
        view = queries.thread_view(session, g.member, thread, g.at)
        set_starred(session, view, deed == "star", at=g.at)
    if request.form.get("from_list"):
        return redirect(group_list(view.board).kept_in(address_of(view.board, show, after, tag=tag)), 303)  # type: ignore[return-value]
    return redirect(f"/c/{course}/threads/{thread}", 303)  # type: ignore[return-value]


@pages.get("/c/<course>/threads/<thread>/next")
@needs(Action.READ)
def next_thread(course: str, thread: str) -> Answer:
    return _beside(course, thread, backwards=False)


@pages.get("/c/<course>/threads/<thread>/previous")
@needs(Action.READ)
def previous_thread(course: str, thread: str) -> Answer:
    return _beside(course, thread, backwards=True)


def _beside(course: str, thread: str, *, backwards: bool) -> Answer:
    """Found when it is asked for: on the thread's page it would cost each reader a look at the whole list."""
    view = queries.thread_view(db.session(), g.member, thread, g.at)
    beside = queries.thread_beside(db.session(), view, backwards=backwards)
    if beside is not None:
        return redirect(f"/c/{course}/threads/{beside}", 302)  # type: ignore[return-value]
    if not view.thread.is_prompt:
        say(
            _("That was the first thread of the list.")
            if backwards
            else _("That was the last thread of the list.")
        )
    return redirect(address_of(view.board, ""), 302)  # type: ignore[return-value]
