"""Faults that lose the words of a second window, or of one that the forum did not hear for a while."""

from .planting import fault

_DRAFTS, _COUNTING, _ADDRESSES = "posts/drafts.py", "posts/views/counting.py", "web/addresses.py"
_TESTS = "slices/test_writing_windows.py"

FAULTS = [
    fault("a_post_takes_the_draft_of_another_window", "posts/views/composer.py",
          "    return replace(written, seen=number_in(form.seq.data))\n", "    return written\n",
          f"{_TESTS}::test_a_post_leaves_the_draft_that_another_window_saved_meanwhile"),
    fault("numbers_alone_say_whose_a_draft_is", _DRAFTS,
          'Draft.sequence < bindparam("seen", type_=Integer())', 'Draft.sequence <= bindparam("seen", type_=Integer())',
          f"{_TESTS}::test_a_post_sent_while_another_windows_save_has_the_same_number_leaves_it"),
    fault("what_was_posted_is_said_not_to_be", "posts/views/drafts.py",
          "is_draft=saved is not None)", "is_draft=True)",
          f"{_TESTS}::test_words_that_were_posted_before_the_way_was_lost_are_said_to_be"),
    fault("what_would_count_leaves_out_the_minimum", _COUNTING,
          "    if words < min(rule.min_words for rule in rules):\n", "    if False:\n",
          f"{_TESTS}::test_words_under_the_minimum_are_said_not_to_count"),
    fault("who_may_not_post_is_asked_to", _COUNTING,
          "            if refusal is not None:\n", "            if refusal is not None and False:\n",
          f"{_TESTS}::test_words_for_a_closed_board_are_said_not_to_be_taken"),
    fault("a_script_is_led_on_before_it_looks", _ADDRESSES,
          "leads = response.status_code == 303", "leads = False",
          f"{_TESTS}::test_the_address_of_a_deed_is_told_to_who_asks_for_it"),
]  # fmt: skip
