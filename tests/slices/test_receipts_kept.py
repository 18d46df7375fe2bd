"""What is kept of receipts: whole under parallel posts, found when changed in the database, keys on disk, commands, the script."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from forum.cli import main
from forum.core.db import db, transaction
from forum.receipts import keys
from forum.receipts.commands import forget_salt
from tests.conftest import Site
from tests.world import WORLD_AT, World

from .receipt_steps import chain_of, checked, receipt_of, receipts_by, sent
from .writing_steps import WORDS, posts_by, reply, written_by

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "verify_receipt.py"
Run = Callable[..., Result]


@pytest.fixture
def run(site: Site, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The `forum` command on the site of the test."""
    monkeypatch.setenv("INSTANCE", str(site.base.folder))
    url = site.app.config["DATABASE_URL"]
    monkeypatch.setenv("DATABASE_URL", str(url) if url else "")

    def forum(*words: str, given: str | None = None) -> Result:
        return CliRunner().invoke(main, ["receipts", *words], input=given)

    return forum


# --- the chain --------------------------------------------------------------------------------------------------------


def test_posts_of_many_at_once_keep_one_unbroken_chain(site: Site, world: World) -> None:
    # Each in a thread of their own: the lock of a thread must not be what keeps the chain in order.
    places = {"ana": "floods", "ben": "sources", "chidi": "questions", "dana": "own_zone"}
    before = chain_of(site).receipts
    failed: list[Exception] = []

    def post(short: str) -> None:
        try:
            for number in range(6):
                written_by(site, short, world.threads[places[short]], f"{WORDS} {number}", WORLD_AT)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=post, args=(short,)) for short in places]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    found = chain_of(site)
    assert (found.is_whole, found.receipts, found.checked) == (True, before + 24, before + 24)


def test_a_chain_does_not_branch(site: Site, world: World) -> None:
    row = receipt_of(site, world.posts["ben"])
    names = [each.name for each in type(row).__table__.c if each.name not in ("id", "public_id", "hash")]
    again = text(
        f"INSERT INTO receipt (public_id, hash, {', '.join(names)}) SELECT 'x', 'x', {', '.join(names)} FROM receipt WHERE id = {row.id}"
    )
    with site.app.app_context(), pytest.raises(IntegrityError, match=r"(?i)unique"), transaction() as session:
        session.execute(again)


CHANGES = {
    "public_id": "'other23456'", "course_id": "OTHER", "account_id": "ANOTHER", "post_id": "NULL", "revision": "2",
    "kind": "'edit'", "place": "'thread:other'", "arrived_at": "LATER", "due_at": "NULL", "limit_at": "LATER",
    "appears_at": "LATER", "verdict": "'late'", "detail": "'closed'", "previous": "'00'", "hash": "'00'",
    "salt": "'00112233445566778899aabbccddeeff'", "created_at": "LATER", "token": "TOKEN",
}  # fmt: skip


def test_every_column_of_a_receipt_is_among_the_changes_tried(site: Site, world: World) -> None:
    columns = {each.name for each in type(receipt_of(site, world.posts["ben"])).__table__.c}
    assert columns - {"id"} == set(CHANGES)


@pytest.mark.parametrize("column", CHANGES)
def test_a_change_in_the_database_is_found(site: Site, world: World, column: str) -> None:
    row = receipt_of(site, world.posts["ben"])
    value = CHANGES[column]
    if value == "LATER":
        value = "arrived_at + 60000000" if site.base.kind == "sqlite" else "arrived_at + interval '1 minute'"
    value = {"OTHER": str(world.other_course_id), "ANOTHER": str(world.people["chidi"]),
             "TOKEN": f"'{row.token[:-9]}A{row.token[-8:]}'"}.get(value, value)  # fmt: skip
    assert chain_of(site).is_whole
    with site.app.app_context(), transaction() as session:
        session.execute(text(f"UPDATE receipt SET {column} = {value} WHERE id = {row.id}"))
    assert not chain_of(site).is_whole
    assert not checked(site, row.token).result.is_good or column == "token"


@pytest.mark.parametrize("statement", [
    "DELETE FROM receipt WHERE id = {id}",
    "UPDATE receipt_chain SET head = '' WHERE course_id = {course}",
    "UPDATE revision SET source = source || ' ' WHERE post_id = {post}",
    "UPDATE revision SET arrived_at = {later} WHERE post_id = {post}",
    "UPDATE post SET arrived_at = {earlier} WHERE id = {post}",
    "UPDATE post SET author_id = {other} WHERE id = {post}",
])  # fmt: skip
def test_taking_one_out_and_changing_its_post_is_found(site: Site, world: World, statement: str) -> None:
    row = receipt_of(site, world.posts["ben"])
    lite = site.base.kind == "sqlite"
    with site.app.app_context(), transaction() as session:
        session.execute(text(statement.format(
            id=row.id, course=world.course_id, post=row.post_id, other=world.people["dana"],
            later="arrived_at + 1" if lite else "arrived_at + interval '1 microsecond'",
            earlier="arrived_at - 1" if lite else "arrived_at - interval '1 microsecond'",
        )))  # fmt: skip
    assert not chain_of(site).is_whole


