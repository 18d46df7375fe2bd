"""Faults in splitting a thread: what a post counts for, what is new, who is led where."""

from .planting import fault

_SPLITS = "slices/test_thread_splits.py"
_DEED = "posts/splitting.py"

FAULTS = [
    fault("a_split_reply_is_a_first_post", "posts/queries/board_views.py",
          'opens=row.parent_id is None and (row.opens_thread or row.form == "single")',
          'opens=row.opens_thread or (row.form == "single" and row.parent_id is None)',
          f"{_SPLITS}::test_nothing_of_what_was_met_or_proved_changes"),
    fault("a_split_loses_what_was_read", _DEED, "                ReadMark.thread_id == old.id\n", "                ReadMark.thread_id == new.id\n",
          f"{_SPLITS}::test_what_each_has_read_stays_read_and_what_is_new_stays_new"),
    fault("what_was_answered_in_the_branch_is_new_again", "posts/fragments.py",
          "    answered |= reader.answered_elsewhere\n", "", _SPLITS),
    fault("a_split_thread_has_no_opening_to_answer", "posts/queries/deciding.py",
          "_OPENING = Prepared(_PARENT.where(Post.opens_thread)", "_OPENING = Prepared(_PARENT.where(Post.opens_thread, Post.position == 1)", _SPLITS),
    fault("a_line_tells_a_removed_title", "posts/queries/splits.py", "row.title if row.removed_at is None else None)", "row.title)", _SPLITS),
    fault("the_way_back_tells_a_removed_title", "posts/queries/splits.py",
          "came.title if came.removed_at is None else None)", "came.title)", _SPLITS),
    fault("a_private_reply_opens_a_thread", _DEED, "    if post.private_with_id is not None:\n        return Refusal(\"split_private\")\n", "", _SPLITS),
    fault("the_branch_is_found_by_its_path", _DEED, "        if row.parent_id in ids:\n", "        if row.path.startswith(post.path) and row is not post:\n", _SPLITS),
]  # fmt: skip
