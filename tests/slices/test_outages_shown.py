"""What people read of an outage, and what they can do about it: docs/time.md, rules 9 d, 14 and 24."""

from datetime import timedelta

from click.testing import CliRunner
from sqlalchemy import func, select

from forum.boards.outages.models import AddedTime, PlannedStop
from forum.boards.rules.outages import Outage
from forum.cli import main
from forum.core.db import db
from tests.conftest import Site
from tests.slices.board_steps import fields_of
from tests.slices.outage_steps import at, away, beat, beat_of, dates_on, outages

START, END = at("2026-11-25T23:50+01:00"), at("2026-11-26T02:00+01:00")  # Wednesday to Thursday, in Madrid
DUE = at("2026-11-26T23:00Z")  # the first post on Floods: end of Thursday in Madrid
MANAGED = "/manage/boards/{}/outages"


def board_url(site: Site, name: str = "floods") -> str:
    return f"{site.world.course}/boards/{site.world.boards[name]}"


def managed(site: Site, name: str = "floods") -> str:
    return f"{site.world.course}/manage/boards/{site.world.boards[name]}/outages"


def page(client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_a_student_reads_how_much_was_given_back_and_why_and_the_kept_page_is_made_anew(site: Site) -> None:
    beat(site, START)
    ana = site.client("ana")
    url = f"{site.world.course}/threads/{site.world.threads['floods']}"
    for address in (url, board_url(site), "/"):
        assert "minutes given back" not in page(ana, address)
        assert "Thursday, 16:59" in page(ana, address)
    beat(site, END)
    for address in (url, board_url(site), "/"):
        told = page(ana, address)
        assert "Thursday, 19:09" in told, address
        assert "2 hours 10 minutes given back: the forum was down." in told
        assert (
            "2 hours 10 minutes given back because the forum was down on Wednesday 25 November 2026: now Thursday 26 November 2026, 19:09."
            in told
        )


def test_each_reads_it_in_their_own_zone_and_noon_is_explained(site: Site) -> None:
    away(site, at("2026-11-26T22:00+01:00"), at("2026-11-27T01:00+01:00"))
    ben = page(site.client("ben"), board_url(site))
    assert "Friday, 11:59" in ben, "due in the night in Madrid: noon"
    assert "until noon so that nobody has to write at night" in ben
    ana = page(site.client("ana"), board_url(site))
    assert "Thursday, 18:59" in ana
    assert "noon" not in ana


def test_nobody_else_reads_of_a_students_time(site: Site) -> None:
    away(site, START, END)
    for short in ("ben", "olga"):
        assert "16:59" not in page(site.client(short), board_url(site))
    assert page(site.client("tariq"), managed(site), 403)
    assert page(site.client("ana"), managed(site), 403)
    assert page(site.client("mia"), managed(site), 404)


def test_instructors_see_outages_on_the_board_and_give_more(site: Site) -> None:
    away(site, START, END)
    ines = site.client("ines")
    assert managed(site) in page(ines, board_url(site)), "one step from the board"
    told = page(ines, managed(site))
    assert (
        "The forum was down from Wednesday 25 November 2026, 23:50 to Thursday 26 November 2026, 02:00: 2 hours 10 minutes."
        in told
    )
    assert "First post, at least 10 words: 2 hours 10 minutes given back to 4 students." in told
    answer = ines.send(
        managed(site),
        {"checkpoint": "", "hours": "3", "minutes": "30", "reason": "The libraries were closed too."},
    )
    assert answer.status_code == 303
    assert "3 hours 30 minutes more" in page(ines, managed(site))
    ana = page(site.client("ana"), board_url(site))
    assert "Thursday, 22:39" in ana
    assert "3 hours 30 minutes more from the people who teach this course" in ana
    assert "The libraries were closed too." in ana
    found = dates_on(site, "floods")["ana"]
    assert found.dates[0].due == DUE + timedelta(hours=5, minutes=40)
    assert found.dates[1].due == at("2026-11-28T23:00Z") + timedelta(hours=3, minutes=30)
    assert found.cutoff_at == at("2026-11-29T18:01+01:00") + timedelta(hours=5, minutes=40)


def test_one_thing_that_is_asked_can_get_more_alone(site: Site) -> None:
    away(site, START, END)
    ines = site.client("ines")
    chosen = page(ines, managed(site)).split('value="', 20)
    values = [part.partition('"')[0] for part in chosen if "2 replies" in part.partition("</option>")[0]]
    answer = ines.send(
        managed(site), {"checkpoint": values[0], "hours": "1", "minutes": "0", "reason": "For the replies."}
    )
    assert answer.status_code == 303
    found = dates_on(site, "floods")["ana"]
    assert [date.due for date in found.dates] == [
        DUE + timedelta(hours=2, minutes=10), at("2026-11-28T23:00Z") + timedelta(hours=1)
    ]  # fmt: skip


def test_more_time_needs_an_amount_a_reason_and_an_outage_and_nothing_typed_is_lost(site: Site) -> None:
    ines = site.client("ines")
    typed = {"checkpoint": "", "hours": "2", "minutes": "0", "reason": "Kept words"}
    answer = ines.send(managed(site), typed)
    assert answer.status_code == 409
    assert "there is nothing to add to" in answer.get_data(as_text=True)
    away(site, START, END)
    for changed, sentence in (
        ({"hours": "0"}, "Please give some time, at most 14 days."),
        ({"hours": "-5"}, "Please write a number from 0 to 336."),
        ({"hours": "many"}, "Please write a whole number."),
        ({"hours": "336", "minutes": "1"}, "Please give some time, at most 14 days."),
        ({"reason": " "}, "There is nothing written here yet."),
        ({"checkpoint": "nonesuch"}, "Not a valid choice."),
    ):
        answer = ines.send(managed(site), typed | changed)
        told = answer.get_data(as_text=True)
        assert (answer.status_code, sentence in told) == (422, True), changed
        assert changed.get("reason") or "Kept words" in told
    with site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(AddedTime)) == 0


