"""The case table of docs/time.md, row by row."""

from datetime import UTC, date, datetime, time

from forum.core.moments import Wall


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


CASES: tuple[tuple[str, Wall, datetime], ...] = (
    ("Europe/Madrid", Wall(date(2026, 11, 26)), _at("2026-11-26T23:00:00Z")),
    ("America/New_York", Wall(date(2026, 3, 8), time(2, 30)), _at("2026-03-08T07:01:00Z")),
    ("America/New_York", Wall(date(2026, 11, 1), time(1, 30)), _at("2026-11-01T06:31:00Z")),
    ("Africa/Cairo", Wall(date(2026, 4, 23)), _at("2026-04-23T22:00:00Z")),
    ("Africa/Cairo", Wall(date(2026, 10, 29)), _at("2026-10-29T22:00:00Z")),
    ("Asia/Beirut", Wall(date(2026, 10, 24)), _at("2026-10-24T22:00:00Z")),
    ("America/Havana", Wall(date(2024, 11, 2)), _at("2024-11-03T04:00:00Z")),
    ("America/St_Johns", Wall(date(2010, 11, 6)), _at("2010-11-07T03:30:00Z")),
    ("America/Nuuk", Wall(date(2026, 10, 24)), _at("2026-10-25T02:00:00Z")),
    ("Pacific/Apia", Wall(date(2011, 12, 30)), _at("2011-12-30T10:00:00Z")),
    ("Pacific/Apia", Wall(date(2011, 12, 29)), _at("2011-12-30T10:00:00Z")),
    ("Asia/Kathmandu", Wall(date(2026, 11, 26)), _at("2026-11-26T18:15:00Z")),
    ("Australia/Eucla", Wall(date(2026, 11, 26)), _at("2026-11-26T15:15:00Z")),
    ("Pacific/Chatham", Wall(date(2026, 11, 26)), _at("2026-11-26T10:15:00Z")),
    ("Australia/Lord_Howe", Wall(date(2026, 4, 4)), _at("2026-04-04T13:00:00Z")),
    ("Australia/Lord_Howe", Wall(date(2026, 10, 4), time(2, 15)), _at("2026-10-03T15:31:00Z")),
    ("Pacific/Kiritimati", Wall(date(2026, 11, 26)), _at("2026-11-26T10:00:00Z")),
    ("Pacific/Niue", Wall(date(2026, 11, 26)), _at("2026-11-27T11:00:00Z")),
)
