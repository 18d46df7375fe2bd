"""Faults of boards that show all posts together at one moment."""

from .planting import fault

_VIEWS, _RULE, _ROWS = "posts/queries/board_views.py", "boards/rules/together.py", "boards/together.py"
_SHOWN, _SET = "slices/test_together_shown.py", "slices/test_together_set.py"

FAULTS = [
    fault("together_is_shown_at_once", _VIEWS,
          'others_shown = shown.are_others_visible("together", others_from, at)', "others_shown = True",
          f"{_SHOWN}::test_until_the_moment_only_its_author_and_staff_see_a_post_and_then_everybody"),
    fault("more_time_does_not_hold_others_posts_back", _VIEWS,
          "shown.together_visible_at(own_at, dates.together_at, dates.held_until)",
          "shown.together_visible_at(own_at, dates.together_at, None)",
          f"{_SHOWN}::test_who_has_more_time_sees_others_once_they_have_posted_or_their_time_is_over"),
    fault("ones_own_post_opens_nothing_for_who_has_more_time", _VIEWS,
          "return dates.held_until is not None", "return False",
          f"{_SHOWN}::test_who_has_more_time_sees_others_once_they_have_posted_or_their_time_is_over"),
    fault("an_outage_leaves_the_moment_where_it_was", _RULE,
          "credit = max(credit, own - before)", "credit = max(credit, timedelta())",
          f"{_SHOWN}::test_an_outage_moves_the_moment_by_as_much_as_the_first_post"),
    fault("a_section_that_is_due_later_is_not_waited_for", _ROWS,
          "yield schedule.held(frozenset({section_id}), frozenset())", "yield schedule.held(frozenset(), frozenset())",
          f"{_SHOWN}::test_a_section_that_is_due_later_holds_the_moment_for_all"),
    fault("a_later_date_closes_what_was_opened", _ROWS,
          "together.settled(steps, shown_at) or _comes_to", "_comes_to", f"{_SHOWN}::test_what_was_opened_stays_open"),
    fault("more_time_given_later_closes_what_was_opened", _RULE,
          "if opened_at <= changed_at:", "if False:", f"{_SHOWN}::test_what_was_opened_stays_open"),
    fault("the_moment_can_be_made_earlier", "boards/together_troubles.py",
          '    if refusal is not None:\n        found.append(Trouble("together"', '    if False:\n        found.append(Trouble("together"',
          f"{_SET}::test_once_students_could_see_it_the_moment_only_becomes_later"),
    fault("the_moment_may_lie_before_the_first_post_is_due", _RULE,
          "if earliest is not None and at < earliest:", "if False:",
          f"{_SET}::test_a_moment_that_cannot_stand_is_refused_beside_its_field"),
    fault("how_many_others_wrote_is_told_by_what_is_asked", "boards/rules/met.py",
          "if student.knows_others and is_up_to_others", "if is_up_to_others",
          f"{_SHOWN}::test_how_many_others_wrote_is_told_by_no_figure_of_ones_own"),
    fault("a_kept_page_outlives_the_moment", "posts/views/heads.py",
          "shown = (view.dates.together_at, view.dates.held_until)", "shown = ()",
          f"{_SHOWN}::test_a_page_that_is_kept_is_made_anew_at_the_moment"),
    fault("the_first_post_is_judged_at_its_limit_alone", "boards/together.py",
          "own_limit=dates.held_until", "own_limit=None",
          f"{_SHOWN}::test_the_first_post_is_judged_as_it_stood_when_the_others_were_shown"),
    fault("a_thread_leaves_a_board_before_its_moment", "posts/moving.py",
          ' or "together" in (board.shown, to.board.shown):', ":",
          f"{_SET}::test_a_thread_neither_leaves_such_a_board_nor_comes_to_it"),
]  # fmt: skip
