"""Passwords: Argon2id, and why one is not good enough."""

from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's second setting: 19 MiB, two passes, one lane; 26 ms here, the library's default 226 ms.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text().split())
_nobody: list[str] = []

MIN_LENGTH, MAX_LENGTH = 8, 128


def hash_of(password: str) -> str:
    return _hasher.hash(password)


def agrees(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one; takes as long when there is none to compare with."""
    if not _nobody:
        _nobody.append(_hasher.hash("nobody has this password"))
    try:
        return _hasher.verify(password_hash or _nobody[0], password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def why_not_password(password: str, *, name: str = "", email: str = "") -> str | None:
    """A code: too_short, too_long, common, own_name; None when it will do. No rules of composition."""
    folded = password.casefold()
    if len(password) < MIN_LENGTH:
        return "too_short"
    if len(password) > MAX_LENGTH:
        return "too_long"
    if folded in _COMMON or len(set(folded)) == 1:
        return "common"
    if folded in {name.casefold(), email.casefold(), email.casefold().split("@")[0]}:
        return "own_name"
    return None
