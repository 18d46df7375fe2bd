"""What a first post may start from: texts that the product brings along, chosen board by board or written by staff."""

from flask_babel import gettext as _

OWN = "own"


def built_in() -> dict[str, str]:
    """The texts by their names, in the reader's language. A board keeps the text that was chosen as it stood then."""
    return {
        "memo": _(
            "## To whom, about what\n\n"
            "## What you should know\n\n"
            "*The one thing that the reader needs, in two sentences.*\n\n"
            "## What it rests on\n\n"
            "*Facts and sources, the strongest first.*\n\n"
            "## What I recommend\n\n"
            "## What would change my mind\n"
        ),
        "decision": _(
            "## What is to be decided\n\n"
            "## What bears on it\n\n"
            "*What holds whatever is decided: facts, limits, who is concerned.*\n\n"
            "## What could be done\n\n"
            "*Each way, with what speaks for it and against it.*\n\n"
            "## What I decide, and why\n\n"
            "## What follows from it\n"
        ),
        "question": _(
            "**What I want to find out:**\n\n"
            "**What I have read or tried so far, and what came of it:**\n\n"
            "**Where exactly I am stuck** (quote the passage, name the page):\n\n"
            "**What I think the answer may be:**\n"
        ),
    }


def beyond(source: str, template: str) -> str:
    """What a text says beyond the template that it started from: its lines without those of the template.

    A line that goes on where one of the template's ends has its own part left.
    """
    if not template.strip():
        return source
    given = sorted({line.strip() for line in template.splitlines() if line.strip()}, key=len, reverse=True)
    return "\n".join(_own_part(line, given) for line in source.splitlines())


def _own_part(line: str, given: list[str]) -> str:
    bare = line.strip()
    begun = next((each for each in given if bare == each or bare.startswith(f"{each} ")), None)
    return line if begun is None else bare[len(begun) :].lstrip()
