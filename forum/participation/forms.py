"""What may be said in grading: filters of a table, a judgment, a rubric, a release."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ..core.forms import ForumForm, stripped
from ..courses.models import Group, Section
from ..courses.queries import RosterLine
from .queries import Rubric
from .rules import DESCRIPTION_LIMIT, FEEDBACK_LIMIT, TITLE_LIMIT, parse_points, points_text

NO_GROUP = "none"


# --- filters of a table ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filters:
    """Which students a table shows and in which order; everything a link between its pages has to keep."""

    section: str = ""
    group: str = ""
    sort: str = ""
    descending: bool = False

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "Filters":
        return cls(
            args.get("section", "")[:16], args.get("group", "")[:16], args.get("sort", "")[:24],
            args.get("order") == "desc",
        )  # fmt: skip

    @property
    def query(self) -> str:
        """The part of an address after the path, with its question mark; "" for none."""
        told = {"section": self.section, "group": self.group, "sort": self.sort,
                "order": "desc" if self.descending else ""}  # fmt: skip
        text = urlencode({name: value for name, value in told.items() if value})
        return f"?{text}" if text else ""

    @property
    def roster_query(self) -> str:
        """The same without the order, for pages that go through students in the roster's order."""
        return replace(self, sort="", descending=False).query

    def sorted_by(self, key: str) -> "Filters":
        """The same students by another column; the same column again turns round."""
        return replace(self, sort=key, descending=self.sort == key and not self.descending)


def chosen_students(
    students: Iterable[RosterLine], filters: Filters, sections: Sequence[Section], groups: Sequence[Group]
) -> list[RosterLine]:
    """The students whom the filters leave; a section or group that there is not filters nothing."""
    section_id = next((part.id for part in sections if part.public_id == filters.section), None)
    group_id = next((part.id for part in groups if part.public_id == filters.group), None)
    found = []
    for student in students:
        if section_id is not None and section_id not in (part for part, _title in student.sections):
            continue
        if group_id is not None and group_id not in (part for part, _title in student.groups):
            continue
        if filters.group == NO_GROUP and student.groups:
            continue
        found.append(student)
    return found


def filter_form(
    filters: Filters, students: Iterable[RosterLine], sections: Sequence[Section], groups: Sequence[Group]
) -> "FilterForm":
    """The filter fields with the sections and groups that these students are in."""
    everyone = list(students)
    in_sections = {part for student in everyone for part, _title in student.sections}
    form = FilterForm(formdata=None, data={"section": filters.section, "group": filters.group})
    form.section.choices = [SelectChoice("", _("every section")), *(
        SelectChoice(part.public_id, part.title) for part in sections if part.id in in_sections
    )]  # fmt: skip
    form.group.choices = [SelectChoice("", _("every group")), SelectChoice(NO_GROUP, _("no group")), *(
        SelectChoice(part.public_id, f"{part.set_title}: {part.title}" if part.set_title else part.title) for part in groups
    )]  # fmt: skip
    return form


class FilterForm(ForumForm):
    section = SelectField(_l("Section"), choices=[])
    group = SelectField(_l("Group"), choices=[])


# --- a judgment -----------------------------------------------------------------------------------------------------------


class JudgmentForm(ForumForm):
    """Everything that a grader says but the levels, whose fields come from the rubric."""

    version = HiddenField()
    score = StringField(
        _l("Score"), filters=[stripped], render_kw={"inputmode": "decimal", "autocomplete": "off"}
    )
    text = TextAreaField(
        _l("Feedback"),
        validators=[Length(max=FEEDBACK_LIMIT, message=_l("This is longer than %(max)d characters. Nothing was lost: shorten it here."))],
        render_kw={"rows": 8, "data-comment": True, "spellcheck": "true"},
    )  # fmt: skip
    confirm = BooleanField(_l("Save this score all the same"))

    def validate_score(self, field: StringField) -> None:
        if field.data and parse_points(field.data) is None:
            raise ValidationError(_("Please give a number with at most three decimals, such as 7.5."))

    @property
    def score_given(self) -> Decimal | None:
        return parse_points(self.score.data or "")

    @property
    def version_given(self) -> int:
        return int(self.version.data) if (self.version.data or "").isdigit() else 0


# --- a rubric --------------------------------------------------------------------------------------------------------------


def _line(label: Any) -> Any:
    limit = Length(max=TITLE_LIMIT, message=_l("At most %(max)d characters."))
    return StringField(label, filters=[stripped], validators=[Optional(), limit])


def _words(label: Any) -> Any:
    limit = Length(max=DESCRIPTION_LIMIT, message=_l("At most %(max)d characters."))
    return TextAreaField(label, filters=[stripped], validators=[Optional(), limit], render_kw={"rows": 2})


class LevelForm(Form):
    id = HiddenField()
    title = _line(_l("Level"))
    points = StringField(
        _l("Points"), filters=[stripped], render_kw={"inputmode": "decimal", "autocomplete": "off"}
    )
    description = _words(_l("What it takes"))
    remove = BooleanField(_l("Remove this level"))

    @property
    def is_blank(self) -> bool:
        return not (self.id.data or self.title.data or self.points.data or self.description.data)

    @property
    def counts(self) -> bool:
        return not self.is_blank and not self.remove.data


