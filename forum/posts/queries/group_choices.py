"""Of which groups a member starts threads on a board of groups, and whose threads they read there."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from ...boards.groups import GroupName, groups_among, groups_named
from ...core.errors import Refused
from .board_views import BoardView


@dataclass(frozen=True)
class GroupChoices:
    """The groups that a thread can be started for, and whether it can be for everyone."""

    groups: tuple[GroupName, ...]
    everyone: bool

    def chosen(self, public_id: str | None) -> int | None:
        """The group of a public id, None for everyone (an empty one). Refused: group_not_yours.

        Where nobody was asked (None) it is for everyone, or else for the first group that can be chosen.
        """
        if public_id is None and not self.everyone and self.groups:
            return self.groups[0].id
        if not public_id and self.everyone:
            return None
        found = next((name.id for name in self.groups if name.public_id == public_id), None)
        if found is None:
            raise Refused("group_not_yours")
        return found


def groups_of_board(session: Session, view: BoardView) -> tuple[GroupName, ...]:
    """All groups that a board of groups has, by set and title."""
    return groups_among(groups_named(session, view.member), view.audience)


def group_choices(session: Session, view: BoardView) -> GroupChoices | None:
    """For which groups this member can start a thread here; None on a board that is not one of groups."""
    if view.board.groups == "none":
        return None
    there = groups_of_board(session, view)
    if view.actor == "staff" and view.member.all_sections:
        return GroupChoices(there, everyone=True)
    return GroupChoices(tuple(name for name in there if name.id in view.own_groups), everyone=False)


def readable_groups(session: Session, view: BoardView) -> tuple[GroupName, ...]:
    """The groups whose threads this member reads here; none on a board that is not one of groups."""
    if view.board.groups == "none":
        return ()
    there = groups_of_board(session, view)
    if view.actor == "staff" or view.board.groups == "visible":
        return there
    return tuple(name for name in there if name.id in view.own_groups)
