"""The line that offers the zone of one's device: what pages bring for it, and where its form leads."""

import pytest

from tests.conftest import Site
from tests.world import World


@pytest.mark.parametrize(
    ("short", "shown"), [("ana", "America/Chicago"), ("dana", "Europe/Madrid"), ("ines", "Europe/Madrid")]
)
def test_every_page_says_for_the_line_in_which_zone_it_shows_times(
    site: Site, world: World, short: str, shown: str
) -> None:
    for path in (f"boards/{world.boards['floods']}", f"threads/{world.threads['floods']}"):
        page = site.client(short).get(f"{world.course}/{path}").text
        assert page.count(f'data-zone-line data-shown="{shown}"') == 1
    assert "data-zone-line" not in site.client().get("/sign-in").text


def test_as_a_student_of_nobody_there_is_no_line(site: Site, world: World) -> None:
    ines = site.client("ines")
    ines.send(f"{world.course}/as-student", {})
    assert "data-zone-line" not in ines.get(f"{world.course}/boards/{world.boards['floods']}").text


@pytest.mark.parametrize(
    ("there", "leads_to"),
    [
        ("/mine?receipts=2", "/mine?receipts=2"),
        ("/settings/calendar/address", "/"),  # only to send to: its answer has no address of its own
        ("//elsewhere.example/", "/"),
        ("/no/such/page", "/"),
    ],
)
def test_its_form_leads_back_to_the_page_if_that_can_be_read_again(
    site: Site, there: str, leads_to: str
) -> None:
    ana = site.client("ana")
    answer = ana.post(
        "/settings/zone", query_string={"next": there}, data={"csrf_token": ana.token(), "zone": "Asia/Tokyo"}
    )
    assert (answer.status_code, answer.location) == (303, leads_to)
    assert "Tokyo time" in ana.get("/").text