class CriterionForm(Form):
    id = HiddenField()
    title = _line(_l("Criterion"))
    description = _words(_l("What is looked at"))
    levels = FieldList(FormField(LevelForm), max_entries=12)
    remove = BooleanField(_l("Remove this criterion"))

    @property
    def is_blank(self) -> bool:
        given = self.id.data or self.title.data or self.description.data
        return not given and all(level.form.is_blank for level in self.levels)

    @property
    def counts(self) -> bool:
        return not self.is_blank and not self.remove.data

    @property
    def kept_levels(self) -> list[LevelForm]:
        return [level.form for level in self.levels if level.form.counts]


class RubricForm(ForumForm):
    digest = HiddenField()
    scale = StringField(
        _l("Most points without a rubric"), filters=[stripped], render_kw={"inputmode": "decimal"}
    )
    criteria = FieldList(FormField(CriterionForm), max_entries=30)

    @property
    def kept(self) -> list[CriterionForm]:
        return [line.form for line in self.criteria if line.form.counts]

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field, then what only stands together: a title and points for what is not blank, a level each."""
        fine = bool(super().validate(extra_validators))
        for line in self.kept:
            if not line.title.data:
                fine = _wrong(line.title, _("Please give this criterion a title, or remove it."))
            if not line.kept_levels:
                fine = _wrong(line.title, _("A criterion needs at least one level with points."))
            for level in line.kept_levels:
                if not level.title.data:
                    fine = _wrong(level.title, _("Please give this level a title, or remove it."))
                points = parse_points(level.points.data or "")
                if points is None or points < 0:
                    fine = _wrong(
                        level.points, _("Please give points, 0 or more, with at most three decimals.")
                    )
        scale = parse_points(self.scale.data or "")
        if self.scale.data and (scale is None or scale <= 0):
            fine = _wrong(
                self.scale, _("Please give a number above 0 with at most three decimals, or nothing.")
            )
        return fine

    def add_blank(self, *, criterion: int | None = None) -> None:
        """One more blank criterion, or one more blank level of the criterion at that place."""
        if criterion is None:
            if len(self.criteria) < 30:
                self.criteria.append_entry({"levels": [{}, {}, {}]})
        elif 0 <= criterion < len(self.criteria) and len(self.criteria[criterion].form.levels) < 12:
            self.criteria[criterion].form.levels.append_entry({})

    def wrong_fields(self) -> list[tuple[str, str, str]]:
        """(id, label, sentence) of every field with an error, for the summary."""
        found = []
        for field in [self.scale, *(
            field for line in self.criteria for field in [
                line.form.title, line.form.description, *(
                    field for level in line.form.levels
                    for field in (level.form.title, level.form.points, level.form.description)
                )]
        )]:  # fmt: skip
            if field.errors:
                found.append(
                    (field.id, str(field.label.text), " ".join(str(error) for error in field.errors))
                )
        return found


def _wrong(field: Any, sentence: str) -> bool:
    field.errors = [*field.errors, sentence]
    return False


def rubric_form(rubric: Rubric) -> RubricForm:
    """The rubric as it stands, with blank rows to write into."""
    form = RubricForm(
        formdata=None,
        data={
            "digest": rubric.digest,
            "scale": points_text(rubric.scale),
            "criteria": [
                {
                    "id": line.public_id, "title": line.title, "description": line.description,
                    "levels": [
                        {"id": level.public_id, "title": level.title, "points": points_text(level.points),
                         "description": level.description} for level in line.levels
                    ],
                } for line in rubric.criteria
            ],
        },
    )  # fmt: skip
    if not rubric.criteria:
        form.add_blank()
    return form


# --- release ---------------------------------------------------------------------------------------------------------------


class ReleaseForm(ForumForm):
    whom = RadioField(_l("Whose grades"), default="everyone", choices=[
        SelectChoice("everyone", _l("Everyone's")), SelectChoice("section", _l("One section's")),
        SelectChoice("chosen", _l("Those of the students ticked below")),
    ])  # fmt: skip
    section = SelectField(_l("Section"), choices=[], validate_choice=False)
    students = SelectMultipleField(
        _l("Students"), choices=[], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    only_graded = RadioField(_l("Who is not graded yet"), default="yes", choices=[
        SelectChoice("yes", _l("stays unreleased until another release")),
        SelectChoice("no", _l("is released too: a score is seen as soon as it is saved")),
    ])  # fmt: skip
    reason = StringField(
        _l("Why they are taken back"), filters=[stripped], validators=[Optional(), Length(max=300)]
    )
    digest = HiddenField()

    def validate_section(self, field: SelectField) -> None:
        if self.whom.data == "section" and field.data not in [
            value for value, *_rest in field.iter_choices() if value
        ]:
            raise ValidationError(_("Please choose a section."))

    def validate_students(self, field: SelectMultipleField) -> None:
        if self.whom.data == "chosen" and not field.data:
            raise ValidationError(_("Please tick at least one student."))
