"""The pages of boards, threads and posts: one blueprint, a file for each kind of page."""

from .. import announcements
from . import (
    boards,
    clocks,
    drafts,
    files,
    group_moves,
    later,
    marks,
    moves,
    openings,
    private_replies,
    receipts,
    single_posts,
    splits,
    staff_questions,
    tags,
    thread_lists,
    thread_print,
    threads,
)
from .blueprint import pages
from .kept_words import keep_words

__all__ = [
    "announcements",
    "boards",
    "clocks",
    "drafts",
    "files",
    "group_moves",
    "keep_words",
    "later",
    "marks",
    "moves",
    "openings",
    "pages",
    "private_replies",
    "receipts",
    "single_posts",
    "splits",
    "staff_questions",
    "tags",
    "thread_lists",
    "thread_print",
    "threads",
]
