"""Proof of arrival: each post, refusal and edit in time has one, its owner and staff see it, anyone can check it."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from forum.boards.commands import BoardSpec, CheckpointSpec
from forum.boards.models import Extension
from forum.core.db import db, transaction
from forum.core.moments import Wall
from forum.courses.models import Enrollment
from forum.receipts.commands import forget_salt, start_segment
from forum.receipts.models import Receipt
from forum.receipts.rules import Result, words_digest
from tests.conftest import Site
from tests.world import WORLD_AT, World

from .receipt_steps import area, chain_of, checked, receipt_of, receipts_by, sent
from .writing_steps import WORDS, board_of, field, posts_by, reply, started_by

DUE = datetime(2026, 11, 26, 23, 0, tzinfo=UTC)  # end of Thursday in Madrid
LIMIT = DUE + timedelta(minutes=5)
REPLIES_DUE = datetime(2026, 11, 28, 23, 0, tzinfo=UTC)
CUT_OFF = datetime(2026, 11, 29, 17, 1, tzinfo=UTC)
MICRO = timedelta(microseconds=1)


def post_by(site: Site, short: str = "ana", key: str = "key-of-ana-1", words: str = WORDS) -> str:
    """A post on Floods by its page; its public id."""
    answer = reply(site.client(short), site, site.world.threads["floods"], words, key)
    assert answer.status_code == 303, answer.text
    return str(answer.location.rsplit("/", 1)[-1])


# --- what has a receipt -------------------------------------------------------------------------------------------------


def test_a_post_in_time_has_a_receipt_with_its_due_instant_and_verdict(site: Site, world: World) -> None:
    site.at(LIMIT - MICRO)
    post = post_by(site)
    (row,) = receipts_by(site, "ana")
    assert (row.kind, row.verdict, row.arrived_at, row.due_at, row.limit_at, row.revision) == \
        ("accepted", "on_time", LIMIT - MICRO, DUE, LIMIT, 1)  # fmt: skip
    assert row.place == f"thread:{world.threads['floods']}"
    check = checked(site, row.token)
    assert check.result is Result.VALID
    assert check.statement is not None
    assert check.statement.post == post
    assert check.statement.words == words_digest(row.salt or "", WORDS)


def test_at_the_limit_it_says_late(site: Site) -> None:
    site.at(LIMIT)
    post_by(site)
    assert [row.verdict for row in receipts_by(site, "ana")] == ["late"]


def test_pressing_twice_gives_one_receipt(site: Site) -> None:
    assert post_by(site) == post_by(site)
    assert len(receipts_by(site, "ana")) == 1


def test_a_reply_is_held_against_the_date_of_replies(site: Site, world: World) -> None:
    site.client("ana").send(
        f"{world.course}/posts/{world.posts['ben']}/replies", {"text": WORDS, "key": "key-of-ana-1"}
    )
    assert [(row.due_at, row.verdict) for row in receipts_by(site, "ana")] == [(REPLIES_DUE, "on_time")]


def test_what_has_no_due_date_and_what_staff_write_is_held_against_none(site: Site, world: World) -> None:
    started_by(site, "ana", world.boards["questions"], "A question", WORLD_AT)
    post_by(site, "ines", "key-of-ines")
    for short in ("ana", "ines"):
        row = receipts_by(site, short)[-1]
        assert (row.due_at, row.limit_at, row.verdict) == (None, None, "on_time")


def test_more_time_is_in_the_due_instant_and_nowhere_said(site: Site, world: World) -> None:
    more = DUE + timedelta(days=2)
    with site.app.app_context(), transaction() as session:
        from forum.boards.models import Board

        board = session.query(Board).filter_by(public_id=world.boards["floods"]).one()
        board.version += 1
        session.add(Extension(board_id=board.id, account_id=world.people["ana"], due_on=more.date() - timedelta(days=1),
                              due_at=more, zone="Europe/Madrid", reason="SECRET-REASON",
                              author_id=world.people["ines"], created_at=WORLD_AT))  # fmt: skip
    site.at(LIMIT + timedelta(hours=1))
    post_by(site)
    (row,) = receipts_by(site, "ana")
    assert (row.due_at, row.verdict) == (more, "on_time")
    for short in ("ana", "ines", "tariq"):
        page = site.client(short).get(f"/receipts/{row.public_id}").text
        assert "SECRET-REASON" not in page
        assert "More time" not in page
        assert "course's rule" not in page


def test_a_refused_post_has_one_too_and_the_page_links_it(site: Site, world: World) -> None:
    ana = site.client("ana")
    site.at(CUT_OFF)
    answer = reply(ana, site, world.threads["floods"], WORDS, "key-of-ana-1")
    (row,) = receipts_by(site, "ana")
    assert answer.status_code == 409
    assert f'href="/receipts/{row.public_id}"' in answer.text
    assert (row.kind, row.verdict, row.detail, row.post_id, row.arrived_at) == \
        ("refused", "refused", "closed", None, CUT_OFF)  # fmt: skip
    assert row.due_at == DUE
    site.at(CUT_OFF + timedelta(minutes=1))
    again = reply(ana, site, world.threads["floods"], WORDS, "key-of-ana-1")
    assert f'href="/receipts/{row.public_id}"' in again.text, "the same words have the first one"
    reply(ana, site, world.threads["floods"], WORDS + " More.", "key-of-ana-2")
    assert len(receipts_by(site, "ana")) == 2
    page = ana.get(f"/receipts/{row.public_id}").text
    assert "Not taken" in page
    assert "cut" not in page.lower().replace("cutoff", "")
    assert chain_of(site).is_whole


def test_a_second_thread_where_one_is_asked_is_refused_with_a_receipt_of_another_class(
    site: Site, world: World
) -> None:
    ana = site.client("ana")
    path = f"{world.course}/boards/{world.boards['each']}/threads"
    assert ana.send(path, {"text": WORDS, "title": "My town", "key": "key-of-ana-1"}).status_code == 303
    answer = ana.send(path, {"text": WORDS, "title": "Again", "key": "key-of-ana-2"})
    row = receipts_by(site, "ana")[-1]
    assert (answer.status_code, row.kind, row.detail) == (409, "refused", "other")
    assert f"/receipts/{row.public_id}" in answer.text


def test_words_for_a_thread_that_was_removed_meanwhile_have_a_receipt(site: Site, world: World) -> None:
    site.client("ines").send(f"{world.course}/threads/{world.threads['questions']}/state", {"deed": "remove"})
    ana = site.client("ana")
    assert reply(ana, site, world.threads["questions"], WORDS, "key-of-ana-1").status_code == 409
    assert [(row.kind, row.detail) for row in receipts_by(site, "ana")] == [("refused", "closed")]


def test_a_signed_arrival_is_the_arrival_of_the_receipt(site: Site, world: World) -> None:
    stranger, path = site.client(), f"{world.course}/threads/{world.threads['floods']}/replies"
    site.at(LIMIT - timedelta(seconds=20))
    place = f"thread:{world.threads['floods']}"
    kept = stranger.post(path, data={"text": WORDS, "key": "key-of-ana-1", "place": place})
    arrival = re.search(r'name="kept-arrival" value="([^"]+)"', kept.text)
    assert arrival
    site.at(LIMIT + timedelta(minutes=1))
    ana = site.client("ana")
    ana.send(path, {"text": WORDS, "key": "key-of-ana-1", "arrival": arrival.group(1)})
    (row,) = receipts_by(site, "ana")
    assert (row.arrived_at, row.created_at, row.verdict) == \
        (LIMIT - timedelta(seconds=20), LIMIT + timedelta(minutes=1), "on_time")  # fmt: skip
    assert "sent again, unchanged" in ana.get(f"/receipts/{row.public_id}").text


def test_its_authors_edit_before_the_limit_has_one_and_no_other_edit(site: Site, world: World) -> None:
    post = post_by(site)

    def edit(short: str, revision: int, words: str, at: datetime) -> None:
        site.at(at)
        answer = site.client(short).send(
            f"{world.course}/posts/{post}/edit", {"text": words, "revision": str(revision), "deed": "post"}
        )
        assert answer.status_code == 303, answer.text

    edit("ana", 1, WORDS + " Mended.", LIMIT - MICRO)
    edit("ana", 2, WORDS + " Too late.", LIMIT)
    edit("ines", 3, WORDS + " By staff.", LIMIT)
    rows = receipts_by(site, "ana")
    assert [(row.kind, row.revision, row.arrived_at) for row in rows] == \
        [("accepted", 1, WORLD_AT), ("edit", 2, LIMIT - MICRO)]  # fmt: skip
    assert receipts_by(site, "ines")[1:] == []
    assert chain_of(site).is_whole
    page = site.client("ana").get(f"{world.course}/posts/{post}/receipts")
    assert [f"/receipts/{row.public_id}" in page.text for row in rows] == [True, True]


def test_an_own_zone_date_is_in_the_receipt_as_it_is_for_its_student(site: Site, world: World) -> None:
    spec = BoardSpec("Mine", form="single", prompt="Where you live.", checkpoints=(
        CheckpointSpec("first_post", due=Wall(date(2026, 11, 27)), whose_zone="own"),))  # fmt: skip
    _board, thread = board_of(site, spec)
    assert thread is not None
    for short in ("ana", "ben"):
        reply(site.client(short), site, thread, WORDS, f"key-of-{short}-1")
    dues = [receipts_by(site, short)[-1].due_at for short in ("ana", "ben")]
    assert dues == [datetime(2026, 11, 28, 6, 0, tzinfo=UTC), datetime(2026, 11, 27, 23, 0, tzinfo=UTC)]


# --- who sees it --------------------------------------------------------------------------------------------------------


def test_only_its_owner_and_staff_open_it(site: Site, world: World) -> None:
    post = post_by(site)
    (row,) = receipts_by(site, "ana")
    for path in (f"/receipts/{row.public_id}", f"{world.course}/posts/{post}/receipts"):
        statuses = {
            short: site.client(short).get(path, follow_redirects=True).status_code
            for short in ("ana", "ines", "tariq", "ben", "olga", "mia", "ian", "sam", "ada")
        }
        allowed = {short for short, status in statuses.items() if status == 200}
        assert allowed == {"ana", "ines", "tariq"}
        assert {status for short, status in statuses.items() if short not in allowed} <= {403, 404}
    assert site.client("ben").get(f"/receipts/{row.public_id}").status_code == 404
    assert site.client().get(f"/receipts/{row.public_id}").status_code == 302


def test_staff_of_sections_see_those_of_their_own(site: Site, world: World) -> None:
    post_by(site)
    (row,) = receipts_by(site, "ana")
    with site.app.app_context(), transaction() as session:
        mine = Enrollment.account_id == world.people["tariq"]
        session.execute(update(Enrollment).where(mine).values(all_sections=False))
    assert site.client("tariq").get(f"/receipts/{row.public_id}").status_code == 404
    with site.app.app_context(), transaction() as session:
        from forum.courses import commands as courses
        from forum.courses.models import Course

        course = session.get_one(Course, world.course_id)
        north = courses.section_called(session, course, "North")
        courses.put_in_section(session, course, world.people["tariq"], north.id, at=WORLD_AT)
    assert site.client("tariq").get(f"/receipts/{row.public_id}").status_code == 200


def test_its_page_says_all_in_own_zone_with_the_courses_beside_it(site: Site) -> None:
    site.at(LIMIT - timedelta(minutes=25))
    post_by(site)
    (row,) = receipts_by(site, "ana")
    page = site.client("ana").get(f"/receipts/{row.public_id}").text
    for words in ("Thursday 26 November 2026, 16:40", "Thursday 26 November 2026, 23:40 Madrid time",
                  "Thursday 26 November 2026, 16:59", "end of Thursday 26 November 2026 Madrid time",
                  ">On time</span>.", "2026-11-26T22:40:00.000000Z", "This receipt is genuine", WORDS):  # fmt: skip
        assert words in page, words
    assert area(page, "token") == row.token


def test_the_verdict_and_ones_own_posts_lead_to_it(site: Site, world: World) -> None:
    ana = site.client("ana")
    answer = reply(ana, site, world.threads["floods"], WORDS, "key-of-ana-1")
    post = answer.location.rsplit("/", 1)[-1]
    path = f"{world.course}/posts/{post}/receipts"
    page = ana.get(answer.location, follow_redirects=True).text
    notice = re.search(r'<div class="notice" data-kind="done"><p>(.*?)</p>', page)
    assert notice
    assert f'<a href="{path}">Proof of arrival</a>' in notice.group(1)
    assert page.count(path) == 2, "in the notice and under the post"
    assert site.client("ben").get(f"{world.course}/threads/{world.threads['floods']}").text.count(path) == 0
    assert site.client("ines").get(f"{world.course}/threads/{world.threads['floods']}").text.count(path) == 1
    (row,) = receipts_by(site, "ana")
    assert ana.get(path).location == f"/receipts/{row.public_id}"


def test_a_post_from_before_says_so(site: Site, world: World) -> None:
    post = post_by(site)
    with site.app.app_context(), transaction() as session:
        session.query(Receipt).filter_by(account_id=world.people["ana"]).delete()
    page = site.client("ana").get(f"{world.course}/posts/{post}/receipts")
    assert "came before proofs of arrival were kept" in page.text


def test_mine_lists_them_by_pages_and_nobody_elses(site: Site, world: World) -> None:
    for number in range(23):
        started_by(
            site, "ana", world.boards["questions"], f"Question {number}", WORLD_AT + timedelta(seconds=number)
        )
    ana, rows = site.client("ana"), receipts_by(site, "ana")
    page = ana.get("/mine").text
    first = re.findall(r'href="/receipts/([a-z0-9]+)"', page)
    assert first == [row.public_id for row in reversed(rows)][:20]
    more = re.search(r'href="(/mine\?receipts=[a-z0-9]+)#receipts"', page)
    assert more
    rest = ana.get(more.group(1)).text
    assert re.findall(r'href="/receipts/([a-z0-9]+)"', rest) == [row.public_id for row in reversed(rows)][20:]
    assert site.client("ben").get(more.group(1)).status_code == 404


# --- checking it --------------------------------------------------------------------------------------------------------


def test_anyone_with_the_token_can_check_it_and_the_words(site: Site) -> None:
    post_by(site)
    (row,) = receipts_by(site, "ana")
    stranger = site.client()
    page = sent(stranger, f" {row.token[:50]}\n{row.token[50:]} ").text
    assert "This receipt is genuine" in page
    assert "2026-11-24T12:00:00.000000Z" in page
    assert "Cities and their rivers" not in page, "nothing but what the token states"
    assert "The words are those that arrived." in sent(stranger, row.token, salt=row.salt, words=WORDS).text
    other = sent(stranger, row.token, salt=row.salt, words=WORDS + " ").text
    assert "are not those that arrived" in other
    assert sent(stranger, "").status_code == 422
    assert sent(stranger, row.token, salt="salt", words=WORDS).status_code == 422
    assert sent(stranger, row.token, salt=row.salt).status_code == 422
    assert sent(stranger, row.token, words=WORDS).status_code == 422


@pytest.mark.parametrize("change", ["a.b.c", "cut", "letter"])
def test_a_token_that_was_changed_proves_nothing(site: Site, change: str) -> None:
    post_by(site)
    (row,) = receipts_by(site, "ana")
    token = {"a.b.c": "a.b.c", "cut": row.token[:-1], "letter": row.token[:300] + "AB" + row.token[302:]}[
        change
    ]
    page = sent(site.client(), token).text
    assert "This receipt is genuine" not in page
    assert 'data-kind="problem"' in page


def test_failed_checks_are_held_back_by_address_and_good_ones_are_not(site: Site) -> None:
    post_by(site)
    (row,) = receipts_by(site, "ana")
    stranger = site.client()
    with site.app.app_context(), transaction() as session:
        from forum.core.limits import Attempts

        session.add(Attempts(key="receipts:127.0.0.1", slice_at=WORLD_AT, count=59))
    for _number in range(3):
        assert sent(stranger, row.token).status_code == 200
    assert sent(stranger, "a.b.c").status_code == 200
    assert sent(stranger, "a.b.c").status_code == 429
    site.at(WORLD_AT + timedelta(minutes=11))
    assert sent(stranger, "a.b.c").status_code == 200


def test_an_erased_link_verifies_as_erased_and_the_chain_is_whole(site: Site, world: World) -> None:
    post_by(site)
    (row,) = receipts_by(site, "ana")
    with site.app.app_context(), transaction() as session:
        assert forget_salt(session, world.people["ana"]) == 1
    assert receipts_by(site, "ana") == []
    assert checked(site, row.token).result is Result.ERASED
    assert "Its person was erased" in sent(site.client(), row.token).text
    found = chain_of(site)
    assert (found.is_whole, found.erased) == (True, 1)
    page = site.client("ines").get(f"/receipts/{row.public_id}").text
    assert "of a person who was erased" in page
    assert (row.salt or "") not in page
    assert site.client("ana").get(f"/receipts/{row.public_id}").status_code == 404


def test_after_a_restore_what_was_lost_is_known_to_be_ours_and_lost_with_it(site: Site, world: World) -> None:
    before = receipt_of(site, world.posts["chidi"])
    kept = chain_of(site)
    post_by(site)
    (lost,) = receipts_by(site, "ana")
    with site.app.app_context(), transaction() as session:  # the backup knows nothing of it
        from forum.receipts.models import ReceiptChain

        session.query(Receipt).filter_by(public_id=lost.public_id).delete()
        session.get_one(ReceiptChain, world.course_id).head = kept.head
    assert "taken out, or never put in" in sent(site.client(), lost.token).text
    site.at(WORLD_AT + timedelta(hours=1))
    with site.app.app_context(), transaction() as session:
        head = start_segment(session, world.course_id, "restore", at=WORLD_AT + timedelta(hours=1))
    assert "started anew on" in sent(site.client(), lost.token).text
    assert checked(site, before.token).result is Result.VALID
    found = chain_of(site)
    assert (found.head, found.segments, found.problems) == (head, 1, ())
    assert found.without, "the post is still there in this test, without its receipt"
    row = db_row(site, head)
    assert site.client("ana").get(f"/receipts/{row.public_id}").status_code == 404
    assert "brought back from a backup" in site.client("ines").get(f"/receipts/{row.public_id}").text


def db_row(site: Site, digest: str) -> Receipt:
    with site.app.app_context():
        db.session.rollback()
        found = db.session.query(Receipt).filter_by(hash=digest).one()
        db.session.expunge_all()
        return found


def test_the_words_of_a_page_are_the_ones_that_its_digest_is_of(site: Site) -> None:
    words = "Line one.\r\n\r\n  Two “quoted” <b>& plain</b>\ttab.\r\n"
    post_by(site, words=words)
    (row,) = receipts_by(site, "ana")
    page = site.client("ana").get(f"/receipts/{row.public_id}").text
    from html import unescape

    shown = re.search(r'<textarea class="token" rows="8"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert shown
    given = unescape(shown.group(1))
    assert (
        "The words are those that arrived." in sent(site.client(), row.token, salt=row.salt, words=given).text
    )


def test_a_form_and_its_key_are_one_post_for_a_signed_in_person_who_was_held_back(
    site: Site, world: World
) -> None:
    """The limit of the checking page is none of posting."""
    with site.app.app_context(), transaction() as session:
        from forum.core.limits import Attempts

        session.add(Attempts(key="receipts:127.0.0.1", slice_at=WORLD_AT, count=500))
    ana = site.client("ana")
    page = ana.get(f"{world.course}/boards/{world.boards['floods']}").text
    assert reply(ana, site, world.threads["floods"], WORDS, field(page, "key")).status_code == 303
    assert len(posts_by(site, "ana")) == 1
