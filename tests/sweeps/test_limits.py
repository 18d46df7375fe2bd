"""Is guessing held back, at every door, over restarts, and never at the cost of who is signed in?"""

from datetime import timedelta

import pytest

from forum import create_app
from forum.core import limits
from forum.core.db import db, transaction
from forum.core.errors import TooMany
from tests.conftest import Site
from tests.sweeps.ground import Browser, browser, token_of
from tests.sweeps.signing_in import failed_before, failing, sign_in
from tests.world import WORLD_AT

OFFSITE = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "http://evil.example", "https://evil.example/c", "http:evil.example", "http:/evil.example", "HTTP://evil.example",
    "/\t/evil.example", "\t//evil.example", " //evil.example", "/\n/evil.example", "\r\n//evil.example", "/\r/evil.example",
    "javascript:alert(1)", "data:text/html,x", "//evil.example/%2f..", "/%0a/evil.example/..//evil.example",
    "http://localhost@evil.example", "//localhost:80@evil.example", "/.//evil.example", "/..//evil.example",
    "evil.example", "?next=//evil.example", "/\u2028/evil.example", "//\u3002evil.example", "/\\\\/evil.example",
]  # fmt: skip


@pytest.mark.sqlite_only
def test_guessing_at_one_account_is_held_back_wherever_it_comes_from_and_over_a_restart(site: Site) -> None:
    email = site.world.emails["ana"]
    failed_before(site, 8, email, "192.0.2.1")
    statuses = [failing(site, email, f"192.0.2.{number}").status_code for number in (2, 3, 4)]
    assert statuses == [422, 422, 429]
    held = failing(site, email, "192.0.2.99")
    assert 0 < int(held.headers["Retry-After"]) <= 16 * 60
    assert sign_in(site, browser(site, None)).status_code == 429, "the right password is no way round"
    with site.app.app_context():
        db.session.remove()
    if site.base.kind == "sqlite":
        again = create_app(
            {
                "INSTANCE": site.base.folder,
                "SECRET_KEY": "for tests only",
                "DURABLE": False,
                "PUBLIC_URL": "http://localhost",
            }
        )
        client = Browser(again, again.response_class, use_cookies=True)
        assert sign_in(site, client).status_code == 429
        with again.app_context():
            db.session.remove()
            db.engine.dispose()
    site.at(WORLD_AT + timedelta(minutes=17))
    assert sign_in(site, browser(site, None)).status_code == 303


@pytest.mark.sqlite_only
def test_an_address_is_held_back_for_failures_only_and_never_keeps_a_signed_in_person_from_posting(
    site: Site,
) -> None:
    failed_before(site, 48, "somebody@example.org", "127.0.0.1")
    for _number in range(3):
        assert sign_in(site, browser(site, None)).status_code == 303
    statuses = [failing(site, f"nobody-{number}@example.org", "127.0.0.1").status_code for number in range(4)]
    assert statuses == [422, 422, 429, 429]
    world, ana = site.world, browser(site, "ana")
    path = f"{world.course}/threads/{world.threads['floods']}/replies"
    fields = {
        "csrf_token": token_of(ana),
        "text": "Ten words at least, so that this one counts as an answer.",
        "key": "k" * 10,
    }
    assert ana.post(path, data=fields).status_code == 303
    claimed = {"X-Forwarded-For": "198.51.100.7"}
    assert (
        sign_in(site, browser(site, None), email="x@example.org", password="y", headers=claimed).status_code
        == 429
    )


@pytest.mark.sqlite_only
def test_rule_19_an_attempt_counts_for_its_period_and_not_a_moment_longer(site: Site) -> None:
    period = timedelta(minutes=15)
    with site.app.app_context():
        with transaction() as session:
            for _number in range(3):
                limits.count(session, "a-key", at=WORLD_AT)
        with pytest.raises(TooMany) as held:
            limits.check(
                db.session(), "a-key", at=WORLD_AT + period - timedelta(microseconds=1), most=3, period=period
            )
        assert held.value.retry_after == 1
        limits.check(db.session(), "a-key", at=WORLD_AT + period, most=3, period=period)
        limits.check(db.session(), "another-key", at=WORLD_AT, most=3, period=period)
        db.session.rollback()
