"""Faults of requests for more time: who reads why, how long, and what an answer does."""

from .planting import fault

_QUERIES, _COMMANDS, _TAKING = "more_time/queries.py", "more_time/commands.py", "more_time/taking_in.py"
_ANSWERED, _ENDS, _TAKEN = (
    "slices/test_more_time_answered.py", "slices/test_more_time_ends.py", "slices/test_more_time_taken_in.py",
)  # fmt: skip

FAULTS = [
    fault("assistants_read_why_more_time_is_asked_for", _QUERIES,
          "if sees_reasons else None", "if row else None",
          f"{_ANSWERED}::test_an_assistant_answers_only_if_the_instructor_allows_and_never_reads_why"),
    fault("requests_of_other_sections_are_seen", _QUERIES,
          "    if member.all_sections:\n        return seen\n", "    return seen\n",
          f"{_ANSWERED}::test_who_sees_one_section_sees_its_requests_only"),
    fault("a_reason_is_read_after_the_term", "more_time/rules.py",
          "return words if at < ends_at else None", "return words",
          f"{_ENDS}::test_it_is_read_until_the_terms_end_and_not_from_then_on"),
    fault("a_reason_is_kept_after_the_term", "more_time/jobs.py",
          ".values(reason=None, answer=None)", ".values(answer=None)",
          f"{_ENDS}::test_it_is_erased_when_the_term_is_over_and_not_before"),
    fault("an_answer_is_overwritten", _COMMANDS,
          '    if row.state != "open":\n        raise Refused("request_answered")\n    if row.version != version:',
          "    if row.version != version and row.state != 'declined':",
          f"{_ANSWERED}::test_what_another_instructor_answered_meanwhile_is_never_overwritten_unseen"),
    fault("a_changed_request_is_answered_unseen", _COMMANDS,
          "    if row.version != version:", "    if row.version < version:",
          f"{_ANSWERED}::test_a_request_that_its_student_changed_is_looked_at_again"),
    fault("pressing_grant_twice_grants_twice", _COMMANDS,
          "(row.answered_by_id, row.answer) == (member.account_id, answer)", "False",
          f"{_ANSWERED}::test_pressing_grant_twice_grants_once"),
    fault("refused_words_are_taken_in_with_todays_arrival", _TAKING,
          "session, student, text.thread, text.written, at=text.arrived_at,", "session, student, text.thread, text.written, at=at,",
          f"{_TAKEN}::test_refused_words_become_the_post_with_their_own_arrival"),
    fault("changed_words_have_the_arrival_of_others", _TAKING,
          "statement is not None and statement.words == words_digest(salt, draft.source, files)", "statement is not None",
          f"{_TAKEN}::test_words_that_were_changed_since_have_no_arrival_to_be_taken_in_with"),
    fault("a_wish_for_the_past_is_taken", "more_time/rules.py",
          "if wished_at <= at:", "if wished_at < at:", "rules/test_more_time.py"),
]  # fmt: skip
