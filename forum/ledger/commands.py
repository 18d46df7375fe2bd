"""Writing the ledger, inside the transaction of the deed that it tells of."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from ..core.prepared import inserting
from .models import AuditEntry, NewsItem


def record(
    session: Session,
    deed: str,
    subject_kind: str,
    subject_id: int | None,
    *,
    actor_id: int | None,
    at: datetime,
    course_id: int | None = None,
    **facts: Any,
) -> None:
    """One line of the audit log; `facts` are ids, codes, numbers and instants, never what anybody wrote."""
    session.execute(
        insert(AuditEntry).values(
            at=at,
            actor_id=actor_id,
            course_id=course_id,
            deed=deed,
            subject_kind=subject_kind,
            subject_id=subject_id,
            facts={
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in facts.items()
            },
        )
    )


_NEWS = inserting(NewsItem.__table__)


def tell(session: Session, kind: str, *, course_id: int, visible_at: datetime, **about: int | None) -> None:
    """One news item; `about` takes actor_id, board_id, thread_id, post_id, lesson_id, account_id."""
    _NEWS.one(session, {"kind": kind, "course_id": course_id, "visible_at": visible_at, **about})


def show_news(session: Session, post_id: int, *, visible_at: datetime | None) -> None:
    """The news of a post becomes visible at another instant; None: it is taken back."""
    about = NewsItem.post_id == post_id
    if visible_at is None:
        session.execute(delete(NewsItem).where(about))
    else:
        session.execute(update(NewsItem).where(about).values(visible_at=visible_at))


def open_news(session: Session, thread_id: int, *, at: datetime) -> None:
    """The news of a thread's posts that were one person's are everybody's, from an instant on."""
    about = NewsItem.thread_id == thread_id
    session.execute(update(NewsItem).where(about).values(account_id=None))
    session.execute(update(NewsItem).where(about, NewsItem.visible_at < at).values(visible_at=at))


def move_news(session: Session, thread_id: int, *, board_id: int) -> None:
    """The news of a thread's posts are of another board from now on."""
    session.execute(update(NewsItem).where(NewsItem.thread_id == thread_id).values(board_id=board_id))


def forget(session: Session, kind: str, *, after: datetime, lesson_id: int) -> None:
    """Take back the news of a lesson that would have become visible after an instant."""
    session.execute(
        delete(NewsItem).where(
            NewsItem.kind == kind, NewsItem.lesson_id == lesson_id, NewsItem.visible_at > after
        )
    )


def move_news_of(session: Session, post_ids: Collection[int], *, thread_id: int) -> None:
    """The news of posts that were moved is that of the thread where they are now."""
    session.execute(update(NewsItem).where(NewsItem.post_id.in_(post_ids)).values(thread_id=thread_id))
