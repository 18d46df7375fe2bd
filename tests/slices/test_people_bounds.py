"""Who may not manage the people of a course, whom nobody may change, and an administrator's visit."""

from datetime import timedelta

import pytest

from forum.core.db import transaction
from forum.courses import commands as courses
from forum.courses.models import Course
from tests.conftest import Site
from tests.slices.people_steps import place_of, times_of
from tests.world import WORLD_AT, World


@pytest.mark.parametrize("who", ["ana", "olga", "tariq"])
def test_who_may_not_manage_people_passes_no_door_of_it(site: Site, world: World, who: str) -> None:
    client, ben = site.client(who), place_of(site, world, "ben")
    token = client.token()
    for method, path in (
        ("GET", "new"), ("POST", "new"), ("GET", ben), ("POST", ben), ("POST", f"{ben}/ending"), ("POST", f"{ben}/invitation"),
        ("POST", "invitations.csv"), ("GET", "sections"), ("POST", "sections"), ("GET", "groups"), ("POST", "groups"),
    ):  # fmt: skip
        answer = client.open(
            f"{world.course}/people/{path}", method=method, data={"csrf_token": token, "role": "instructor"}
        )
        assert answer.status_code == 403, (method, path)


def test_a_student_cannot_move_themselves(site: Site, world: World) -> None:
    ana = site.client("ana")
    own = place_of(site, world, "ana")
    assert (
        ana.send(
            f"{world.course}/people/{own}", {"role": "student", "section": world.sections["South"]}
        ).status_code
        == 403
    )


def test_strangers_do_not_know_of_the_people(site: Site, world: World) -> None:
    for who in ("sam", "mia"):
        assert site.client(who).get(f"{world.course}/people").status_code == 404


def test_another_courses_ids_are_not_here(site: Site, world: World) -> None:
    ines = site.client("ines")
    mia = place_of(site, world, "mia", world.other_course_id)
    with site.app.app_context(), transaction() as session:
        other = session.get_one(Course, world.other_course_id)
        section = courses.section_called(session, other, "Theirs").public_id
        group = courses.group_called(session, other, "Theirs").public_id
    for method, path in (
        ("GET", mia), ("POST", mia), ("POST", f"{mia}/ending"), ("POST", f"{mia}/invitation"),
        ("GET", f"sections/{section}"), ("POST", f"sections/{section}"), ("GET", f"groups/{group}"), ("POST", f"groups/{group}"),
    ):  # fmt: skip
        data = (
            {"csrf_token": ines.token(), "role": "student", "title": "Mine now"} if method == "POST" else None
        )
        assert ines.open(f"{world.course}/people/{path}", method=method, data=data).status_code == 404, (
            method,
            path,
        )
    ben = f"{world.course}/people/{place_of(site, world, 'ben')}"
    assert ines.send(ben, {"role": "student", "section": section}).status_code == 422
    assert ines.send(ben, {"role": "student", "groups": [group]}).status_code == 422


def test_nobody_changes_their_own_place(site: Site, world: World) -> None:
    ines, own = site.client("ines"), place_of(site, world, "ines")
    assert "Somebody else has to change it" in ines.get(f"{world.course}/people/{own}").text
    assert ines.send(f"{world.course}/people/{own}", {"role": "student"}).status_code == 422
    assert ines.send(f"{world.course}/people/{own}/ending").status_code == 409
    assert (
        ines.send(f"{world.course}/people/new", {"email": "ines@example.org", "role": "student"}).status_code
        == 422
    )
    assert place_of(site, world, "ines") == own


def test_an_assistant_who_manages_people_makes_and_unmakes_no_instructor(site: Site, world: World) -> None:
    with site.app.app_context(), transaction() as session:
        session.get_one(Course, world.course_id).assistants_manage = True
    tariq, url = site.client("tariq"), f"{world.course}/people"
    assert tariq.send(f"{url}/new", {"email": "sam@example.org", "role": "instructor"}).status_code == 422
    assert tariq.send(f"{url}/new", {"email": "ines@example.org", "role": "student"}).status_code == 422
    assert tariq.send(f"{url}/{place_of(site, world, 'ines')}", {"role": "student"}).status_code in (409, 422)
    assert tariq.send(f"{url}/{place_of(site, world, 'ines')}/ending").status_code == 409
    assert tariq.send(f"{url}/{place_of(site, world, 'tariq')}", {"role": "instructor"}).status_code in (
        409,
        422,
    )
    assert tariq.send(f"{url}/new", {"email": "sam@example.org", "role": "assistant"}).status_code == 303
    assert len(times_of(site, world.people["ines"], world.course_id)) == 1


# --- an administrator's visit --------------------------------------------------------------------------------------


def test_an_administrator_enters_with_a_reason_that_instructors_see_for_a_day(
    site: Site, world: World
) -> None:
    ada, url = site.client("ada"), f"{world.course}/manage/visit"
    refused = ada.get(world.course)
    assert refused.status_code == 403
    assert f'<a href="{world.course}/manage/visit">Enter the course with a reason</a>' in refused.text
    assert ada.send(url, {"reason": "   "}).status_code == 422
    assert ada.send(url, {"reason": "A student reported <b>a post</b>."}).status_code == 303
    assert ada.get(world.course).status_code == 200
    page = site.client("ines").get(f"{world.course}/people").text
    assert "A student reported &lt;b&gt;a post&lt;/b&gt;." in page
    assert "reported" not in site.client("ana").get(f"{world.course}/people").text
    assert (
        ada.send(
            f"{world.course}/threads/{world.threads['floods']}/replies", {"text": "x", "key": "key-ada-1"}
        ).status_code
        == 403
    )
    site.at(WORLD_AT + timedelta(hours=24) - timedelta(microseconds=1))
    assert ada.get(world.course).status_code == 200
    site.at(WORLD_AT + timedelta(hours=24))
    assert ada.get(world.course).status_code == 403


@pytest.mark.parametrize("who", ["ines", "ana", "tariq"])
def test_only_an_administrator_from_outside_makes_a_visit(site: Site, world: World, who: str) -> None:
    client = site.client(who)
    assert client.get(f"{world.course}/manage/visit").status_code == 403
    assert client.send(f"{world.course}/manage/visit", {"reason": "curious"}).status_code == 403
    assert client.send(f"{world.other}/manage/visit", {"reason": "curious"}).status_code == 404


def test_an_administrator_puts_the_first_instructor_in_without_entering(site: Site, world: World) -> None:
    ada = site.client("ada")
    assert (
        ada.send(f"{world.other}/people/new", {"email": "ines@example.org", "role": "instructor"}).status_code
        == 303
    )
    assert site.client("ines").get(world.other).status_code == 200
    assert ada.get(world.other).status_code == 403


def test_who_is_refused_for_their_role_is_led_back_to_the_course(site: Site, world: World) -> None:
    refused = site.client("ana").get(f"{world.course}/manage")
    assert refused.status_code == 403
    assert "This is for people who have another role here. Nothing was changed." in refused.text
    assert f'<a href="{world.course}">Go to the course</a>' in refused.text


def test_who_is_asked_to_sign_in_is_told_that_they_go_on_from_there(site: Site, world: World) -> None:
    stranger = site.client()
    asked = stranger.get(f"{world.course}/people", follow_redirects=True)
    assert "The page that you asked for is open to those who have signed in." in asked.text
    assert "The page that you asked for" not in stranger.get("/sign-in").text
