"""Making and withdrawing the address of a calendar."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ...core.db import upsert
from ...core.signing import new_token, token_hash
from ...ledger.commands import record
from .models import CalendarAddress


def make_address(session: Session, account_id: int, *, at: datetime) -> str:
    """A new secret for a person's calendar, in the clear this once; the one before stops working now."""
    token = new_token()
    upsert(
        session, CalendarAddress.__table__,
        {"account_id": account_id, "token_hash": token_hash(token), "made_at": at},
        keys=["account_id"], update=["token_hash", "made_at"],
    )  # fmt: skip
    record(session, "calendar_made", "account", account_id, actor_id=account_id, at=at)
    return token


def withdraw_address(session: Session, account_id: int, *, at: datetime) -> None:
    """From now on nobody reads the calendar."""
    session.execute(delete(CalendarAddress).where(CalendarAddress.account_id == account_id))
    record(session, "calendar_withdrawn", "account", account_id, actor_id=account_id, at=at)
