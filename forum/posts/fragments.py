"""The posts of a thread as HTML, made once for each kind of viewer and kept in pieces.

What differs by person (own mark, edit links, the new-since line) is put between the pieces when a page is sent. The
cache is asked only after access was checked; its key names all that the pieces depend on.
"""

from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from markupsafe import escape
from sqlalchemy.orm import Session

from ..core import markup
from ..core.asking import reader_language
from ..core.caches import Cache
from ..courses.policy import Action, Member
from .marked_posts import marked_lines
from .post_shapes import PostFiller
from .queries import Counts, ThreadView, count_seen, posts_page
from .rules import BESIDE

CACHE_BYTES = 14 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """One post in the bytes of its fragment: where it begins, and where the words that only its author sees go."""

    id: int
    parent_id: int | None
    public_id: str
    author_id: int
    position: int
    appears_at: datetime
    scheduled: bool
    removed: bool
    begins: int
    own_at: int
    path: bytes
    removed_because: str | None = None  # what staff told the author, in their words


@dataclass(frozen=True)
class Fragment:
    """The posts of a page: their HTML in one string, and what differs by reader as places in it."""

    html: bytes
    pieces: tuple[Piece, ...]
    total: int
    next_start: bytes | None
    previous_start: bytes | None
    last_position: int
    newest_at: datetime | None
    highest: int
    by_author: Mapping[int, tuple[Piece, ...]]
    taken: tuple[Piece, ...] = ()  # removed by staff with a reason


_fragments: Cache[Fragment] = Cache(CACHE_BYTES)


def fragment_key(
    view: ThreadView, *, start: bytes | None, can_reply: bool, zone_name: str, language: str
) -> Hashable:
    """What the posts of a page depend on, besides who exactly reads them.

    Who sees only their own posts is not told by the version that others wrote (it is no part of the key then).
    """
    member = view.board.member
    return (
        view.thread.id, view.thread.version if view.board.others_shown else None, view.last_scheduled, view.board.actor,
        can_reply, zone_name, language, markup.RENDERER_VERSION, start, member.course_slug, member.course_zone_name,
        member.roster_version, member.may(Action.MODERATE), member.may(Action.FLAG), view.quotes.key, bool(member.account_id),
    )  # fmt: skip


def kept_fragment(key: Hashable) -> Fragment | None:
    """The fragment of a key that `fragment_key` gave, if it is kept."""
    return _fragments.get(key)


def fragment_for(
    session: Session, view: ThreadView, *, start: bytes | None, can_reply: bool, zone_name: str, language: str
) -> Fragment:
    """The posts of one page of a thread, from the cache if they are there; access was checked before."""
    # Who sees only their own posts is a kind of one: not worth keeping, and never mixed with others.
    # Nor is what a request sees that arrived before the last post: the version tells of that post already.
    cached = view.board.others_shown and view.board.at >= view.thread.last_post_at
    key = fragment_key(view, start=start, can_reply=can_reply, zone_name=zone_name, language=language)
    if cached and (known := _fragments.get(key)) is not None:
        return known
    cached = cached and not session.info.get("writing")
    rows, after, before = posts_page(session, view, start=start)
    counts = count_seen(session, view, start)
    above = marked_lines(session, view, rows) if start is None else b""
    html, pieces = _pieces(view, rows, counts, can_reply, above)
    shown = [piece for piece in pieces if not piece.removed]
    made = Fragment(
        html=html,
        pieces=pieces,
        total=counts.posts,
        next_start=after,
        previous_start=before,
        last_position=view.thread.last_position,
        newest_at=max((piece.appears_at for piece in shown), default=None),
        highest=max((piece.position for piece in shown if not piece.scheduled), default=0),
        by_author={
            author_id: tuple(piece for piece in shown if piece.author_id == author_id)
            for author_id in {piece.author_id for piece in shown}
        },
        taken=tuple(piece for piece in pieces if piece.removed_because),
    )
    if cached:
        _fragments.put(key, made, len(html) + 400 * len(pieces) + 500)
    return made


def _pieces(
    view: ThreadView, rows: Sequence[Any], counts: Counts, can_reply: bool, above: bytes
) -> tuple[bytes, tuple[Piece, ...]]:
    filler = PostFiller(view.board.member, counts.answers, can_reply=can_reply, language=reader_language(),
                        form=view.board.board.form, quotes=view.quotes)  # fmt: skip
    out: list[bytes] = [above]
    pieces, here = [], len(above)
    number = counts.answers_before
    for row in rows:
        number += not row.opens_thread
        before, after = filler.filled(row, number)
        out += (before, after)
        pieces.append(piece_of(row, here, here + len(before)))
        here += len(before) + len(after)
    return b"".join(out), tuple(pieces)


