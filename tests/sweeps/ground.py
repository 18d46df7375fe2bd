"""What the sweeps stand on: the routes of the URL map, the ids that fill them, crawls, and the tables as they are."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from forum.accounts.commands import start_session
from forum.core import clock
from forum.core.access import Gate, gate_of
from forum.core.db import db, transaction
from tests.conftest import Site

EVERYBODY = ("ada", "ines", "tariq", "olga", "ana", "ben", "chidi", "dana", "sam", "mia", "ian", None)
READS = {"GET", "HEAD", "OPTIONS"}
NOWHERE = "zzzzzzzzzzzzzzzz"  # cut to the length of the id that it stands for

# What a parameter of an address is called, where it is not called as its table.
TABLE_OF = {
    "student": "account", "person": "account", "account": "account", "group": "course_group", "link": "lesson_link",
    "track": "file", "attachment": "file", "recording": "file", "visit": "visit", "part": "section",
    "stop": "planned_stop",
}  # fmt: skip
# Parameters that are no public id: a value that is well formed.
WORDS_FOR = {
    "place": "thread:{thread}", "token": "no-such-token-at-all", "name": "icon.svg", "kind": "boards", "number": "1",
    "what": "boards", "step": "1", "format": "csv", "key": "none", "deed": "close",
}  # fmt: skip


@dataclass(frozen=True)
class Route:
    """One method of one rule of the URL map."""

    rule: Rule
    method: str
    gate: Gate | None

    @property
    def endpoint(self) -> str:
        return self.rule.endpoint

    @property
    def arguments(self) -> list[str]:
        return re.findall(r"<(?:[^:<>]+:)?([^<>]+)>", self.rule.rule)

    def kind(self, name: str) -> str:
        """What a parameter stands for: `public_id` is an id of what the part of the address before it names."""
        if name != "public_id":
            return name
        before = self.rule.rule.partition("<public_id>")[0].rstrip("/").rsplit("/", 1)[-1]
        return "course_row" if before == "courses" else before.removesuffix("s")

    def path(self, values: dict[str, str]) -> str:
        return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: values[found.group(1)], self.rule.rule)

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"


def routes(app: Flask) -> list[Route]:
    """Every route with every method that is more than a copy of GET."""
    return [
        Route(rule, method, gate_of(app, rule.endpoint))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


# --- ids ------------------------------------------------------------------------------------------------------------


@dataclass
class Ids:
    """Public ids by table, of this course and of the other, and those that are hidden from students."""

    ours: dict[str, list[str]] = field(default_factory=dict)
    theirs: dict[str, list[str]] = field(default_factory=dict)

    def values(self, name: str, *, ours: bool = True) -> list[str]:
        """What can stand for a parameter of an address."""
        if name in WORDS_FOR:
            found = (self.ours if ours else self.theirs).get("thread", ["none"])
            return [
                WORDS_FOR[name].replace("{thread}", each)
                for each in (found if "{" in WORDS_FOR[name] else [""])
            ]
        return (self.ours if ours else self.theirs).get(TABLE_OF.get(name, name), [])

    def knows(self, name: str) -> bool:
        return bool(self.values(name)) or name == "course"


def _course_of(table: Any) -> Any:
    """A select of (public_id, course_id) for a table: by its own column or by the nearest foreign keys."""
    tables = db.metadata.tables
    if "course_id" in table.c:
        return select(table.c.public_id, table.c.course_id)
    for between in ("board_id", "lesson_id", "module_id", "thread_id", "post_id"):
        if between in table.c:
            other = tables[between.removesuffix("_id")]
            return select(table.c.public_id, other.c.course_id).join(other, other.c.id == table.c[between])
    if "criterion_id" in table.c:
        criterion, board = tables["criterion"], tables["board"]
        return (
            select(table.c.public_id, board.c.course_id)
            .join(criterion, criterion.c.id == table.c.criterion_id)
            .join(board, board.c.id == criterion.c.board_id)
        )
    return None


def ids_of(site: Site) -> Ids:
    """Every public id of the database by table and course, found through the models' metadata."""
    ids = Ids()
    world = site.world
    with site.app.app_context():
        for table in db.metadata.sorted_tables:
            if "public_id" not in table.c:
                continue
            if table.name == "course":
                ids.ours["course"], ids.theirs["course"] = [world.slug], [world.other_slug]
                for number, public_id in db.session.execute(
                    select(table.c.id, table.c.public_id).order_by(table.c.id)
                ):
                    (ids.ours if number == world.course_id else ids.theirs)["course_row"] = [public_id]
            elif table.name == "account":
                theirs = {world.people[short] for short in ("mia", "ian")}
                for number, public_id in db.session.execute(
                    select(table.c.id, table.c.public_id).order_by(table.c.id)
                ):
                    (ids.theirs if number in theirs else ids.ours).setdefault("account", []).append(public_id)
            elif (statement := _course_of(table)) is not None:
                for public_id, course_id in db.session.execute(statement.order_by(table.c.id)):
                    where = ids.ours if course_id == world.course_id else ids.theirs
                    where.setdefault(table.name, []).append(public_id)
            else:
                for (public_id,) in db.session.execute(select(table.c.public_id).order_by(table.c.id)):
                    ids.ours.setdefault(table.name, []).append(public_id)
        db.session.rollback()
    # the first of each is one that students may open
    for name, first in (("board", world.boards["floods"]), ("thread", world.threads["floods"]),
                        ("post", world.posts["ben"]), ("account", world.public["ana"])):  # fmt: skip
        ids.ours[name].sort(key=lambda each, first=first: each != first)  # type: ignore[misc]
    return ids


