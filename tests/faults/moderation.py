"""Faults of flags, of what staff do about posts of others, and of what is told of it."""

from .planting import fault

_FLAGS = "slices/test_moderation_flags.py"

FAULTS = [
    fault("a_flag_twice_is_two", "moderation/commands.py",
          "    flag = own_flag(session, member, post)\n    if flag is None:", "    flag = None\n    if flag is None:", f"{_FLAGS}::test_two_flags_of_one_member_are_one_and_taking_it_back_twice_is_harmless"),
    fault("an_author_on_the_staff_is_told_who_flagged_them", "moderation/queries.py",
          "by = None if flag.post_id in own else name", "by = name", f"{_FLAGS}::test_an_author_on_the_staff_is_not_told_who_flagged_them"),
    fault("peers_read_why_a_post_was_removed", "posts/fragments.py",
          "for piece in fragment.taken\n        if piece.author_id == reader.account_id", "for piece in fragment.taken\n        if piece.author_id", f"{_FLAGS}::test_staff_remove_with_a_reason_that_the_author_reads_and_nobody_else"),
    fault("staff_remove_without_a_reason", "posts/commands.py",
          "if post.author_id != member.account_id and not reason.strip():", "if False:", f"{_FLAGS}::test_the_command_itself_owes_the_author_a_reason"),
    fault("peers_list_threads_with_flagged_posts", "posts/views/board_filters.py",
          "(text in OF_STAFF and not moderates)", "False", f"{_FLAGS}::test_staff_see_how_many_posts_of_a_thread_are_flagged_and_can_list_those_threads"),
    fault("a_settled_flag_still_counts", "moderation/commands.py",
          ".where(Flag.post_id == post.id, Flag.settled_at.is_(None))\n    ) or 0", ".where(Flag.post_id == post.id)\n    ) or 0", f"{_FLAGS}::test_staff_keep_a_post_and_its_flags_are_settled_until_it_is_changed"),
]  # fmt: skip