def test_moving_a_date_later_never_shortens_what_was_given_back(site: Site) -> None:
    away(site, at("2026-11-25T22:00+01:00"), at("2026-11-26T23:00+01:00"))
    noon = at("2026-11-28T12:00+01:00")
    assert dates_on(site, "floods")["ben"].dates[0].due == noon
    ines = site.client("ines")
    url = f"{site.world.course}/manage/boards/{site.world.boards['floods']}"
    fields = fields_of(page(ines, url), url) | {"deed": "save"}
    changed = {name: "2026-11-27" for name, value in fields.items() if value == "2026-11-26"}
    assert len(changed) == 1
    assert ines.send(url, fields | changed).status_code == 303
    found = dates_on(site, "floods")["ben"].dates[0]
    assert found.reasons[0].values["due"] == at("2026-11-28T00:00+01:00"), "the rule moved"
    assert found.due == noon


# --- administrators -------------------------------------------------------------------------------------------


def plan(**changed: str) -> dict[str, str]:
    return {
        "start_on": "2026-11-25",
        "start_at": "23:30",
        "end_on": "2026-11-26",
        "end_at": "02:30",
        "note": "A new disk",
    } | changed


def test_a_stop_that_was_noted_beforehand_is_called_planned_and_gives_as_much(site: Site) -> None:
    ada = site.client("ada")
    assert ada.send("/admin/outages", plan()).status_code == 303
    assert "A new disk" in page(ada, "/admin/outages")
    assert outages(site) == [], "the note moves nothing"
    away(site, START, END)
    assert outages(site) == [Outage(START, END, "planned")]
    assert "given back because the forum was down for planned work on Wednesday" in page(
        site.client("ana"), board_url(site)
    )
    assert (
        "The forum was down for planned work from Wednesday 25 November 2026, 23:50 to Thursday 26 November 2026, 02:00"
        in page(ada, "/admin/outages")
    )


def test_a_stop_is_noted_with_all_its_times_in_their_order_and_ahead(site: Site) -> None:
    ada = site.client("ada")
    for changed, sentence in (
        ({"start_on": ""}, "Please fill this in."),
        ({"end_at": "24:00"}, "This is no time"),
        ({"end_on": "2026-11-25", "end_at": "23:30"}, "This is not after its start."),
        ({"start_on": "2026-11-23", "start_at": "01:00", "end_on": "2026-11-23"}, "This has passed."),
    ):
        answer = ada.send("/admin/outages", plan(**changed))
        told = answer.get_data(as_text=True)
        assert (answer.status_code, sentence in told, "A new disk" in told) == (422, True, True), changed


def test_a_stop_can_be_taken_back_once(site: Site) -> None:
    ada = site.client("ada")
    ada.send("/admin/outages", plan())
    with site.app.app_context():
        public_id = db.session.scalar(select(PlannedStop.public_id))
    assert ada.send(f"/admin/outages/{public_id}/withdrawal", {}).status_code == 303
    assert ada.send(f"/admin/outages/{public_id}/withdrawal", {}).status_code == 404
    away(site, START, END)
    assert outages(site)[0].kind == "down"


