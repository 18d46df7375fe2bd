"""All tables of faults, by the name of their group."""

from . import (
    attached,
    calendars,
    content,
    course_dates,
    gates,
    grading,
    more_time,
    post_templates,
    questions,
    reading,
    secrets,
    shown_later,
    threads,
    time_doors,
    time_rules,
    web_walls,
    words_kept,
    writing_help,
)
from .planting import Fault

GROUPS: dict[str, list[Fault]] = {
    "attached": attached.FAULTS,
    "gates": gates.FAULTS,
    "secrets": secrets.FAULTS,
    "time_rules": time_rules.FAULTS,
    "time_doors": time_doors.FAULTS,
    "course_dates": course_dates.FAULTS,
    "later": shown_later.FAULTS,
    "words": words_kept.FAULTS,
    "walls": web_walls.FAULTS,
    "content": content.FAULTS,
    "grading": grading.FAULTS,
    "more_time": more_time.FAULTS,
    "calendars": calendars.FAULTS,
    "reading": reading.FAULTS,
    "questions": questions.FAULTS,
    "post_templates": post_templates.FAULTS,
    "writing_help": writing_help.FAULTS,
    "threads": threads.FAULTS,
}