def first_values(route: Route, ids: Ids, *, ours: bool = True) -> dict[str, str]:
    return {name: (ids.values(route.kind(name), ours=ours) or [NOWHERE[:8]])[0] for name in route.arguments}


def every_path(route: Route, ids: Ids, *, most: int = 40) -> Iterator[str]:
    """The addresses of a route: each id of this course in each position, the others being the first of theirs."""
    first = first_values(route, ids)
    seen = set()
    for name in route.arguments or [""]:
        for value in ids.values(route.kind(name))[:most] if name else [""]:
            path = route.path({**first, name: value})
            if path not in seen:
                seen.add(path)
                yield path


# --- tables ---------------------------------------------------------------------------------------------------------


def rows_of(app: Flask) -> dict[str, dict[Any, tuple[Any, ...]]]:
    """All rows of all tables by primary key."""
    found: dict[str, dict[Any, tuple[Any, ...]]] = {}
    with app.app_context(), db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            keys = [list(table.c).index(column) for column in table.primary_key.columns]
            found[table.name] = {
                tuple(row[key] for key in keys): tuple(row)
                for row in connection.exec_driver_sql(_all_rows(table))
            }
    return found


def _all_rows(table: Any) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.c)
    return f'SELECT {columns} FROM "{table.name}"'


def digest_of(app: Flask) -> dict[str, str]:
    """A hash of each table's rows; the last use of sessions left out, which may change by reading."""
    return {
        name: hashlib.sha256(repr(sorted(_without_last_use(name, rows), key=repr)).encode()).hexdigest()
        for name, rows in rows_of(app).items()
    }


