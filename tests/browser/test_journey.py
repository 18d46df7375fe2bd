"""One story from files to a grade, by keyboard alone, each person in a browser of their own."""

from datetime import UTC, date, datetime

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from forum.core.db import db
from forum.posts.models import Draft, Post
from tests.browser.conftest import Served
from tests.browser.keyboard import Keyboard
from tests.files.cartridge_builder import PNG, CartridgeBuilder, canvas_item
from tests.files.oneroster_builder import USERS_11, school_11, user_11
from tests.world import PASSWORD

BOARD = "Why did the river rise?"
HERS = "The bridge keeper wrote to the council twice that week, and the second letter names the hour of the flood."
HIS = "The mills upstream had opened every gate by noon; nobody in the town below had been told of it at all."
PRAISE = "You let the letters speak. Next time, say who kept them."
WORD_TO_HIM = "Ask for more time before the evening itself, Ben."


def cartridge() -> bytes:
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


def school() -> bytes:
    """A school's registers: the instructor and two students whom the site knows, by their addresses, and one new."""
    users = user_11("u1", "teacher", "Inés", "Aranda", "ines@example.org")
    users += user_11("u2", "student", "Ana", "Lindqvist", "ana@example.org")
    users += user_11("u3", "student", "Nora", "Vidal", "nora@example.org")
    lines = "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n"
    lines += "e1,,,c1,o1,u1,teacher,true,,\ne2,,,c1,o1,u2,student,false,,\ne3,,,c2,o1,u3,student,false,,\n"
    return school_11(users=USERS_11 + users, enrollments=lines).getvalue()


def desk(served: Served, short: str) -> Keyboard:
    """A browser of one's own, signed in through the form."""
    page = served.page(locale="en-US", reduced_motion="reduce")
    page.goto("/")
    keys = Keyboard(page)
    keys.follow("Sign in")
    keys.write(page.get_by_label("E-mail"), f"{short}@example.org")
    keys.write(page.get_by_label("Password"), PASSWORD)
    keys.press("Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("This week")
    return keys


def chosen_file(keys: Keyboard, name: str, content: bytes) -> None:
    """The button of the file is reached by Tab; the window that it opens belongs to the browser."""
    field = keys.page.locator("input[type=file]")
    keys.to(field)
    field.set_input_files({"name": name, "mimeType": "application/zip", "buffer": content})


def group(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def words(page: Page) -> Locator:
    return page.locator("main textarea[name=text]")


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_from_a_file_to_a_grade_by_keyboard_alone(served: Served) -> None:
    ada, ines = desk(served, "ada"), desk(served, "ines")
    imports_a_course(ada)
    imports_a_roster(ada)
    puts_people_in(ada)
    gives_the_deadline(ines)
    makes_a_rubric(ines)
    opens_the_course(ada)

    served.site.at(datetime(2026, 11, 26, 20, 0, tzinfo=UTC))  # Thursday 14:00 in Chicago
    ana = desk(served, "ana")
    posts_in_time(ana)
    served.site.at(datetime(2026, 11, 28, 22, 50, tzinfo=UTC))  # ten minutes before the cut-off
    ben = desk(served, "ben")
    posts_too_late(ben, served)

    served.site.at(datetime(2026, 11, 29, 9, 0, tzinfo=UTC))
    grades_and_releases(ines)
    sees_the_grade(ana, ben)


def imports_a_course(ada: Keyboard) -> None:
    page = ada.page
    ada.follow("Site")
    ada.follow("A course from a file (Common Cartridge, Canvas)")
    chosen_file(ada, "rivers.imscc", cartridge())
    ada.press("Show what would come")
    heading(page, "A course from a file")
    dates = page.get_by_role("region", name="Dates, before and after")
    expect(dates).to_contain_text("Thursday 5 February 2026, 23:59")
    ada.date(page.get_by_label("New first day"), date(2026, 11, 9))
    ada.press("Show the dates again")
    line = dates.get_by_role("row", name=BOARD)
    expect(line).to_contain_text("Thursday 5 February 2026, 23:59Thursday 3 December 2026, 23:59taken over")
    ada.press("Make the course")
    heading(page, "The course is made")
    expect(page.get_by_role("main")).to_contain_text("RIV-1, Rivers of Europe")


def imports_a_roster(ada: Keyboard) -> None:
    page = ada.page
    ada.follow("Site")
    ada.follow("A roster of the whole school (OneRoster)")
    chosen_file(ada, "school.zip", school())
    ada.press("Show what it would change")
    heading(page, "What the roster would change")
    rows = page.get_by_role("region", name="Row by row")
    expect(rows.get_by_role("row", name="Nora Vidal").first).to_contain_text("added")
    ada.press("Carry it out")
    heading(page, "What the roster changed")
    expect(page.get_by_role("heading", name="Invitations")).to_be_visible()


def puts_people_in(ada: Keyboard) -> None:
    page = ada.page
    ada.follow("Site")
    ada.follow("Courses")
    ada.follow("RIV-1")
    ada.follow("People of the course")
    for short, name, role in (("ines", "Inés Aranda", "Instructor"), ("ana", "Ana Lindqvist", "Student"),
                              ("ben", "Ben Achterberg", "Student")):  # fmt: skip
        ada.follow("Put a person in")
        ada.write(page.get_by_label("E-mail"), f"{short}@example.org")
        ada.radio(page.get_by_role("radio", name=role))
        ada.press("Put them in")
        expect(page.get_by_role("region", name="People of this course").get_by_role("row", name=name)).to_contain_text(role)


def gives_the_deadline(ines: Keyboard) -> None:
    page = ines.page
    page.reload()
    ines.follow("Rivers of Europe")
    ines.follow("Manage", within=page.get_by_role("navigation", name="Main"))
    ines.follow(BOARD)
    first = group(page, "No. 1")
    expect(first.get_by_label("What is asked")).to_have_value("first_post")
    ines.date(group(page, "Due").first.get_by_label("Date"), date(2026, 11, 26))
    expect(group(page, "Due").first.get_by_label("Time")).to_have_value("")
    ines.write(page.get_by_label("Minutes of grace"), "5")
    ines.date(group(page, "Late posts are taken until").get_by_label("Date"), date(2026, 11, 28))
    ines.press("Save", within=page.locator("form.set-up div.actions"))
    ines.follow("Publish")
    heading(page, f"Publish “{BOARD}”")
    zones = page.get_by_role("region", name="Local deadlines")
    expect(zones.get_by_role("row", name="Chicago")).to_contain_text("Thursday, 16:59")
    expect(zones.get_by_role("row", name="Madrid")).to_contain_text("end of Thursday")
    ines.press("Publish")


def makes_a_rubric(ines: Keyboard) -> None:
    page = ines.page
    ines.follow("Look at the board")
    ines.follow("Participation")
    ines.follow("Rubric")
    ines.write(page.get_by_label("Criterion", exact=True), "Evidence")
    for place, (title, points) in enumerate((("None", "0"), ("One source", "3"), ("Two sources", "5"))):
        level = group(page, f"Criterion 1, level {place + 1}")
        ines.write(level.get_by_label("Level", exact=True), title)
        ines.write(level.get_by_label("Points", exact=True), points)
    ines.press("Save the rubric")
    expect(page.get_by_role("main")).to_contain_text("The most is 5 points.")


def opens_the_course(ada: Keyboard) -> None:
    page = ada.page
    ada.follow("Site")
    ada.follow("Courses")
    ada.follow("RIV-1")
    ada.radio(page.get_by_role("radio", name="Open"))
    ada.press("Change the state")
    expect(page.get_by_role("radio", name="Open")).to_be_checked()


def posts_in_time(ana: Keyboard) -> None:
    page = ana.page
    due = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=BOARD))
    expect(due.locator(".hour")).to_have_text("Thursday, 16:59")
    expect(due.locator(".zone").first).to_contain_text("Chicago")
    expect(due.locator(".other").first).to_contain_text("Madrid")
    ana.follow(BOARD)
    ana.write(words(page), HERS)
    ana.press("Post")
    expect(page.locator("article.post", has_text=HERS)).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("On time, 3 hours before it was due.")


