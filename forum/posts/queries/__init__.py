"""What can be known of threads and posts, through one visibility clause for every door."""

from .appearing import not_withdrawn
from .beside import beside_in
from .board_views import (
    BoardView,
    board_view,
    facts_by_board,
    others_opened_at,
    own_facts,
    own_facts_in,
    post_facts,
    view_of,
    views_of,
)
from .deciding import lock_thread, opening_of, parent_in, post_under_key
from .entrusted import entrusted_at, entrusted_by
from .group_choices import GroupChoices, group_choices, groups_of_board, readable_groups
from .news import New, count_new, is_new_clause, new_in_boards
from .post_pages import Counts, count_seen, is_opening_removed, marked_posts, page_start_of, posts_page
from .single_posts import PostView, draft_at, post_view, revisions_of, source_of
from .thread_lists import (
    ListKey,
    ThreadLine,
    ThreadList,
    has_own_thread,
    own_first_words,
    thread_beside,
    threads_page,
)
from .thread_views import (
    Mark,
    ThreadView,
    asked_thread,
    asks_for_thread,
    single_thread_of,
    thread_view,
    was_in_removed,
    was_removed,
)
from .visibility import post_clause, seen_posts, thread_clause
from .waiting import appeared_since, free_position, place_of, waiting_in, waiting_of

__all__ = [
    "BoardView",
    "Counts",
    "GroupChoices",
    "ListKey",
    "Mark",
    "New",
    "PostView",
    "ThreadLine",
    "ThreadList",
    "ThreadView",
    "appeared_since",
    "asked_thread",
    "asks_for_thread",
    "beside_in",
    "board_view",
    "count_new",
    "count_seen",
    "draft_at",
    "entrusted_at",
    "entrusted_by",
    "facts_by_board",
    "free_position",
    "group_choices",
    "groups_of_board",
    "has_own_thread",
    "is_new_clause",
    "is_opening_removed",
    "lock_thread",
    "marked_posts",
    "new_in_boards",
    "not_withdrawn",
    "opening_of",
    "others_opened_at",
    "own_facts",
    "own_facts_in",
    "own_first_words",
    "page_start_of",
    "parent_in",
    "place_of",
    "post_clause",
    "post_facts",
    "post_under_key",
    "post_view",
    "posts_page",
    "readable_groups",
    "revisions_of",
    "seen_posts",
    "single_thread_of",
    "source_of",
    "thread_beside",
    "thread_clause",
    "thread_view",
    "threads_page",
    "view_of",
    "views_of",
    "waiting_in",
    "waiting_of",
    "was_in_removed",
    "was_removed",
]
