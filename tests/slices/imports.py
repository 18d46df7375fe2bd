"""What tests of imports share: uploading, reading reports, and a digest of every table."""

import hashlib
import io
import re
from pathlib import Path

from sqlalchemy import select

from forum.core.db import db
from tests.client import CheckingClient
from tests.conftest import Site

APART = frozenset(("sign_in_session", "one_time_token", "attempts"))


def digest_of_tables(site: Site) -> dict[str, str]:
    """A digest of all rows of each table but for sessions and links."""
    found = {}
    with site.app.app_context():
        for table in db.metadata.sorted_tables:
            if table.name in APART:
                continue
            rows = sorted(repr(tuple(row)) for row in db.session.execute(select(table)))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        db.session.remove()
    return found


def uploads_of(site: Site) -> list[Path]:
    return [path for path in (Path(site.app.instance_path) / "uploads").rglob("*") if path.is_file()]


def upload(
    client: CheckingClient, address: str, content: bytes | str | io.BytesIO, name: str = "f", **fields: object
) -> str:
    """Upload a file and give the address of its report."""
    answer = upload_answer(client, address, content, name, **fields)
    assert answer.status_code == 303, words_of(answer.text)[:3000]
    return answer.headers["Location"]


def upload_answer(client, address, content, name="f", **fields):  # type: ignore[no-untyped-def]
    if isinstance(content, io.BytesIO):
        content = content.getvalue()
    raw = content.encode() if isinstance(content, str) else content
    sent = {"csrf_token": client.token(), "file": (io.BytesIO(raw), name), **fields}
    return client.post(address, data=sent, content_type="multipart/form-data")


def words_of(page: str) -> str:
    """A page's words as one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split())


def counts_of(page: str) -> dict[str, int]:
    """The sums above a report."""
    part = page.partition('class="report-sum"')[2].partition("</ul>")[0]
    return {
        label.strip(): int(number) for number, label in re.findall(r"<strong>(\d+)</strong>([^<]+)<", part)
    }
