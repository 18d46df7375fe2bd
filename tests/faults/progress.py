"""Faults of how far students are: what is counted for whom, and who reads it."""

from .planting import fault

_PROGRESS = "slices/test_progress.py"

FAULTS = [
    fault("what_is_late_is_not_done", "participation/progress.py",
          'DONE = ("met_on_time", "met_late")', 'DONE = ("met_late",)', f"{_PROGRESS}::test_two_things_that_a_board_asks_are_done_when_both_are_and_staff_see_who_is"),
    fault("what_one_is_excused_from_is_counted", "participation/progress.py",
          'NOT_COUNTED = ("excused", "not_asked")', "NOT_COUNTED = ()", f"{_PROGRESS}::test_what_one_is_excused_from_is_not_counted"),
    fault("hidden_lessons_are_counted", "participation/progress.py",
          "return lessons_in(session, as_students(member), at)", "return lessons_in(session, member, at)", f"{_PROGRESS}::test_what_students_do_not_see_counts_for_nobody"),
    fault("a_board_for_some_counts_for_all", "participation/progress.py",
          "in belonging(session, boards, students).items()", "in dict.fromkeys(boards, students).items()", f"{_PROGRESS}::test_a_board_for_some_counts_for_them_alone"),
    fault("students_read_how_far_all_are", "participation/progress_views.py",
          '@pages.get("/c/<course>/progress.csv")\n@needs(Action.SEE_PARTICIPATION)', '@pages.get("/c/<course>/progress.csv")\n@needs(Action.READ)', f"{_PROGRESS}::test_it_is_for_staff_and_of_their_sections_alone"),
    fault("a_statement_for_each_board_of_the_course", "participation/done.py",
          "        minimum = first_post_minimum(checkpoints[board.id])",
          "        minimum = first_post_minimum(checkpoints[board.id])\n        session.connection().exec_driver_sql(\"SELECT 1\")", f"{_PROGRESS}::test_it_asks_as_often_for_many_boards_as_for_few"),
]  # fmt: skip
