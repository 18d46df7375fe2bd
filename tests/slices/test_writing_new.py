"""There is one notion of new: every count on every page is the same set."""

import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forum.core.db import transaction
from forum.posts import commands as posts
from tests.client import CheckingClient
from tests.conftest import Site
from tests.deep import times
from tests.slices.writing_steps import WORDS, member, reply, written_by
from tests.world import WORLD_AT, World

PEOPLE = ("ana", "ben", "chidi")


def new_on_thread(page: str) -> int:
    found = re.search(r"(\d+) posts? (?:is|are) new here", page)
    return int(found.group(1)) if found else 0


def counts(client: CheckingClient, site: Site) -> tuple[int, int, int, int]:
    """New of the board as told by its thread, its list, the course home and This week."""
    course, board, thread = site.world.course, site.world.boards["questions"], site.world.threads["questions"]
    title = "Questions about the course"
    numbers = [new_on_thread(client.get(f"{course}/threads/{thread}").text)]
    for path, after in ((f"{course}/boards/{board}", "Map room"), (course, title), ("/", title)):
        page = re.sub(r"<[^>]+>", " ", client.get(path).text)
        found = re.search(
            r"(\d+) new", " ".join(page.split(after, 1)[1].split()[:40]) if after in page else ""
        )
        numbers.append(int(found.group(1)) if found else 0)
    return tuple(numbers)  # type: ignore[return-value]


def read_to_here(client: CheckingClient, site: Site) -> None:
    path = f"{site.world.course}/threads/{site.world.threads['questions']}"
    page = client.get(path).text
    fields = dict(re.findall(r'name="(position|at)" value="([^"]+)"', page))
    if fields:
        assert client.send(f"{path}/read", fields).status_code == 303


STEPS = st.lists(
    st.tuples(st.sampled_from(("post", "answer", "read", "remove", "restore")), st.sampled_from(PEOPLE), st.integers(0, 9)),
    min_size=4, max_size=14,
)  # fmt: skip


