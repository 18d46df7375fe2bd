"""Faults of what people take away: words of others, and names of files that some system does not take."""

from .planting import fault

_TOLD = "slices/test_take_away.py"
_SECRETS = "sweeps/test_take_away_secrets.py::test_nothing_of_others_is_in_what_one_takes_away"

FAULTS = [
    fault("what_staff_wrote_into_a_post_is_taken_away", "records/own_writing.py",
          "if row.author_id == account_id:", "if True:", f"{_TOLD}::test_every_own_text_is_there_and_none_that_staff_wrote"),
    fault("posts_of_others_are_taken_away", "records/own_writing.py",
          ".where(Post.author_id == account_id, Post.course_id == course_id)", ".where(Post.course_id == course_id)", _SECRETS),
    fault("files_of_others_are_taken_away", "records/own_writing.py",
          "File.author_id == account_id, File.place_kind", "File.place_kind", _SECRETS),
    fault("titles_of_boards_that_are_not_shown", "records/own_writing.py",
          "if member is not None and member.may(Action.READ):\n            found |= {board.id: board.title for board in boards_in(session, member, at)}",
          "found |= {row.id: row.title for row in session.execute(select(Board.id, Board.title))}",
          f"{_TOLD}::test_who_left_the_course_still_has_their_words_and_not_its_titles"),
    fault("a_file_is_called_as_somebody_called_it", "records/names.py",
          'if unicodedata.category(char)[0] in "LNM" else "-"', "", "rules/test_file_names.py::test_a_hostile_name_becomes_a_plain_one"),
    fault("titles_are_markdown", "records/documents.py",
          'return _SIGNS.sub(r"\\\\\\1", " ".join(text.split()))', "return text", f"{_TOLD}::test_hostile_words_stay_words"),
]  # fmt: skip
