"""Members flag posts for staff; peers and authors come upon nothing of it; staff keep, remove and restore."""

import re

import pytest
from sqlalchemy import func, select

from forum.core.db import db, transaction
from forum.core.errors import Refused
from forum.moderation.models import Flag
from forum.posts.commands import remove_post
from tests.conftest import Site
from tests.slices.moderation_steps import act, deeds_of, flag, post_row, queue
from tests.slices.writing_steps import member, started_by, written_by
from tests.world import WORLD_AT, World

WHY = "FLAG-REASON: this quotes a letter about my family."


def flags_stored(site: Site) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Flag)) or 0


@pytest.mark.behavior("B215")
def test_two_flags_of_one_member_are_one_and_taking_it_back_twice_is_harmless(
    site: Site, world: World
) -> None:
    post = world.posts["ben"]
    assert flag(site, "ana", post, "First words.").status_code == 303
    assert flag(site, "ana", post, WHY).status_code == 303
    assert (flags_stored(site), post_row(site, post).flags) == (1, 1)
    assert WHY in queue(site)
    assert flag(site, "ana", post, deed="back").status_code == 303
    assert flag(site, "ana", post, deed="back").status_code == 303
    assert (flags_stored(site), post_row(site, post).flags) == (0, 0)
    assert "No post is flagged" in queue(site)
    assert deeds_of(site, post) == ["flagged", "flagged", "unflagged"]


def test_a_flag_without_a_reason_comes_back_with_a_sentence_beside_the_field(
    site: Site, world: World
) -> None:
    answer = flag(site, "ana", world.posts["ben"], "   ")
    assert answer.status_code == 422
    assert 'id="text-error"' in answer.text
    assert flags_stored(site) == 0


def test_nobody_flags_their_own_post_nor_one_that_was_removed(site: Site, world: World) -> None:
    answer = flag(site, "ben", world.posts["ben"], WHY)
    assert answer.status_code == 409
    assert "your own post" in answer.text
    assert WHY in answer.text, "what was typed is there"
    act(site, world.posts["ben"], "remove", "Not ours to share.")
    assert flag(site, "ana", world.posts["ben"], WHY).status_code == 409
    assert flags_stored(site) == 0


def test_what_one_may_not_see_is_not_there_to_be_flagged(site: Site, world: World) -> None:
    assert flag(site, "ana", world.posts["sealed"]).status_code == 404
    assert flag(site, "mia", world.posts["ben"]).status_code == 404
    assert act(site, world.posts["ben"], "keep", short="ana").status_code == 403
    assert site.client("ben").get(f"{world.course}/moderation").status_code == 403
    assert site.client("olga").get(f"{world.course}/moderation").status_code == 403


def test_the_flagger_sees_their_own_flag_and_peers_and_the_author_nothing(site: Site, world: World) -> None:
    post = world.posts["ben"]
    paths = [
        f"{world.course}/threads/{world.threads['floods']}", f"{world.course}/boards/{world.boards['floods']}",
        f"{world.course}/posts/{post}/flag", f"{world.course}/posts/{post}/removal", "/", world.course, "/mine",
    ]  # fmt: skip

    clients = {short: site.client(short) for short in ("ben", "chidi", "olga")}

    def seen(short: str) -> list[tuple[str, str | None]]:
        answers = [clients[short].get(path) for path in paths]
        drawn = r'name="(csrf_token|key)" value="[^"]*"|data-[a-z-]*(key|token)="[^"]*"'
        return [(re.sub(drawn, "", answer.text), answer.headers.get("ETag")) for answer in answers]

    before = {short: seen(short) for short in clients}
    assert flag(site, "ana", post, WHY).status_code == 303
    assert {short: seen(short) for short in clients} == before, "to the byte, ETags too"
    own = site.client("ana").get(f"{world.course}/posts/{post}/flag").text
    assert WHY in own
    assert "You flagged this post" in own


def test_an_author_on_the_staff_is_not_told_who_flagged_them(site: Site, world: World) -> None:
    flag(site, "ana", world.posts["ines"], WHY)
    others = queue(site, short="tariq")
    assert "Ana Lindqvist" in others.split(WHY)[1][:200]
    own = queue(site, short="ines")
    assert WHY in own
    assert "Ana Lindqvist" not in own