@pytest.mark.sqlite_only
def test_any_order_of_posting_reading_and_removing_gives_one_set(site: Site, world: World) -> None:
    @settings(
        max_examples=times(12), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(STEPS)
    def check(steps: list[tuple[str, str, int]]) -> None:
        site.base.reset()
        clients = {short: site.client(short) for short in PEOPLE}
        thread, now = world.threads["questions"], WORLD_AT
        made: list[tuple[str, str, str | None]] = [(world.posts["opening"], "chidi", None)]
        removed: set[str] = set()
        unread = {
            short: {world.posts["opening"]} - ({world.posts["opening"]} if short == "chidi" else set())
            for short in PEOPLE
        }
        read = {short: set() for short in PEOPLE}  # type: ignore[var-annotated]
        for deed, short, pick in steps:
            now += timedelta(minutes=1)
            site.at(now)
            target, author, _parent = made[pick % len(made)]
            if deed in ("post", "answer"):
                parent = target if deed == "answer" and target not in removed else made[0][0]
                if parent in removed:
                    continue
                made.append(
                    (written_by(site, short, thread, f"Post {len(made)}.", now, parent), short, parent)
                )
            elif deed == "read":
                read_to_here(clients[short], site)
                read[short] = {post for post, _author, _to in made}
            elif target != made[0][0]:
                client = clients[author]
                client.send(
                    f"{world.course}/posts/{target}/removal",
                    {"deed": "remove" if deed == "remove" else "restore"},
                )
                (removed.add if deed == "remove" else removed.discard)(target)
        for short in PEOPLE:
            answered = {to for post, author, to in made if author == short and post not in removed}
            unread[short] = {
                post for post, author, _to in made
                if author != short and post not in removed and post not in read[short] and post not in answered
            }  # fmt: skip
            assert counts(clients[short], site) == (len(unread[short]),) * 4, (short, steps)

    check()


def test_ones_own_posts_are_never_new_and_all_is_before_a_first_visit(site: Site, world: World) -> None:
    assert counts(site.client("ben"), site) == (1, 1, 1, 1)
    assert counts(site.client("chidi"), site) == (0, 0, 0, 0)


def test_what_was_handed_in_before_the_page_and_shown_after_it_is_new_once_it_is_shown(
    site: Site, world: World
) -> None:
    """Its position may be one that the reader has read beyond: what tells is the instant at which it was shown."""
    ana, thread = site.client("ana"), world.threads["questions"]
    with site.app.app_context(), transaction() as session:
        posts.post_reply(
            session, member(site, "ben"), thread, posts.write("On Fridays until two.", "key-of-later"), at=WORLD_AT,
            shown_from=WORLD_AT + timedelta(minutes=20),
        )  # fmt: skip
    written_by(site, "ines", thread, "It is open today.", WORLD_AT)
    read_to_here(ana, site)
    site.at(WORLD_AT + timedelta(minutes=19))
    assert counts(ana, site) == (0, 0, 0, 0)
    site.at(WORLD_AT + timedelta(minutes=20))
    written_by(site, "chidi", thread, "Thank you.", WORLD_AT + timedelta(minutes=20))  # settles positions
    assert counts(ana, site) == (2, 2, 2, 2)


def test_whoever_answers_a_post_has_read_it(site: Site, world: World) -> None:
    ana, thread = site.client("ana"), world.threads["questions"]
    read_to_here(ana, site)
    at = WORLD_AT + timedelta(minutes=1)
    site.at(at)
    question = written_by(site, "ben", thread, "On which days is it open?", at)
    written_by(site, "ben", thread, "And until when?", at)
    assert counts(ana, site) == (2, 2, 2, 2)
    answer = written_by(site, "ana", thread, "On Fridays.", at, question)
    assert counts(ana, site) == (1, 1, 1, 1)
    ana.send(f"{world.course}/posts/{answer}/removal", {"deed": "remove"})
    assert counts(ana, site) == (2, 2, 2, 2)


def test_the_line_stands_before_the_first_new_post_and_opening_clears_nothing(
    site: Site, world: World
) -> None:
    ana, path = site.client("ana"), f"{world.course}/threads/{world.threads['questions']}"
    read_to_here(ana, site)
    page = ana.get(path).text
    assert "New since you were here" not in page
    assert "is new here" not in page
    site.at(WORLD_AT + timedelta(minutes=1))
    written_by(
        site,
        "ben",
        world.threads["questions"],
        "On Fridays until two.",
        WORLD_AT + timedelta(minutes=1),
        world.posts["opening"],
    )
    for _visit in range(2):
        page = ana.get(path).text
        assert "1 new since you were here" in page
        assert (
            page.index("Is the map room open")
            < page.index("New since you were here")
            < page.index("On Fridays until two")
        )


def test_a_post_that_was_stored_after_the_page_but_arrived_before_it_is_new(site: Site, world: World) -> None:
    ana = site.client("ana")
    site.at(WORLD_AT + timedelta(seconds=10))
    read_to_here(ana, site)
    written_by(
        site,
        "ben",
        world.threads["questions"],
        "Slow to be stored.",
        WORLD_AT + timedelta(seconds=5),
        world.posts["opening"],
    )
    assert counts(ana, site) == (1, 1, 1, 1)


def test_words_that_count_from_an_earlier_arrival_are_new_to_who_read_meanwhile(
    site: Site, world: World
) -> None:
    path = f"{world.course}/threads/{world.threads['questions']}/replies"
    kept = site.client().post(path, data={"text": WORDS, "key": "key-of-the-words"})
    arrival = re.search(r'name="kept-arrival" value="([^"]+)"', kept.text)
    assert arrival
    site.at(WORLD_AT + timedelta(minutes=1))
    ana = site.client("ana")
    read_to_here(ana, site)
    site.at(WORLD_AT + timedelta(minutes=2))
    reply(
        site.client("ben"),
        site,
        world.threads["questions"],
        WORDS,
        "key-of-the-words",
        arrival=arrival.group(1),
    )
    assert counts(ana, site) == (1, 1, 1, 1)


def test_a_mark_never_goes_back_nor_beyond_what_is_there(site: Site, world: World) -> None:
    ana, path = site.client("ana"), f"{world.course}/threads/{world.threads['questions']}/read"
    read_to_here(ana, site)
    ana.send(path, {"position": "0", "at": (WORLD_AT - timedelta(days=9)).isoformat()})
    ana.send(path, {"position": "9" * 9, "at": (WORLD_AT + timedelta(days=9)).isoformat()})
    assert counts(ana, site) == (0, 0, 0, 0)
    site.at(WORLD_AT + timedelta(minutes=1))
    written_by(
        site,
        "ben",
        world.threads["questions"],
        "Another.",
        WORLD_AT + timedelta(minutes=1),
        world.posts["opening"],
    )
    assert counts(ana, site) == (1, 1, 1, 1)


def test_read_to_here_is_answered_in_place_for_scripts(site: Site, world: World) -> None:
    ana, path = site.client("ana"), f"{world.course}/threads/{world.threads['questions']}/read"
    answer = ana.send(
        path, {"position": "1", "at": WORLD_AT.isoformat()}, headers={"Accept": "application/json"}
    )
    assert answer.json == {"text": "Read to here."}


def test_only_the_last_page_of_a_thread_offers_to_be_read_to(site: Site, world: World) -> None:
    for number in range(120):
        written_by(
            site,
            "ben",
            world.threads["floods"],
            f"Number {number}.",
            WORLD_AT - timedelta(seconds=200 - number),
        )
    ana, url = site.client("ana"), f"{world.course}/threads/{world.threads['floods']}"
    first = ana.get(url).text
    assert "I have read to here" not in first
    more = re.search(r'rel="next" href="([^"]+)"', first)
    assert more
    assert "123 posts are new here." in ana.get(more.group(1)).text
