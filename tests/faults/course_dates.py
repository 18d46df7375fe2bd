"""Faults in the dates of a course on one page, and in copies of courses."""

from .planting import fault

_COMMANDS, _COPIES = "desk/dates/commands.py", "interop/course_copies/commands.py"
_DATES, _COPIED = "slices/test_course_dates.py", "slices/test_course_copies.py"

FAULTS = [
    fault("who_reads_a_course_changes_its_dates", "desk/dates/views.py",
          "@needs(Action.MANAGE_CONTENT)\ndef change(", "@needs(Action.READ)\ndef change(",
          "sweeps/test_gates.py::test_every_gate_is_the_one_that_the_product_names"),
    fault("a_date_changed_meanwhile_is_overwritten", _COMMANDS,
          "if key in slots and slots[key].wall != seen and", "if key not in slots and",
          f"{_DATES}::test_a_date_that_somebody_changed_meanwhile_is_not_overwritten"),
    fault("refused_rows_are_left_out_unasked", _COMMANDS,
          "((troubles or stale) and not leave_out)", "False",
          f"{_DATES}::test_what_rule_6_forbids_stands_beside_its_row_and_nothing_is_changed"),
    fault("a_missing_reason_is_a_row_left_out", _COMMANDS,
          "if needs_reason or (", "if (",
          f"{_DATES}::test_a_mistake_taken_back_needs_its_reason_and_is_never_left_out_silently"),
    fault("a_copy_of_a_course_is_public_at_once", _COPIES,
          '    course.assistants_release = source', '    course.state = "open"\n    course.assistants_release = source',
          _COPIED),
    fault("a_copy_is_made_with_dates_that_cannot_stand", _COPIES,
          "    if troubles_in(source.dates, walls, choices):\n", "    if False:\n",
          f"{_COPIED}::test_dates_that_cannot_stand_are_refused_by_the_command_too"),
    fault("a_lessons_news_stays_when_it_appears_later", "lessons/commands.py",
          '    forget(session, "lesson_published", after=at, lesson_id=lesson.id)\n', "", _DATES),
]  # fmt: skip
