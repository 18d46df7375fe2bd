"""What is kept of writing: threads, posts, every text they had, drafts, read marks."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..core.db import PublicId, db

_FILES: Any = JSON(none_as_null=True)  # `attachments.Attached`, in order


class Thread(PublicId, db.Model):  # type: ignore[name-defined]
    """A conversation. The one thread of a `single` board has no opening post: the prompt opens it."""

    __tablename__ = "thread"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("course_group.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    title: Mapped[str] = mapped_column(String(300), default="")
    is_prompt: Mapped[bool] = mapped_column(default=False)
    pinned: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1, comment="counts every change of what the thread shows")
    posts: Mapped[int] = mapped_column(
        default=0, comment="plain posts only: not removed, held, private or waiting"
    )
    last_post_at: Mapped[datetime]
    appears_at: Mapped[datetime | None] = mapped_column(
        comment="of a thread whose opening was handed in to be shown later"
    )
    tags: Mapped[str] = mapped_column(
        Text, default="", comment="as they are shown: public id and name of each tag, one a line"
    )
    asker_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id"),
        comment="who asked it of staff only, and reads it besides them; empty: it is for all",
    )
    opening: Mapped[str] = mapped_column(
        String(10),
        default="",
        comment="whether it may be opened to the course: asked, or what its author answered",
    )
    marked: Mapped[int] = mapped_column(
        default=0, comment="posts that staff endorsed or pinned in it; 0: there are none to look for"
    )
    # Answers across its border, of branches that were split off or in, count in it too (`citing.recount_beyond`).
    beyond: Mapped[int] = mapped_column(
        default=0,
        comment="quotes in its posts: what its page shows of posts is not told by its version alone; 0: nothing",
    )
    __table_args__ = (
        Index("ix_thread_board_list", "board_id", "pinned", "last_post_at", "id"),
        Index("uq_thread_prompt", "board_id", text("coalesce(group_id, 0)"), unique=True,
              sqlite_where=text("is_prompt"), postgresql_where=text("is_prompt")),
    )  # fmt: skip


class Tag(PublicId, db.Model):  # type: ignore[name-defined]
    """A word by which threads of a course are found, from the list that its staff keep."""

    __tablename__ = "tag"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    name: Mapped[str] = mapped_column(String(40))
    name_key: Mapped[str] = mapped_column(String(200), comment="folded: what is compared and sorted by")
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("course_id", "name_key"),)


class ThreadTag(db.Model):  # type: ignore[name-defined]
    """That a thread has a tag."""

    __tablename__ = "thread_tag"
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id"), primary_key=True)
    __table_args__ = (Index("ix_thread_tag_tag_id", "tag_id"),)


_APART = "held_at IS NOT NULL OR private_with_id IS NOT NULL"
_SHOWN = "removed_at IS NULL AND held_at IS NULL AND private_with_id IS NULL AND asker_id IS NULL"


class Post(PublicId, db.Model):  # type: ignore[name-defined]
    """One post. Judged by (arrived_at, id), read by (appears_at, position).

    `path` orders a thread's posts as a tree: four bytes a level, each the position of the post at that level. It is
    compared byte by byte on both databases. A post that waits to be shown has a position for the time being, above all
    others (`rules.waiting_position`); the first to write in the thread once it has appeared gives it its own. One that is
    set apart stands among them, too (from `rules.BESIDE` on), so that nobody else's positions have a gap.
    """

    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("course_group.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"), index=True)
    position: Mapped[int]
    path: Mapped[bytes] = mapped_column(LargeBinary(80))
    depth: Mapped[int] = mapped_column(default=0)
    opens_thread: Mapped[bool] = mapped_column(default=False)
    arrived_at: Mapped[datetime]
    appears_at: Mapped[datetime]
    key: Mapped[str] = mapped_column(String(64), comment="idempotency key of the request that brought it")
    digest: Mapped[str] = mapped_column(String(64), comment="over the words first posted under that key")
    html: Mapped[str] = mapped_column(Text)
    renderer_version: Mapped[int]
    words: Mapped[int]
    revision: Mapped[int] = mapped_column(default=1)
    edited_at: Mapped[datetime | None]
    judge_revision: Mapped[int | None] = mapped_column(comment="the text that its author marked to be judged")
    anonymity: Mapped[str] = mapped_column(
        String(10), default="none"
    )  # "peers": staff alone are told whose it is
    private_with_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id"), comment="the one person besides staff for whom it is; empty: it is for all"
    )
    asker_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id"), comment="of its thread, as long as only staff and that student read it"
    )
    held_at: Mapped[datetime | None]
    flags: Mapped[int] = mapped_column(default=0, comment="flags of members that staff have not settled")
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    removal_reason: Mapped[str | None] = mapped_column(Text)
    ruled_out_at: Mapped[datetime | None] = mapped_column(
        comment="staff: does not count, though it stood at the limit"
    )
    scheduled_for: Mapped[datetime | None] = mapped_column(
        comment="the instant that its author chose, of a post handed in to be shown later"
    )
    endorsed_at: Mapped[datetime | None] = mapped_column(comment="when staff endorsed it as an answer")
    endorsed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    pinned_at: Mapped[datetime | None] = mapped_column(comment="when staff pinned it inside its thread")
    pinned_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    files: Mapped[Any | None] = mapped_column(_FILES, comment="attached to the text that stands now")
    __table_args__ = (
        UniqueConstraint("author_id", "key"),
        UniqueConstraint("thread_id", "position"),
        # In the order of reading, with all by which a thread's posts are counted: no row is looked up for that.
        Index("ix_post_reading", "thread_id", "path", "appears_at", "scheduled_for", "held_at", "private_with_id", "asker_id",
              "author_id", "removed_at", "opens_thread", "course_id"),
        # When each author was first there to be answered. SQLite looks a row up for a column that only the condition names.
        Index("ix_post_shown", "board_id", "author_id", "appears_at", "group_id", "removed_at", "held_at", "private_with_id", "asker_id",
              "anonymity", sqlite_where=text(_SHOWN), postgresql_where=text(_SHOWN)),
        Index("ix_post_thread_id_appears_at_position", "thread_id", "appears_at", "position"),
        Index("ix_post_board_id_author_id_arrived_at", "board_id", "author_id", "arrived_at"),
        Index("ix_post_author_id_arrived_at", "author_id", "arrived_at"),
        Index("ix_post_course_id_appears_at", "course_id", "appears_at"),
        Index("ix_post_flagged", "course_id", sqlite_where=text("flags > 0"), postgresql_where=text("flags > 0")),
        Index("ix_post_held", "course_id", sqlite_where=text("held_at IS NOT NULL"),
              postgresql_where=text("held_at IS NOT NULL")),
        Index("ix_post_removed", "course_id", sqlite_where=text("removed_at IS NOT NULL"),
              postgresql_where=text("removed_at IS NOT NULL")),
        Index("ix_post_waiting", "thread_id", sqlite_where=text("appears_at > arrived_at"),
              postgresql_where=text("appears_at > arrived_at")),
        Index("ix_post_marked", "thread_id", sqlite_where=text("endorsed_at IS NOT NULL OR pinned_at IS NOT NULL"),
              postgresql_where=text("endorsed_at IS NOT NULL OR pinned_at IS NOT NULL")),
        Index("ix_post_anonymous", "board_id", sqlite_where=text("anonymity <> 'none'"),
              postgresql_where=text("anonymity <> 'none'")),
        Index("ix_post_set_apart", "thread_id", sqlite_where=text(_APART), postgresql_where=text(_APART)),
        CheckConstraint("appears_at >= arrived_at", name="appears_after_arrival"),
    )  # fmt: skip

    @property
    def is_set_apart(self) -> bool:
        """Whether it is held or private: the same as `queries.set_apart.is_set_apart` of a row."""
        return self.held_at is not None or self.private_with_id is not None


class Revision(db.Model):  # type: ignore[name-defined]
    """A text that a post had, from its arrival on; number 1 is the first."""

    __tablename__ = "revision"
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    number: Mapped[int]
    arrived_at: Mapped[datetime]
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    source: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    words: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, default="")
    files: Mapped[Any | None] = mapped_column(_FILES)
    __table_args__ = (UniqueConstraint("post_id", "number"),)


class Citation(db.Model):  # type: ignore[name-defined]
    """A passage of a post that another post quotes: signs of a text that it had, in plain words, as they were then.

    It is shown to who may read the source now, and to nobody else (`queries.quotes`).
    """

    __tablename__ = "citation"
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    source_id: Mapped[int] = mapped_column(ForeignKey("post.id"), index=True)
    revision: Mapped[int] = mapped_column(comment="which text of the source")
    starts: Mapped[int] = mapped_column(comment="in that text's plain words")
    ends: Mapped[int]
    passage: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("post_id", "source_id", "revision", "starts", "ends"),)


class Draft(db.Model):  # type: ignore[name-defined]
    """Text not posted yet, one for each author and place; read by its author and nobody else.

    `place` names what it would become: `thread:ID` an answer to the prompt or opening, `post:ID` a reply to a post,
    `board:ID` a new thread, `edit:ID` an edit. `key` is the idempotency key under which it will be posted.
    """

    __tablename__ = "draft"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    place: Mapped[str] = mapped_column(String(40))
    sequence: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(300), default="")
    source: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text, comment="rendered when saved, reused when posted")
    digest: Mapped[str | None] = mapped_column(String(64))
    renderer_version: Mapped[int] = mapped_column(default=0)
    words: Mapped[int] = mapped_column(default=0)
    key: Mapped[str] = mapped_column(String(64))
    arrival_token: Mapped[str | None] = mapped_column(
        Text, comment="signed arrival of words that we turned away"
    )
    refused_at: Mapped[datetime | None] = mapped_column(comment="arrival of the attempt that was refused")
    saved_at: Mapped[datetime]
    files: Mapped[Any | None] = mapped_column(_FILES, comment="empty: none; of an edit: those of the post")
    tags: Mapped[str] = mapped_column(
        Text, default="", comment="public ids of the tags chosen for a new thread"
    )
    __table_args__ = (UniqueConstraint("account_id", "place"),)


class EntrustedDraft(db.Model):  # type: ignore[name-defined]
    """A draft that its author lets the forum post for them when a checkpoint is due, if nothing met it by then.

    `look_at` is at or before the due instant, and at most a day ahead of when it was looked at last.
    """

    __tablename__ = "entrusted_draft"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoint.id"))
    place: Mapped[str] = mapped_column(String(40), comment="of the draft")
    set_at: Mapped[datetime]
    look_at: Mapped[datetime | None] = mapped_column(
        index=True, comment="from when on whoever comes looks whether it is due; empty: done"
    )
    done_at: Mapped[datetime | None] = mapped_column(comment="the due instant at which it was carried out")
    outcome: Mapped[str] = mapped_column(String(12), default="")
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    __table_args__ = (UniqueConstraint("account_id", "checkpoint_id"),)


class Star(db.Model):  # type: ignore[name-defined]
    """A thread that somebody marked to find it again; nobody else ever sees it."""

    __tablename__ = "star"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    at: Mapped[datetime]
    __table_args__ = (Index("ix_star_thread_id", "thread_id"),)


class ReadMark(db.Model):  # type: ignore[name-defined]
    """Up to which post, and as of which instant, a person has read a thread."""

    __tablename__ = "read_mark"
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    position: Mapped[int]
    at: Mapped[datetime] = mapped_column(comment="the instant of the page that was read")
    __table_args__ = (Index("ix_read_mark_thread_id", "thread_id"),)
