"""Faults in lists and threads: a star that others see, a filter that is lost, a way that skips or leaks."""

from .planting import fault

_LISTS = "slices/test_thread_lists.py"
_STARS = "slices/test_thread_stars.py"
_NEW = "slices/test_writing_new.py"
_MOVES = "slices/test_thread_moves.py"

FAULTS = [
    fault("a_star_is_everybodys_in_the_list", "posts/queries/thread_lists.py",
          ".outerjoin(Star, and_(Star.thread_id == Thread.id, Star.account_id == member.account_id))",
          ".outerjoin(Star, and_(Star.thread_id == Thread.id))", _STARS),
    fault("a_star_is_everybodys_in_the_thread", "posts/queries/thread_views.py",
          ".outerjoin(Star, and_(Star.thread_id == Thread.id, Star.account_id == reader))",
          ".outerjoin(Star, Star.thread_id == Thread.id)", _STARS),
    fault("a_star_is_not_in_the_key_of_the_page", "posts/views/page_keys.py",
          "view.mark, view.starred, view.last_scheduled,", "view.mark, view.last_scheduled,", _STARS),
    fault("the_total_of_a_filter_counts_the_page", "posts/queries/thread_lists.py",
          "return ThreadList(lines, rows[0].total if rows else 0, more)",
          "return ThreadList(lines, len(lines), more)", _LISTS),
    fault("removed_answers_are_replies", "posts/queries/thread_lists.py",
          "Post.board_id == view.board.id, Post.removed_at.is_(None), Post.appears_at <= at, seen_posts(view)",
          "Post.board_id == view.board.id, Post.appears_at <= at, seen_posts(view)", _LISTS),
    fault("the_way_back_skips_a_thread", "posts/queries/thread_lists.py",
          "return [group.desc(), last_at, number] if backwards", "return [group.desc(), last_at.desc(), number] if backwards", _LISTS),
    fault("the_next_thread_is_one_that_only_staff_see", "posts/queries/thread_lists.py",
          "clause = and_(Thread.board_id == view.board.id, thread_clause(member, view.actor, at))",
          "clause = Thread.board_id == view.board.id", _LISTS),
    fault("a_move_leaves_the_posts_behind", "posts/moving.py",
          "update(Post).where(Post.thread_id == thread.id)", "update(Post).where(Post.id == 0)", _MOVES),
    fault("a_move_takes_what_was_met", "posts/moving.py",
          'return Refusal("move_counts") if view.board.checkpoints else None', "return None", _MOVES),
    fault("a_move_shows_what_is_not_shown", "posts/moving.py",
          'if board.shown not in ("at_once", to.board.shown) or', "if", _MOVES),
    fault("what_appears_after_the_mark_is_not_new", "posts/queries/news.py",
          "            Post.appears_at > ReadMark.at,\n", "", _NEW),
    fault("an_answer_leaves_what_it_answers_new", "posts/fragments.py", "        and piece.id not in answered\n", "", f"{_NEW}::test_whoever_answers_a_post_has_read_it"),
]  # fmt: skip
