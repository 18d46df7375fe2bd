"""Faults that tell somebody what is not theirs."""

from .planting import fault

_VISIBILITY, _THREADS, _LISTS = (
    "posts/queries/visibility.py",
    "posts/views/threads.py",
    "posts/queries/thread_lists.py",
)
_ONE, _GRADES, _BOOK = (
    "posts/queries/single_posts.py",
    "participation/queries.py",
    "participation/gradebook_views.py",
)


def _canary(short: str) -> str:
    return f"sweeps/test_secrets.py::test_nobody_comes_upon_what_is_not_theirs[sqlite-{short}]"


_OPENED = "sweeps/test_secrets.py::test_others_answers_are_read_from_ones_own_on"
_ETAG = "sweeps/test_secrets.py::test_an_answer_that_one_may_not_see_changes_neither_page_nor_etag"
_AFTER_OWN = "slices/test_writing_after_own.py"
_REASONS = "slices/test_extensions_given.py::test_no_reason_of_anything_given_or_taken_back_is_for_an_assistant_who_may_extend"
_RELEASE = "slices/test_grading_release.py"

FAULTS = [
    # first answer, then read
    fault("others_are_read_before_ones_own", _VISIBILITY,
          'if staff or others else theirs', 'if True else theirs', _OPENED),
    fault("what_one_may_see_of_a_board_is_everything", "posts/queries/board_views.py",
          'others_shown = actor == "staff" or board.shown == "at_once"', 'others_shown = actor == "staff" or board.shown != "none"',
          _OPENED),
    fault("a_single_post_is_given_by_its_id", _ONE,
          ".where(Post.id == row.id, seen_posts(thread.board))", ".where(Post.id == row.id)", _OPENED),
    fault("threads_of_others_are_listed_before_ones_own", _LISTS,
          "clause = and_(clause, or_(Thread.author_id == member.account_id, Thread.is_prompt))", "pass",
          f"{_AFTER_OWN}::test_threads_of_others_are_not_listed_before"),
    fault("a_list_counts_posts_that_are_not_shown", _LISTS,
          "Post.appears_at <= at, seen_posts(view)\n", "Post.appears_at <= at\n",
          f"{_AFTER_OWN}::test_the_list_counts_only_the_posts_that_are_shown"),
    fault("a_thread_counts_posts_that_are_not_shown", "posts/queries/post_pages.py",
          '            .select_from(Post)\n            .where(seen)\n',
          '            .select_from(Post)\n            .where(Post.thread_id == bindparam("thread", type_=Integer()))\n', _AFTER_OWN),
    fault("a_thread_of_another_is_opened_before_ones_own", "posts/queries/thread_views.py",
          "if not view.others_shown and not thread.is_prompt and thread.author_id != member.account_id:", "if False:",
          _AFTER_OWN),
    fault("the_etag_changes_with_what_is_not_shown", 'posts/views/page_keys.py',
          '        and view.board.others_shown\n        and not (', '        and not (', f"{_AFTER_OWN}::test_ones_own_post_has_the_number_that_it_would_have_alone"),
    fault("this_week_counts_posts_that_are_not_shown", "posts/queries/news.py",
          "                seen_posts(first),\n", "", _AFTER_OWN, _ETAG),
    fault("this_week_counts_threads_of_other_groups", "posts/queries/news.py",
          "                thread_clause(first.member, first.actor, first.at),\n", "", "sweeps/test_secrets.py::test_what_another_group_writes_is_new_to_nobody_else"),
    # what has not appeared, is held, or is for one alone
    fault("a_post_is_read_before_it_appears", _VISIBILITY,
          "and_(appeared(at), not_set_apart())", "not_set_apart()", _canary("ana")),
    fault("a_held_post_is_read", "posts/queries/set_apart.py", "and_(post.held_at.is_(None), post", "and_(post", _canary("ana")),
    fault("a_private_post_is_read", "posts/queries/set_apart.py",
          "and_(post.held_at.is_(None), post.private_with_id.is_(None))", "post.held_at.is_(None)", _canary("ana")),
    # what is not published or not open
    fault("boards_that_are_not_published_are_listed", "boards/queries.py",
          '    if unpublished:\n        return there\n', '    if True:\n        return there\n', _canary("ana")),
    fault("what_is_in_an_unopened_module_is_shown", "courses/queries.py",
          "        or_(Module.opens_at.is_(None), Module.opens_at <= at),\n", "", _canary("ana")),
    fault("boards_of_an_unopened_module_are_shown", "boards/queries.py",
          "                or_(Module.opens_at.is_(None), Module.opens_at <= at),\n", "", _canary("ana"), "slices/test_boards_modules.py"),
    fault("a_post_is_read_before_its_board_opens", _ONE,
          "    if post.author_id != member.account_id and thread.board.why_not_read() is not None:\n", "    if False:\n", _canary("ana")),
    fault("a_prompt_is_read_before_its_board_opens", "posts/views/boards.py",
          "    if view.why_not_read() is not None:\n", "    if False:\n", _canary("ana"),
          "sweeps/test_secrets.py::test_rule_12_a_board_is_read_from_its_opening_on_and_not_a_microsecond_before"),
    fault("lessons_that_are_not_published_are_shown", "lessons/queries.py",
          "        Lesson.published_at.is_not(None),\n        Lesson.published_at <= at,\n", "", _canary("ana")),
    fault("files_of_a_lesson_in_an_unopened_module", "lessons/queries.py",
          "Lesson.module_id.in_(opened)", "Lesson.module_id.is_not(None)", _canary("ana")),
    # drafts, removed words, earlier texts
    fault("a_draft_is_anybodys", _ONE,
          "select(Draft).where(Draft.account_id == account_id, Draft.place == str(place))",
          "select(Draft).where(Draft.place == str(place))", "slices/test_writing_drafts.py::test_nobody_else_meets_a_draft",
          _canary("ana")),
    fault("a_draft_of_another_is_in_a_thread", "posts/queries/thread_views.py",
          "and_(Draft.account_id == reader, Draft.place", "and_(Draft.account_id != 0, Draft.place",
          "slices/test_writing_drafts.py::test_nobody_else_meets_a_draft", _canary("ana")),
    fault("removed_words_stay_in_their_thread", 'posts/post_shapes.py',
          'if removed and moderates else None,', 'if removed else None,', _canary("ana")),
    fault("removed_words_stay_among_the_edits", "posts/views/single_posts.py",
          "        view.post.removed_at is not None\n        and not g.member.may(Action.MODERATE)\n",
          "        False\n        and not g.member.may(Action.MODERATE)\n", _canary("ana")),
    fault("removed_words_are_quoted_to_who_answers", "posts/views/single_posts.py",
          "html=None if view.post.removed_at else html_of(view)", "html=html_of(view)",
          _canary("ana")),
    fault("removed_words_are_on_the_page_that_removes", "posts/views/single_posts.py",
          "    if not own and not g.member.may(Action.MODERATE):\n", "    if False:\n", _canary("ana")),
    fault("the_title_of_a_removed_thread_is_listed", _LISTS,
          "None if row.opening_removed_at else row.title", "row.title", "slices/test_writing_edits.py"),
    fault("a_removed_thread_is_read", _VISIBILITY,
          "        Thread.removed_at.is_(None),\n        or_(Thread.group_id", "        or_(Thread.group_id",
          "slices/test_writing_kept_words.py", "slices/test_writing_boards.py", "slices/test_writing_edits.py"),
    # grades
    fault("grades_are_seen_before_their_release", _GRADES,
          "Grade.account_id == account_id, Grade.board_id.in_(board_ids), Grade.released_at.is_not(None)",
          "Grade.account_id == account_id, Grade.board_id.in_(board_ids), Grade.saved_at.is_not(None)", _RELEASE),
    fault("a_student_sees_everyones_released_grade", _GRADES,
          "Grade.account_id == account_id, Grade.board_id.in_(board_ids), Grade.released",
          "Grade.board_id.in_(board_ids), Grade.released", _RELEASE),
    fault("the_gradebook_is_for_students", _BOOK,
          "    if member.may(Action.SEE_PARTICIPATION):\n", "    if member.may(Action.READ):\n", _RELEASE),
    fault("that_there_is_a_grade_is_told_before_its_release", _GRADES,
          'Grade.board_id == board_id, Grade.released_at.is_not(None))',
          'Grade.board_id == board_id)', _RELEASE),
    fault("a_look_at_grades_leaves_no_line", _BOOK,
          "        commands.note_grades_seen(member.account_id, member.course_id, [member.account_id], g.at)\n", "",
          f"{_RELEASE}::test_each_look_at_grades_leaves_one_line_and_nothing_else_is_in_it"),
    fault("the_news_of_a_release_is_everybodys", "participation/commands.py",
          '"account_id": account_id} for account_id in plan.to_release],', '"account_id": None} for account_id in plan.to_release],',
          f"{_RELEASE}::test_a_release_tells_the_student_and_never_the_score"),
    # reasons, addresses
    fault("reasons_of_extensions_are_for_assistants", "boards/extension_views.py",
          "        reasons = g.member.may(Action.SEE_REASONS)\n", "        reasons = True\n",
          _REASONS),
    fault("reasons_of_excusals_are_for_assistants", "boards/extension_views.py",
          "reason = row.reason if g.member.may(Action.SEE_REASONS) else None", "reason = row.reason",
          _REASONS),
    fault("addresses_are_for_staff_of_other_sections", "courses/people_views.py",
          "        member.all_sections\n        or line.role", "        True\n        or line.role",
          "slices/test_people_course.py::test_staff_of_one_section_see_the_addresses_of_that_section"),
    fault("a_formula_stands_in_a_csv", "core/csvs.py",
          '_FORMULA_STARTS = ("=", ', '_FORMULA_STARTS = (', "rules/test_rosters.py::test_no_cell_that_we_give_out_begins_as_a_formula"),
]  # fmt: skip
