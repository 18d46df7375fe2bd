"""Does a form change what it shows and nothing else? The names of all columns of all models added to every form."""

import re
import shutil
from datetime import timedelta
from typing import Any

import html5lib
import pytest

from forum.core import caches
from forum.core.db import db
from tests.conftest import Site
from tests.sweeps.ground import FIELDS, Browser, Ids, browser, crawled, rows_of
from tests.world import WORLD_AT

# Random, so different each time; everything else of two equal requests is equal, for the clock stands still.
RANDOM = {"public_id", "token_hash", "key", "arrival_token", "stored_as", "password_hash", "unique_key",
          "token", "hash", "salt", "head"}  # fmt: skip
HOSTILE = {
    "role": "instructor", "is_administrator": "1", "score": "99", "author_id": "1", "account_id": "1", "course_id": "2",
    "arrived_at": "2020-01-01T00:00:00+00:00", "appears_at": "2020-01-01T00:00:00+00:00", "state": "archived",
    "released_at": "2020-01-01T00:00:00+00:00", "public_id": "hostile000", "removed_at": "2020-01-01T00:00:00+00:00",
}  # fmt: skip


class Form:
    """A POST form of a page: its address, its fields as they stand, its buttons."""

    def __init__(self, element: Any, page: str) -> None:
        self.action = (element.get("action") or page).split("#")[0]
        self.fields: dict[str, str] = {}
        self.names: set[str] = set()
        self.buttons: list[tuple[str, str]] = []
        for each in element.iter():
            name = each.get("name") if isinstance(each.tag, str) else None
            kind = (each.get("type") or "").lower() if name or isinstance(each.tag, str) else ""
            self.names |= {name} if name else set()
            if each.tag == "button" or kind in ("submit", "image"):
                self.buttons.append((name or "", each.get("value") or ""))
            elif not name or each.tag not in ("input", "select", "textarea") or kind == "file":
                continue
            elif kind in ("checkbox", "radio"):
                if each.get("checked") is not None:
                    self.fields[name] = each.get("value") or "on"
            elif each.tag == "select":
                options = list(each.iter("option"))
                chosen = [option for option in options if option.get("selected") is not None] or options[:1]
                self.fields[name] = (chosen[0].get("value") if chosen else "") or ""
            else:
                self.fields[name] = (each.get("value") if each.tag == "input" else each.text) or ""
        self.fields = {name: value or FIELDS.get(name, "") for name, value in self.fields.items()}

    def shape(self, site: Site) -> tuple[Any, ...]:
        """Forms of one shape are one form: the same endpoint with the same fields."""
        endpoint, _values = site.app.url_map.bind("localhost").match(
            self.action.partition("?")[0], method="POST"
        )
        return endpoint, frozenset(self.fields), tuple(self.buttons)


def forms_of(site: Site, ids: Ids, short: str | None) -> list[Form]:
    found: dict[Any, Form] = {}
    for visit in crawled(site, short, ids, WORLD_AT + timedelta(minutes=90))[0]:
        if visit.status != 200 or "<form" not in visit.body:
            continue
        for element in html5lib.parse(visit.body, namespaceHTMLElements=False).iter("form"):
            if (element.get("method") or "get").lower() == "post":
                form = Form(element, visit.path)
                found.setdefault(form.shape(site), form)
    return list(found.values())


class Rewind:
    """The database file as it stands, to go back to."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.file = site.base.folder / "forum.db"
        self._close()
        self.cookie: dict[str, Any] = {}
        self.kept = site.base.folder / "rewind.db"
        shutil.copyfile(self.file, self.kept)

    def _close(self) -> None:
        with self.site.app.app_context():
            db.session.remove()
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()

    def back(self) -> None:
        with self.site.app.app_context():
            db.session.remove()
            db.engine.dispose()
        for ending in ("-wal", "-shm"):
            (self.site.base.folder / f"forum.db{ending}").unlink(missing_ok=True)
        shutil.copyfile(self.kept, self.file)
        caches.clear_all()


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, Any, tuple[Any, ...]]]:
    """The rows that are new or other than before, without what is random in them, as the id of a thread just started."""
    found = []
    for name, rows in after.items():
        columns = [column.name for column in db.metadata.tables[name].c]
        for key, row in rows.items():
            if before[name].get(key) != row:
                fixed = tuple(
                    None if column in RANDOM or (name, column) == ("receipt", "place") else value
                    for column, value in zip(columns, row, strict=True)
                )
                found.append((name, key if all(isinstance(part, int) for part in key) else None, fixed))
        found += [(name, key, ("gone",)) for key in before[name].keys() - rows.keys()]
    return sorted(found, key=repr)


def all_columns(declared: set[str]) -> dict[str, str]:
    names = {column.name for table in db.metadata.tables.values() for column in table.c}
    return {name: HOSTILE.get(name, "1") for name in sorted(names - declared)}


# Names that are columns and at the same time fields that a view reads beside its form, on purpose.
READ_BY_VIEWS = {"deed", "key", "at", "position", "kept", "place", "text", "title", "arrival", "next"}


def outcome(
    client: Browser, rewind: Rewind, form: Form, button: tuple[str, str], extra: dict[str, str]
) -> Any:
    rewind.back()
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie.update(rewind.cookie)
    before = rows_of(rewind.site.app)
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', client.get("/settings/zone", follow_redirects=True).text
    )
    assert token is not None
    data = {**extra, **form.fields, "csrf_token": token.group(1)} | (
        {button[0]: button[1]} if button[0] else {}
    )
    answer = client.post(form.action, data=data)
    return answer.status_code, changes(before, rows_of(rewind.site.app))


@pytest.mark.sqlite_only
@pytest.mark.parametrize("short", ["ana", "tariq", "ines", "ada"])
def test_a_form_changes_what_it_shows_and_nothing_else(grown: Site, ids: Ids, short: str) -> None:
    forms = forms_of(grown, ids, short)
    client = browser(grown, short)
    rewind = Rewind(grown)
    with client.session_transaction() as cookie:
        rewind.cookie = dict(cookie)
    wrong, deeds = [], 0
    for form in forms:
        if form.action.startswith("/sign-out"):
            continue
        declared = form.names | READ_BY_VIEWS
        for button in list(dict.fromkeys(form.buttons))[:4] or [("", "")]:
            plain = outcome(client, rewind, form, button, {})
            extended = outcome(client, rewind, form, button, all_columns(declared))
            deeds += bool(plain[1])
            if plain != extended:
                differing = [each for each in extended[1] if each not in plain[1]]
                wrong.append(f"{form.action} {button}: {plain[0]}, {extended[0]}: {differing[:2]}")
    assert wrong == []
    assert deeds >= (3 if short in ("ana", "ines", "tariq") else 1), "too few forms did anything"


@pytest.mark.sqlite_only
def test_the_comparison_sees_one_column_of_one_row(grown: Site) -> None:
    before = rows_of(grown.app)
    with grown.app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE account SET is_administrator = 1 WHERE name LIKE 'Ana%'")
    assert [change[0] for change in changes(before, rows_of(grown.app))] == ["account"]
