"""Faults of private replies: who reads them, and what of them others could notice."""

from .planting import fault

_TESTS = "slices/test_private_replies.py"
_SEEN = f"{_TESTS}::test_author_addressee_and_staff_see_it_with_a_label_and_nobody_else_notices"

FAULTS = [
    fault("a_private_reply_changes_its_thread", "posts/adding.py", "    if not waits and private_with is None:\n        _GROWN", "    if not waits:\n        _GROWN", _SEEN),
    fault("a_private_reply_takes_an_open_place", "posts/adding.py", "    if waits or private_with is not None:", "    if waits:", f"{_TESTS}::test_the_next_open_reply_has_the_next_place"),
    fault("a_private_reply_is_kept_for_all_staff", "posts/queries/set_apart.py", "and_(post.held_at.is_(None), post.private_with_id.is_(None))", "post.held_at.is_(None)", f"{_TESTS}::test_staff_of_other_sections_do_not_see_it"),
    fault("staff_of_all_sections_see_a_private_reply", "posts/queries/visibility.py",
          "or_(student.is_(None), _sees_student(student, Post, account_id, at))", "and_(True)", f"{_TESTS}::test_staff_of_other_sections_do_not_see_it"),
    fault("an_edit_of_a_private_reply_changes_its_thread", "posts/commands.py", "    if post.appears_at <= issued_at and not post.is_set_apart:", "    if post.appears_at <= issued_at:", f"{_TESTS}::test_changing_removing_and_restoring_it_changes_nothing_for_others"),
    fault("a_private_reply_is_answered", "posts/commands.py", "        if (apart := why_not_answered(parent)) is not None:\n", "        if (apart := None) is not None:\n", f"{_TESTS}::test_a_student_cannot_send_one_and_nobody_replies_to_one"),
    fault("a_private_reply_stays_new", "posts/queries/news.py", "Post.position < BESIDE, ", "", f"{_TESTS}::test_it_is_new_to_its_addressee_alone_until_they_read_to_it"),
]  # fmt: skip