def test_posts_taken_while_a_clock_was_off_are_listed_with_both_times_and_without_words(site: Site) -> None:
    with site.app.app_context():
        from forum.posts.models import Post

        last = db.session.scalar(select(func.max(Post.id))) or 0
    beat_of(site, "one", START, up=timedelta(0))
    ahead = START + timedelta(hours=2)
    beat_of(site, "one", ahead + timedelta(seconds=10), up=timedelta(seconds=10), last=last)
    site.at(ahead + timedelta(minutes=5))
    url = f"{site.world.course}/threads/{site.world.threads['floods']}/replies"
    site.client("ben").send(url, {"text": "Read by nobody here.", "key": "b" * 32})
    beat_of(site, "one", START + timedelta(minutes=10), up=timedelta(minutes=10), last=last + 1)
    site.at(START + timedelta(minutes=11))
    site.client("chidi").send(url, {"text": "After the clock was right again.", "key": "c" * 32})
    told = page(site.client("ada"), "/admin/outages")
    assert "set forward by 2 hours" in told
    assert "set back by 2 hours" in told
    assert "Thursday 26 November 2026, 01:55" in told
    assert "Wednesday 25 November 2026, 23:55" in told
    assert "Read by nobody" not in told
    assert told.count("HIST-204") == 2, "the post after it too: nobody knows which clock was right"


# --- commands -------------------------------------------------------------------------------------------------


def run(site: Site, monkeypatch, *words: str):
    monkeypatch.setenv("INSTANCE", str(site.base.folder))
    monkeypatch.setenv("DATABASE_URL", str(site.app.config["DATABASE_URL"] or ""))
    return CliRunner().invoke(main, ["outages", *words])


def test_a_restore_is_named_and_starts_at_the_last_commit_of_the_backup(site: Site, monkeypatch) -> None:
    beat(site, START)
    site.at(END)
    for _again in range(2):
        told = run(site, monkeypatch, "restored")
        assert told.exit_code == 0, told.output
    assert (
        "The forum was restored from a backup from Wednesday 25 November 2026, 22:50 to Thursday 26 November 2026, 01:00"
        in told.output
    )
    assert outages(site) == [Outage(START, END, "restored")]
    beat(site, END + timedelta(seconds=20))
    assert outages(site)[0] == Outage(START, END + timedelta(seconds=20), "down"), (
        "and its first sign of life says so too"
    )
    ana = page(site.client("ana"), board_url(site))
    assert "2 hours 15 minutes given back" in ana
    assert "Thursday, 19:14" in ana
    told = run(site, monkeypatch, "restored", "--since", "2026-11-25T19:00+01:00")
    assert told.exit_code == 0
    assert "7 hours 5 minutes given back because the forum was restored from a backup" in page(
        site.client("ana"), board_url(site)
    )
    assert "restored from a backup" in run(site, monkeypatch, "list").output


def test_a_restore_is_noted_with_an_instant_of_the_past(site: Site, monkeypatch) -> None:
    for words, sentence in (
        (("--since", "yesterday"), "is no instant"),
        (("--since", "2026-11-25T15:00"), "give the offset"),
        (("--since", "2036-11-25T15:00Z"), "not in the past"),
        ((), "no sign of life"),
    ):
        told = run(site, monkeypatch, "restored", *words)
        assert (told.exit_code, sentence in told.output) == (2, True), told.output
    assert "No outage is recorded." in run(site, monkeypatch, "list").output


def test_a_page_that_fails_says_that_time_is_given_back_and_keeps_the_words(site: Site) -> None:
    from forum.core.errors import TooBusy

    ben = site.client("ben")
    url = f"{site.world.course}/threads/{site.world.threads['floods']}"
    assert "what is due soon becomes due later" in page(ben, url), (
        "said by the box when a draft can't be saved"
    )
    view = site.app.view_functions["posts.post_reply"]

    def busy(**_address: str) -> None:
        raise TooBusy

    busy.gate = view.gate  # type: ignore[attr-defined]
    site.app.view_functions["posts.post_reply"] = busy
    try:
        answer = ben.send(f"{url}/replies", {"text": "Words that stay.", "key": "d" * 32})
    finally:
        site.app.view_functions["posts.post_reply"] = view
    told = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "that time is given back to everyone" in told
    assert "Words that stay." in told
