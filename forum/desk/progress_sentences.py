"""How far a student is, to the student: how much is done and how much is not yet, never a score and never beside others."""

from flask_babel import gettext as _

from ..participation.progress import Progress


def done_words(progress: Progress) -> str:
    """ "2 of 3 done"; nothing where there is nothing to do."""
    if not progress.all:
        return ""
    if not progress.open:
        return _("all done") if progress.all > 1 else _("done")
    return _("%(done)d of %(all)d done", done=progress.done, all=progress.all)


def progress_words(progress: Progress) -> str:
    """The same of a course: "Done so far: 3 of 8 (lessons: 2 of 5; what boards ask: 1 of 3). Not done: 5." """
    if not progress.all:
        return ""
    parts = []
    if progress.lessons:
        parts.append(_("lessons: %(done)d of %(all)d", done=progress.lessons_done, all=progress.lessons))
    if progress.checkpoints:
        parts.append(
            _(
                "what boards ask: %(done)d of %(all)d",
                done=progress.checkpoints_done,
                all=progress.checkpoints,
            )
        )
    told = _(
        "Done so far: %(done)d of %(all)d (%(parts)s).",
        done=progress.done,
        all=progress.all,
        parts="; ".join(parts),
    )
    if not progress.open:
        return f"{told} " + _("Nothing is left to do.")
    return f"{told} " + _("Not done: %(open)d.", open=progress.open)
