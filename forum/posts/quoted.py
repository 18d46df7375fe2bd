"""Passages of other posts, put into the HTML of the post that quotes them for who reads it."""

from collections.abc import Callable, Mapping

from flask import render_template
from markupsafe import Markup

from ..core import markup
from ..core.markup.quotes import QuoteMark, with_quotes
from .queries.quotes import Quote, Quotes


def with_passages(quotes: Quotes, course_slug: str, post_id: int, html: str) -> Markup:
    """The HTML of a post with what its reader may see of what it quotes."""
    return _filled(html, lambda mark: quotes.found.get((post_id, mark)), course_slug)


def with_passages_written(quotes: Mapping[QuoteMark, Quote], course_slug: str, html: str) -> Markup:
    """The HTML of a text that is not posted yet, in the same way."""
    return _filled(html, quotes.get, course_slug)


def _filled(html: str, quote_of: Callable[[QuoteMark], Quote | None], course_slug: str) -> Markup:
    def shown(mark: QuoteMark) -> str:
        return render_template(
            "posts/_quote.html", quote=quote_of(mark), url=f"/c/{course_slug}/posts/{mark.public_id}"
        )  # fmt: skip

    return markup.markup_of(with_quotes(html, shown))