def test_the_last_receipt_taken_out_with_the_head_set_back_leaves_a_post_without(
    site: Site, world: World
) -> None:
    before = chain_of(site)
    assert before.without == ()
    post = written_by(site, "ana", world.threads["floods"], WORDS, WORLD_AT)
    row = receipt_of(site, post)
    with site.app.app_context(), transaction() as session:
        session.execute(text(f"DELETE FROM receipt WHERE id = {row.id}"))
        session.execute(
            text(f"UPDATE receipt_chain SET head = '{before.head}' WHERE course_id = {world.course_id}")
        )
    found = chain_of(site)
    assert (found.problems, found.without) == ((), (post,))


def test_staff_see_the_head_and_whether_it_is_whole(site: Site, world: World) -> None:
    found = chain_of(site)
    ines = site.client("ines")
    state = ines.get(f"{world.course}/manage/state").text
    assert found.head in state
    assert "5 receipts were given in this course." in state
    page = ines.get(f"{world.course}/manage/receipts").text
    assert "Every receipt is in its place." in page
    row = receipt_of(site, world.posts["ben"])
    with site.app.app_context(), transaction() as session:
        session.execute(text(f"UPDATE receipt SET verdict = 'late' WHERE id = {row.id}"))
    page = ines.get(f"{world.course}/manage/receipts").text
    assert f"{row.public_id}: what is kept beside its token was changed (the verdict)." in page
    assert site.client("ana").get(f"{world.course}/manage/receipts").status_code == 403
    assert (
        f"{world.course}/manage/receipts" not in site.client("ada").get(f"{world.course}/manage/state").text
    )


# --- keys -------------------------------------------------------------------------------------------------------------


def test_keys_are_their_owners_only_and_no_private_part_is_published(site: Site) -> None:
    folder = site.base.folder / "keys" / "receipts"
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    answer = site.client().get("/receipts/keys.json")
    assert answer.mimetype == "application/json"
    for key in answer.json["keys"]:
        assert set(key) == {"kty", "crv", "x", "y", "use", "alg", "kid"}
    secret = json.loads((folder / "signing.json").read_text())["d"]
    assert secret not in answer.text


def test_a_rotated_key_breaks_no_receipt_and_signs_nothing_more(site: Site, world: World, run: Run) -> None:
    old = receipt_of(site, world.posts["ben"])
    folder = site.base.folder
    before = keys.signing_key(folder)
    done = run("rotate")
    assert done.exit_code == 0, done.output
    after = keys.signing_key(folder)
    assert (after.id in done.output, after.id != before.id) == (True, True)
    assert before.key.as_dict(private=True)["d"] not in (folder / "keys/receipts/signing.json").read_text()
    assert reply(site.client("ana"), site, world.threads["floods"], WORDS, "key-of-ana-1").status_code == 303
    (new,) = receipts_by(site, "ana")
    assert {before.id, after.id} <= {
        key["kid"] for key in site.client().get("/receipts/keys.json").json["keys"]
    }
    for row in (old, new):
        assert "This receipt is genuine" in sent(site.client(), row.token).text
    assert chain_of(site).is_whole


