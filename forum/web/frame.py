"""What the layout shows around a page, and what it knows of the request."""

from dataclasses import dataclass
from typing import Any, cast

from flask import (
    current_app,
    g,
    get_flashed_messages,
    request,
)
from flask_babel import gettext as _

from ..core import clock
from ..core.assets import Assets
from ..core.cookies import form_token
from ..core.shells import gap, own
from ..core.times import zone_words
from ..courses.policy import Action, Member, Person


@dataclass(frozen=True)
class Notice:
    kind: str
    text: str
    link: str = ""
    url: str = ""


@dataclass(frozen=True)
class CourseHead:
    code: str
    title: str
    url: str


class Page:
    """What the layout shows around a page; computed when a template asks for it."""

    @property
    def signed_in(self) -> bool:
        return g.get("person") is not None

    @property
    def name(self) -> str:
        return own("name", g.person.name) if self.signed_in else ""

    @property
    def demo(self) -> bool:
        return bool(current_app.config["DEMO"])

    @property
    def site_name(self) -> str:
        return str(current_app.config["SITE_NAME"])

    @property
    def course(self) -> CourseHead | None:
        member: Member | None = g.get("member")
        if member is None:
            return None
        return CourseHead(member.course_code, member.course_title, f"/c/{member.course_slug}")

    @property
    def nav(self) -> list[tuple[str, str, bool]]:
        return nav_of(g.get("person"), g.get("member"), request.path)

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        return list(g.get("crumbs", ()))

    @property
    def csrf(self) -> str:
        return gap("csrf") if g.get("renders_shell") else form_token()

    @property
    def language(self) -> str:
        return str(g.person.language) if self.signed_in else "en"

    @property
    def zone(self) -> str:
        return zone_words(reader_zone_name())

    @property
    def zone_name(self) -> str:
        return reader_zone_name()

    @property
    def css_url(self) -> str:
        return assets().style.url

    @property
    def js_url(self) -> str:
        return assets().script.url

    @property
    def study_js_url(self) -> str:
        return assets().study_script.url

    @property
    def notices(self) -> list[Notice]:
        pairs = cast(list[tuple[str, Any]], get_flashed_messages(with_categories=True))
        return [Notice(kind, *([told] if isinstance(told, str) else told)) for kind, told in pairs]

    @property
    def as_student(self) -> bool:
        member: Member | None = g.get("member")
        return member is not None and member.as_student

    @property
    def keys(self) -> bool:
        return self.signed_in and bool(g.person.single_keys)

    @property
    def leave_student_url(self) -> str:
        return f"/c/{g.member.course_slug}/as-student/leave"

    @property
    def now(self) -> str:
        return g.at.isoformat() if "at" in g else clock.now().isoformat()


def assets() -> Assets:
    found: Assets = current_app.extensions["forum_assets"]
    return found


def nav_of(person: Person | None, member: Member | None, path: str) -> list[tuple[str, str, bool]]:
    """The links at the top: label, address, whether it is the page shown."""
    if person is None:
        return []
    links = [(_("This week"), "/")]
    if member is not None:
        home = f"/c/{member.course_slug}"
        if member.may(Action.READ):
            links.append((_("Course"), home))
        if member.may(Action.SEE_PARTICIPATION) or member.may(Action.SEE_OWN_GRADES):
            links.append((_("Grades"), f"{home}/grades"))
        if member.may(Action.SEE_PEOPLE):
            links.append((_("People"), f"{home}/people"))
        if member.may(Action.MANAGE_CONTENT):
            links.append((_("Manage"), f"{home}/manage"))
    links.append((_("Mine"), "/mine"))
    if person.is_administrator:
        links.append((_("Site"), "/admin"))
    return [(label, url, url == path) for label, url in links]


def reader_zone_name() -> str:
    """The zone in which a page shows its times: one's own, else the course's, else UTC."""
    person: Person | None = g.get("person")
    member: Member | None = g.get("member")
    if member is not None and member.as_student and member.own_zone_name:
        return member.own_zone_name
    if person is not None and person.zone_name:
        return person.zone_name
    return member.course_zone_name if member is not None else "UTC"