def _without_last_use(name: str, rows: dict[Any, tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    if name != "sign_in_session":
        return list(rows.values())
    at = [column.name for column in db.metadata.tables[name].c].index("last_used_at")
    return [(*row[:at], *row[at + 1 :]) for row in rows.values()]


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [name for name in after if before.get(name) != after[name]]


def text_columns() -> Iterator[tuple[Any, Any]]:
    """Every column of the models that holds text."""
    for mapper in db.Model.registry.mappers:
        table = mapper.local_table
        for column in table.c:  # type: ignore[attr-defined]
            if column.type.python_type is str and type(column.type).__name__ in ("String", "Text"):
                yield table, column


def models_are_complete(app: Flask) -> bool:
    """Whether the database has exactly the tables of the models (so that hashing them sees everything)."""
    with app.app_context():
        return set(inspect(db.engine).get_table_names()) - {"alembic_version"} == set(db.metadata.tables)


# --- people and their browsers ----------------------------------------------------------------------------------------


class Browser(FlaskClient):
    """Reads every answer to its end and closes it, files too."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)
        return super().open(*args, **kwargs)


def browser(site: Site, short: str | None) -> Browser:
    """A plain browser, signed in as one of the cast; other tests look at the pages' form."""
    client = Browser(site.app, site.app.response_class, use_cookies=True)
    if short is not None:
        with site.app.app_context(), transaction() as session:
            token = start_session(session, site.world.people[short], clock.now())
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
            cookie.permanent = True
    return client


def token_of(client: FlaskClient) -> str:
    """The form token of a browser's session, as a page brings it."""
    page = client.get("/sign-in", follow_redirects=True).text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


# --- crawling ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visit:
    """One answer of a crawl."""

    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def everything(self) -> str:
        return "\n".join([*(f"{name}: {value}" for name, value in self.headers), self.body])


_LINK = re.compile(r'(?:href|src|action|data-[a-z-]*url|formaction)="([^"#]*)')
_SKIP = re.compile(r"^/(?:assets/|sign-out)")


def links_in(page: str, path: str) -> set[str]:
    """The same-site addresses that a page names, forms' too (they are fetched by GET here)."""
    found = set()
    for link in _LINK.findall(page):
        target = urlsplit(urljoin(f"http://localhost{path}", link.replace("&amp;", "&")))
        if target.netloc == "localhost" and not _SKIP.match(target.path):
            found.add(target.path + (f"?{target.query}" if target.query else ""))
    return found


def crawl(
    client: Browser, site: Site, ids: Ids, *, bound: int = 4000, shapes: int = 12, most: int = 40
) -> list[Visit]:
    """Everything that a browser can GET: every GET route with every known id, then every link, `bound` in all.

    Addresses that differ in their query alone are followed `shapes` times each at most; `most` ids of a kind.
    """
    waiting = list(dict.fromkeys(["/", *(path for route in routes(site.app) if route.method == "GET"
                                        for path in every_path(route, ids))]))  # fmt: skip
    seen, queries, visits = set(waiting), {}, []  # type: ignore[var-annotated]
    while waiting and len(visits) < bound:
        path = waiting.pop(0)
        answer = client.get(path)
        body = answer.get_data(as_text=False).decode("utf-8", "replace")
        visits.append(Visit(path, answer.status_code, tuple(answer.headers.items()), body))
        onward = links_in(body, path) if answer.mimetype == "text/html" else set()
        if answer.location:
            onward |= links_in(f'href="{answer.location}"', path)
        for link in sorted(onward - seen):
            bare = link.partition("?")[0]
            queries[bare] = queries.get(bare, 0) + ("?" in link)
            if queries[bare] <= shapes:
                seen.add(link)
                waiting.append(link)
    assert len(visits) < bound, f"the crawl has no end: {[visit.path for visit in visits[-5:]]}"
    return visits


_crawls: dict[Any, Any] = {}


def crawled(site: Site, short: str | None, ids: Ids, at: datetime) -> tuple[list[Visit], list[str]]:
    """A crawl of the grown world and the tables that it changed, made once a process for each person and instant.

    Its addresses are those of the process's world: they stay the same from test to test, but for what is planted.
    """
    key = (site.base.kind, short, at)
    if key not in _crawls:
        client = browser(site, short)  # signed in at the world's instant: by now its last use is long ago
        site.at(at)
        before = digest_of(site.app)
        visits = crawl(client, site, ids)
        _crawls[key] = (visits, changed(before, digest_of(site.app)))
    return _crawls[key]  # type: ignore[no-any-return]


# --- what to send -------------------------------------------------------------------------------------------------------

# Plausible values for the fields of forms, so that a POST gets as far into its view as it can.
FIELDS: dict[str, str] = {
    "text": "Twelve plain words, written so that a first post here is long enough.", "title": "A plain title",
    "key": "sweep-key-0001", "deed": "post", "revision": "1", "reason": "a reason", "position": "1",
    "at": "2026-11-24T11:00:00+00:00", "seq": "1", "name": "Nora Plain", "email": "nora@example.org",
    "password": "eleven blue lamps", "current": "seven grey herons", "zone": "Europe/Madrid", "code": "NEW-1",
    "starts_on": "2026-09-01", "ends_on": "2026-12-20", "score": "5", "feedback": "Well read.", "role": "student",
    "version": "1", "url": "https://example.org/", "days": "1", "due_on": "2026-11-27", "from_on": "2026-11-24",
}  # fmt: skip
