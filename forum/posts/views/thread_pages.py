"""The page of a thread: what is kept of it for each of its readers, and making it.

A page is joined from four kept things: the posts for a kind of viewer (fragments.py), the head and the frame around
both, and what only this reader gets. Their keys name all that they depend on, and so does the page's ETag. Whoever
comes here has passed the gate, and `view` was loaded under the visibility clause.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import Response, g, render_template, request
from flask import session as cookie
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from ...accounts.rules import USE_NOTED_EVERY
from ...boards import sentences
from ...boards.rules import values
from ...core import markup
from ...core.asking import reader_language
from ...core.caches import Cache
from ...core.cookies import form_token
from ...core.db import reading
from ...core.shells import Shell, gap, own, shell_rendering
from ...core.unchanged import Holds, note_unchanged
from ...courses.policy import Action
from .. import commands, queries
from ..beside import put_beside
from ..forms import ReplyForm
from ..fragments import Fragment, Put, fragment_for, fragment_key, joined, kept_fragment, put_for, reader_for
from ..queries import ThreadView
from ..queries.quotes import NO_QUOTES
from ..queries.tags import TagName, tags_of
from ..rules import Place, start_in
from ..split_lines import put_splits, split_from
from .blueprint import Answer
from .composer import Composer, asked_template, clock_text, composer_for
from .group_lists import group_of
from .heads import (
    borders_ahead,
    borders_passed,
    crumbs,
    done_by,
    head_of,
    more_time_after_cut_off,
    title_of,
)
from .later import waiting_on
from .openings import question_of
from .page_keys import aside_text, assets_mark, can_be_kept, page_key
from .shown_words import when_shown


@dataclass(frozen=True)
class _Kept:
    """How one reader's page is joined, until anything on it changes; big parts are named by their keys."""

    etag: str
    fragment: Hashable
    put: Put
    shell: Hashable
    gaps: dict[str, bytes]


@dataclass(frozen=True)
class _Told:
    """What a row of `asks_for_thread` came to, from `since` until just before `until`: see `page_by_row`."""

    key: Hashable
    since: datetime
    until: datetime | None


_pages: Cache[_Kept] = Cache(4 * 1024 * 1024)
_told: Cache[_Told] = Cache(5_000)
_shells: Cache[Shell] = Cache(4 * 1024 * 1024)
_heads: Cache[bytes] = Cache(6 * 1024 * 1024)


def thread_page(
    view: ThreadView, *, form: ReplyForm | None = None, status: int = 200, preview: Markup | None = None,
    problem: str | None = None, newer: str | None = None, row: Any = None,
) -> Answer:  # fmt: skip
    """The page of a thread; with `form`, with what was sent and why it was not taken.

    `row` is that of `asks_for_thread`, if the view was made of it.
    """
    board = view.board
    if board.why_not_read() is not None:
        g.crumbs = [(board.member.course_code, f"/c/{board.member.course_slug}")]
        return render_template("posts/not_open.html", head=head_of(board))
    start = start_in(request.args.get("from")) if request.query_string else None
    refusal = board.why_not_post(view.thread)
    if form is None and view.thread.is_prompt and (text := asked_template(board, view.draft)) is not None:
        form = ReplyForm(formdata=None, data={"text": text})
    if form is not None or "_flashes" in cookie or not can_be_kept(view):
        page = _Page(view, start, refusal, form=form, preview=preview, problem=problem, newer=newer)
        return Response(page.rendered(), status)
    key = page_key(view, start, refusal)
    if row is not None and start is None:
        _remember(row, view, key)
    kept = _pages.get(key)
    etag = kept.etag if kept is not None else sha256(repr(key).encode()).hexdigest()[:32]
    if request.if_none_match.contains_weak(etag):
        return Response(status=304, headers={"ETag": f'W/"{etag}"'})
    page_html = _from_kept(kept, g.at) if kept is not None else None
    if page_html is None:
        page_html = _made(view, start, refusal, key, etag)
    return Response(page_html, headers={"ETag": f'W/"{etag}"'})


def page_by_row(row: Any) -> Answer | None:
    """The reader's page if this very row came to it a moment ago; None if it has to be found out.

    A row of `asks_for_thread` names the version of all that the page is made of, and says what the reader may see; only
    instants are missing in it. So an equal row means the same page until one of the board's instants passes. What a row
    does not tell of is never remembered: a draft, what higher rooms show, looking as a student.
    """
    told = _told.get(row)
    at: datetime = g.at
    if told is None or at < told.since or (told.until is not None and at >= told.until):
        return None
    if request.query_string or "_flashes" in cookie or g.member.as_student:
        return None
    kept = _pages.get(told.key)
    if kept is None:
        return None
    etag = f'W/"{kept.etag}"'
    if request.environ.get("HTTP_IF_NONE_MATCH") == etag:
        note_unchanged(request.environ, _as_long_as(told))
        return Response(status=304, headers={"ETag": etag})
    page_html = _from_kept(kept, at)
    return Response(page_html, headers={"ETag": etag}) if page_html is not None else None