def piece_of(row: Any, begins: int, own_at: int) -> Piece:
    """A post as `queries.posts_page` gives it, at its place in the bytes of a fragment."""
    taken = row.removed_at is not None and row.removed_by_id != row.author_id
    return Piece(
        row.id, row.parent_id, row.public_id, row.author_id, row.position, row.appears_at, row.scheduled_for is not None,
        row.removed_at is not None, begins, own_at, row.path, row.removal_reason if taken else None,
    )  # fmt: skip


@dataclass(frozen=True)
class ForReader:
    """What the pieces get for one reader: links on their own posts, the line before the first new post."""

    account_id: int
    base: str
    edit_word: str
    remove_word: str
    own_word: str
    proof_word: str
    new_line: bytes
    can_edit: bool
    mark_position: int | None
    mark_at: datetime | None
    answered_elsewhere: frozenset[int] = frozenset()

    def links_of(self, public_id: str) -> bytes:
        """What stands under a post for its author alone."""
        parts = [f'<li class="own-mark">{self.own_word}</li>']
        if self.can_edit:
            parts.append(f'<li><a href="{self.base}/posts/{public_id}/edit">{self.edit_word}</a></li>')
        parts.append(f'<li><a href="{self.base}/posts/{public_id}/removal">{self.remove_word}</a></li>')
        if self.proof_word:
            parts.append(f'<li><a href="{self.base}/posts/{public_id}/receipts">{self.proof_word}</a></li>')
        return "".join(parts).encode()

    def reason(self, piece: Piece) -> bytes:
        """Why staff removed a post, for its author alone."""
        told = _("Your post. Reason of staff: %(reason)s", reason=piece.removed_because)
        return f'<li class="own-mark typed">{escape(told)}</li>'.encode()


def new_pieces(fragment: Fragment, reader: ForReader) -> list[Piece]:
    """What is new to a reader, in the order of the page: the one notion of new, as in `queries.is_new_clause`."""
    mark_at, mark_position = reader.mark_at, reader.mark_position
    if mark_at is not None and mark_position is not None and (
        fragment.newest_at is None or (fragment.newest_at <= mark_at and fragment.highest <= mark_position)
    ):  # fmt: skip
        return []
    answered = {piece.parent_id for piece in fragment.by_author.get(reader.account_id, ())}
    answered |= reader.answered_elsewhere
    return [piece for piece in fragment.pieces if is_new(piece, reader, answered)]


def is_new(piece: Piece, reader: ForReader, answered: Container[int | None]) -> bool:
    """Whether one post is new to a reader who has answered those named (by id) on this page."""
    return (
        piece.author_id != reader.account_id
        and not piece.removed
        and (
            reader.mark_at is None
            or reader.mark_position is None
            or piece.appears_at > reader.mark_at
            or (reader.mark_position < piece.position < BESIDE and not piece.scheduled)
        )
        and piece.id not in answered
    )


Put = tuple[tuple[int, bytes], ...]  # words, each with its place in the bytes of a fragment


def put_for(fragment: Fragment, reader: ForReader) -> tuple[Put, int]:
    """What one reader gets between the pieces, in their order, and how many posts of the page are new."""
    put = [
        (piece.own_at, reader.links_of(piece.public_id))
        for piece in fragment.by_author.get(reader.account_id, ())
    ]
    put += [
        (piece.own_at, reader.reason(piece))
        for piece in fragment.taken
        if piece.author_id == reader.account_id
    ]
    put.sort()
    news = new_pieces(fragment, reader)
    if news and reader.mark_at is not None:
        put.append((news[0].begins, reader.new_line))
        put.sort()
    return tuple(put), len(news)


def joined(fragment: Fragment, put: Put) -> list[bytes | memoryview]:
    """The page's posts for one reader, as pieces that are joined with the rest of the page."""
    out: list[bytes | memoryview] = []
    whole, here = memoryview(fragment.html), 0
    for place, words in put:
        out += (whole[here:place], words)
        here = place
    out.append(whole[here:])
    return out


_words: Cache[tuple[str, str, str, str, bytes]] = Cache(100)


def reader_for(member: Member, view: ThreadView, *, can_edit: bool) -> ForReader:
    language = reader_language()
    kind = (language, member.may(Action.MODERATE))
    if (words := _words.get(kind)) is None:
        # Staff have the link to the proof of arrival under every post.
        proof = "" if kind[1] else _("Proof of arrival")
        words = (
            _("Edit"),
            _("Remove"),
            _("your post"),
            proof,
            render_template("posts/_new_line.html").encode(),
        )
        _words.put(kind, words)
    mark = view.mark
    return ForReader(
        member.account_id, f"/c/{member.course_slug}", *words,
        can_edit, mark.position if mark else None, mark.at if mark else None,
        view.splits.answered,
    )  # fmt: skip
