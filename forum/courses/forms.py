"""What may be said when terms, courses, accounts and the people of a course are set up."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from ..accounts.rules import is_email
from ..core.forms import ForumForm, TickedField, date_field, line_field, stripped, text_field
from ..core.moments import zone_names
from .models import Group, Section

ROLE_WORDS = {
    "student": _l("Student"),
    "assistant": _l("Assistant"),
    "instructor": _l("Instructor"),
    "observer": _l("Guest (reads only)"),
}
STATE_WORDS = {
    "preparation": (
        _l("In preparation"),
        _l("Only its staff see the course; students and guests do not know of it yet."),
    ),
    "open": (_l("Open"), _l("Everyone in the course reads, and students post until each board's dates.")),
    "ended": (
        _l("Ended"),
        _l("Students and guests still read everything and no longer write; grading goes on."),
    ),
    "archived": (
        _l("Archived"),
        _l("Kept as it was: it can be read by those who were in it, and changed by nobody."),
    ),
}


def looks_like_an_address(_form: ForumForm, field: StringField) -> None:
    if field.data and not is_email(field.data):
        raise ValidationError(_l("This does not look like an e-mail address, such as ana@example.org."))


def zone_choices() -> list[SelectChoice]:
    names = [name for name in zone_names() if name != "UTC"]
    return [SelectChoice("", ""), *(SelectChoice(name, name.replace("_", " ")) for name in ("UTC", *names))]


def email_field(label: Any, *, required: bool) -> StringField:
    first = DataRequired(_l("Please enter an e-mail address.")) if required else Optional()
    return StringField(
        label, filters=[stripped], validators=[first, Length(max=254), looks_like_an_address],
        render_kw={"autocomplete": "off", "inputmode": "email", "autocapitalize": "none"},
    )  # fmt: skip


class DatedForm(ForumForm):
    """A form with a first and a last day."""

    starts_on = date_field(_l("First day"))
    ends_on = date_field(_l("Last day"))

    def validate_ends_on(self, field: Any) -> None:
        if self.starts_on.data and field.data and field.data < self.starts_on.data:
            raise ValidationError(_l("The last day lies before the first."))


class TermForm(DatedForm):
    code = line_field(_l("Code"), most=40)
    title = line_field(_l("Title"), most=200)


class CourseForm(DatedForm):
    title = line_field(_l("Title"), most=300)
    zone = SelectField(
        _l("Time zone"), choices=zone_choices, validators=[DataRequired(_l("Please choose a time zone."))]
    )


class NewCourseForm(CourseForm):
    term = SelectField(_l("Term"), validators=[DataRequired(_l("Please choose a term."))])
    code = line_field(_l("Code"), most=60)


class StateForm(ForumForm):
    state = RadioField(
        _l("State"), choices=[SelectChoice(state, words[0]) for state, words in STATE_WORDS.items()]
    )


class AccountForm(ForumForm):
    name = line_field(_l("Name"), most=200)
    email = email_field(_l("E-mail"), required=False)


class JoinForm(ForumForm):
    other = email_field(_l("E-mail of the other account"), required=True)


class VisitForm(ForumForm):
    reason = text_field(_l("Reason"), most=2000, required=True)


class SectionForm(ForumForm):
    title = line_field(_l("Title"), most=200)
    ends_on = date_field(_l("Last day, if it is later than the course's"), required=False)


class GroupForm(ForumForm):
    title = line_field(_l("Title"), most=200)
    set_title = line_field(_l("Set of groups"), most=200, required=False)


def section_choices(sections: Sequence[Section]) -> list[SelectChoice]:
    return [SelectChoice("", _l("none")), *(SelectChoice(each.public_id, each.title) for each in sections)]


def group_choices(groups: Sequence[Group]) -> list[SelectChoice]:
    return [
        SelectChoice(each.public_id, f"{each.set_title}: {each.title}" if each.set_title else each.title)
        for each in groups
    ]


class PlaceForm(ForumForm):
    """A person's place in a course: role, section, groups."""

    role = RadioField(_l("Role"), validators=[DataRequired(_l("Please choose a role."))])
    section = SelectField(_l("Section"), validators=[Optional()])
    groups = TickedField(_l("Groups"), validators=[Optional()])
    own_sections = BooleanField(_l("Staff: only their own section"))

    def offer(self, roles: Sequence[str], sections: Sequence[Section], groups: Sequence[Group]) -> None:
        """What can be chosen."""
        self.role.choices = [SelectChoice(role, ROLE_WORDS[role]) for role in roles]
        self.section.choices = section_choices(sections)
        self.groups.choices = group_choices(groups)


class NewPersonForm(PlaceForm):
    email = email_field(_l("E-mail"), required=True)
    name = line_field(_l("Name"), most=200, required=False)


class LookForm(ForumForm):
    """As which student staff look at the course."""

    section = SelectField(_l("Section"), validators=[Optional()])
    group = SelectField(_l("Group"), validators=[Optional()])
    zone = SelectField(_l("Time zone of the student"), validators=[Optional()])
