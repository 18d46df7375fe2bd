"""Faults of what is printed of a thread: what its reader may not see, and what stays off paper."""

from .planting import fault

_PRINT = "slices/test_thread_print.py"

FAULTS = [
    fault("a_document_has_what_its_reader_may_not_see", "posts/queries/printed.py",
          "Post.thread_id == view.thread.id, seen_posts(view.board),", "Post.thread_id == view.thread.id,", f"{_PRINT}::test_what_others_do_not_see_is_not_in_it", f"{_PRINT}::test_before_ones_own_post_there_are_no_others"),
    fault("a_private_reply_is_printed", "posts/queries/printed.py",
          "Post.private_with_id.is_(None), ", "", f"{_PRINT}::test_what_others_do_not_see_is_not_in_it"),
    fault("what_waits_is_printed", "posts/queries/printed.py",
          " Post.appears_at <= view.board.at,", "", f"{_PRINT}::test_what_others_do_not_see_is_not_in_it"),
    fault("removed_words_are_printed", "posts/views/thread_print.py",
          "html=None\n        if is_removed\n        else", "html=", f"{_PRINT}::test_what_was_removed_is_a_line_for_staff_too"),
    fault("a_board_that_has_not_opened_is_printed", "posts/views/thread_print.py",
          "if board.why_not_read() is not None:", "if False:", f"{_PRINT}::test_a_board_that_is_closed_to_its_reader_has_no_document"),
    fault("a_document_ends_where_a_page_does", "posts/queries/printed.py",
          "MOST = 1_000", "MOST = 100", f"{_PRINT}::test_several_pages_are_one_document_up_to_its_bound"),
    fault("who_is_anonymous_is_named_on_paper", "posts/views/thread_print.py",
          'author=shown_name(member, row.author, anonymous=row.anonymity != "none"),', "author=row.author,", f"{_PRINT}::test_who_is_anonymous_to_others_is_on_paper_too"),
]  # fmt: skip
