"""*See as a student*: staff look at the course as a student of nobody would, read-only and without a trace."""

from collections.abc import MutableMapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from .policy import Action, Member, Role

COOKIE_KEY = "as_student"


def seen_as_student(member: Member, cookie: MutableMapping[str, Any], _at: datetime) -> Member:
    """The member as the gate lets them through: themselves, or the student whom they chose to look as."""
    chosen = cookie.get(COOKIE_KEY)
    if not chosen or chosen.get("course") != member.course_slug or not member.may(Action.SEE_AS_STUDENT):
        return member
    return replace(
        member,
        account_id=0,
        name="",
        role=Role.STUDENT,
        course_state="open" if member.course_state == "preparation" else member.course_state,
        own_zone_name=chosen.get("zone") or None,
        all_sections=False,
        assistants_release=False,
        assistants_manage=False,
        as_student=True,
        seen_section_id=chosen.get("section"),
        seen_group_id=chosen.get("group"),
    )
