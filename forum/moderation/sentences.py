"""Why something about a flag or a post that staff look at was refused, in words."""

from flask_babel import gettext as _

from ..core.errors import Refused
from ..core.refusals import tells


@tells("own_post", "nothing_to_flag", "flag_settled", "written_by_staff")
def why_refused(refused: Refused) -> list[str]:
    return [
        {
            "own_post": _("This is your own post. You can edit or remove it."),
            "nothing_to_flag": _("This post was removed already. There is nothing left to flag."),
            "written_by_staff": _(
                "They belong to the staff of this course. What staff wrote is removed post by post, not all at once."
            ),
            "flag_settled": _(
                "Staff have looked at this post after you flagged it, and kept it. It can be flagged again once it was changed."
            ),
        }[refused.code]
    ]


def why_words(refused: Refused) -> str:
    return " ".join(why_refused(refused))
