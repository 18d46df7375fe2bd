"""Setting up by command: terms, courses, accounts, rosters and courses from files, with the words of the browser."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from forum.accounts.models import Account
from forum.cli import main
from forum.core.db import db
from forum.courses.models import Course
from tests.conftest import Site
from tests.files.oneroster_builder import school_11

from .imports import digest_of_tables, uploads_of
from .test_cartridge_import_browser import HOSTILE, canvas_course

Run = Callable[..., Result]


@pytest.fixture
def run(site: Site, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The `forum` command on the site of the test."""
    monkeypatch.setenv("INSTANCE", str(site.base.folder))
    url = site.app.config["DATABASE_URL"]
    monkeypatch.setenv("DATABASE_URL", str(url) if url else "")

    def forum(*words: str | Path) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words])

    return forum


def course(site: Site, code: str) -> Course | None:
    with site.app.app_context():
        return db.session.scalars(select(Course).where(Course.code == code)).first()


def test_help_lists_the_commands_of_rooms_and_running_a_site_loads_none_of_them(run: Run) -> None:
    told = run("--help").output
    for name in ("run", "due", "zones", "course", "roster"):
        assert re.search(rf"^  {name} ", told, re.MULTILINE), name
    asked = (
        "import click, sys; from forum.cli import main; assert main.get_command(click.Context(main), 'run'); "
    )
    loaded = (
        asked
        + "print(sorted(name for name in sys.modules if name in ('flask', 'forum.boards', 'forum.interop')))"
    )
    found = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_term_and_a_course_are_made_by_command(site: Site, run: Run) -> None:
    assert (
        run(
            "term",
            "create",
            "--code",
            "2027-s",
            "--title",
            "S",
            "--starts",
            "2027-01-10",
            "--ends",
            "2027-06-01",
        ).exit_code
        == 0
    )
    told = (
        "course",
        "create",
        "--term",
        "2027-s",
        "--code",
        "BIO-1",
        "--title",
        "Cells",
        "--zone",
        "Europe/Madrid",
    )
    made = run(*told)
    assert (made.exit_code, made.output.strip()) == (0, "/c/bio-1-2027-s")
    again = run(*told)
    assert again.exit_code == 1
    assert "has a course BIO-1 already" in again.output
    assert "no time zone" in run(*told[:-1], "CET+1").output
    assert "there is no term 1999" in run("course", "create", "--term", "1999", *told[4:]).output


def test_an_account_gets_a_link_that_works_once(site: Site, run: Run) -> None:
    made = run("account", "create", "--email", "nora@example.org", "--name", "Nora")
    first = re.sub(r"^https?://[^/]+", "", made.output.strip())
    assert site.client().get(first).status_code == 200
    second = re.sub(r"^https?://[^/]+", "", run("account", "invite", "nora@example.org").output.strip())
    assert site.client().get(first).status_code == 404
    assert site.client().get(second).status_code == 200
    assert (
        "has an account already"
        in run("account", "create", "--email", "NORA@example.org", "--name", "N").output
    )
    assert "has chosen a password" in run("account", "invite", "ana@example.org").output


def test_a_school_comes_in_by_command_dry_run_first(site: Site, run: Run, tmp_path: Path) -> None:
    file, links = tmp_path / "school.zip", tmp_path / "links.csv"
    file.write_bytes(school_11().getvalue())
    before = digest_of_tables(site)
    dry = run("roster", "import", file, "--term", "2026-fall", "--dry-run")
    assert dry.exit_code == 0
    assert "3 added, 0 changed, 0 taken out, 0 left as it is, 0 refused" in dry.output
    assert digest_of_tables(site) == before
    done = run("roster", "import", file, "--term", "2026-fall", "--links", links)
    assert done.exit_code == 0, done.output
    assert links.read_text("utf-8-sig").count("/invitations/") == 1, "Sam has an account by his address"
    assert links.stat().st_mode & 0o077 == 0
    assert "0 added" in run("roster", "import", file, "--term", "2026-fall").output
    assert "is there already" in run("roster", "import", file, "--term", "2026-fall", "--links", links).output


def test_a_csv_comes_into_one_course_by_command(site: Site, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,name\nnora@example.org,Nora\nbad,Bad\n")
    words = ("roster", "import", file, "--course", site.world.slug, "--keep-others")
    refused = run(*words)
    assert refused.exit_code == 1
    assert "“bad” is no e-mail address" in refused.output
    assert "say --partly" in refused.output
    assert run(*words, "--partly").exit_code == 0
    with site.app.app_context():
        assert (
            db.session.scalars(select(Account.name).where(Account.email == "nora@example.org")).one()
            == "Nora"
        )
    file.write_text("email,name\nnora@example.org,Nora\n")
    asks = run("roster", "import", file, "--course", site.world.slug)
    assert asks.exit_code == 1
    assert "4 of 8 people would be taken out" in asks.output
    assert run("roster", "import", file, "--course", site.world.slug, "--remove-anyway").exit_code == 0


def test_a_course_comes_from_a_file_by_command(site: Site, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rivers.imscc"
    file.write_bytes(canvas_course().archive().getvalue())
    words = (
        "course",
        "import",
        file,
        "--term",
        "2026-fall",
        "--zone",
        "Europe/Madrid",
        "--first-day",
        "2026-12-07",
    )
    before = digest_of_tables(site)
    dry = run(*words, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "RIV-1, Rivers of Europe: 2 modules, 4 lessons, 2 boards, 1 links, 2 files" in dry.output
    assert "first post due: 2026-02-05 23:59 -> 2026-12-31 23:59 (taken over)" in dry.output
    assert digest_of_tables(site) == before
    done = run(*words)
    assert done.exit_code == 0, done.output
    assert done.output.strip().endswith("/c/riv-1-2026-fall")
    made = course(site, "RIV-1")
    assert made is not None
    assert made.state == "preparation"
    assert "choose another --code" in run(*words).output
    assert run(*words, "--code", "RIV-2").exit_code == 0


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_are_refused_by_the_command_too(
    site: Site, run: Run, tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "x.imscc"
    file.write_bytes(HOSTILE[kind])
    before = digest_of_tables(site)
    for words in (("course", "import", file), ("roster", "import", file)):
        done = run(*words, "--term", "2026-fall")
        assert done.exit_code == 1
        assert "Nothing was written" in done.output
        assert "Traceback" not in done.output
    assert digest_of_tables(site) == before
    assert uploads_of(site) == []


def test_help_lists_the_commands_that_are_loaded_late(run: Run) -> None:
    def listed(*words: str) -> set[str]:
        return set(
            re.findall(r"^  ([a-z]+) ", run(*words, "--help").output.partition("Commands:")[2], re.MULTILINE)
        )

    assert listed() >= {"account", "course", "demo", "roster", "run", "term"}
    assert listed("course") == {"copy", "create", "import"}
