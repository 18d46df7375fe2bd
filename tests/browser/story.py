"""The files of the journey: built here, or named by JOURNEY_CARTRIDGE and JOURNEY_ROSTER; and what is found in them."""

import csv
import io
import os
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from forum.interop.cartridge_dates import Choices
from forum.interop.cartridge_plans import BoardPlan, plan_course
from forum.interop.cartridge_views import guessed_zone
from forum.interop.cartridges import read_cartridge, wall_minute
from tests.files.cartridge_builder import PNG, CartridgeBuilder, canvas_item
from tests.files.oneroster_builder import USERS_11, school_11, user_11
from tests.world import PEOPLE, WORLD_AT

BOARD = "Why did the river rise?"
ADAS_ZONE = next(zone for short, _name, zone in PEOPLE if short == "ada") or "UTC"


@dataclass(frozen=True)
class File:
    name: str
    content: bytes


@dataclass(frozen=True)
class Story:
    """What the story is told with.

    `asks`: the file says that the board asks for a post. `due`: when it was due, if the file says it, in the zone that
    the page should guess. `newcomer`: somebody of the roster whom the site does not know.
    """

    cartridge: File
    roster: File
    code: str
    title: str
    board: str
    asks: bool
    due: datetime | None
    newcomer: str


def story_told() -> Story:
    cartridge = _file("JOURNEY_CARTRIDGE") or File("rivers.imscc", built_cartridge())
    roster = _file("JOURNEY_ROSTER") or File("school.zip", built_school())
    if "JOURNEY_CARTRIDGE" in os.environ:
        code, title, board, asks, due = _told_by(cartridge.content)
    else:
        code, title, board, asks, due = "RIV-1", "Rivers of Europe", BOARD, True, datetime(2026, 2, 5, 23, 59)
    newcomer = _newcomer_of(roster.content) if "JOURNEY_ROSTER" in os.environ else "Nora Vidal"
    return Story(cartridge, roster, code, title, board, asks, due, newcomer)


def _file(variable: str) -> File | None:
    path = os.environ.get(variable)
    return File(Path(path).name, Path(path).read_bytes()) if path else None


def _told_by(content: bytes) -> tuple[str, str, str, bool, datetime | None]:
    """Code, title, the first board that waits in a module to be published, whether it asks, and when it was due."""
    cartridge = read_cartridge(io.BytesIO(content))
    plan = plan_course(cartridge, Choices("X", "X", ADAS_ZONE, ADAS_ZONE), WORLD_AT)
    for module in plan.modules:
        for entry in module.entries:
            if (
                isinstance(entry, BoardPlan)
                and module.title
                and module.published
                and not entry.published
                and entry.form != "announcement"
            ):
                topic = entry.topic
                due = topic.due_at and wall_minute(
                    topic.due_at, ZoneInfo(guessed_zone(cartridge, [ADAS_ZONE]) or ADAS_ZONE)
                )
                asks = bool(topic.assignment or topic.points or due or topic.replies_required)
                return cartridge.code, cartridge.title, topic.title, asks, due
    raise AssertionError("the story needs a discussion that is not published, in a module that is")


def _newcomer_of(content: bytes) -> str:
    """The person of the first enrollment, as the register of users names them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        tables = {name: archive.read(name).decode("utf-8-sig") for name in ("users.csv", "enrollments.csv")}
    enrollment = next(csv.DictReader(io.StringIO(tables["enrollments.csv"])))
    for user in csv.DictReader(io.StringIO(tables["users.csv"])):
        if user["sourcedId"] == enrollment["userSourcedId"]:
            return f"{user['givenName']} {user['familyName']}"
    raise AssertionError("the first enrollment is of nobody")


def built_cartridge() -> bytes:
    """A course as Canvas exports it: pages, a picture, and a discussion not yet published, due 5 February in New York."""
    made = CartridgeBuilder(title="Rivers of Europe")
    made.page("p1", "wiki_content/sources.html",
              '<h2>Sources</h2><p><img src="$IMS-CC-FILEBASE$/map.png" alt="A map of the Ebro"></p>', "<title>Sources</title>")  # fmt: skip
    made.page("p2", "wiki_content/letters.html", "<p>Two letters.</p>", "<title>The letters</title>")
    made.file("f1", "web_resources/map.png", PNG)
    made.topic(
        "t1", BOARD, "<p>Argue from <b>one</b> letter.</p>",
        f"<title>{BOARD}</title><require_initial_post>true</require_initial_post><workflow_state>unpublished</workflow_state>"
        "<assignment identifier='a1'><due_at>2026-02-06T04:59:00</due_at></assignment>",
    )  # fmt: skip
    made.canvas(
        "<title>Rivers of Europe</title><course_code>RIV-1</course_code><start_at>2026-01-12T05:00:00</start_at>",
        '<module identifier="m1"><title>Week 1: The flood</title><workflow_state>active</workflow_state><items>'
        + canvas_item("i1", "WikiPage", "Sources", "p1") + canvas_item("i2", "DiscussionTopic", BOARD, "t1")
        + '</items></module><module identifier="m2"><title>Week 2: After it</title><workflow_state>active</workflow_state><items>'
        + canvas_item("i3", "WikiPage", "The letters", "p2") + "</items></module>",
    )  # fmt: skip
    return made.archive().getvalue()


def built_school() -> bytes:
    """A school's registers: the instructor and two students whom the site knows, by their addresses, and one new."""
    users = user_11("u1", "teacher", "Inés", "Aranda", "ines@example.org")
    users += user_11("u2", "student", "Ana", "Lindqvist", "ana@example.org")
    users += user_11("u3", "student", "Nora", "Vidal", "nora@example.org")
    lines = "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n"
    lines += "e1,,,c1,o1,u1,teacher,true,,\ne2,,,c1,o1,u2,student,false,,\ne3,,,c2,o1,u3,student,false,,\n"
    return school_11(users=USERS_11 + users, enrollments=lines).getvalue()
