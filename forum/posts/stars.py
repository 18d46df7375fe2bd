"""Marking threads to find them again: everybody's own, and nobody else's to know of."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ..core.db import upsert
from .models import Star
from .queries import ThreadView


def set_starred(session: Session, view: ThreadView, starred: bool, *, at: datetime) -> None:
    """Star a thread that the member sees, or take the star away; twice is once."""
    account_id = view.board.member.account_id
    if not account_id:
        return  # the student of nobody marks nothing
    if starred:
        upsert(
            session, Star.__table__, {"account_id": account_id, "thread_id": view.thread.id, "at": at},
            keys=["account_id", "thread_id"], update=[],
        )  # fmt: skip
        return
    session.execute(delete(Star).where(Star.account_id == account_id, Star.thread_id == view.thread.id))