def test_staff_keep_a_post_and_its_flags_are_settled_until_it_is_changed(site: Site, world: World) -> None:
    post = world.posts["ben"]
    flag(site, "ana", post, WHY)
    flag(site, "chidi", post, "Too long.")
    assert "Flagged (1)" in queue(site)
    answer = act(site, post, "keep")
    assert answer.status_code == 303
    assert WHY not in queue(site)
    assert post_row(site, post).flags == 0
    again = flag(site, "ana", post, "Once more.")
    assert again.status_code == 409
    assert "kept it" in again.text
    edited = site.client("ben").send(
        f"{world.course}/posts/{post}/edit", {"text": "Worse words now than there were before.", "revision": "1", "key": "key-edit-1"}
    )  # fmt: skip
    assert edited.status_code == 303
    assert flag(site, "ana", post, "Once more.").status_code == 409, "edited at the instant of the answer"
    assert deeds_of(site, post)[:3] == ["flagged", "flagged", "kept"]


@pytest.mark.behavior("B053", "B055")
def test_staff_remove_with_a_reason_that_the_author_reads_and_nobody_else(site: Site, world: World) -> None:
    post, thread = world.posts["ben"], f"{world.course}/threads/{world.threads['floods']}"
    flag(site, "ana", post, WHY)
    without = act(site, post, "remove", "  ")
    assert without.status_code == 422
    assert "There is nothing written here yet" in without.text
    assert site.client("ines").send(f"{world.course}/posts/{post}/removal", {"deed": "remove", "reason": " "}).status_code == 422  # fmt: skip
    assert post_row(site, post).removed_at is None
    assert act(site, post, "remove", "REASON-OF-STAFF: not yours to share.").status_code == 303
    author, peer = site.client("ben").get(thread).text, site.client("ana").get(thread).text
    assert "REASON-OF-STAFF" in author
    assert "REASON-OF-STAFF" not in peer
    assert "This post was removed by staff." in peer
    assert "three letters" not in peer
    assert "Ben Achterberg" not in peer.split(f'id="p-{post}"')[1].split("</article>")[0]
    assert "Which letters?" in peer, "replies to it stay"
    own = site.client("ben").get(f"{world.course}/posts/{post}/removal").text
    assert "REASON-OF-STAFF" in own
    assert 'value="restore"' not in own
    assert (
        site.client("ben").send(f"{world.course}/posts/{post}/removal", {"deed": "restore"}).status_code
        == 403
    )
    assert WHY not in queue(site)
    assert "REASON-OF-STAFF" in queue(site, "removed")
    assert act(site, post, "restore", short="tariq").status_code == 303
    assert "three letters" in site.client("ana").get(thread).text
    assert WHY in queue(site), "the flag is not settled by a removal that was taken back"


def test_the_command_itself_owes_the_author_a_reason(site: Site, world: World) -> None:
    with site.app.app_context():
        ines = member(site, "ines")
        with pytest.raises(Refused) as refused, transaction() as session:
            remove_post(session, ines, world.posts["ben"], at=WORLD_AT, reason=" ")
    assert refused.value.code == "reason_missing"
    assert post_row(site, world.posts["ben"]).removed_at is None


@pytest.mark.behavior("B217")
def test_staff_see_how_many_posts_of_a_thread_are_flagged_and_can_list_those_threads(
    site: Site, world: World
) -> None:
    board = world.boards["questions"]
    other, opening = started_by(site, "ana", board, "Opening hours", WORLD_AT, "When does the archive open?")
    reply = written_by(site, "ben", other, "At nine, I think.", WORLD_AT)
    for flagger, post in (("chidi", opening), ("dana", opening), ("chidi", reply)):
        assert flag(site, flagger, post).status_code == 303
    ines, url = site.client("ines"), f"{world.course}/boards/{board}"
    assert "2 posts flagged" in ines.get(url).text
    only = ines.get(f"{url}?show=flagged").text
    assert "Opening hours" in only
    assert "Map room" not in only
    assert site.client("ana").get(f"{url}?show=flagged").status_code == 404
    assert "posts flagged" not in site.client("ana").get(url).text
    flag(site, "chidi", opening, deed="back")
    assert "2 posts flagged" in ines.get(url).text, "one of its two flags is left"
    flag(site, "dana", opening, deed="back")
    assert "1 post flagged" in ines.get(url).text
    act(site, reply, "keep")
    assert "Opening hours" not in ines.get(f"{url}?show=flagged").text
