"""Mail leaves once, after the commit, to one person, in a real SMTP conversation; a server that is down is tried again."""

import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from forum.core import jobs, mail
from forum.core.db import db, transaction
from forum.core.jobs import Job
from tests.conftest import Site
from tests.world import WORLD_AT, World


class Box:
    """A mail server of our own: what it took in, with the envelope's recipients."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], Any]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.taken.append((list(envelope.rcpt_tos), message_from_bytes(envelope.content, policy=default)))
        return "250 taken"


@pytest.fixture
def box(site: Site) -> Iterator[Box]:
    found = Box()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    site.app.config["SMTP_URL"] = f"smtp://127.0.0.1:{port}"
    try:
        yield found
    finally:
        site.app.config["SMTP_URL"] = ""
        controller.stop()


def work(site: Site) -> int:
    """Do what is due; how many jobs that was."""
    done = 0
    with site.app.app_context():
        while jobs.run_one():
            done += 1
    return done


def test_a_forgotten_password_is_mailed_once_and_its_link_works(site: Site, world: World, box: Box) -> None:
    site.client().send("/forgotten", {"email": "ANA@example.org"})
    site.client().send("/forgotten", {"email": "nobody@example.org"})
    assert work(site) == 1
    assert work(site) == 0
    [(recipients, message)] = box.taken
    assert recipients == ["ana@example.org"]
    assert message["To"] == "Ana Lindqvist <ana@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    link = re.search(r"http://localhost(/invitations/\S+)", message.get_content())
    assert link
    assert "Ana Lindqvist" in site.client().get(link.group(1)).text


def test_who_is_invited_by_mail_gets_the_same_link_that_is_shown(site: Site, world: World, box: Box) -> None:
    page = site.client("ines").send(
        f"{world.course}/people/new", {"email": "new@example.org", "name": "Nia New", "role": "student"}
    )
    work(site)
    [(recipients, message)] = box.taken
    assert recipients == ["new@example.org"]
    link = re.search(r"/invitations/[\w-]+", message.get_content())
    assert link
    assert link.group(0) in page.text


def test_a_name_with_line_breaks_adds_no_header(site: Site, box: Box) -> None:
    with site.app.app_context(), transaction() as session:
        mail.post(
            session, to="a@example.org", name="Eve\r\nBcc: all@example.org", subject="One\r\nX-Bad: 1", text="Hello",
            unique_key="one", at=WORLD_AT,
        )  # fmt: skip
    work(site)
    [(recipients, message)] = box.taken
    assert recipients == ["a@example.org"]
    assert message["Bcc"] is None
    assert message["X-Bad"] is None
    assert message["Subject"] == "One X-Bad: 1"


def test_a_server_that_is_down_is_tried_again_later_and_the_mail_is_kept(site: Site, box: Box) -> None:
    whole = site.app.config["SMTP_URL"]
    site.app.config["SMTP_URL"] = "smtp://127.0.0.1:9"
    with site.app.app_context(), transaction() as session:
        mail.post(session, to="a@example.org", name="A", subject="S", text="T", unique_key="two", at=WORLD_AT)
    assert work(site) == 1
    with site.app.app_context():
        job = db.session.scalars(select(Job).where(Job.unique_key == "mail:two")).one()
        assert (job.done_at, job.attempts) == (None, 1)
        assert job.due_at > WORLD_AT
    site.app.config["SMTP_URL"] = whole
    site.at(WORLD_AT + timedelta(hours=1))
    assert work(site) == 1
    assert len(box.taken) == 1


def test_the_invitations_of_a_course_are_mailed_with_the_file_and_no_link_stays_in_a_done_job(
    site: Site, world: World, box: Box
) -> None:
    ines = site.client("ines")
    for number in range(3):
        fields = {"email": f"n{number}@example.org", "name": f"Nia {number}", "role": "student"}
        ines.send(f"{world.course}/people/new", fields)
    work(site)
    box.taken.clear()
    file = ines.send(f"{world.course}/people/invitations.csv").text
    work(site)
    assert sorted(recipients[0] for recipients, _message in box.taken) == [
        f"n{number}@example.org" for number in range(3)
    ]
    links = set(re.findall(r"/invitations/[\w-]+", file))
    assert links == {
        re.search(r"/invitations/[\w-]+", message.get_content()).group(0) for _to, message in box.taken
    }  # type: ignore[union-attr]
    with site.app.app_context():
        assert all(job.facts == {} for job in db.session.scalars(select(Job)))
