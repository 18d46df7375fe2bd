"""What is true of names and addresses."""

import re
import unicodedata
from datetime import timedelta

SESSION_LASTS = timedelta(days=30)
SESSION_IDLES = timedelta(days=14)
USE_NOTED_EVERY = timedelta(hours=1)  # when a session was used last
INVITATION_LASTS = timedelta(days=14)
RESET_LASTS = timedelta(hours=2)

_EMAIL = re.compile(
    r"[^@\s,;:<>()\"\\\x00-\x1f]+@[^@\s,;:<>()\"\\\x00-\x1f.]+(\.[^@\s,;:<>()\"\\\x00-\x1f.]+)+"
)


def email_key(email: str) -> str:
    """The folded address by which accounts are compared: without regard to case, width or composition."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def is_email(text: str) -> bool:
    """Whether it has the shape of an address: one @, a dotted host, no spaces or separators, at most 254 characters."""
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None


def folded(name: str) -> str:
    """A name without regard to case, accents and spaces at the ends."""
    text = unicodedata.normalize("NFKD", name).casefold()
    return " ".join("".join(char for char in text if not unicodedata.combining(char)).split())


def sort_key(name: str) -> str:
    """A name folded for sorting, the same on both databases: last word first, accents set aside."""
    words = folded(name).split()
    return " ".join(words[-1:] + words[:-1])[:200]