def posts_too_late(ben: Keyboard, served: Served) -> None:
    page = ben.page
    ben.follow(BOARD)
    expect(page.get_by_role("main")).to_contain_text("What you post now is late, and is still taken.")
    ben.write(words(page), HIS)
    served.site.at(datetime(2026, 11, 28, 23, 10, tzinfo=UTC))
    ben.press("Post")
    expect(page.get_by_role("alert").first).to_contain_text("Your words were not posted. They are kept as a draft")
    expect(words(page)).to_have_value(HIS)
    with served.site.app.app_context():
        his = served.site.world.people["ben"]
        assert db.session.scalars(select(Draft.source).where(Draft.account_id == his, Draft.source == HIS)).all() == [HIS]
        assert db.session.scalars(select(Post).where(Post.author_id == his, Post.source == HIS)).all() == []
    ben.follow("Mine")
    expect(page.get_by_role("main")).to_contain_text(HIS[:40])


def grades_and_releases(ines: Keyboard) -> None:
    page = ines.page
    page.reload()
    ines.follow("Grades")
    ines.follow(f"Grade {BOARD}")
    heading(page, "Ana Lindqvist")
    expect(page.get_by_role("region", name=f"Posts on {BOARD}")).to_contain_text(HERS)
    ines.radio(page.get_by_role("radio", name="Two sources"))
    ines.write(page.get_by_label("Feedback"), PRAISE)
    ines.press("Save and next")
    heading(page, "Ben Achterberg")
    ines.radio(page.get_by_role("radio", name="None"))
    ines.write(page.get_by_label("Feedback"), WORD_TO_HIM)
    ines.press("Save")
    expect(page.locator("[data-total]")).to_contain_text("0")
    ines.follow("Release grades")
    ines.press("Go on to release")
    heading(page, "Release 2 grades?")
    ines.press("Release")


def sees_the_grade(ana: Keyboard, ben: Keyboard) -> None:
    for keys, own, score, level, others in ((ana, PRAISE, "5 of 5 points", "Two sources", WORD_TO_HIM),
                                            (ben, WORD_TO_HIM, "0 of 5 points", "None", PRAISE)):  # fmt: skip
        page = keys.page
        page.goto("/")
        keys.follow("Rivers of Europe")
        keys.follow("Grades")
        heading(page, "My grades")
        grade = page.get_by_role("main")
        expect(grade).to_contain_text(score)
        expect(grade).to_contain_text("Evidence")
        expect(grade).to_contain_text(level)
        expect(grade).to_contain_text(own)
        assert others not in page.content()
