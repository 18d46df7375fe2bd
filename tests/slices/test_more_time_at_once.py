"""Requests for more time pressed and answered by several at the same moment: each ends as one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from forum.boards.models import Extension
from forum.core.db import db
from tests.client import CheckingClient
from tests.conftest import Site

from .more_time_steps import answer_path, ask_path, requests_now, seen_form, wish
from .receipt_steps import chain_of
from .test_more_time_answered import second_instructor
from .test_more_time_taken_in import GRANTED, refused, wished
from .writing_steps import posts_by


def at_once(presses: list[tuple[CheckingClient, str, dict[str, str]]]) -> list[Any]:
    """Send these forms at the same moment; the statuses in their order."""
    gate = threading.Barrier(len(presses))
    ready = [(client, path, {**fields, "csrf_token": client.token()}) for client, path, fields in presses]

    def press(number: int) -> int:
        client, path, fields = ready[number]
        gate.wait()
        return client.post(path, data=fields).status_code

    with ThreadPoolExecutor(len(presses)) as pool:
        return list(pool.map(press, range(len(presses))))


def test_pressed_at_once_it_is_one_request(site: Site) -> None:
    path = ask_path(site)
    assert at_once([(site.client("ana"), path, wish()) for _press in range(4)]) == [303] * 4
    (row,) = requests_now(site)
    assert row.version == 1


@pytest.mark.parametrize("deeds", [("grant", "grant"), ("grant", "decline"), ("decline", "decline")])
def test_of_two_instructors_at_once_one_answers_and_the_other_is_told(
    site: Site, deeds: tuple[str, str]
) -> None:
    refused(site)
    row = wished(site)
    site.at(GRANTED)
    people = [site.client("ines"), second_instructor(site)]
    forms = [
        {**seen_form(client, site, row), "deed": deed, "text": f"Answer {number}"}
        for number, (client, deed) in enumerate(zip(people, deeds, strict=True))
    ]
    statuses = at_once(
        [(client, answer_path(site, row), form) for client, form in zip(people, forms, strict=True)]
    )
    assert sorted(statuses) == [303, 409]
    (answered,) = requests_now(site)
    first = statuses.index(303)
    assert answered.answer == f"Answer {first}"
    given = deeds[first] == "grant"
    assert answered.state == ("granted" if given else "declined")
    with site.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Extension)) == given
    assert len(posts_by(site, "ana")) == given
    assert chain_of(site).is_whole
