"""A receipt is of words and files: a file that is changed, put in or taken out behind the forum's back is found."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from forum.cli import main
from forum.core.db import transaction
from forum.core.files import path_of
from forum.posts.models import Revision
from forum.receipts.rules import words_digest
from tests.conftest import Site
from tests.slices.file_steps import (
    PDF,
    draft_files,
    files_of,
    last_post,
    marks,
    picture,
    reply_with,
    rows,
    send,
)
from tests.slices.receipt_steps import checked, receipt_of, receipts_by, sent
from tests.slices.test_more_time_taken_in import ARRIVED, granted, wished
from tests.slices.writing_steps import WORDS
from tests.world import WORLD_AT

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "verify_receipt.py"
TWO = [(picture(), "map.jpg"), (PDF, "plan.pdf")]
Run = Callable[..., Result]


@pytest.fixture
def run(site: Site, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`forum receipts` on the site of the test."""
    monkeypatch.setenv("INSTANCE", str(site.base.folder))
    url = site.app.config["DATABASE_URL"]
    monkeypatch.setenv("DATABASE_URL", str(url) if url else "")
    return lambda *words: CliRunner().invoke(main, ["receipts", *words])


def bytes_of(site: Site, number: int = 0) -> Path:
    with site.app.app_context():
        return path_of(rows(site)[number].stored_as)


def alter(path: Path) -> None:
    """One bit of a file, its size and time as they were."""
    about, content = path.stat(), bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def test_a_receipt_covers_words_and_files_in_their_order(site: Site, run: Run) -> None:
    reply_with(site.client("ana"), site, TWO)
    receipt, digests = receipt_of(site, last_post(site).public_id), [each.sha256 for each in files_of(site)]
    check = checked(site, receipt.token)
    assert check.result.is_good
    assert check.statement is not None
    assert check.statement.words == words_digest(receipt.salt or "", WORDS, digests)
    assert check.statement.words != words_digest(receipt.salt or "", WORDS)
    page = site.client("ana").get(f"/receipts/{receipt.public_id}").text
    assert all(digest in page for digest in digests)
    assert "plan.pdf" in page
    assert run("verify").exit_code == 0


def test_a_changed_file_is_found_on_the_page_of_its_receipt_and_by_the_command(site: Site, run: Run) -> None:
    reply_with(site.client("ana"), site, TWO)
    receipt, ana = receipt_of(site, last_post(site).public_id), site.client("ana")
    assert "not kept as it arrived" not in ana.get(f"/receipts/{receipt.public_id}").text
    alter(bytes_of(site, 1))
    assert "not kept as it arrived" in ana.get(f"/receipts/{receipt.public_id}").text
    told = run("verify", "--course", site.world.slug)
    assert (told.exit_code, receipt.public_id in told.output) == (1, True)
    assert run("verify", receipt.token).exit_code == 1


def test_a_file_that_is_gone_is_found_on_the_page_of_the_chain_too(site: Site, run: Run) -> None:
    reply_with(site.client("ana"), site, TWO)
    receipt, where = receipt_of(site, last_post(site).public_id), f"{site.world.course}/manage/receipts"
    assert receipt.public_id not in site.client("ines").get(where).text
    bytes_of(site).unlink()
    assert receipt.public_id in site.client("ines").get(where).text
    assert run("verify").exit_code == 1


def test_a_file_taken_out_of_its_text_is_found(site: Site, run: Run) -> None:
    reply_with(site.client("ana"), site, TWO)
    with site.app.app_context(), transaction() as session:
        session.execute(update(Revision).where(Revision.post_id == last_post(site).id).values(files=None))
    assert run("verify").exit_code == 1


def test_an_edit_has_a_receipt_of_its_files_and_the_first_keeps_its_own(site: Site, run: Run) -> None:
    ana = site.client("ana")
    reply_with(ana, site, TWO)
    post = last_post(site).public_id
    path = f"{site.world.course}/posts/{post}/edit"
    first = files_of(site)[0]
    site.at(WORLD_AT + timedelta(minutes=5))
    assert (
        send(
            ana, path, [(b"more", "t.csv")], files=marks(ana.get(path).text), revision="1", drop=first.id
        ).status_code
        == 303
    )
    mine = receipts_by(site, "ana")
    assert [row.kind for row in mine] == ["accepted", "edit"]
    digests = [each.sha256 for each in files_of(site)]
    statement = checked(site, mine[1].token).statement
    assert statement is not None
    assert statement.words == words_digest(mine[1].salt or "", WORDS, digests)
    assert run("verify").exit_code == 0
    alter(bytes_of(site, 0))  # that which only the first text had
    assert (checked(site, mine[0].token).result.is_good, checked(site, mine[1].token).result.is_good) == (
        False,
        True,
    )


def test_words_and_files_are_checked_by_anyone_who_holds_them(site: Site, tmp_path: Path) -> None:
    reply_with(site.client("ana"), site, TWO)
    receipt, names = receipt_of(site, last_post(site).public_id), []
    digests = "\n".join(each.sha256 for each in files_of(site))
    ana, salt = site.client("ana"), receipt.salt or ""
    assert "are those that arrived" in sent(ana, receipt.token, salt=salt, words=WORDS, files=digests).text
    assert "not those that arrived" in sent(ana, receipt.token, salt=salt, words=WORDS).text
    for name, content in (
        ("keys", json.dumps(ana.get("/receipts/keys.json").json)),
        ("token", receipt.token),
        ("words", WORDS),
    ):
        (tmp_path / name).write_text(content)
        names.append(str(tmp_path / name))
    for number, file in enumerate(files_of(site)):
        where = f"{site.world.course}/posts/{last_post(site).public_id}/files/{file.id}"
        (tmp_path / f"file-{number}").write_bytes(ana.get(where).data)
    kept = [str(tmp_path / "file-0"), str(tmp_path / "file-1")]

    def told(*files: str) -> int:
        words = [sys.executable, str(SCRIPT), names[0], names[1], salt, names[2], *files]
        return subprocess.run(words, capture_output=True, check=False).returncode

    assert told(*kept) == 0
    assert told() == told(kept[0]) == told(*kept[::-1]) == 1


def test_what_was_refused_is_proved_with_its_files_and_taken_in_with_them(site: Site, run: Run) -> None:
    site.at(ARRIVED)
    assert reply_with(site.client("ana"), site, TWO, key="key-of-refused-words").status_code == 409
    (refused,) = receipts_by(site, "ana")
    statement, kept = checked(site, refused.token).statement, draft_files(site)
    assert statement is not None
    assert statement.words == words_digest(refused.salt or "", WORDS, [each.sha256 for each in kept])
    granted(site, wished(site), text="Yes.")
    assert last_post(site).arrived_at == ARRIVED
    assert list(files_of(site)) == kept
    assert {row.place_kind for row in rows(site)} == {"post"}
    assert run("verify").exit_code == 0
