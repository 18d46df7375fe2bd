"""Faults in tags: who keeps the list, what of a thread is told by them, and what is kept with a draft."""

from .planting import fault

_TAGS, _LISTS = "posts/tags.py", "posts/queries/thread_lists.py"
_TESTS = "slices/test_tags.py"

FAULTS = [
    fault("anybody_tags_any_thread", _TAGS,
          "thread.author_id == member.account_id or member.may(Action.MODERATE)", "True", _TESTS),
    fault("tags_of_other_courses_are_taken", _TAGS, "Tag.course_id == thread.course_id, Tag.public_id.in_", "Tag.public_id.in_",
          _TESTS),
    fault("a_renamed_tag_is_shown_as_it_was", _TAGS, "    session.flush()\n    _write_anew(session, _threads_with(session, tag.id))\n", "    session.flush()\n", _TESTS),
    fault("closed_threads_are_tagged", _TAGS, "    if refusal is not None:\n", "    if False:\n", _TESTS),
    fault("a_draft_forgets_its_tags", "posts/drafts.py", "    if written.tags is not None:\n", "    if False:\n", _TESTS),
    fault("tags_of_a_removed_opening_find_it", _LISTS, "has_tag(tag), opening.removed_at.is_(None)", "has_tag(tag)", _TESTS),
]  # fmt: skip
