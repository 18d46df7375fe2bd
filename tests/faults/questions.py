"""Faults in boards of questions: what is endorsed or pinned, by whom, and what the list is narrowed to."""

from .planting import fault

_MARKING, _FILTERS, _LISTS = (
    "posts/marking.py",
    "posts/queries/thread_filters.py",
    "posts/queries/thread_lists.py",
)
_TESTS = "slices/test_questions.py"

_NEWS, _VIEWS = "posts/announcements.py", "posts/queries/board_views.py"
_NEWS_TESTS = "slices/test_announcements.py"

FAULTS = [
    fault("taking_back_leaves_who_endorsed", _MARKING,
          "view.post.endorsed_at = view.post.endorsed_by_id = None", "view.post.endorsed_at = None", _TESTS),
    fault("a_mark_changes_no_version", _MARKING, "    view.thread.thread.version += 1\n", "", _TESTS),
    fault("a_mark_is_not_in_the_ledger", _MARKING, "    record(session, deed,", "    (lambda *_, **__: None)(session, deed,", _TESTS),
    fault("what_is_held_can_be_endorsed", _MARKING, "post.held_at is not None or post.private_with_id is not None or ", "", _TESTS),
    fault("answers_are_endorsed_anywhere", _MARKING, '.form != "question"', '.form == "no such form"', _TESTS),
    fault("removed_posts_are_listed_above", "posts/queries/post_pages.py",
          "is_marked, Post.removed_at.is_(None)", "is_marked", _TESTS),
    fault("answered_questions_are_unanswered", _FILTERS, "func.coalesce(counted.c.endorsed, 0) == 0", "func.coalesce(counted.c.endorsed, 0) >= 0", _TESTS),
    fault("the_opening_is_a_reply", _LISTS, "Post.opens_thread.is_(False)", "Post.id > 0", _TESTS),
    # announcements
    fault("students_start_announcements", _VIEWS, "(announces or not self.board.students_start)", "(not self.board.students_start)", _NEWS_TESTS),
    fault("students_answer_all_announcements", _VIEWS, "board.form != \"announcement\" or board.announcements_answered", "True", _NEWS_TESTS),
    fault("the_home_announces_what_waits", _NEWS, "Thread.appears_at <= at", "Thread.appears_at > at", _NEWS_TESTS),
    fault("the_home_announces_what_was_removed", _NEWS, "            Post.removed_at.is_(None), Post.appears_at <= at,", "            Post.appears_at <= at,", _NEWS_TESTS),
]  # fmt: skip