def test_two_processes_that_make_the_first_key_end_with_one(tmp_path: Path) -> None:
    made: list[str] = []
    start = threading.Barrier(4)

    def first() -> None:
        start.wait()
        made.append(keys.signing_key(tmp_path).id)

    threads = [threading.Thread(target=first) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(made) == 4
    assert len(set(made)) == 1
    assert [key["kid"] for key in keys.published(tmp_path)["keys"]] == made[:1]


def test_a_post_that_gets_no_receipt_is_no_post(
    site: Site, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, before = site.client("ana"), chain_of(site)
    path = site.base.folder / "keys" / "receipts" / "signing.json"
    whole = path.read_text()
    monkeypatch.setitem(site.app.config, "PROPAGATE_EXCEPTIONS", False)
    path.write_text("no key")
    try:
        answer = reply(ana, site, world.threads["floods"], WORDS, "key-of-ana-1")
    finally:
        path.write_text(whole)
    assert answer.status_code == 500
    assert WORDS in answer.text
    assert (posts_by(site, "ana"), chain_of(site)) == ([], before)
    assert reply(ana, site, world.threads["floods"], WORDS, "key-of-ana-1").status_code == 303
    assert chain_of(site).receipts == before.receipts + 1


# --- commands ---------------------------------------------------------------------------------------------------------


@pytest.mark.sqlite_only
def test_the_command_lists_receipts_and_its_start_loads_nothing_of_them(site: Site) -> None:
    told = CliRunner().invoke(main, ["--help"])
    assert (told.exit_code, "\n  receipts " in told.output) == (0, True)
    rare = "{'forum.receipts', 'forum.interop', 'flask', 'sqlalchemy', 'joserfc', 'cryptography'}"
    script = f"import sys, forum.cli; print(sorted({rare} & set(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert ran.stdout == "[]\n"


def test_the_command_checks_chains_and_says_by_its_end_whether_they_hold(
    site: Site, world: World, run: Run
) -> None:
    whole = run("verify")
    assert whole.exit_code == 0, whole.output
    assert (
        f"{world.slug}: 5 receipts, 0 erased, 0 segments, head {chain_of(site).head}: whole" in whole.output
    )
    assert run("verify", "--course", world.slug, "--head", chain_of(site).head).exit_code == 0
    row = receipt_of(site, world.posts["ben"])
    with site.app.app_context(), transaction() as session:
        session.execute(text(f"UPDATE receipt SET verdict = 'late' WHERE id = {row.id}"))
    broken = run("verify", "--course", world.slug)
    assert broken.exit_code == 1
    assert "NOT WHOLE" in broken.output
    assert run("verify", "--course", "none").exit_code == 2
    assert run("verify", "--course", world.slug, row.token).exit_code == 2
    assert run("verify", "--head", "00").exit_code == 2
    gone = run("verify", "--course", world.slug, "--head", "00")
    assert "is not in the chain: what led to it was taken out" in gone.output


def test_the_command_checks_one_token(site: Site, world: World, run: Run) -> None:
    row = receipt_of(site, world.posts["ben"])
    good = run("verify", row.token)
    assert (good.exit_code, good.output.split(":")[0]) == (0, "valid")
    assert "verdict on_time" in good.output
    assert run("verify", "-", given=row.token + "\n").exit_code == 0
    for token in (row.token[:-1], row.token.replace(".", ".A", 1), "x"):
        assert run("verify", token).exit_code == 1
    with site.app.app_context(), transaction() as session:
        forget_salt(session, world.people["ben"])
    erased = run("verify", row.token)
    assert (erased.exit_code, erased.output.split(":")[0]) == (0, "erased")


def test_a_new_segment_is_started_by_command_in_every_chain(site: Site, world: World, run: Run) -> None:
    before = chain_of(site).head
    done = run("new-segment", "--reason", "restore")
    assert done.exit_code == 0, done.output
    found = chain_of(site)
    assert f"{world.slug}: new segment, head {found.head}" in done.output
    assert (found.segments, found.is_whole, found.head != before) == (1, True, True)
    written_by(site, "ana", world.threads["floods"], WORDS, WORLD_AT + timedelta(hours=1))
    assert chain_of(site).is_whole
    assert run("new-segment", "--reason", "Because of it").exit_code == 2


# --- without us -------------------------------------------------------------------------------------------------------


@pytest.mark.sqlite_only
def test_the_script_checks_a_receipt_with_a_public_library_alone(
    site: Site, world: World, tmp_path: Path
) -> None:
    reply(site.client("ana"), site, world.threads["floods"], WORDS, "key-of-ana-1")
    (row,) = receipts_by(site, "ana")
    (tmp_path / "keys.json").write_bytes(site.client().get("/receipts/keys.json").data)
    (tmp_path / "words").write_text(WORDS)

    def script(token: str, *more: Any) -> subprocess.CompletedProcess[str]:
        (tmp_path / "token").write_text(token)
        command = [sys.executable, "-I", str(SCRIPT), "keys.json", "token", *map(str, more)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    good = script(row.token + "\n", row.salt, "words")
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.endswith("genuine, and these are the words that arrived\n")
    assert json.loads(good.stdout.rpartition("genuine")[0])["verdict"] == "on_time"
    (tmp_path / "words").write_text(WORDS.replace("Tuesday", "Monday"))
    assert script(row.token, row.salt, "words").returncode == 1
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = row.token[:-1] + digits[digits.index(row.token[-1]) ^ 1]
    for token in (twin, row.token[:200] + "AB" + row.token[202:], "a.b.c", row.token[:-1]):
        bad = script(token)
        assert (bad.returncode, bad.stderr[:11]) == (1, "not genuine"), bad.stderr
    source = SCRIPT.read_text()
    assert "forum" not in [
        line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import", "from"))
    ]
    assert len(source.splitlines()) < 40


def test_a_receipt_costs_the_same_few_statements_however_many_there_are(site: Site, world: World) -> None:
    from .grading import statements

    def cost() -> int:
        with statements(site) as seen:
            written_by(site, "ana", world.threads["floods"], WORDS, WORLD_AT)
        return len([each for each in seen if "receipt" in each.lower()])

    first = cost()
    for _number in range(5):
        cost()
    assert cost() == first <= 3
    with site.app.app_context():
        db.session.rollback()