def _as_long_as(told: _Told) -> Holds:
    """What a 304 by a row holds by: that row, the instants of the board, and those at which a request leaves a trace."""
    asking = g.asking
    borders = [told.until, asking.row.first_look_at, asking.session_last_used_at + USE_NOTED_EVERY]
    return Holds(g.ask, asking, told.since, min(border for border in borders if border is not None))


def _remember(row: Any, view: ThreadView, key: Hashable) -> None:
    """That this row came to this page, until the next instant of its board."""
    board = view.board
    has_aside = view.thread.is_prompt and view.may_have_aside
    if (
        view.draft is not None
        or has_aside
        or board.member.as_student
        or clock_text(board) is not None
        or view.quotes is not NO_QUOTES
    ):
        return
    _told.put(row, _Told(key, board.at, min(borders_ahead(board), default=None)))


def _from_kept(kept: _Kept, at: datetime) -> bytes | None:
    fragment, shell = kept_fragment(kept.fragment), _shells.get(kept.shell)
    if fragment is None or shell is None:
        return None
    return shell.filled({**kept.gaps, **_readers_own(at), "posts": joined(fragment, kept.put)})


def _readers_own(at: datetime) -> dict[str, bytes]:
    """What differs each time: it is never kept."""
    return {
        "csrf": form_token().encode(),
        "key": commands.new_key().encode(),
        "now": at.isoformat().encode(),
    }


def _made(
    view: ThreadView, start: bytes | None, refusal: values.Refusal | None, key: Hashable, etag: str
) -> bytes:
    """The page made anew from what is kept of its parts, and how to join it again."""
    page = _Page(view, start, refusal)
    if view.draft is not None:
        return page.rendered()
    shell_key = page.shell_key()
    shell = _shells.get(shell_key)
    if shell is None:
        with shell_rendering():
            shell = Shell.of(page.html())
        _shells.put(shell_key, shell, shell.weight)
    kept = _Kept(etag, page.fragment_key, page.put, shell_key, page.gaps())
    parts = [*kept.gaps.values(), *(words for _place, words in kept.put)]
    _pages.put(key, kept, 3_000 + sum(len(part) + 100 for part in parts))
    return shell.filled(
        {**kept.gaps, **_readers_own(view.board.at), "posts": joined(page.fragment, page.put)}
    )


