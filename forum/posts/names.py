"""Whose a post is, in words: a name, or what stands for it where its author is anonymous to the reader."""

from typing import Any

from flask_babel import gettext as _

from ..courses.policy import Action, Member

NAMELESS = "nameless"  # what a thread's `opening` is, if its author's name is not to be told


def is_nameless(thread: Any, account_id: int) -> bool:
    """Whether what a person writes in a thread is shown without their name: it was asked of staff and opened so."""
    return bool(thread.opening == NAMELESS and thread.asker_id is None and thread.author_id == account_id)


def shown_name(member: Member, name: str, *, anonymous: bool) -> str:
    """The name that a reader is shown; staff see who it is, and that others do not."""
    if not anonymous:
        return name
    if member.may(Action.SEE_NAMES):
        return _("%(name)s (to students “a student”)", name=name)
    return _("a student")
