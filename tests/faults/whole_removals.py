"""Faults of removing all that one person wrote, and of bringing it back."""

from .planting import fault

_ALL = "moderation/whole_removals.py"
_TESTS = "slices/test_whole_removals.py"

FAULTS = [
    fault("pages_keep_what_was_removed_at_once", _ALL, "        thread.version += 1\n", "", f"{_TESTS}::test_counts_are_shown_before_and_nothing_of_theirs_remains_after", f"{_TESTS}::test_one_act_brings_all_back_but_what_was_removed_otherwise"),
    fault("all_that_was_ever_removed_comes_back", _ALL, "Post.removed_at == act.at, ", "", f"{_TESTS}::test_one_act_brings_all_back_but_what_was_removed_otherwise"),
    fault("what_staff_wrote_is_removed_at_once", _ALL, "    if (code := why_not_remove_all(session, member, author_id, at)) is not None:", "    if (code := None) is not None:", f"{_TESTS}::test_what_staff_wrote_is_not_removed_at_once"),
    fault("an_act_restores_the_posts_of_another", _ALL, "(REMOVED_ALL, member.course_id, author_id)", "(REMOVED_ALL, member.course_id, act.subject_id)", f"{_TESTS}::test_an_act_of_another_person_or_course_restores_nothing"),
    fault("posts_that_appeared_are_counted_wrong", _ALL, "        settle_appeared(session, thread_id, at)\n", "        pass\n", f"{_TESTS}::test_what_waits_is_not_touched_and_can_be_removed_when_it_is_there"),
    fault("the_ledger_tells_of_no_single_post", _ALL, "    for post in posts:\n        record(", "    for post in posts[:0]:\n        record(", f"{_TESTS}::test_the_ledger_tells_of_each_post_and_of_the_act_without_a_word"),
]  # fmt: skip
