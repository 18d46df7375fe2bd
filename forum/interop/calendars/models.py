"""What is kept of calendar addresses."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ...core.db import db


class CalendarAddress(db.Model):  # type: ignore[name-defined]
    """The one address of a person's calendar; of the secret in it only the hash is kept, so it is shown once."""

    __tablename__ = "calendar_address"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
