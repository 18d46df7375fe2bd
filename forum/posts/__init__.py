"""Threads, posts, revisions, drafts, read marks; the board page with its threads."""
