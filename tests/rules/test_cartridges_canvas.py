"""Canvas exports: what they say of topics, modules, pages and files beside the common format."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from forum.interop.cartridges import FormHint, State, read_cartridge
from tests.files.cartridge_builder import ASSOCIATED, PNG, CartridgeBuilder, canvas_item, item, outline

META = """<title>Other</title><type>{type}</type><discussion_type>threaded</discussion_type>
<pinned>true</pinned>
<require_initial_post>true</require_initial_post><has_group_category>true</has_group_category>
<group_category>Teams</group_category><workflow_state>{state}</workflow_state><position>3</position>
<delayed_post_at>2021-01-20T05:00:00</delayed_post_at><lock_at/><todo_date>2021-01-30T12:00:00Z</todo_date>
<reply_to_entry_required_count>2</reply_to_entry_required_count><locked>true</locked>
<assignment identifier="as1"><points_possible>10.5</points_possible><due_at>2021-02-01T04:59:00</due_at>
<unlock_at>2021-01-25T06:00:00+01:00</unlock_at><lock_at>2021-02-03T04:59:59</lock_at><assignment_overrides>
<override set_type="CourseSection" title="Section B"/></assignment_overrides>
<sub_assignments><sub_assignment tag="reply_to_entry"><due_at>2021-02-02T04:59:00</due_at></sub_assignment>
</sub_assignments></assignment>"""


def test_all_that_canvas_says_of_a_topic_is_read_and_times_without_a_zone_are_utc() -> None:
    made = CartridgeBuilder()
    made.topic("t1", "Your river", "<p>?</p>", META.format(type="topic", state="unpublished"))
    course = read_cartridge(made.archive())
    (topic,) = course.topics
    assert (topic.form, topic.discussion_type, topic.state) == (
        FormHint.THREADED,
        "threaded",
        State.UNPUBLISHED,
    )
    assert topic.pinned
    assert topic.closed
    assert topic.after_own
    assert topic.groups
    assert (topic.group_category, topic.position, topic.points) == ("Teams", 3, Decimal("10.5"))
    assert topic.due_at == datetime(2021, 2, 1, 4, 59, tzinfo=UTC)
    assert topic.opens_at == datetime(2021, 1, 25, 5, tzinfo=UTC)
    assert topic.cut_off_at == datetime(2021, 2, 3, 4, 59, 59, tzinfo=UTC)
    assert topic.appears_at == datetime(2021, 1, 20, 5, tzinfo=UTC)
    assert topic.to_do_at == datetime(2021, 1, 30, 12, tzinfo=UTC)
    assert topic.replies_required == 2
    assert [(step.label, step.due_at) for step in topic.steps] == [
        ("reply_to_entry", datetime(2021, 2, 2, 4, 59, tzinfo=UTC))
    ]
    assert [(left.kind, left.title) for left in course.left_out] == [("override", "Your river: Section B")]
    assert len(topic.instants) == 6
    assert len(course.due_instants) == 3
    assert course.targets["assignment", "as1"] == ("topic", "t1")


def test_an_announcement_may_ask_for_a_first_post_too() -> None:
    made = CartridgeBuilder()
    made.topic("t1", "News", "", META.format(type="announcement", state="active"))
    (topic,) = read_cartridge(made.archive()).topics
    assert (topic.form, topic.after_own, topic.state) == (FormHint.ANNOUNCEMENT, True, State.ACTIVE)


def test_what_canvas_says_of_a_topic_is_found_without_a_dependency_too() -> None:
    made = CartridgeBuilder()
    made.topic("t1", "News", "", "<pinned>true</pinned>")
    made.resources[-1] = made.resources[-1].replace('<dependency identifierref="t1_meta"/>', "")
    (topic,) = read_cartridge(made.archive()).topics
    assert topic.pinned


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("yesterday", "bad_date"),
        ("2021-13-01T00:00:00", "bad_date"),
        ("1999-12-31T23:59:59", "date_out_of_bounds"),
        ("2201-01-01T00:00:00", "date_out_of_bounds"),
        ("0001-01-01T00:00:00+14:00", "date_out_of_bounds"),
    ],
)
def test_a_date_that_is_refused_is_told_with_its_line_and_left_empty(written: str, code: str) -> None:
    made = CartridgeBuilder()
    made.topic("t1", "T", "", f"<assignment>\n<due_at>{written}</due_at></assignment>")
    course = read_cartridge(made.archive())
    assert course.topics[0].due_at is None
    assert [(p.code, p.path, p.line, p.values["value"]) for p in course.problems] == [
        (code, "t1_meta.xml", 4, written)
    ]


def test_a_deleted_topic_is_listed_and_an_unknown_state_is_not_shown() -> None:
    made = CartridgeBuilder()
    made.topic("t1", "Old", "", "<workflow_state>deleted</workflow_state>")
    made.topic("t2", "Odd", "", "<workflow_state>quantum</workflow_state>")
    course = read_cartridge(made.archive())
    assert [(topic.title, topic.state) for topic in course.topics] == [("Odd", State.UNPUBLISHED)]
    assert [(left.kind, left.title) for left in course.left_out] == [("deleted", "Old")]
    assert [problem.code for problem in course.problems] == ["unknown_state"]


def test_attachments_of_a_topic_are_found_by_address_and_by_dependency() -> None:
    made = CartridgeBuilder()
    made.file("f1", "web_resources/a b.png", PNG)
    made.file("f2", "more/c.pdf", "%PDF-1.4")
    inner = (
        '<attachments><attachment href="$IMS-CC-FILEBASE$a%20b.png"/><attachment href="lost"/></attachments>'
    )
    made.topic("t1", "T", "", inner=inner, depends=["f2"])
    course = read_cartridge(made.archive())
    assert course.topics[0].attachments == ("web_resources/a b.png", "more/c.pdf")
    assert [problem.code for problem in course.problems] == ["missing_file"]


def test_a_plain_text_prompt_becomes_paragraphs_with_nothing_run() -> None:
    made = CartridgeBuilder()
    made.topic("t1", "T", "One <b>\ntwo\n\nthree")
    made.files["t1.xml"] = str(made.files["t1.xml"]).replace("text/html", "text/plain")
    assert read_cartridge(made.archive()).topics[0].html == "<p>One &lt;b&gt;<br>two</p>\n<p>three</p>"


def test_a_prompt_that_was_not_escaped_is_read_as_the_html_that_it_is() -> None:
    made = CartridgeBuilder()
    made.topic("t1", "T", "PROMPT")
    made.files["t1.xml"] = str(made.files["t1.xml"]).replace(
        "PROMPT", '<p class="a">Hi <br/>&amp; <b>bye</b></p>'
    )
    assert read_cartridge(made.archive()).topics[0].html == '<p class="a">Hi <br>&amp; <b>bye</b></p>'


def canvas_course() -> CartridgeBuilder:
    made = CartridgeBuilder(title="Manifest title")
    head = '<title>Start here</title><meta name="workflow_state" content="{}"/>'
    head += '<meta name="front_page" content="{}"/>'
    made.page("p1", "wiki_content/start-here.html", "<p>Hi</p>", head.format("active", "true"))
    made.page("p2", "wiki_content/secret.html", "<p>Later</p>", head.format("unpublished", "false"))
    made.file("f1", "web_resources/notes/key.pdf", "%PDF-1.4")
    made.link("w1", "River page", "https://example.org/")
    made.topic("t1", "Talk", "", "<workflow_state>active</workflow_state>")
    made.items = item("m", "M", below=item("x1", "River page", "w1"))
    made.files["course_settings/syllabus.html"] = "<html><body><p>Plan</p></body></html>"
    made.resource("syl", ASSOCIATED, "course_settings/syllabus.html", attributes='intendeduse="syllabus"')
    items = (
        canvas_item("i1", "ContextModuleSubHeader", "Read")
        + canvas_item("i2", "WikiPage", "Start", "p1", "<position>9</position><indent>1</indent>")
        + canvas_item("x1", "ExternalUrl", "River page", "x1", "<url>https://example.org/</url>")
        + canvas_item("i4", "ExternalUrl", "Only here", "i4", "<url>https://example.org/only</url>")
        + canvas_item("i5", "ContextExternalTool", "Maps", "tool", "<url>https://maps.example.org/</url>")
        + canvas_item("i6", "DiscussionTopic", "Talk", "t1", "<workflow_state>unpublished</workflow_state>")
        + canvas_item("i7", "Attachment", "Key", "f1")
        + canvas_item("i8", "Assignment", "Gone", "lost")
    )
    second = '<module identifier="m2"><title>Week 2</title><position>1</position></module>\n'
    made.canvas(
        "<title>Settings title</title><course_code>RIV 1</course_code>"
        "<start_at>2021-01-11T05:00:00</start_at><conclude_at/>"
        "<time_zone>Eastern Time (US &amp; Canada)</time_zone>",
        f'<module identifier="m1"><title>Week 1</title><workflow_state>unpublished</workflow_state>'
        f"<position>2</position><unlock_at>2021-01-12T05:00:00</unlock_at><items>{items}</items></module>\n{second}",
        {
            "events.xml": "<events><event><title>Field trip</title></event></events>",
            "late_policy.xml": "<late_policy/>",
            "files_meta.xml": '<fileMeta><folder path="notes"><hidden>true</hidden></folder>'
            '<file identifier="f1"><display_name>Answer key.pdf</display_name></file></fileMeta>',
        },
    )
    return made


def test_a_canvas_export_is_read_by_canvas_s_own_list_of_modules() -> None:
    course = read_cartridge(canvas_course().archive())
    assert (course.kind, course.title, course.code) == ("canvas", "Settings title", "RIV 1")
    assert course.time_zone == "America/New_York"
    assert (course.start_at, course.end_at) == (datetime(2021, 1, 11, 5, tzinfo=UTC), None)
    assert outline(course) == [
        ("Week 2", []),
        (
            "Week 1",
            [
                ("header", "Read", 0),
                ("link", "River page", 0),
                ("link", "Only here", 0),
                ("left_out", "Maps", 0),
                ("topic", "Talk", 0),
                ("file", "Key", 0),
                ("left_out", "Gone", 0),
                ("page", "Start", 1),
            ],
        ),
    ]
    module = course.modules[1]
    assert (module.state, module.unlock_at) == (State.UNPUBLISHED, datetime(2021, 1, 12, 5, tzinfo=UTC))
    assert module.items[4].state is State.UNPUBLISHED
    assert [link.identifier for link in course.links] == ["w1", "i4"]
    assert [(page.title, page.state, page.front, page.syllabus) for page in course.pages] == [
        ("Start here", State.ACTIVE, True, False),
        ("Start here", State.UNPUBLISHED, False, False),
        ("syllabus", State.ACTIVE, False, True),
    ]
    assert [(file.name, file.state) for file in course.files] == [("Answer key.pdf", State.UNPUBLISHED)]
    assert [(left.kind, left.title) for left in course.left_out] == [
        ("tool", "Maps"),
        ("other", "Gone"),
        ("event", "Field trip"),
        ("settings", "late_policy.xml"),
    ]
    assert [problem.code for problem in course.problems] == ["broken_reference"]
    assert course.targets["page", "start-here"] == ("page", "p1")
    assert course.targets["syllabus", ""] == ("page", "syl")
    assert course.targets["module", "m2"] == ("module", "m2")


def test_a_broken_list_of_modules_falls_back_to_the_table_of_contents() -> None:
    made = canvas_course()
    made.files["course_settings/module_meta.xml"] = "<modules>\n<module>"
    course = read_cartridge(made.archive())
    assert outline(course) == [("M", [("link", "River page", 0)])]
    assert [problem.code for problem in course.problems] == ["xml_broken"]
