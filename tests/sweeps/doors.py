"""Which right each door asks for: product.md, "Who may do what", door by door, restated from the addresses.

The matrix of `test_gates` says who has a right; this says that a door asks for the right one. The first line that
matches an address counts.
"""

import re

from tests.sweeps.ground import READS, Route

_COURSE = r"/c/<course>"
_RIGHTS: list[tuple[str, str, str]] = [
    # method ("*": any), address, right
    ("*", r"/admin(/.*)?", "ADMINISTER"),
    ("*", _COURSE + r"/manage/visit", "ADMINISTER"),
    ("*", _COURSE + r"/manage/state", "SET_UP"),
    ("*", _COURSE + r"/manage/accommodations(/.*)?", "EXTEND"),
    ("*", _COURSE + r"/manage/requests(/.*)?", "EXTEND"),
    ("*", _COURSE + r"/boards/<board>/more-time(/.*)?", "ASK_FOR_TIME"),
    ("*", _COURSE + r"/manage/boards/<board>/(extensions|excusals|outages)(/.*)?", "EXTEND"),
    ("GET", _COURSE + r"/manage/receipts", "SEE_PARTICIPATION"),
    ("*", _COURSE + r"/manage/tags(/<tag>)?", "MODERATE"),
    ("*", _COURSE + r"/manage(/.*)?", "MANAGE_CONTENT"),
    ("GET", _COURSE + r"/dates", "READ"),  # the view tells apart who changes dates, other staff and others
    ("*", _COURSE + r"/dates(/.*)?", "MANAGE_CONTENT"),
    ("GET", _COURSE + r"/people", "SEE_PEOPLE"),
    ("*", _COURSE + r"/people/.*", "MANAGE_PEOPLE"),
    ("*", _COURSE + r"/as-student(/leave)?", "SEE_AS_STUDENT"),
    ("GET", _COURSE + r"/grades", "READ"),  # the view tells staff, students and others apart
    ("GET", _COURSE + r"/grades\.csv", "SEE_PARTICIPATION"),
    ("GET", _COURSE + r"/progress(\.csv)?", "SEE_PARTICIPATION"),
    ("*", _COURSE + r"/boards/<board>/participation(\.csv)?", "SEE_PARTICIPATION"),
    ("*", _COURSE + r"/boards/<board>/grading(/.*)?", "GRADE"),
    ("*", _COURSE + r"/boards/<board>/release", "RELEASE"),
    ("POST", _COURSE + r"/threads/<thread>/state", "MODERATE"),
    ("*", _COURSE + r"/threads/<thread>/move", "MODERATE"),
    ("POST", _COURSE + r"/posts/<post>/marks", "MODERATE"),
    ("*", _COURSE + r"/posts/<post>/split", "MODERATE"),
    ("*", _COURSE + r"/boards/<board>/(new|threads)", "POST"),
    ("*", _COURSE + r"/boards/<board>/staff-question", "ASK_STAFF"),
    ("POST", _COURSE + r"/threads/<thread>/consent", "ASK_STAFF"),
    ("POST", _COURSE + r"/threads/<thread>/opening", "MODERATE"),
    ("*", _COURSE + r"/threads/<thread>/(replies|tags)", "POST"),
    ("*", _COURSE + r"/posts/<post>/private", "REPLY_PRIVATELY"),
    ("*", _COURSE + r"/posts/<post>/(reply|replies|edit|removal|waiting)", "POST"),
    ("*", _COURSE + r"/(drafts/<place>(/files(/<file>)?)?|preview)", "POST"),
    ("POST", _COURSE + r"/threads/<thread>/(read|star)", "READ"),
    ("POST", _COURSE + r"/posts/<post>/new", "READ"),
    ("GET", _COURSE + r"/threads/<thread>/(next|previous|print)", "READ"),
    ("*", _COURSE + r"/posts/<post>/flag", "FLAG"),
    ("*", _COURSE + r"/moderation(/.*)?", "MODERATE"),
    ("POST", _COURSE + r"/lessons/<lesson>/done", "READ"),
    (
        "GET",
        _COURSE + r"(/boards/<board>|/threads/<thread>|/posts/<post>(/revisions|/receipts|/files/<file>)?)?",
        "READ",
    ),
    ("GET", _COURSE + r"/lessons/<lesson>(/files/<file>)?", "READ"),
    ("*", r"/receipts/(verify|keys\.json)", "public"),
    ("GET", r"/receipts/<receipt>", "signed in"),
    ("GET", r"/mine/take-away(\.zip|/<course>\.zip)?", "signed in"),
    ("*", r"/(mine|settings(/.*)?)", "signed in"),
    ("*", r"/(sign-in|sign-out|forgotten|invitations/<token>)?", "public"),
    ("GET", r"/calendar/<token>\.ics", "public"),
    ("*", r"/(healthz|heartbeat|assets/<name>)", "public"),
]


def right_at(route: Route) -> str | None:
    """The right that the product names for a door; None for a page to read that is not named here."""
    for method, address, right in _RIGHTS:
        if method in ("*", route.method) and re.fullmatch(address, route.rule.rule):
            return right
    return None if route.method in READS else "a right that tests/sweeps/doors.py names"


def right_asked(route: Route) -> str:
    """The right that its gate asks for."""
    assert route.gate is not None
    return route.gate.action.name if route.gate.action else route.gate.kind.replace("_", " ")
