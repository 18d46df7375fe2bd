"""Faults of questions to staff only: who reads them, and what of them others could notice."""

from .planting import fault

_TESTS = "slices/test_staff_questions.py"
_SEEN = f"{_TESTS}::test_its_author_and_staff_read_it_and_nobody_else_notices"
_OTHER = f"{_TESTS}::test_staff_of_other_sections_do_not_see_it"
_COUNTS = f"{_TESTS}::test_rule_17_it_counts_for_nothing"
_CLAUSE = "posts/queries/visibility.py"

FAULTS = [
    fault("others_see_what_was_asked_of_staff", _CLAUSE, "        there,\n        for_them,\n", "        there,\n", _SEEN),
    fault("all_staff_see_what_was_asked_of_some", _CLAUSE, "        return and_(there, or_(for_them, _sees_student(Thread.asker_id, Thread, account_id, at)))", "        return there", _OTHER),
    fault("posts_to_staff_are_told_without_their_thread", "posts/queries/appearing.py", "and_(Post.private_with_id.is_(None), Post.asker_id.is_(None))", "and_(Post.private_with_id.is_(None))", _COUNTS),
    fault("who_asked_cannot_read_what_staff_answer", _CLAUSE, "or_(Post.private_with_id == account_id, Post.asker_id == account_id)", "or_(Post.private_with_id == account_id)", _SEEN),
    fault("a_removed_question_is_told_of", "posts/queries/thread_views.py", "or_(Thread.asker_id.is_(None), Thread.asker_id == member.account_id)\n    )", "Thread.id > 0\n    )", f"{_TESTS}::test_nobody_else_can_do_anything_with_it"),
    fault("news_of_a_question_are_for_all", "posts/adding.py", "account_id=private_with or thread.asker_id", "account_id=private_with", f"{_TESTS}::test_others_are_told_no_news_of_it"),
    fault("what_only_staff_read_is_held_against_a_date", "posts/receipting.py", "HeldAgainst() if thread.asker_id is not None else ", "", _COUNTS),
    fault("every_board_takes_questions_to_staff", "boards/models.py", "        if self.form not in TAKE_STAFF_QUESTIONS:\n", "        if False:\n", f"{_TESTS}::test_a_board_takes_them_where_staff_allow_it_and_a_board_of_questions_by_itself"),
    fault("a_reply_to_staff_is_entrusted", "posts/entrusting.py", "    if view.thread.asker_id is not None:", "    if False:", f"{_TESTS}::test_a_reply_in_it_cannot_be_entrusted_since_it_counts_for_nothing"),
]  # fmt: skip