class _Page:
    """A thread's page being made: its posts, what is new of them, its head, and the template around them."""

    def __init__(
        self, view: ThreadView, start: bytes | None, refusal: values.Refusal | None, *, form: ReplyForm | None = None,
        preview: Markup | None = None, problem: str | None = None, newer: str | None = None,
    ) -> None:  # fmt: skip
        member = view.board.member
        self.view, self.start, self.refusal = view, start, refusal
        self.form, self.preview, self.problem, self.newer = form, preview, problem, newer
        can_reply = refusal is None
        reader: Any = {
            "start": start, "can_reply": can_reply, "zone_name": member.zone.key, "language": reader_language(),
        }  # fmt: skip
        self.fragment_key = fragment_key(view, **reader)
        self.fragment: Fragment = fragment_for(reading, view, **reader)
        mine = reader_for(member, view, can_edit=can_reply or member.is_staff)
        self.put, self.new = put_for(self.fragment, mine)
        self.put = put_splits(view, self.fragment, self.put)
        beside = put_beside(reading, view, self.fragment, start, mine, self.put, can_reply=can_reply)
        self.put, self.beside, self.new = beside.put, beside.posts, self.new + beside.new
        if self.fragment.next_start or self.fragment.previous_start:
            self.new = queries.count_new(reading, view)

    def rendered(self) -> bytes:
        """The page for this once, with all that is its reader's own."""
        return Shell.of(self.html()).filled({**self.gaps(), "posts": joined(self.fragment, self.put)})

    def gaps(self) -> dict[str, bytes]:
        """What changes with every post, and the reader's name: they fill gaps of a shell, which outlives them."""
        total, new = self.fragment.total, self.new
        since = "" if not new else _("%(number)d new since you were here", number=new)
        here = "" if not new else ngettext("%(num)d post is new here.", "%(num)d posts are new here.", new)
        return {
            "head": self._head(), "total": escape(ngettext("%(num)d post", "%(num)d posts", total)).encode(),
            "since": escape(since).encode(), "new": escape(here).encode(),
            "position": str(self.fragment.last_position).encode(), "name": escape(g.person.name).encode(),
            "owner": (g.person.public_id if self.view.board.member.account_id else "nobody").encode(),
        }  # fmt: skip

    def _head(self) -> bytes:
        """What is asked and what the reader did of it."""
        view, board = self.view, self.view.board
        if not view.thread.is_prompt:
            return b""
        done = done_by(board)
        key = (
            reader_language(), board.member, board.board.id, board.board.version, board.state, board.others_from,
            borders_passed(board), repr(done), aside_text(view), markup.RENDERER_VERSION,
        )  # fmt: skip
        if board.others_shown and (known := _heads.get(key)) is not None:
            return known
        html = render_template("posts/_head.html", head=head_of(board, aside=True, done=done)).encode()
        if board.others_shown:
            _heads.put(key, html, len(html) + 1_000)
        return html

    def shell_key(self) -> Hashable:
        """All that the template and the layout around it depend on, but for its gaps."""
        view, fragment = self.view, self.fragment
        member, board, thread = view.board.member, view.board, view.thread
        return (
            thread.public_id, thread.is_prompt, self._title(), group_of(view), thread.closed_at is None, thread.removed_at is None,
            thread.pinned, board.board.id, board.board.version, board.state, clock_text(board), member.role,
            member.course_state, member.as_student, member.assistants_release, member.assistants_manage, member.course_code,
            member.course_title, member.course_slug, member.zone.key, not member.account_id, g.person.is_administrator,
            g.person.single_keys, g.person.zone_name, reader_language(), view.mark is None, view.starred, bool(fragment.total),
            bool(fragment.pieces), fragment.next_start, fragment.previous_start, bool(self.new), self._why_not(),
            request.path, assets_mark(), self._tags(), self._may_tag, view.splits.came_from, question_of(view),
        )  # fmt: skip

    def html(self) -> str:
        """The page by its template, with gaps for head, posts and the time."""
        view, fragment, form = self.view, self.fragment, self.form
        member, board = view.board.member, view.board
        crumbs(board)
        if view.thread.is_prompt and view.thread.group_id is None:
            g.crumbs = g.crumbs[:1]
        url = f"/c/{member.course_slug}/threads/{view.thread.public_id}"
        return render_template(
            "posts/thread.html",
            head_html=gap("head"),
            waiting=waiting_on(view),
            shown=when_shown(board) if not board.others_shown and not view.thread.is_prompt else None,
            title=self._title(),
            group_text=group_of(view),
            came_from=split_from(view),
            question=question_of(view),
            tags=self._tags(),
            board_url=f"/c/{member.course_slug}/boards/{board.board.public_id}",
            tags_url=f"{url}/tags" if self._may_tag else None,
            is_prompt=view.thread.is_prompt,
            closed=view.thread.closed_at is not None,
            total=fragment.total or self.beside,
            total_text=gap("total"),
            new=self.new,
            since_text=gap("since"),
            new_text=gap("new"),
            first_visit=view.mark is None,
            posts=gap("posts"),
            form=form or ReplyForm(formdata=None, data={"text": view.draft.source if view.draft else ""}),
            c=self._composer(),
            why_not=self._why_not(),
            more_time_url=more_time_after_cut_off(board, view.thread),
            # Read to here means to the end: the last page in reading order offers it.
            read_url=f"{url}/read"
            if member.account_id and (fragment.pieces or self.beside) and not fragment.next_start
            else None,
            read_position=gap("position"),
            read_at=own("now", g.at.isoformat()),
            next_url=f"{url}?from={fragment.next_start.hex()}" if fragment.next_start else None,
            previous_url=f"{url}?from={fragment.previous_start.hex()}" if fragment.previous_start else None,
            locked=not board.others_shown,
            url=url,
            can_star=bool(member.account_id),
            starred=view.starred,
            moderation_url=f"{url}/state" if member.may(Action.MODERATE) else None,
            pinned=view.thread.pinned,
            removed=view.thread.removed_at is not None,
        )

    def _composer(self) -> Composer | None:
        view, form = self.view, self.form
        member, thread = view.board.member, view.thread
        if form is None and self.refusal is not None and (view.draft is None or not member.may(Action.POST)):
            return None
        counts = thread.asker_id is None
        made = composer_for(
            view.board, Place("thread", thread.public_id), heading=_("Your answer"),
            action=f"/c/{member.course_slug}/threads/{thread.public_id}/replies",
            minimum=view.board.minimum_of(is_first=thread.is_prompt) if counts else 0, draft=view.draft, form=form,
            preview=self.preview, is_first_post=thread.is_prompt, newer=self.newer,
        )  # fmt: skip
        return replace(
            made,
            owner=own("owner", made.owner),
            key=own("key", made.key),
            now_iso=own("now", made.now_iso),
            entrusted=made.entrusted if counts else None,
        )

    def _why_not(self) -> str | None:
        if self.problem or self.refusal is None:
            return self.problem
        return sentences.refusal_sentence(self.refusal, self.view.board.member.zone)

    @property
    def _may_tag(self) -> bool:
        """Whether the way to change the tags is shown: to staff, and to the author of a thread that has some."""
        thread, member = self.view.thread, self.view.board.member
        own = thread.author_id == member.account_id and bool(thread.tags)
        return not thread.is_prompt and (own or member.may(Action.MODERATE))

    def _tags(self) -> tuple[TagName, ...]:
        """With the title of a removed opening its tags are gone, too."""
        tags = tags_of(self.view.thread.tags)
        return tags if tags and self._title() == self.view.thread.title else ()

    def _title(self) -> str:
        return title_of(self.view)
