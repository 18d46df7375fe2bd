"""Faults of what is handed in now and shown later, and of drafts that are posted for their authors."""

from .planting import fault

_MEANWHILE = "slices/test_shown_later_meanwhile.py"
_LATER, _MINE = "slices/test_shown_later.py", "slices/test_posted_for_me.py"

FAULTS = [
    fault("a_waiting_post_is_kept_for_all_of_a_kind", "posts/queries/post_pages.py",
          "        of_kind = shared_terms(at)\n", "        of_kind = or_(shared_terms(at), readers_terms(reader, at, staff=staff))\n", f"{_LATER}::test_what_its_author_sees_is_kept_for_nobody_else"),
    fault("a_waiting_post_comes_a_moment_late", "posts/queries/appearing.py",
          "and_(Post.appears_at <= at, came)", "and_(Post.appears_at < at, came)", f"{_LATER}::test_rule_15_a_post_is_handed_in_now_and_there_for_others_from_its_instant_on"),
    fault("a_waiting_post_changes_its_thread", "posts/adding.py", "    if not waits and private_with is None:\n        _GROWN", "    if private_with is None:\n        _GROWN", f"{_LATER}::test_a_page_that_is_kept_by_others_does_not_change_before_and_does_at_the_instant"),
    fault("an_edit_of_a_waiting_post_changes_its_thread", "posts/commands.py",
          "    if post.appears_at <= issued_at and not", "    if not", f"{_LATER}::test_a_page_that_is_kept_by_others_does_not_change_before_and_does_at_the_instant"),
    fault("a_waiting_thread_is_seen_by_staff", "posts/queries/visibility.py", "        return and_(there, or_(for_them,", "        return and_(or_(for_them,", f"{_LATER}::test_no_page_shows_others_a_word_of_it_before"),
    fault("what_was_withdrawn_counts", "posts/queries/board_views.py",
          "    .where(not_withdrawn(), for_all())\n", "    .where(for_all())\n", f"{_LATER}::test_handed_in_on_after_own_and_withdrawn_before_it_appears_opens_nothing_and_counts_for_nothing"),
    fault("what_waits_is_kept_as_opened", "posts/queries/board_views.py",
          "opened_at is not None and opened_at <= at and not", "opened_at is not None and not", f"{_LATER}::test_handed_in_on_after_own_and_withdrawn_before_it_appears_opens_nothing_and_counts_for_nothing"),
    fault("who_left_still_appears", "posts/queries/appearing.py",
          "and_(not_withdrawn(), author_stayed(Post))", "not_withdrawn()", f"{_MEANWHILE}::test_it_does_not_appear_if_its_author_has_left_the_course_by_then"),
    fault("appeared_posts_keep_a_place_for_the_time_being", "posts/commands.py",
          "    if view.last_scheduled is not None and settle_appeared(session, view.thread.id, now):", "    if False:", f"{_LATER}::test_its_place_is_where_it_appeared_and_stays_there"),
    fault("an_edit_tells_when_it_was_handed_in", "posts/post_shapes.py",
          "bool(row.edited_at > row.appears_at)", "True", f"{_LATER}::test_handed_in_2350_for_0800_and_a_comma_mended_at_0020_is_on_time_judged_as_of_2350"),
    fault("the_first_text_tells_when_it_was_handed_in", "posts/views/single_posts.py",
          "since_shown=not everything", "since_shown=False", f"{_LATER}::test_handed_in_2350_for_0800_and_a_comma_mended_at_0020_is_on_time_judged_as_of_2350"),
    fault("it_may_be_shown_after_the_next_limit", "posts/rules.py",
          "shown_at >= next_limit", "shown_at > next_limit", f"{_LATER}::test_an_instant_that_cannot_be_is_refused_beside_its_field"),
    fault("nobody_who_comes_posts_the_draft", "web/way.py",
          "asking.row.first_look_at <= at:", "False:", f"{_MINE}::test_any_read_from_the_due_instant_on_settles_it_first"),
    fault("the_draft_arrives_when_somebody_comes", "posts/entrusting.py",
          "arrived_at = due - _MOMENT", "arrived_at = at", f"{_MINE}::test_its_receipt_says_when_it_arrived"),
    fault("the_draft_is_posted_beside_a_post_by_hand", "posts/entrusting.py",
          'if met.met_at is not None or met.state == "excused":', "if False:", f"{_MINE}::test_a_post_by_hand_that_meets_it_leaves_the_draft_alone_and_says_so"),
    fault("a_later_due_instant_is_not_followed", "posts/entrusting.py",
          "if due is None or due > at:", "if due is None:", f"{_MINE}::test_it_follows_an_extension_until_carried_out_and_is_never_undone_after"),
    fault("staff_read_what_waits_by_its_receipt", "posts/receipting.py",
          "            or_(Post.author_id == reader_id, appeared(at)),\n", "",
          "sweeps/test_secrets.py::test_nobody_comes_upon_what_is_not_theirs[sqlite-ines]"),
]  # fmt: skip
