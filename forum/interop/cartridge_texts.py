"""The texts of an imported course: HTML from elsewhere as Markdown, with its links leading into the new course."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext as _

from ..boards.commands import PROMPT_LIMIT
from ..core import markup
from ..lessons.commands import SOURCE_LIMIT, LessonText, write_text
from .cartridge_plans import FILES, HIDDEN_FILES, LINKS, BoardPlan, CoursePlan, LessonPlan
from .cartridges import mend_links
from .reports import Remark


@dataclass(slots=True)
class Texts:
    """All texts by the public id of their lesson or board, made for the course at `/c/<slug>`."""

    slug: str
    lessons: dict[str, LessonText] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)


def write_texts(plan: CoursePlan, slug: str) -> Texts:
    """Every text of the plan, rendered: it may take seconds and stands outside of any transaction."""
    texts = Texts(slug)
    for entry in plan.entries:
        if isinstance(entry, BoardPlan):
            prompt = _markdown(plan, texts, entry.topic.html, entry.topic.path, entry.topic.title)
            attached = [
                (file.name, file.path)
                for file in plan.cartridge.files
                if file.path in entry.topic.attachments
            ]
            shown = [(name, plan.address_of(slug, "file", path)) for name, path in attached]
            missing = [
                f"- [{_plain(name)}]({address})"
                for name, address in shown
                if address and address not in prompt
            ]
            texts.prompts[entry.public_id] = "\n\n".join(filter(None, (prompt, "\n".join(missing))))
            if len(texts.prompts[entry.public_id]) > PROMPT_LIMIT:
                texts.remarks.append(
                    Remark("text_too_long", {"title": entry.topic.title[:200], "limit": PROMPT_LIMIT})
                )
        else:
            texts.lessons[entry.public_id] = write_text(_lesson_source(plan, texts, entry))
    return texts


def title_of(entry: LessonPlan) -> str:
    """What a lesson is called; those that gather files have no title in the file."""
    if entry.title:
        return entry.title
    return {FILES: _("Files"), HIDDEN_FILES: _("Files that students do not see"), LINKS: _("Links")}.get(
        entry.kind, _("Without a title")
    )


def _lesson_source(plan: CoursePlan, texts: Texts, entry: LessonPlan) -> str:
    parts = [f"**{_plain(header)}**" for header in entry.headers]
    parts += [
        f"[{_plain(link.title)}]({link.url})"
        for link in entry.links
        if link.url.lower().startswith("mailto:")
    ]
    if entry.page is not None:
        parts.append(_markdown(plan, texts, entry.page.html, entry.page.path, entry.title))
    source = "\n\n".join(part for part in parts if part)
    if len(source) > SOURCE_LIMIT:
        texts.remarks.append(Remark("text_too_long", {"title": entry.title[:200], "limit": SOURCE_LIMIT}))
    return source


def _markdown(plan: CoursePlan, texts: Texts, html: str, path: str, title: str) -> str:
    mended = mend_links(html, lambda kind, key: plan.address_of(texts.slug, kind, key), path)
    for lost in mended.unresolved:
        texts.remarks.append(Remark("link_lost", {"title": title[:200], "written": lost.written[:120]}))
    return markup.markdown_from_html(mended.html)


def _plain(text: str) -> str:
    """A line of text that Markdown takes as it is."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#+-.!|$~" else char for char in " ".join(text.split()))
