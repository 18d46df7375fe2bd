"""Faults in groups: what another group wrote, whom a board is for, what moves with a student."""

from .planting import fault

_THREADS = "slices/test_groups_threads.py"
_PROMPTS = "slices/test_groups_prompts.py"
_LIMITED = "slices/test_groups_limited.py"
_MOVED = "slices/test_groups_moved.py"

FAULTS = [
    fault("who_left_a_group_reads_on", "posts/queries/visibility.py",
          "GroupMembership.account_id == account_id, holds_at(GroupMembership, at)", "GroupMembership.account_id == account_id",
          _THREADS),
    fault("a_student_starts_a_thread_for_any_group", "posts/queries/group_choices.py",
          "    if view.actor == \"staff\" and view.member.all_sections:", "    if True:", _THREADS),
    fault("visible_groups_are_answered_by_all", "boards/rules/groups.py",
          'return None if group_id in own_groups else Refusal("other_group")', "return None", _THREADS),
    fault("who_is_in_no_group_answers_everyones_thread", "boards/rules/groups.py",
          'if mode == "separate" and not own_groups else None', "if False else None", _THREADS),
    fault("groups_change_though_there_are_posts", "boards/audience.py",
          "    regrouped = board.groups != spec.groups\n", "    regrouped = False\n", _THREADS),
    fault("a_group_made_later_has_no_discussion", "posts/prompt_threads.py",
          "on_group_made.append(_post_prompts_to)\n", "", _PROMPTS),
    fault("closing_one_discussion_leaves_the_others_open", "posts/commands.py",
          "for thread in prompts_beside(session, view.thread) if view.thread.is_prompt else [view.thread]:",
          "for thread in [view.thread]:", _PROMPTS),
    fault("others_in_other_groups_could_have_been_answered", "boards/rules/groups.py",
          "inside = [post for post in posts if post.group_id is None or post.group_id in groups]",
          "inside = list(posts)", _PROMPTS),
    fault("a_board_for_some_is_for_all", "boards/audience.py",
          "    return or_(Board.limited.is_(False), named)", "    return or_(Board.limited.is_(False), named, Board.limited.is_(True))",
          _LIMITED, "sweeps/test_secrets.py"),
    fault("participation_asks_everybody", "participation/views.py",
          "of_audience(session, board, queries.students_in(session, member, g.at))", "queries.students_in(session, member, g.at)",
          _LIMITED),
    fault("answers_of_others_move_along", "posts/group_moves.py",
          "or_(Post.author_id == account_id, Post.private_with_id == account_id)\n", "True\n", _MOVED),
    fault("a_move_leaves_the_posts_in_the_old_group", "posts/group_moves.py",
          "update(Post).where(Post.thread_id == thread.id).values(group_id=joins.id)",
          "update(Post).where(Post.thread_id == thread.id).values(group_id=leaves.id)", _MOVED),
    fault("counters_forget_what_moved", "posts/group_moves.py",
          "old.posts, new.posts = old.posts - 1, new.posts + 1", "pass", _MOVED),
]  # fmt: skip
