"""Why setting up refuses, in words; a form shows the same sentences beside its fields."""

from flask_babel import gettext as _

from ..core.errors import Refused
from ..core.refusals import tells
from ..core.times import date_words

# The field of a form that a refusal belongs to.
FIELDS = {
    "term_code_taken": "code",
    "course_code_taken": "code",
    "title_taken": "title",
    "dates_in_disorder": "ends_on",
    "end_only_later": "ends_on",
    "section_end_only_later": "ends_on",
    "section_end_early": "ends_on",
    "address_taken": "email",
    "end_ahead": "state",
    "has_students": "state",
    "unknown_state": "state",
    "own_enrollment": "role",
    "role_not_yours": "role",
    "joined_address": "email",
    "suspended_account": "email",
    "join_same_account": "other",
    "join_gone_account": "other",
    "join_own_account": "other",
    "join_administrator": "other",
    "join_suspended": "other",
    "no_such_account": "other",
}


@tells(
    *FIELDS,
    "last_administrator",
    "own_account",
    "gone_account",
    "link_not_yours",
    "has_password",
    "no_address",
)
def sentences(refused: Refused) -> list[str]:
    day = date_words(refused.values["ends_on"]) if "ends_on" in refused.values else ""
    return [
        {
            "term_code_taken": lambda: _("Another term has this code."),
            "course_code_taken": lambda: _("Another course of this term has this code."),
            "title_taken": lambda: _("There is one of this title already."),
            "dates_in_disorder": lambda: _("The last day lies before the first."),
            "end_only_later": lambda: _(
                "Since the course was opened, its end can only move later: people rely on it. It must not end before the"
                " end of %(day)s in the time zone it has now.", day=day),
            "section_end_only_later": lambda: _(
                "Since the course was opened, the end of section %(section)s can only move later.",
                section=refused.values.get("section", "")),
            "section_end_early": lambda: _(
                "A section's own last day is later than the course's, which is %(day)s. Leave it empty to end with the"
                " course.", day=day),
            "address_taken": lambda: _("Another account has this address. If it is the same person, join the two accounts."),
            "end_ahead": lambda: _(
                "Students may still post until the end of %(day)s. Until then the course stays open; after that it can"
                " be ended and archived.", day=day),
            "has_students": lambda: _(
                "Students are in this course and have seen it, so it can't go back into preparation. Single boards and"
                " lessons can be hidden."),
            "unknown_state": lambda: _("Please choose one of the four states."),
            "own_enrollment": lambda: _("This is your own place in the course. Somebody else has to change it."),
            "role_not_yours": lambda: _("Assistants can't give or take the role of instructor."),
            "joined_address": lambda: _("This account was joined into another one."),
            "suspended_account": lambda: _("This account is suspended. An administrator can lift that."),
            "join_same_account": lambda: _("This is the same account."),
            "join_gone_account": lambda: _("This account was joined or erased already."),
            "join_own_account": lambda: _("This is your own account. Choose it as the one that goes on."),
            "join_administrator": lambda: _("This account is an administrator's. Take that role from it first."),
            "join_suspended": lambda: _("One of the two is suspended. Lift that first, or leave them apart."),
            "no_such_account": lambda: _("No account has this address."),
            "last_administrator": lambda: _(
                "This is the only administrator who can sign in. Make somebody else one first."),
            "own_account": lambda: _("This is your own account."),
            "gone_account": lambda: _("This account is suspended or joined."),
            "link_not_yours": lambda: _(
                "This person is in other courses too, or is an administrator. Only an administrator of the site can make"
                " a link for them."),
            "has_password": lambda: _("This person has chosen a password already and can sign in."),
            "no_address": lambda: _("This account has no e-mail address to sign in with. Add one first."),
        }[refused.code]()
    ]  # fmt: skip
