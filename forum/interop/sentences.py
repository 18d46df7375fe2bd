"""What imports say in words: why a file or row is refused, what changes, what was guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from ..core.errors import Refused
from ..core.refusals import tells
from .archives import BadArchive
from .cartridges import LeftOut
from .reports import Deed, Remark

_ARCHIVE = {
    "not_a_zip": _l("This is not a zip file."),
    "broken": _l("The file is damaged or was cut short %(of)s."),
    "too_many_entries": _l("It holds more than %(limit)s files."),
    "too_large": _l("Unpacked it would be too large %(of)s."),
    "bomb": _l("It unpacks to far more than it is %(of)s: no honest file does that."),
    "overlapping": _l("Two of its files share the same bytes %(of)s: no honest file does that."),
    "bad_name": _l("One of its files has a name that can't be used %(of)s."),
    "outside": _l("One of its files wants to be written outside of its place %(of)s."),
    "backslash": _l("One of its files has a backslash in its name %(of)s."),
    "link": _l("It holds a link or device instead of a file %(of)s."),
    "duplicate": _l("It holds the same name twice %(of)s."),
    "encrypted": _l("It is locked with a password %(of)s."),
    "compression": _l("It is packed in a way that is not read here %(of)s."),
    "missing": _l("A file is missing in it %(of)s."),
    "no_manifest": _l(
        "There is no imsmanifest.xml in it: this is no course export (Common Cartridge, .imscc)."
    ),
    "xml_broken": _l("Its imsmanifest.xml is damaged in line %(line)s."),
    "xml_entities": _l("Its imsmanifest.xml declares entities, which no honest export does."),
    "xml_too_large": _l("Its imsmanifest.xml is too large."),
    "no_rosters": _l("None of the files of OneRoster (users.csv, classes.csv, enrollments.csv) is in it."),
}
_REMARKS = {
    # of the whole file
    "empty": _l("There is nobody in the file."),
    "too_many_rows": _l("The file has more than %(limit)s rows."),
    "broken_table": _l("From line %(line)s of %(file)s on the rows can't be told apart: a quotation mark never closes."),
    "missing_column": _l("The column “%(column)s” is missing in %(file)s."),
    "encoding": _l("%(file)s is not in UTF-8; it was read as Windows-1252."),
    "guessed_header": _l("The column “%(written)s” of %(file)s was taken for “%(column)s”."),
    "unknown_header": _l("The column “%(column)s%(written)s” of %(file)s was not read."),
    "not_read": _l("The column “%(column)s” of %(file)s was not read: the forum never keeps such things."),
    "no_manifest": _l("There is no manifest.csv; each file was taken for the whole list."),
    "missing_file": _l("%(file)s%(path)s is named in the file and not there."),
    "not_announced": _l("%(file)s is there though manifest.csv does not name it."),
    "guessed_file": _l("“%(written)s” was taken for %(file)s."),
    "unknown_version": _l("The version “%(value)s” of OneRoster is not known; it was read as 1.1."),
    # of rows that are refused
    "missing_value": _l("“%(column)s” is empty."),
    "bad_email": _l("“%(value)s” is no e-mail address."),
    "duplicate_email": _l("The address stands in line %(first)s already."),
    "duplicate_id": _l("The number “%(value)s” stands in line %(first)s already."),
    "duplicate_key": _l("“%(key)s” stands in the file already."),
    "unknown_role": _l("The role “%(value)s” is not known here."),
    "no_administrators": _l("“%(value)s”: no file makes an administrator."),
    "no_parents": _l("Parents have no place in a course; nothing about them is kept."),
    "unknown_status": _l("The status “%(value)s” is not known."),
    "unknown_class": _l("The class “%(key)s” is not in classes.csv."),
    "unknown_person": _l("The person “%(key)s” is not in users.csv."),
    "class_not_in_file": _l("The class “%(key)s” is not in this file; import the whole list instead of changes alone."),
    "person_not_known": _l("The person “%(key)s” is neither in this file nor known from an earlier one."),
    "address_of_another": _l("%(email)s belongs to somebody else here, %(name)s. Nothing was joined: mend the address, or join the two accounts first."),
    "same_person_twice": _l("This is the same person as in line %(first)s."),
    "same_address_twice": _l("%(email)s stands with somebody else in line %(first)s."),
    "other_id": _l("This address is known under the number “%(known_as)s”, not “%(id)s”."),
    "erased": _l("This account was erased."),
    "instructors_only": _l("Only an instructor gives or takes the role of an instructor."),
    # of rows that are kept
    "new_account": _l("new account, %(role)s"),
    "joins": _l("has an account, joins as %(role)s"),
    "role_changes": _l("%(was)s becomes %(is)s"),
    "not_yourself": _l("this is you: your own role stays"),
    "section": _l("into section %(title)s"),
    "section_left": _l("out of section %(title)s"),
    "group": _l("into group %(title)s"),
    "two_roles": _l("has several roles in the file; the one that may do more counts: %(role)s"),
    "name_changes": _l("name “%(was)s” becomes “%(is)s”"),
    "name_stays": _l("is called “%(was)s” here, “%(is)s” in the file; the name stays"),
    "email_changes": _l("address %(was)s becomes %(is)s"),
    "email_stays": _l("has the address %(was)s here, %(is)s in the file; it stays, since only an administrator's import changes it"),
    "no_address": _l("has no e-mail address; a link can be given by hand"),
    "no_name": _l("no name given; the address stands in for it"),
    "formula_cell": _l("line %(line)s: “%(value)s” looks like a formula; it was taken as text"),
    "extra_cells": _l("line %(line)s has more cells than there are columns; the rest was not read"),
    "over": _l("was over on %(on)s"),
    "not_enabled": _l("is switched off in the file"),
    "leaves": _l("not in the file any more: leaves the course; what they wrote stays"),
    "course_taken_for": _l("there is a course %(code)s in this term: the file's is taken for the same"),
    "code_taken": _l("the code %(was)s is taken; it becomes %(is)s"),
    "bad_date": _l("%(path)s%(file)s, line %(line)s: “%(value)s” is no date; it was left out"),
    "ambiguous_date": _l("%(file)s, line %(line)s: “%(value)s” may mean two dates; it was left out"),
    "date_out_of_bounds": _l("%(path)s%(file)s, line %(line)s: “%(value)s” lies before 2000 or after 2200; it was left out"),
    "derived_course": _l("courses.csv does not name “%(key)s”: the course was made of its class “%(title)s”"),
    "unknown_course": _l("the course “%(key)s” is not in courses.csv"),
    # of cartridges
    "xml_broken": _l("%(path)s is damaged in line %(line)s; it was left out"),
    "xml_entities": _l("%(path)s declares entities, which no honest export does; it was left out"),
    "xml_too_large": _l("%(path)s is too large; it was left out"),
    "broken_reference": _l("“%(title)s” leads to nothing in the file; it was left out"),
    "page_too_large": _l("%(path)s is longer than any lesson; it comes as a file"),
    "bad_link": _l("“%(url)s” is no address of the web; the link was left out"),
    "duplicate_identifier": _l("two things in the file have the same name inside; the first was taken"),
    "unknown_state": _l("“%(value)s” is no state that is known; it stays hidden"),
    "protected": _l("%(path)s is protected and was not taken"),
    "second_place": _l("“%(title)s” stands in “%(module)s” once more; it is in the course once"),
    "header_dropped": _l("the heading “%(title)s” of “%(module)s” has no lesson after it; it was left out"),
    "groups_left": _l("“%(title)s” was discussed in groups; here it is for everybody"),
    "text_too_long": _l("“%(title)s” is longer than %(limit)s characters and is shown as it was typed"),
    "link_lost": _l("“%(title)s”: the link to “%(written)s” leads nowhere in the file; its words stay"),
    "unknown_term": _l("the term “%(key)s” is not in academicSessions.csv"),
}  # fmt: skip
_DEEDS = {
    Deed.ADDED: _l("added"), Deed.CHANGED: _l("changed"), Deed.ENDED: _l("taken out"), Deed.LEFT: _l("left as it is"),
    Deed.REFUSED: _l("refused"),
}  # fmt: skip
_ROLES = {
    "student": _l("student"), "assistant": _l("assistant"), "instructor": _l("instructor"),
    "observer": _l("guest (reads only)"),
}  # fmt: skip


class _Values(dict[str, object]):
    """What goes into a sentence; what a code did not bring is nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def deed_words(deed: Deed) -> str:
    """Added, changed, taken out, left as it is, refused."""
    return str(_DEEDS[deed])


