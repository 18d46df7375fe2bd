"""What can be done with the modules of a course. All run inside transaction()."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.moments import Wall, opening_instant, zone
from ..ledger.commands import record
from .models import Course, Module


def rename_module(
    session: Session, module: Module, title: str, *, at: datetime, author_id: int | None
) -> None:
    if module.title != title:
        module.title = title
        record(session, "renamed", "module", module.id, actor_id=author_id, at=at, course_id=module.course_id)


def move_module(session: Session, module: Module, by: int, *, at: datetime, author_id: int | None) -> bool:
    """Move a module by so many places, -1 up and 1 down; False at the edge. Positions are numbered anew."""
    modules = list(
        session.scalars(
            select(Module)
            .where(Module.course_id == module.course_id, Module.removed_at.is_(None))
            .order_by(Module.position, Module.id)
        )
    )
    place = modules.index(module)
    to = place + by
    if not 0 <= to < len(modules):
        return False
    modules.insert(to, modules.pop(place))
    for position, one in enumerate(modules, start=1):
        one.position = position
    session.flush()
    record(session, "moved", "module", module.id, actor_id=author_id, at=at, course_id=module.course_id)
    return True


def set_module_published(
    session: Session, module: Module, published: bool, *, at: datetime, author_id: int | None
) -> None:
    """Show a module to students, or hide it with all that is in it."""
    if (module.published_at is not None) != published:
        module.published_at = at if published else None
        deed = "published" if published else "hid"
        record(session, deed, "module", module.id, actor_id=author_id, at=at, course_id=module.course_id)


def set_module_opens(
    session: Session, module: Module, opens: Wall | None, *, at: datetime, author_id: int | None
) -> None:
    """When a module opens, in the course's zone; None: when it is published."""
    minute = opens.minute.strftime("%H:%M") if opens and opens.minute is not None else None
    if (module.opens_on, module.opens_minute) == (opens.on if opens else None, minute):
        return
    course_zone = zone(session.get_one(Course, module.course_id).zone)
    module.opens_on, module.opens_minute = (opens.on if opens else None), minute
    module.opens_at = opening_instant(opens, course_zone) if opens else None
    record(session, "dated", "module", module.id, actor_id=author_id, at=at, course_id=module.course_id)


def remove_module(session: Session, module: Module, *, at: datetime, author_id: int | None) -> None:
    """Take an empty module away; that it is empty, the caller has asked."""
    module.removed_at = at
    record(session, "removed", "module", module.id, actor_id=author_id, at=at, course_id=module.course_id)
