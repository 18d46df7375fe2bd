"""Who may start threads and answer on boards where people work in groups."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Literal

from .state import Actor
from .values import PostFacts, Refusal

GroupMode = Literal["none", "separate", "visible"]


def why_not_start(mode: str, own_groups: Container[int], *, actor: Actor, everywhere: bool) -> Refusal | None:
    """Why a member cannot start a thread for any group, or None. `everywhere`: staff who reach all sections.

    Students start threads for groups of theirs, never for everyone; staff of single sections likewise. Codes:
    no_group (mode).
    """
    if mode == "none" or (actor == "staff" and everywhere) or own_groups:
        return None
    return Refusal("no_group", {"mode": mode})


def why_not_reply(
    mode: str, group_id: int | None, own_groups: Container[int], *, actor: Actor
) -> Refusal | None:
    """Why a thread of a group, or of everyone (None), is not a student's to answer, or None if it is.

    Groups that are separate have no place for who is in none of them; visible ones are read by all and answered by
    their own people. Codes: no_group (mode), other_group.
    """
    if mode == "none" or actor == "staff":
        return None
    if group_id is None:
        return Refusal("no_group", {"mode": mode}) if mode == "separate" and not own_groups else None
    return None if group_id in own_groups else Refusal("other_group")


def judged_apart(
    posts: Sequence[PostFacts], groups_of: Mapping[int, frozenset[int]]
) -> Iterator[tuple[list[int], list[PostFacts]]]:
    """Students (by account id) who could answer the same people, with the posts that they are judged by.

    Those are everyone's and their groups', and each student's own wherever they were written.
    """
    elsewhere: dict[int, list[PostFacts]] = defaultdict(list)
    together: dict[tuple[frozenset[int], int | None], list[int]] = defaultdict(list)
    for post in posts:
        if post.group_id is not None and post.group_id not in groups_of.get(post.author_id, ()):
            elsewhere[post.author_id].append(post)
    for account_id, groups in groups_of.items():
        together[groups, account_id if account_id in elsewhere else None].append(account_id)
    for (groups, alone), account_ids in together.items():
        inside = [post for post in posts if post.group_id is None or post.group_id in groups]
        yield account_ids, inside + (elsewhere[alone] if alone is not None else [])
