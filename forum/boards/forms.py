"""What may be said of modules, boards, their dates, extensions and accommodations."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectField
from wtforms.validators import NumberRange, Optional

from ..core.forms import ForumForm, TickedField, line_field, text_field
from ..core.moments import Wall
from .commands import PROMPT_LIMIT
from .dates_form import DateForm, WrittenDate, options
from .post_templates import OWN, built_in
from .specs import BoardSpec, CheckpointSpec, Part

MOST_CHECKPOINTS = 6


class CountField(IntegerField):
    """A whole number; left empty it is its default, 0 unless said otherwise."""

    def process_formdata(self, valuelist: Any) -> None:
        if not any(text.strip() for text in valuelist or ()):
            self.data = self.default or 0
            return
        try:
            self.data = int(valuelist[0])
        except ValueError:
            self.data = None
            raise ValueError(_("Please write a whole number.")) from None


def count_field(label: Any, most: int, **kwargs: Any) -> Any:
    between = NumberRange(0, most, message=_l("Please write a number from %(min)d to %(max)d."))
    kwargs.setdefault("default", 0)
    return CountField(label, validators=[between], render_kw={"inputmode": "numeric"}, **kwargs)


class ModuleForm(ForumForm):
    title = line_field(_l("Title of the module"))


class ReasonForm(ForumForm):
    reason = text_field(_l("Reason"), most=1000)


_CHOSEN: dict[str, bool | None] = {"": None, "yes": True, "no": False}
_WORDS = {chosen: word for word, chosen in _CHOSEN.items()}


class BoardForm(ForumForm):
    title = line_field(_l("Title"))
    module = SelectField(_l("Module"), validate_choice=True)
    form = SelectField(
        _l("Form"),
        choices=options(
            ("threads", _l("Threads: anyone starts them")),
            ("one_each", _l("One thread each")),
            ("single", _l("One discussion: everyone answers the prompt")),
            ("question", _l("Questions and answers")),
            ("announcement", _l("Announcements: staff write")),
        ),
    )
    shown = SelectField(
        _l("When others' posts are shown"),
        choices=options(
            ("at_once", _l("At once")),
            ("after_own", _l("After one's own first post, when it is long enough")),
            ("together", _l("All together at one moment")),
        ),
    )
    groups = SelectField(
        _l("Groups"),
        choices=options(
            ("none", _l("Not in groups: everyone together")),
            ("separate", _l("Separate groups: each sees its own threads")),
            ("visible", _l("Visible groups: each writes in its own threads, all can be read")),
        ),
        default="none",
    )
    audience = TickedField(_l("Only for"), validators=[Optional()])
    text = text_field(_l("Prompt"), most=PROMPT_LIMIT)
    template = SelectField(
        _l("Template for first posts"),
        default="",
        choices=options(
            ("", _l("none")),
            ("memo", _l("A memo")),
            ("decision", _l("A decision record")),
            ("question", _l("A well-asked question")),
            (OWN, _l("My own text")),
        ),
    )
    template_text = text_field(_l("My own text"), most=PROMPT_LIMIT)
    grace = count_field(_l("Minutes of grace"), 1440, default=5)
    classmates_only = BooleanField(_l("Only replies to classmates count, not those to staff"))
    students_start = BooleanField(_l("Students may start threads"))
    announcements_answered = BooleanField(_l("Students may reply to announcements"))
    staff_questions = SelectField(
        _l("Questions that only staff read"),
        default="",
        choices=options(
            ("", _l("As usual: on boards of questions")),
            ("yes", _l("Students may ask them here")),
            ("no", _l("Not here")),
        ),
    )
    pinned = BooleanField(_l("Keep this board at the top"))
    reason = line_field(_l("Reason"), most=1000, required=False)
    version = HiddenField()
    rows = HiddenField()


class CheckpointForm(ForumForm):
    id = HiddenField()
    kind = SelectField(
        _l("What is asked"),
        choices=options(
            ("", _l("nothing")),
            ("first_post", _l("a first post")),
            ("replies", _l("replies to others")),
        ),
    )
    min_words = count_field(_l("Minimum words"), 10_000)
    replies = count_field(_l("Number of replies"), 100)
    people = count_field(_l("To how many different people"), 100)
    whose = SelectField(
        _l("In whose time zone"),
        choices=options(("course", _l("the course's")), ("own", _l("each student's own"))),
    )


@dataclass
class CheckpointRow:
    """One row of the form: what is asked and its due date."""

    form: CheckpointForm
    due: DateForm

    @property
    def is_blank(self) -> bool:
        form = self.form
        return not form.kind.data and not self.due.is_given and not (form.min_words.data or form.replies.data)


class BoardForms:
    """All forms of one board's page together: itself, opens, cut-off and its checkpoints by row."""

    def __init__(
        self,
        modules: list[tuple[str, str]],
        ids: dict[str, int],
        rows: int,
        parts: dict[str, tuple[Part, str]],
    ) -> None:
        """`ids` are the keys of the checkpoints that are there, by public id; `parts` the sections and groups of the
        course with their names, by what stands for them in the form."""
        self.board = BoardForm()
        self.parts = {sent: part for sent, (part, _name) in parts.items()}
        self.board.audience.choices = options(*((sent, name) for sent, (_part, name) in parts.items()))
        self.board.module.choices = options(*modules, ("", _("in no module")))
        self.opens = DateForm(prefix="opens-")
        self.cut_off = DateForm(prefix="cut-off-")
        self.together = DateForm(prefix="together-")
        self.ids = ids
        self.rows = [
            CheckpointRow(CheckpointForm(prefix=f"c{place}-"), DateForm(prefix=f"c{place}-due-"))
            for place in range(min(rows, MOST_CHECKPOINTS))
        ]

    def show(self, spec: BoardSpec, version: int, module: str, kept_shown: str | None = None) -> None:
        """Fill in a board as it stands."""
        form = self.board
        form.title.data, form.form.data, form.text.data = spec.title, spec.form, spec.prompt
        form.shown.data, form.module.data, form.grace.data = spec.shown, module, spec.grace_minutes
        form.classmates_only.data, form.students_start.data = spec.classmates_only, spec.students_start
        form.pinned.data, form.version.data = spec.pinned, str(version)
        form.template.data = spec.template
        form.announcements_answered.data = spec.announcements_answered
        form.staff_questions.data = _WORDS[spec.staff_questions]
        form.template_text.data = spec.template_source if spec.template == OWN else ""
        form.groups.data = spec.groups
        form.audience.data = [sent for sent, part in self.parts.items() if part in spec.audience]
        self.opens.show(spec.opens)
        self.cut_off.show(spec.cut_off)
        self.together.show(spec.together)
        public = {key: public_id for public_id, key in self.ids.items()}
        for row, checkpoint in zip(self.rows, spec.checkpoints, strict=False):
            row.form.id.data = public.get(checkpoint.id or 0, "")
            row.form.kind.data, row.form.min_words.data = checkpoint.kind, checkpoint.min_words
            row.form.replies.data, row.form.people.data = checkpoint.replies, checkpoint.people
            row.form.whose.data = checkpoint.whose_zone
            row.due.show(checkpoint.due)

    def every(self) -> list[ForumForm]:
        found: list[ForumForm] = [self.board, self.opens, self.cut_off, self.together]
        for row in self.rows:
            found += [row.form, row.due]
        return found

    def spec(
        self, before: BoardSpec | None, module_ids: dict[str, int]
    ) -> tuple[BoardSpec | None, list[int]]:
        """What was written, and the row of each checkpoint in it; None if something can't be read.

        The errors stand in the fields then.
        """
        for form in self.every():
            form.validate()
        there = {checkpoint.id: checkpoint for checkpoint in before.checkpoints} if before else {}
        opens = self.opens.wall(before.opens if before else None, is_opening=True)
        cut_off = self.cut_off.wall(before.cut_off if before else None)
        together = self.together.wall(before.together if before else None)
        checkpoints: list[CheckpointSpec] = []
        places: list[int] = []
        for place, row in enumerate(self.rows):
            if row.is_blank:
                continue
            made = self._checkpoint(row, there)
            if made is not None:
                checkpoints.append(made)
                places.append(place)
        form = self.board
        if form.form.data == "announcement" and checkpoints:
            add_error(form.form, _("On a board for announcements nothing can be asked of students."))
        if form.template.data == OWN and not (form.template_text.data or "").strip():
            add_error(
                form.template_text, _("Please write the text that first posts start from, or choose another.")
            )
        if any(form.errors for form in self.every()):
            return None, places
        spec = BoardSpec(
            title=form.title.data, form=form.form.data, shown=form.shown.data,
            prompt=(form.text.data or "").replace("\r\n", "\n"), module_id=module_ids.get(form.module.data or ""),
            opens=opens, cut_off=cut_off, together=together, grace_minutes=form.grace.data, checkpoints=tuple(checkpoints),
            classmates_only=form.classmates_only.data, students_start=form.students_start.data,
            pinned=form.pinned.data, staff_questions=_CHOSEN[form.staff_questions.data], announcements_answered=form.announcements_answered.data, template=form.template.data, template_source=self.template_chosen(before),
            groups=form.groups.data,
            audience=frozenset(self.parts[sent] for sent in form.audience.data or () if sent in self.parts),
        )  # fmt: skip
        return spec, places

    def template_chosen(self, before: BoardSpec | None) -> str:
        """The text that was chosen for first posts; what was chosen before stays as it stood then."""
        name = self.board.template.data
        if name == OWN:
            return (self.board.template_text.data or "").replace("\r\n", "\n")
        if before is not None and before.template == name:
            return before.template_source
        return built_in().get(name, "")

    def _checkpoint(
        self, row: CheckpointRow, there: dict[int | None, CheckpointSpec]
    ) -> CheckpointSpec | None:
        form = row.form
        key = self.ids.get(form.id.data or "")
        before = there.get(key)
        if not form.kind.data:
            if key is None:
                add_error(form.kind, _("Please choose what is asked here, or empty this row."))
            return None  # an asked thing that is there is taken away
        due: Wall | None = row.due.wall(before.due if before else None)
        replies, people = form.replies.data or 0, form.people.data or 0
        if form.kind.data == "replies":
            if replies < 1 and not form.replies.errors:
                add_error(form.replies, _("Please say how many replies are asked."))
            if people > replies:
                add_error(form.people, _("These can't be more people than replies."))
        else:
            replies, people = 0, 0
        return CheckpointSpec(
            kind=form.kind.data, id=key, replies=replies, people=people, min_words=form.min_words.data or 0,
            due=due, whose_zone=form.whose.data if due is not None else "course",
        )  # fmt: skip


def add_error(field: Any, sentence: str) -> None:
    """Put a sentence beside a field."""
    field.errors = [*field.errors, sentence]


class ExtensionForm(ForumForm):
    who = SelectField(_l("For whom"), validate_choice=False)
    checkpoint = SelectField(_l("For what"))
    no_due = BooleanField(_l("No due date"))
    moves_later = BooleanField(_l("What is due later on this board moves by as many days"), default=True)
    reason = text_field(_l("Reason, read by instructors and by the student"), most=1000)
    looked_at = HiddenField()


class ExcusalForm(ForumForm):
    who = SelectField(_l("Student"), validate_choice=False)
    checkpoint = SelectField(_l("From what"))
    reason = text_field(_l("Reason, read by instructors and by the student"), most=1000)


class AccommodationForm(ForumForm):
    who = SelectField(_l("Student"), validate_choice=False)
    days = count_field(_l("Days more"), 60)
    hours = count_field(_l("Hours more"), 240)
    from_on = WrittenDate(_l("From this day on"), validators=[Optional()])
    reason = text_field(_l("Reason, read by instructors and by the student"), most=1000)
