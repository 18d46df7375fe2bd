"""Schools in OneRoster 1.1 and 1.2 CSV archives, read into values."""

from forum.interop.oneroster.reading import read_oneroster
from forum.interop.oneroster.values import (
    Class,
    Course,
    Enrollment,
    Mode,
    Org,
    Person,
    Role,
    School,
    Status,
    Term,
)

__all__ = [
    "Class",
    "Course",
    "Enrollment",
    "Mode",
    "Org",
    "Person",
    "Role",
    "School",
    "Status",
    "Term",
    "read_oneroster",
]
