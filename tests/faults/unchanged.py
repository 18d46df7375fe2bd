"""Faults in telling a browser again that its page is unchanged (core/unchanged.py)."""

from .planting import fault

_KEPT = "slices/test_kept_pages.py"
_BROWSER = "slices/test_unchanged.py::test_what_one_browser_has_is_not_told_to_another"
_PLACE = "core/unchanged.py"

FAULTS = [
    fault("whoever_had_a_page_is_told_that_it_is_unchanged", _PLACE,
          "return self.ask(instant) is self.found", "return True",
          f"{_KEPT}::test_what_is_kept_is_no_way_past_a_door"),
    fault("a_page_is_unchanged_past_an_instant_of_its_board", _PLACE,
          "self.until is not None and instant >= self.until", "self.until is not None and instant > self.until",
          f"{_KEPT}::test_a_kept_page_changes_at_each_instant_of_its_board_and_not_a_microsecond_before"),
    fault("another_browser_is_told_what_one_has", _PLACE,
          'environ.get("HTTP_COOKIE"), environ["PATH_INFO"]', 'environ["PATH_INFO"]',
          _BROWSER),
    fault("a_foreign_host_is_told_what_one_has", _PLACE,
          'environ.get("HTTP_HOST"), environ', "environ", _BROWSER),
    fault("a_draft_set_to_be_posted_waits_for_a_changed_page", "posts/views/thread_pages.py",
          "told.until, asking.row.first_look_at,", "told.until,", "slices/test_posted_for_me.py::test_it_follows_an_extension_until_carried_out_and_is_never_undone_after"),
]  # fmt: skip
