"""Faults that put posts which are held or private where all may read them, or keep them from those who may."""

from .planting import fault

_APART = "slices/test_set_apart.py"
_FIRST = f"{_APART}::test_whoever_opens_the_page_first_only_its_author_and_staff_read_it"

FAULTS = [
    fault("what_is_a_readers_own_is_kept_for_all", "posts/queries/post_pages.py",
          "        of_kind = shared_terms(at)\n", "        of_kind = or_(shared_terms(at), readers_terms(reader, at, staff=False))\n",
          f"{_APART}::test_the_same_holds_after_all_that_is_kept_was_made_anew"),
    fault("a_page_with_what_is_set_apart_is_kept", "posts/views/page_keys.py",
          "        and not view.beside\n", "", f"{_APART}::test_it_is_new_to_staff_until_they_read_to_it_and_to_nobody_else", _FIRST),
    fault("a_reply_names_whom_it_answers_in_what_is_held", "posts/post_shapes.py",
          " and (not row.parent_apart or self._viewer[0])", "",
          f"{_APART}::test_a_reply_to_what_was_held_since_does_not_name_its_author"),
    fault("a_held_post_stands_at_the_end", "posts/beside.py",
          "places[bisect_right(paths, order)]", "places[-1]",
          f"{_APART}::test_it_stands_under_the_post_that_it_answers_with_its_authors_links"),
    fault("what_is_held_can_be_answered", "posts/rules.py",
          'return "parent_held" if post.held_at is not None else None', "return None",
          f"{_APART}::test_nobody_replies_to_it_and_words_written_so_are_kept"),
    fault("what_was_held_counts_as_no_post_for_its_readers", "posts/views/thread_pages.py",
          "            total=fragment.total or self.beside,\n", "            total=fragment.total,\n",
          f"{_APART}::test_the_first_of_a_discussion_is_on_its_authors_page_alone"),
]  # fmt: skip
