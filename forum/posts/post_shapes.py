"""How a post looks: its template, rendered once for each shape that posts take, and filled for each post.

A hundred posts of a page have a handful of shapes between them (an answer to somebody, one that was edited, a removed
one). Filling the gaps of a shape costs a hundredth of rendering the template.
"""

from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from markupsafe import escape

from ..core.caches import Cache
from ..core.shells import Shell, gap
from ..core.times import Moment, moment
from ..courses.policy import Action, Member
from .file_lines import files_block
from .names import shown_name
from .queries.quotes import NO_QUOTES, Quotes
from .quoted import with_passages
from .rules import SHOWN_DEPTH, SPLIT_FORMS


@dataclass(frozen=True)
class Mark:
    """That staff endorsed a post, or pinned it: who did, and when."""

    by: str
    at: str


@dataclass(frozen=True)
class PostLine:
    """One post as its template shows it; every value is a gap, or None where this shape has none."""

    public_id: str
    heading_total: str
    number: str | None
    author: str
    role: str | None
    is_opening: bool
    depth: str
    answers: str | None
    answers_url: str | None
    at: Moment
    html: str
    files: str
    removed: bool
    removed_by_author: bool
    removed_html: str | None
    edited: Moment | None
    revised_url: str | None
    held: bool
    reply_url: str | None
    quote_url: str | None
    link_url: str
    staff_edit_url: str | None
    staff_removal_url: str | None
    staff_receipts_url: str | None
    own: str
    flag_url: str | None
    case_url: str | None
    endorsed: Mark | None
    pinned: Mark | None
    marks_url: str | None  # where staff send what becomes of its marks
    can_be_endorsed: bool
    split_url: str | None
    new_url: str | None  # where a reader sends that it is new again
    private: str | None  # whom it is for besides staff, of a private reply
    private_url: str | None  # where staff answer its author privately


_shapes: Cache[tuple[Shell, Shell]] = Cache(1_000)


class PostFiller:
    """Posts of a page for one kind of viewer: what they may do and see, their zone and language."""

    def __init__(
        self,
        member: Member,
        total: int,
        *,
        can_reply: bool,
        language: str,
        form: str = "threads",
        quotes: Quotes = NO_QUOTES,
    ) -> None:
        self._member = member
        self._base = f"/c/{member.course_slug}/posts/".encode()
        self._zone, self._course_zone = member.zone, member.course_zone
        self._slug, self._quotes = member.course_slug, quotes
        self._total = str(total).encode()
        self._viewer = (
            member.may(Action.MODERATE),
            can_reply,
            language,
            form,
            member.may(Action.FLAG),
            bool(member.account_id),
        )
        self._case = f"/c/{member.course_slug}/moderation/posts/".encode()

    def filled(self, row: Any, number: int | None) -> tuple[bytes, bytes]:
        """A post up to where its author's own links go, and the rest; `number`: which answer of the thread's it is.

        None for one that is set apart: no number of the others is to tell of it.
        """
        at = moment(row.appears_at, self._zone, self._course_zone)
        removed = row.removed_at is not None
        author = shown_name(self._member, row.author, anonymous=row.anonymity != "none")
        parent_author = row.parent_author and shown_name(
            self._member, row.parent_author, anonymous=row.parent_anonymity != "none"
        )
        # Whom a post answers that is set apart is for those who see that, too.
        known = row.parent_removed_at is None and (not row.parent_apart or self._viewer[0])
        answers = parent_author if known else None
        shape = (
            self._viewer, row.opens_thread, removed, removed and row.removed_by_id == row.author_id,
            row.author_role, answers is not None, at.other is not None, is_edited(row) and not removed,
            row.held_at is not None, row.endorsed_at is not None, row.pinned_at is not None,
            row.private_with_id is not None, number is not None,
        )  # fmt: skip
        before, after = _shapes.get(shape) or _render(shape)
        public_id = row.public_id.encode()
        values = {
            "id": public_id,
            "link": self._base + public_id,
            "case": self._case + public_id,
            "number": b"" if number is None else str(number).encode(),
            "total": self._total,
            "author": escape(author).encode(),
            "depth": str(min(row.depth, SHOWN_DEPTH)).encode(),
            "answers": escape(parent_author or "").encode(),
            "answersid": (row.parent_public_id or "").encode(),
            "iso": at.iso.encode(),
            "time": escape(at.text).encode(),
            "other": escape(at.other or "").encode(),
            "html": with_passages(self._quotes, self._slug, row.id, row.html).encode(),
            "files": files_block(row.files, f"{self._base.decode()}{row.public_id}/files/").encode(),
        }
        if row.edited_at is not None:
            values["edited"] = escape(moment(row.edited_at, self._zone, self._course_zone).text).encode()
        for name, by, when in (
            ("endorsed", row.endorser, row.endorsed_at),
            ("pinned", row.pinner, row.pinned_at),
        ):
            if when is not None:
                values[f"{name}by"] = escape(by).encode()
                values[f"{name}at"] = escape(moment(when, self._zone, self._course_zone).text).encode()
        return before.filled(values), after.filled(values)