def remark_words(remark: Remark) -> str:
    """The sentence of a remark; a code that is not known here is shown as it is."""
    return _filled(_REMARKS.get(remark.code), remark.code, remark.values)


def archive_words(bad: BadArchive) -> str:
    """Why an archive is refused."""
    name = bad.values.get("name")
    of = _("(“%(name)s”)", name=name) if name else ""
    return (
        _filled(_ARCHIVE.get(bad.code), bad.code, {**bad.values, "of": of})
        .replace(" .", ".")
        .replace(" :", ":")
    )


def _filled(text: object, code: str, values: Mapping[str, object]) -> str:
    if text is None:
        return code.replace("_", " ")
    filled = _Values(values)
    for name in ("role", "was", "is"):
        if str(filled[name]) in _ROLES:
            filled[name] = _ROLES[str(filled[name])]
    if filled["file"] == "" and not filled["path"]:
        filled["file"] = _("the file")
    return str(text) % filled


@tells("already_carried_out")
def _already(_refused: Refused) -> list[str]:
    return [_("This import was carried out already, or is just being carried out. Nothing was done twice.")]


_FATES = {
    "kept": _l("taken over"),
    "past": _l("past: left out"),
    "out_of_bounds": _l("before 2000 or after 2200: left empty"),
    "due_not_after_opens": _l("not after the opening: left empty"),
    "due_after_cutoff": _l("after the cut-off: left empty"),
    "due_before_earlier": _l("before the first post is due: left empty"),
    "cutoff_not_after_opens": _l("not after the opening: left empty"),
}
_DATE_NAMES = {
    "opens": _l("opens"), "first_post": _l("first post due"), "replies": _l("replies due"),
    "cut_off": _l("late posts taken until"),
}  # fmt: skip
_LEFT_OUT = {
    "assignment": _l("assignment"), "quiz": _l("quiz"), "question_bank": _l("question bank"),
    "tool": _l("outside tool (LTI)"), "event": _l("calendar event"), "rubric": _l("rubric"), "outcome": _l("outcome"),
    "override": _l("other date of a person or section"), "deleted": _l("deleted discussion"), "settings": _l("settings"),
    "unlisted": _l("file that the export does not name"), "other": _l("something not known here"),
}  # fmt: skip


def date_fate_words(fate: str) -> str:
    """What became of a date."""
    return str(_FATES.get(fate, fate.replace("_", " ")))


def date_name_words(what: str) -> str:
    """Which date it is."""
    return str(_DATE_NAMES[what])


def left_out_words(left_out: Iterable[LeftOut]) -> list[tuple[str, str]]:
    """What is not taken over: its kind and title."""
    return [
        (str(_LEFT_OUT.get(one.kind, one.kind)), one.title or one.identifier or _("without a title"))
        for one in left_out
    ]
