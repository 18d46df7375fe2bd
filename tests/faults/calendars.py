"""Faults in the calendar at a secret address: what it tells, when an entry ends, whom it opens for."""

from .planting import fault

_QUERIES, _ENTRIES, _VIEWS = (f"interop/calendars/{name}.py" for name in ("queries", "entries", "views"))
_TESTS = "slices/test_calendars.py"

FAULTS = [
    fault("an_entry_ends_when_it_is_over", _QUERIES,
          "ends_at=last_minute_at(due)", "ends_at=due", _TESTS),
    fault("a_calendar_tells_what_is_not_asked", _QUERIES,
          'met.state in ("excused", "not_asked")', "False", _TESTS),
    fault("a_suspended_person_has_a_calendar", _QUERIES, "Account.suspended_at.is_(None),", "", _TESTS),
    fault("a_calendar_secret_is_kept_in_the_clear", "interop/calendars/commands.py",
          '"token_hash": token_hash(token)', '"token_hash": token', _TESTS),
    fault("a_calendar_says_that_nothing_changed", _VIEWS,
          "response.set_etag(text_digest(body)[:32])", 'response.set_etag("due")', _TESTS),
    fault("a_calendar_is_guessed_at_for_ever", _VIEWS, "        pace.count(stranger,", "        (lambda *_, **__: None)(stranger,", _TESTS),
]  # fmt: skip