def is_edited(row: Any) -> bool:
    """Whether a post is told to be edited: changes from before it was shown would tell when it was handed in, or asked."""
    if row.revision == 1 or row.edited_at is None:
        return False
    if row.scheduled_for is not None:
        return bool(row.edited_at > row.appears_at)
    return bool(row.edited_at >= row.appears_at)


def _render(shape: tuple[Any, ...]) -> tuple[Shell, Shell]:
    (
        viewer, is_opening, removed, removed_by_author, role, answers, other, revised, held, endorsed, pinned, private, numbered,
    ) = shape  # fmt: skip
    moderates, can_reply, _language, form, flags, marks = viewer
    link = gap("link")
    line = PostLine(
        public_id=gap("id"),
        heading_total=gap("total"),
        number=gap("number") if numbered else None,
        author=gap("author"),
        role=role_word(role),
        is_opening=is_opening,
        depth=gap("depth"),
        answers=gap("answers") if answers else None,
        answers_url=f"#p-{gap('answersid')}" if answers else None,
        at=Moment(gap("iso"), gap("time"), "", gap("other") if other else None),
        html=gap("html"),
        files=gap("files"),
        removed=removed,
        removed_by_author=removed_by_author,
        removed_html=gap("html") if removed and moderates else None,
        edited=Moment("", gap("edited"), "", None) if revised else None,
        revised_url=f"{link}/revisions" if revised else None,
        held=held,
        reply_url=f"{link}/reply" if can_reply and not (removed or held or private) else None,
        quote_url=f"{link}/reply?quote=1" if can_reply and not (removed or held or private) else None,
        link_url=link,
        staff_edit_url=f"{link}/edit" if moderates and not removed else None,
        staff_removal_url=f"{link}/removal" if moderates else None,
        staff_receipts_url=f"{link}/receipts" if moderates else None,
        own=gap("own"),
        flag_url=f"{link}/flag" if flags and not moderates and not removed else None,
        case_url=gap("case") if moderates else None,
        endorsed=Mark(gap("endorsedby"), gap("endorsedat")) if endorsed else None,
        pinned=Mark(gap("pinnedby"), gap("pinnedat")) if pinned else None,
        marks_url=f"{link}/marks" if moderates and not (removed or is_opening or private) else None,
        new_url=f"{link}/new" if marks and not removed else None,
        split_url=f"{link}/split"
        if moderates and form in SPLIT_FORMS and not (removed or is_opening or private or held)
        else None,
        can_be_endorsed=form == "question",
        private=gap("answers") if private else None,
        private_url=f"{link}/private"
        if moderates and can_reply and role == "student" and not (removed or private)
        else None,
    )
    made = Shell.of(render_template("posts/_post.html", post=line)).cut_at("own")
    _shapes.put(shape, made)
    return made


def role_word(role: str | None) -> str | None:
    """What stands beside the name of who is staff."""
    if role == "instructor":
        return _("instructor")
    return _("assistant") if role == "assistant" else None
