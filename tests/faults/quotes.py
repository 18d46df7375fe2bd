"""Faults in quotes: whose words are shown to whom, how long, and what is kept of them."""

from .planting import fault

_QUOTES = "slices/test_quotes.py"
_QUERY = "posts/queries/quotes.py"

FAULTS = [
    fault("a_quote_outlives_its_source", _QUERY,
          'case((Post.removed_at.is_(None), ""),', 'case((Post.id > 0, ""),',
          f"{_QUOTES}::test_when_its_source_is_removed_the_quote_says_by_whom_and_not_what"),
    fault("a_quote_is_for_all", _QUERY, "        seen_posts(view),\n", "", _QUOTES),
    fault("a_quote_of_a_thread_that_one_does_not_see", _QUERY,
          "        thread_clause(view.member, view.actor, view.at),\n", "", _QUOTES),
    fault("a_kept_page_does_not_know_what_it_quotes", "posts/fragments.py", "view.quotes.key, bool", "bool", _QUOTES),
    fault("an_unchanged_page_does_not_know_what_it_quotes", "posts/views/thread_pages.py",
          "        or view.quotes is not NO_QUOTES\n", "", _QUOTES),
    fault("what_waits_is_told_by_what_it_quotes", _QUERY, "        if row.for_all:\n", "        if True:\n", _QUOTES),
    fault("a_removed_post_is_quoted_anew", "posts/citing.py", "Post.removed_at.is_(None), ", "", _QUOTES),
    fault("words_from_before_a_post_was_for_all_are_quoted", _QUERY, ", was_shown(Citation.revision))", ")", _QUOTES),
    fault("a_preview_names_an_anonymous_author", "posts/citing.py",
          'shown_name(view.member, row.name, anonymous=row.anonymity != "none")', "row.name", _QUOTES),
    fault("quoted_words_are_ones_own", "core/words.py", " if not is_quote_mark(line))", ")", _QUOTES),
]  # fmt: skip
