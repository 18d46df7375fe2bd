"""Faults of questions to staff only: who reads them, and what of them others could notice."""

from .planting import fault

_TESTS = "slices/test_staff_questions.py"
_SEEN = f"{_TESTS}::test_its_author_and_staff_read_it_and_nobody_else_notices"
_OTHER = f"{_TESTS}::test_staff_of_other_sections_do_not_see_it"
_COUNTS = f"{_TESTS}::test_rule_17_it_counts_for_nothing"
_OPENED = "slices/test_questions_opened.py"
_NAMELESS = f"{_OPENED}::test_without_the_name_it_is_a_students_for_everybody_but_staff"
_PEOPLE = f"{_OPENED}::test_rule_17_each_anonymous_post_counts_as_a_person_of_its_own"
_OPENING, _LISTS = "posts/opening.py", "posts/queries/thread_lists.py"
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
    fault("it_is_opened_without_a_yes", _OPENING, "    if thread.opening not in (NAMED, NAMELESS):", "    if False:", f"{_OPENED}::test_nothing_is_opened_without_its_authors_yes"),
    fault("what_is_opened_was_there_before", _OPENING, "else_=literal(at, Instant())", "else_=Post.appears_at", f"{_OPENED}::test_it_is_there_for_others_and_new_from_the_instant_of_opening_on"),
    fault("what_was_read_is_new_again", _OPENING, ".values(at=at))\n    open_news", ".values(at=ReadMark.at))\n    open_news", f"{_OPENED}::test_what_author_and_staff_had_read_stays_read"),
    fault("everybody_is_told_the_name", "posts/names.py", "    if member.may(Action.SEE_NAMES):", "    if True:", _NAMELESS),
    fault("a_later_reply_tells_the_name", "posts/adding.py", '"peers" if is_nameless(thread, member.account_id) else "none"', '"none"', _NAMELESS),
    fault("who_answers_tells_the_name", "posts/post_shapes.py", 'row.parent_author, anonymous=row.parent_anonymity != "none"', "row.parent_author, anonymous=False", _NAMELESS),
    fault("the_list_tells_the_name", _LISTS, 'anonymous=row.opening_anonymity not in (None, "none")', "anonymous=False", _NAMELESS),
    fault("a_quote_tells_the_name", "posts/queries/quotes.py", 'anonymous=row.anonymity != "none"', "anonymous=False", f"{_OPENED}::test_a_quote_tells_no_name_either"),
    fault("the_edits_tell_the_name", "posts/queries/single_posts.py", 'return post.anonymity != "none" and revision', "return False and revision", _NAMELESS),
    fault("what_stood_before_opening_is_told", "posts/queries/single_posts.py", "post.appears_at == post.arrived_at", "post.scheduled_for is None", f"{_OPENED}::test_what_it_said_before_an_edit_stays_between_its_author_and_staff"),
    fault("people_without_names_are_told_by_counts", "posts/queries/board_views.py", "else -row.parent_id", "else row.parent_author_id", _PEOPLE),
    fault("people_without_names_are_one", "posts/standing.py", "post_id or -author_id, author_id, first, (text,), appears_at=first, anonymous=post_id > 0", "post_id or -author_id, author_id, first, (text,), appears_at=first", _PEOPLE),
    fault("a_reply_to_staff_is_entrusted", "posts/entrusting.py", "    if view.thread.asker_id is not None:", "    if False:", f"{_TESTS}::test_a_reply_in_it_cannot_be_entrusted_since_it_counts_for_nothing"),
]  # fmt: skip
