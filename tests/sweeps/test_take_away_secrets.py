"""What people take away, byte by byte: their own words, and nothing of anybody else's, seen or unseen."""

import io
import zipfile

import pytest
from sqlalchemy import select

from forum.accounts.models import Account
from forum.core.db import db
from forum.posts.models import Draft, Revision, Thread
from tests.conftest import Site
from tests.sweeps.canaries import CANARIES
from tests.sweeps.ground import EVERYBODY, Ids, browser

OWN = {"ben": "SECRET-DRAFT of Ben", "chidi": "SECRET-SCHEDULED words", "ines": "SECRET-UNOPENED-THREADS words", "tariq": "SECRET-WAITING"}  # fmt: skip


def inside(site: Site, short: str | None) -> str:
    """Names and bytes of everything in the zips that somebody gets; empty if there is none for them."""
    client, found = browser(site, short), ""
    courses = (site.world.slug, site.world.other_slug)
    for path in ("/mine/take-away.zip", *(f"/mine/take-away/{slug}.zip" for slug in courses)):
        answer = client.get(path)
        if answer.status_code != 200:
            continue
        with zipfile.ZipFile(io.BytesIO(answer.get_data())) as opened:
            for name in opened.namelist():
                found += f"{name}\n{opened.read(name).decode('utf-8', 'replace')}\n"
    return found


@pytest.mark.sqlite_only
@pytest.mark.parametrize("short", EVERYBODY)
def test_nothing_of_others_is_in_what_one_takes_away(grown: Site, ids: Ids, short: str | None) -> None:
    found = inside(grown, short)
    assert [canary.text for canary in CANARIES if short not in canary.may and canary.text in found] == []
    own_id = grown.world.people.get(short or "", 0)
    with grown.app.app_context():
        written = {
            kind: db.session.execute(select(whose, what)).all()
            for kind, whose, what in (
                ("text", Revision.author_id, Revision.source), ("draft", Draft.account_id, Draft.source),
                ("title", Thread.author_id, Thread.title), ("name", Account.id, Account.name),
                ("address", Account.id, Account.email),
            )
        }  # fmt: skip
    own = {words for rows in written.values() for whose, words in rows if whose == own_id}
    others = [
        (kind, words)
        for kind, rows in written.items()
        for whose, words in rows
        if whose is not None and whose != own_id and words and words not in own and words in found
    ]
    assert others == []
    assert OWN.get(short or "", "") in found
