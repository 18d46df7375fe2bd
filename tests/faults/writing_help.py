"""Faults of what helps while writing."""

from .planting import fault

_OUTLINES = "rules/test_outlines.py"

FAULTS = [
    fault("headings_in_code_are_in_the_outline", "core/outlines.py",
          "    lines = own_lines(source)\n", "    lines = list(enumerate(source.split(chr(10))))\n", _OUTLINES),
    fault("levels_of_the_outline_have_gaps", "core/outlines.py",
          "found.append(Heading(number, len(levels) - 1, ", "found.append(Heading(number, level - 1, ", _OUTLINES),
    fault("a_reply_is_measured_by_the_first_posts_minimum", "posts/queries/board_views.py",
          "        if is_first:\n            return self.first_minimum\n", "        return self.first_minimum\n",
          "slices/test_writing_help.py::test_a_reply_is_counted_against_the_replies_minimum"),
]  # fmt: skip
