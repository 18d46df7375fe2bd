"""The canaries of the sweeps: one string for each secret, who may come upon it, and who must."""

from dataclasses import dataclass

STAFF = frozenset({"ines", "tariq"})
STUDENTS = frozenset({"ana", "ben", "chidi", "dana"})
NOBODY: frozenset[str] = frozenset()
STAFF_OR_CHIDI = STAFF | {"chidi"}


@dataclass(frozen=True)
class Canary:
    """A string, those who may come upon it, and those who must: a canary that nobody sees proves nothing."""

    text: str
    may: frozenset[str]
    must: frozenset[str] = NOBODY


CANARIES = [
    Canary("SECRET-TOGETHER", STAFF | {"ben"}, STAFF | {"ben"}),
    Canary("SECRET-DRAFT", frozenset({"ben"}), frozenset({"ben"})),
    Canary("SECRET-AFTER-OWN", STAFF | {"ben", "olga"}, STAFF | {"ben", "olga"}),
    Canary("HIDDEN-BOARD-TITLE", STAFF, STAFF),
    Canary("SECRET-HIDDEN-PROMPT", STAFF, STAFF),
    Canary("SECRET-UNOPENED-PROMPT", STAFF, STAFF),
    Canary("73.125", STAFF),
    Canary("SECRET-FEEDBACK", STAFF),
    Canary("61.375", STAFF | {"chidi"}),
    Canary("SECRET-RELEASED-FEEDBACK", STAFF | {"chidi"}),
    Canary("SECRET-EXTENSION-REASON", frozenset({"ines", "ana"})),
    Canary("SECRET-REASON-FOR-TIME", frozenset({"ines", "ana"}), frozenset({"ines", "ana"})),
    Canary("SECRET-ANSWERED-REASON", frozenset({"ines"}), frozenset({"ines"})),
    Canary("SECRET-ANSWER-ON-TIME", frozenset({"ines", "chidi"}), frozenset({"ines", "chidi"})),
    Canary("SECRET-ACCOMMODATION-REASON", frozenset({"ines", "chidi"})),
    Canary("SECRETTOKENHASH", NOBODY),
    Canary("SECRETCALENDARHASH", NOBODY),
    Canary("$argon2", NOBODY),
    Canary("SECRETSALTSECRETSALTSECRETSALT00", STAFF | {"ben"}, STAFF | {"ben"}),
    Canary("SECRET-TOKEN", STAFF | {"ben"}, STAFF | {"ben"}),
    Canary("SECRET-REMOVED", STAFF | {"chidi"}, STAFF),
    Canary("SECRET-UNPUBLISHED-LESSON", STAFF),
    Canary("SECRET-UNOPENED-MODULE", STAFF),
    Canary("SECRET-UNOPENED-LESSON", STAFF),
    Canary("SECRET-UNOPENED-THREADS", STAFF, STAFF),
    Canary("SECRET-UNPUBLISHED-ANNOUNCEMENT", STAFF, STAFF),
    Canary("SECRET-WAITING-ANNOUNCEMENT", frozenset({"tariq"}), frozenset({"tariq"})),
    Canary("SECRET-FILE-NAME", STAFF),
    Canary("SECRET-FILE-BYTES", STAFF),
    Canary("SECRET-OF-A-GROUP", STAFF | {"ben", "olga"}, STAFF | {"ben"}),
    Canary("SECRET-FLAG-REASON", STAFF | {"dana"}, STAFF | {"dana"}),
    Canary("SECRET-REMOVAL-REASON", STAFF | {"chidi"}, STAFF | {"chidi"}),
    Canary("SECRET-FOR-SOME", STAFF | {"ben"}, STAFF | {"ben"}),
    Canary("SECRET-SCHEDULED", frozenset({"chidi"}), frozenset({"chidi"})),
    Canary("SECRET-HELD", STAFF_OR_CHIDI, STAFF_OR_CHIDI),
    Canary("SECRET-PRIVATE", STAFF_OR_CHIDI, STAFF_OR_CHIDI),
    Canary("SECRET-ASKED", STAFF_OR_CHIDI, STAFF_OR_CHIDI),
    # What was asked of staff and opened is there for all of the course (and its author for staff: test_secrets.py).
    Canary("OPENED-NAMELESS", STAFF | STUDENTS | {"olga"}, STAFF | STUDENTS | {"olga"}),
    Canary("SECRET-PLANNED-STOP", frozenset({"ada"}), frozenset({"ada"})),
    Canary("SECRET-OTHER-COURSE", frozenset({"mia", "ian"}), frozenset({"mia", "ian"})),
    # When an unpublished board opens; until when a section's late posts are taken.
    Canary("17 July 2031", STAFF, STAFF),
    Canary("19 December 2026, 17:43", STAFF | {"chidi", "dana"}, frozenset({"ines", "dana"})),
    Canary("ben@example.org", STAFF | {"ben", "ada"}, frozenset({"ines", "ben"})),
]
