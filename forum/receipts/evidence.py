"""What the room above knows of the posts that receipts are about: it registers here, since nothing here may ask upward."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from .rules import KeptPost

PostsKept = Callable[[Session, Collection[int], bool], Mapping[int, KeptPost]]
PostsWithout = Callable[[Session, int, datetime], list[str]]
WordsOf = Callable[[Session, int, int, int, datetime], str | None]

FilesOf = Callable[[Session, int, int], list[tuple[str, str]]]

# Posts as they are kept, by their ids; whether the bytes of what is attached are read, or only looked for.
posts_kept: list[PostsKept] = []
# Public ids of the posts of a course (its id) that came from an instant on and have no receipt.
posts_without: list[PostsWithout] = []
# The words of one text of a post (its id and the number of the revision), as an account may read them at an instant.
words_of: list[WordsOf] = []


# Names and SHA-256 of what was attached to one text of a post (its id and the number of the revision), in order.
files_of: list[FilesOf] = []


def kept_posts(
    session: Session, post_ids: Collection[int], *, reads_files: bool = True
) -> dict[int, KeptPost]:
    return {key: kept for ask in posts_kept for key, kept in ask(session, post_ids, reads_files).items()}


def files_kept(session: Session, post_id: int, revision: int) -> list[tuple[str, str]]:
    """What was attached to one text of a post, for who may read its words."""
    return [each for ask in files_of for each in ask(session, post_id, revision)]


def posts_without_receipt(session: Session, course_id: int, since: datetime) -> list[str]:
    return [public_id for ask in posts_without for public_id in ask(session, course_id, since)]


def words_kept(session: Session, post_id: int, revision: int, *, reader_id: int, at: datetime) -> str | None:
    """The words of one text of a post; None if they are not kept, or not for this reader at this instant."""
    told = (ask(session, post_id, revision, reader_id, at) for ask in words_of)
    return next((words for words in told if words is not None), None)
