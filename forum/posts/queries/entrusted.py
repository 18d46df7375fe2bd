"""Drafts that their author lets be posted for them, for that author alone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...boards.models import Board, Checkpoint
from ...courses.models import Course
from ..models import EntrustedDraft, Post
from ..rules import Place

_ENTRUSTED = (
    select(EntrustedDraft.place, EntrustedDraft.look_at, EntrustedDraft.done_at, EntrustedDraft.outcome,
           EntrustedDraft.checkpoint_id, Board.title, Course.slug, Course.title.label("course"),
           Post.public_id.label("post_public_id"))
    .join(Checkpoint, Checkpoint.id == EntrustedDraft.checkpoint_id)
    .join(Board, Board.id == Checkpoint.board_id)
    .join(Course, Course.id == EntrustedDraft.course_id)
    .outerjoin(Post, Post.id == EntrustedDraft.post_id)
    .order_by(EntrustedDraft.id.desc())
)  # fmt: skip


def entrusted_by(session: Session, account_id: int) -> Sequence[Any]:
    """All that one person entrusted and what became of it, latest first."""
    return session.execute(_ENTRUSTED.where(EntrustedDraft.account_id == account_id).limit(50)).all()


def entrusted_at(session: Session, account_id: int, place: Place) -> Any | None:
    """What was set last for the draft of a place, and what became of it."""
    return session.execute(
        _ENTRUSTED.where(EntrustedDraft.account_id == account_id, EntrustedDraft.place == str(place)).limit(1)
    ).first()
