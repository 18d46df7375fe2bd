"""One story from files to a grade, by keyboard alone, each person in a browser of their own.

The files are built; JOURNEY_CARTRIDGE and JOURNEY_ROSTER name others, with which the same story is told.
"""

from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from forum.core.db import db
from forum.posts.models import Draft, Post
from tests.browser.conftest import Served
from tests.browser.keyboard import Keyboard
from tests.browser.story import File, Story, story_told
from tests.world import PASSWORD

HERS = "The bridge keeper wrote to the council twice that week, and the second letter names the hour of the flood."
HIS = "The mills upstream had opened every gate by noon; nobody in the town below had been told of it at all."
PRAISE = "You let the letters speak. Next time, say who kept them."
WORD_TO_HIM = "Ask for more time before the evening itself, Ben."


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


def chosen_file(keys: Keyboard, file: File) -> None:
    """The button of the file is reached by Tab; the window that it opens belongs to the browser."""
    field = keys.page.locator("input[type=file]")
    keys.to(field)
    field.set_input_files({"name": file.name, "mimeType": "application/zip", "buffer": file.content})


def group(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def words(page: Page) -> Locator:
    return page.locator("main textarea[name=text]")


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_from_a_file_to_a_grade_by_keyboard_alone(served: Served) -> None:
    story = story_told()
    ada, ines = desk(served, "ada"), desk(served, "ines")
    imports_a_course(ada, story)
    imports_a_roster(ada, story)
    puts_people_in(ada, story)
    gives_the_deadline(ines, story)
    makes_a_rubric(ines, story)
    opens_the_course(ada, story)

    served.site.at(datetime(2026, 11, 26, 20, 0, tzinfo=UTC))  # Thursday 14:00 in Chicago
    ana = desk(served, "ana")
    posts_in_time(ana, story)
    served.site.at(datetime(2026, 11, 28, 22, 50, tzinfo=UTC))  # ten minutes before the cut-off
    ben = desk(served, "ben")
    posts_too_late(ben, story, served)

    served.site.at(datetime(2026, 11, 29, 9, 0, tzinfo=UTC))
    grades_and_releases(ines, story)
    sees_the_grade(ana, ben, story)


def imports_a_course(ada: Keyboard, story: Story) -> None:
    page = ada.page
    ada.follow("Site")
    ada.follow("A course from a file (Common Cartridge, Canvas)")
    chosen_file(ada, story.cartridge)
    ada.press("Show what would come")
    heading(page, "A course from a file")
    expect(page.get_by_label("Code")).to_have_value(story.code)
    expect(page.get_by_label("Title")).to_have_value(story.title)
    dates = page.get_by_role("region", name="Dates, before and after")
    lines = dates.get_by_role("row").filter(has=page.get_by_role("rowheader", name=story.board, exact=True))
    if story.due is not None:
        before, after = story.due, datetime.combine(date(2026, 12, 3), story.due.time())
        expect(lines.first).to_contain_text(wall(before))
        first = date.fromisoformat(page.get_by_label("First day in the file").input_value())
        ada.date(page.get_by_label("New first day"), first + (after - before))
        ada.press("Show the dates again")
        expect(lines.filter(has_text=f"{wall(before)}{wall(after)}taken over")).not_to_have_count(0)
    ada.press("Make the course")
    heading(page, "The course is made")
    expect(page.get_by_role("main")).to_contain_text(f"{story.code}, {story.title}")


def wall(at: datetime) -> str:
    return f"{at:%A} {at.day} {at:%B %Y, %H:%M}"


def imports_a_roster(ada: Keyboard, story: Story) -> None:
    page = ada.page
    ada.follow("Site")
    ada.follow("A roster of the whole school (OneRoster)")
    chosen_file(ada, story.roster)
    ada.press("Show what it would change")
    heading(page, "What the roster would change")
    rows = page.get_by_role("region", name="Row by row")
    expect(rows.get_by_role("row", name=story.newcomer).first).to_contain_text("added")
    ada.press("Carry it out")
    heading(page, "What the roster changed")
    expect(page.get_by_role("heading", name="Invitations")).to_be_visible()


def puts_people_in(ada: Keyboard, story: Story) -> None:
    page = ada.page
    ada.follow("Site")
    ada.follow("Courses")
    ada.follow(story.code)
    ada.follow("People of the course")
    for short, name, role in (("ines", "Inés Aranda", "Instructor"), ("ana", "Ana Lindqvist", "Student"),
                              ("ben", "Ben Achterberg", "Student")):  # fmt: skip
        ada.follow("Put a person in")
        ada.write(page.get_by_label("E-mail"), f"{short}@example.org")
        ada.radio(page.get_by_role("radio", name=role))
        ada.press("Put them in")
        expect(page.get_by_role("row", name=name)).to_contain_text(role)


def gives_the_deadline(ines: Keyboard, story: Story) -> None:
    page = ines.page
    page.reload()
    ines.follow(story.title)
    ines.follow("Manage", within=page.get_by_role("navigation", name="Main"))
    ines.follow(story.board, within=page.locator("ol.modules"))
    first = group(page, "No. 1")
    if not story.asks:
        ines.choose(first.get_by_label("What is asked"), "a first post")
    expect(first.get_by_label("What is asked")).to_have_value("first_post")
    ines.date(group(page, "Due").first.get_by_label("Date"), date(2026, 11, 26))
    expect(group(page, "Due").first.get_by_label("Time")).to_have_value("")
    ines.write(page.get_by_label("Minutes of grace"), "5")
    ines.date(group(page, "Late posts are taken until").get_by_label("Date"), date(2026, 11, 28))
    ines.press("Save", within=page.locator("form.set-up div.actions"))
    ines.follow("Publish")
    heading(page, f"Publish “{story.board}”")
    ines.to(page.locator("summary", has_text="By time zone, and the fairest hour"))
    page.keyboard.press("Enter")
    zones = page.get_by_role("region", name="local deadlines").first
    expect(zones.get_by_role("row", name="Chicago")).to_contain_text("Thursday, 16:59")
    expect(zones.get_by_role("row", name="Madrid")).to_contain_text("end of Thursday")
    ines.press("Publish")


def makes_a_rubric(ines: Keyboard, story: Story) -> None:
    page = ines.page
    ines.follow("Course")
    ines.follow(story.board)
    ines.follow("Participation")
    ines.follow("Rubric")
    ines.write(page.get_by_label("Criterion", exact=True), "Evidence")
    for place, (title, points) in enumerate((("None", "0"), ("One source", "3"), ("Two sources", "5"))):
        level = group(page, f"Criterion 1, level {place + 1}")
        ines.write(level.get_by_label("Level", exact=True), title)
        ines.write(level.get_by_label("Points", exact=True), points)
    ines.press("Save the rubric")
    expect(page.get_by_role("main")).to_contain_text("The most is 5 points.")


def opens_the_course(ada: Keyboard, story: Story) -> None:
    page = ada.page
    ada.follow("Site")
    ada.follow("Courses")
    ada.follow(story.code)
    ada.radio(page.get_by_role("radio", name="Open"))
    ada.press("Change the state")
    expect(page.get_by_role("radio", name="Open")).to_be_checked()


def posts_in_time(ana: Keyboard, story: Story) -> None:
    page = ana.page
    due = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=story.board))
    expect(due.locator(".hour")).to_have_text("Thursday, 16:59")
    expect(due.locator(".zone").first).to_contain_text("Chicago")
    expect(due.locator(".other").first).to_contain_text("Madrid")
    ana.follow(story.board)
    ana.write(words(page), HERS)
    ana.to(page.get_by_role("button", name="Preview"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Preview")).to_contain_text(HERS)
    ana.press_before("Post")
    expect(page.locator("article.post", has_text=HERS)).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("On time, 3 hours before it was due.")


def posts_too_late(ben: Keyboard, story: Story, served: Served) -> None:
    page = ben.page
    ben.follow(story.board)
    expect(page.get_by_role("main")).to_contain_text("What you post now is late, and is still taken.")
    ben.write(words(page), HIS)
    served.site.at(datetime(2026, 11, 28, 23, 10, tzinfo=UTC))
    ben.hand_in("Post")
    refusal = page.get_by_role("alert").first
    expect(refusal).to_contain_text("Your words were not posted. They are kept as a draft")
    expect(words(page)).to_have_value(HIS)
    with served.site.app.app_context():
        his, day = served.site.world.people["ben"], datetime(2026, 11, 28, tzinfo=UTC)
        drafts = select(Draft.source).where(Draft.account_id == his, Draft.saved_at > day)
        posts = select(Post.id).where(Post.author_id == his, Post.arrived_at > day)
        assert (db.session.scalars(drafts).all(), db.session.scalars(posts).all()) == ([HIS], [])
    ben.follow("Mine")
    expect(page.get_by_role("main")).to_contain_text(HIS[:40])


def grades_and_releases(ines: Keyboard, story: Story) -> None:
    page = ines.page
    page.reload()
    ines.follow("Grades")
    ines.follow(f"Grade {story.board}")
    heading(page, "Ben Achterberg")
    expect(page.get_by_role("main")).to_contain_text("Ben Achterberg has not posted here.")
    ines.radio(page.get_by_role("radio", name="None"))
    ines.write(page.get_by_label("Feedback"), WORD_TO_HIM)
    ines.press("Save and next")
    heading(page, "Ana Lindqvist")
    expect(page.get_by_role("region", name=f"Posts on {story.board}")).to_contain_text(HERS)
    ines.radio(page.get_by_role("radio", name="Two sources"))
    ines.write(page.get_by_label("Feedback"), PRAISE)
    ines.press("Save")
    expect(page.locator("[data-total]")).to_contain_text("5")
    ines.follow("Release grades")
    ines.press("Go on to release")
    heading(page, "Release 2 grades?")
    ines.press("Release")


def sees_the_grade(ana: Keyboard, ben: Keyboard, story: Story) -> None:
    for keys, own, score, level, others in ((ana, PRAISE, "5 of 5 points", "Two sources", WORD_TO_HIM),
                                            (ben, WORD_TO_HIM, "0 of 5 points", "None", PRAISE)):  # fmt: skip
        page = keys.page
        page.goto("/")
        keys.follow(story.title)
        keys.follow("Grades")
        heading(page, "My grades")
        grade = page.get_by_role("main")
        expect(grade).to_contain_text(score)
        expect(grade).to_contain_text("Evidence")
        expect(grade).to_contain_text(level)
        expect(grade).to_contain_text(own)
        assert others not in page.content()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: '/plain.css' }))", "not shown"),
        ("document.querySelector('main').style.cssText = 'position: relative; z-index: -1'", "covered"),
        ("document.querySelector('main .button').tabIndex = -1", "no Tab leads"),
    ],
)  # fmt: skip
def test_what_the_keyboard_cannot_see_or_reach_is_told(served: Served, fault: str, told: str) -> None:
    page = served.page()
    page.route(
        "**/plain.css",
        lambda route: route.fulfill(body="* { outline: none !important }", content_type="text/css"),
    )
    page.goto("/sign-in")
    page.evaluate(fault)
    page.wait_for_load_state("networkidle")
    with pytest.raises(AssertionError, match=told):
        Keyboard(page).to(page.get_by_role("button", name="Sign in"))
