"""What stands above the posts of a thread: the answers that staff endorsed and the posts that they pinned in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from ..core.markup.excerpts import excerpt
from ..core.times import moment
from .names import shown_name
from .post_shapes import Mark
from .queries import ThreadView, marked_posts

EXCERPT = 160  # characters of a post that are shown above the others


@dataclass(frozen=True)
class MarkedLine:
    """A marked post as it is listed: whose it is, how it begins, where it stands, and who marked it when."""

    author: str
    begins: str
    url: str
    mark: Mark


def marked_lines(session: Session, view: ThreadView, rows: Sequence[Any]) -> bytes:
    """The lists of endorsed and of pinned posts, in reading order; empty where there are none.

    `rows` are the posts of the page that the lists stand on: those are one step away in it.
    """
    marked = marked_posts(session, view)
    if not marked:
        return b""
    member = view.board.member
    here = {row.id for row in rows}

    def lines(name: str, by: str) -> list[MarkedLine]:
        return [
            MarkedLine(
                shown_name(member, row.author, anonymous=row.anonymity != "none"),
                excerpt(row.html, EXCERPT),
                f"#p-{row.public_id}" if row.id in here else f"/c/{member.course_slug}/posts/{row.public_id}",
                Mark(getattr(row, by), moment(getattr(row, name), member.zone, member.course_zone).text),
            )
            for row in marked
            if getattr(row, name) is not None
        ]

    endorsed = lines("endorsed_at", "endorser") if view.board.board.form == "question" else []
    pinned = lines("pinned_at", "pinner")
    return render_template("posts/_marked.html", endorsed=endorsed, pinned=pinned).encode()
