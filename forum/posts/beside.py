"""What stands on a thread's page for some of its readers alone: posts that are held or private, each at its place.

The posts of a page are kept for all readers of a kind (fragments.py). What only some of them may read is no part of
that: it is asked for when it is there, and put between the kept pieces when the page is sent.
"""

from bisect import bisect_right
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ..core.asking import reader_language
from .fragments import ForReader, Fragment, Piece, Put, is_new, piece_of
from .post_shapes import PostFiller
from .queries import ThreadView, beside_in


@dataclass(frozen=True)
class Beside:
    """What one reader gets between the pieces of a page; of the posts set apart among it how many there are, removed
    ones too, and how many are new."""

    put: Put
    posts: int = 0
    new: int = 0


def put_beside(
    session: Session, view: ThreadView, fragment: Fragment, start: bytes | None, reader: ForReader, put: Put,
    *, can_reply: bool,
) -> Beside:  # fmt: skip
    """`put` with the posts set apart that are this reader's to read on the page that begins at `start`; one statement,
    none if there is nothing."""
    if not view.beside:
        return Beside(put)
    asides = _asides(session, view, fragment, start, reader, can_reply)
    answered = {piece.parent_id for piece in fragment.by_author.get(reader.account_id, ())}
    answered |= reader.answered_elsewhere
    news = [place for place, (piece, _html) in enumerate(asides) if is_new(piece, reader, answered)]
    both = [(piece.begins, html) for piece, html in asides]
    if news and reader.mark_at is not None:
        line = next((place for place, words in put if words == reader.new_line), None)
        first = asides[news[0]][0].begins
        if line is None or first <= line:
            put = tuple(part for part in put if part[1] != reader.new_line)
            both.insert(news[0], (first, reader.new_line))
    # In one place these posts come first: what stands there else is before the next piece.
    return Beside(tuple(sorted([*both, *put], key=lambda part: part[0])), len(asides), len(news))


def _asides(
    session: Session, view: ThreadView, fragment: Fragment, start: bytes | None, reader: ForReader, can_reply: bool
) -> list[tuple[Piece, bytes]]:  # fmt: skip
    """Each post set apart as a piece that begins where it goes in the bytes of the fragment, with its HTML."""
    filler = PostFiller(view.board.member, 0, can_reply=can_reply, language=reader_language(),
                        form=view.board.board.form, quotes=view.quotes)  # fmt: skip
    paths = [piece.path for piece in fragment.pieces]
    path_of = {piece.id: piece.path for piece in fragment.pieces}
    places = [*(piece.begins for piece in fragment.pieces), len(fragment.html)]
    found = []
    for row in beside_in(session, view, start or b"", fragment.next_start):
        # A private reply goes before what answers the same post openly.
        order = row.path
        if row.private_with_id is not None:
            order = path_of.get(row.parent_id, row.path[:-4]) + b"\0\0\0\0" + row.path[-4:]
        here = places[bisect_right(paths, order)]
        before, after = filler.filled(row, None)
        piece = piece_of(row, here, here)
        own = row.author_id == reader.account_id
        links = reader.reason(piece) if own and piece.removed_because else b""
        if own and not piece.removed:
            links = reader.links_of(row.public_id)
        found.append((order, piece, before + links + after))
    found.sort(key=lambda each: each[0])
    return [(piece, html) for _order, piece, html in found]
