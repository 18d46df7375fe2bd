"""What stands on a thread's page for one reader alone: private posts, put under the posts that they answer.

The posts of a page are kept for all readers of a kind (fragments.py). What only some of them may read is no part of
that: it is asked for when it is there, and put between the kept pieces when the page is sent.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from ..core.asking import reader_language
from .fragments import ForReader, Fragment, Put
from .post_shapes import PostFiller
from .queries import ThreadView, beside_in


@dataclass(frozen=True)
class _Aside:
    place: int  # in the bytes of the fragment
    html: bytes
    is_new: bool


def put_beside(
    session: Session, view: ThreadView, fragment: Fragment, reader: ForReader, put: Put
) -> tuple[Put, int]:
    """What a reader gets between the pieces of a page with the private posts that are theirs to read, and how many of
    those are new; one statement, none if there is nothing."""
    if not view.beside:
        return put, 0
    asides = _asides(session, view, fragment, reader)
    news = [aside for aside in asides if aside.is_new]
    if news and reader.mark_at is not None:
        line = next((place for place, words in put if words == reader.new_line), None)
        if line is None or news[0].place <= line:
            put = tuple(part for part in put if part[1] != reader.new_line)
            before = asides.index(news[0])
            asides.insert(before, _Aside(news[0].place, reader.new_line, is_new=False))
    # In one place the private posts come first: what stands there else is before the next piece.
    both = [*((aside.place, aside.html) for aside in asides), *put]
    return tuple(sorted(both, key=lambda part: part[0])), len(news)


def _asides(session: Session, view: ThreadView, fragment: Fragment, reader: ForReader) -> list[_Aside]:
    ends = {
        piece.id: following.begins
        for piece, following in zip(fragment.pieces, fragment.pieces[1:], strict=False)
    }
    if fragment.pieces:
        ends[fragment.pieces[-1].id] = len(fragment.html)
    filler = PostFiller(view.board.member, 0, can_reply=False, language=reader_language(), quotes=view.quotes)
    found = []
    for row in beside_in(session, view, list(ends)):
        before, after = filler.filled(row, 0)
        own = reader.links_of(row.public_id) if row.author_id == reader.account_id else b""
        is_new = (
            row.author_id != reader.account_id
            and row.removed_at is None
            and (reader.mark_at is None or row.appears_at > reader.mark_at)
        )
        found.append(_Aside(ends[row.parent_id], before + own + after, is_new))
    return sorted(found, key=lambda aside: aside.place)
