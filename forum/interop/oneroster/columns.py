"""The columns of OneRoster 1.1 and 1.2 files: all that they may have, and the few that are read.

All names are known so that a column that must not be read is never mistaken for a misspelling of one that is.
"""

from __future__ import annotations

_ALWAYS = ("sourcedId", "status", "dateLastModified")

KNOWN: dict[str, tuple[str, ...]] = {
    "academicSessions": (*_ALWAYS, "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"),
    "orgs": (*_ALWAYS, "name", "type", "identifier", "parentSourcedId"),
    "courses": (
        *_ALWAYS,
        *("schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects", "subjectCodes"),
    ),
    "classes": (
        *_ALWAYS,
        *("title", "grades", "courseSourcedId", "classCode", "classType", "location", "schoolSourcedId"),
        *("termSourcedIds", "subjects", "subjectCodes", "periods"),
    ),
    "users": (
        *_ALWAYS,
        *(
            "enabledUser",
            "orgSourcedIds",
            "role",
            "username",
            "userIds",
            "givenName",
            "familyName",
            "middleName",
        ),
        *("identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password"),
        *("userMasterIdentifier", "preferredGivenName", "preferredMiddleName", "preferredFamilyName"),
        *("primaryOrgSourcedId", "pronouns", "resourceSourcedIds", "birthDate", "sex"),
    ),
    "roles": (
        *_ALWAYS,
        *(
            "userSourcedId",
            "roleType",
            "role",
            "beginDate",
            "endDate",
            "orgSourcedId",
            "userProfileSourcedId",
        ),
    ),
    "enrollments": (
        *_ALWAYS,
        *("classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate"),
    ),
}

READ: dict[str, tuple[str, ...]] = {
    "academicSessions": ("sourcedId", "status", "title", "type", "startDate", "endDate", "parentSourcedId"),
    "orgs": ("sourcedId", "status", "name", "type", "parentSourcedId"),
    "courses": ("sourcedId", "status", "title", "courseCode", "orgSourcedId"),
    "classes": (
        *(
            "sourcedId",
            "status",
            "title",
            "courseSourcedId",
            "classCode",
            "schoolSourcedId",
            "termSourcedIds",
        ),
    ),
    "users": (
        *(
            "sourcedId",
            "status",
            "enabledUser",
            "orgSourcedIds",
            "role",
            "username",
            "givenName",
            "familyName",
        ),
        *("middleName", "email", "preferredGivenName", "preferredFamilyName", "primaryOrgSourcedId"),
    ),
    "roles": ("sourcedId", "status", "userSourcedId", "role", "orgSourcedId"),
    "enrollments": (
        *(
            "sourcedId",
            "status",
            "classSourcedId",
            "userSourcedId",
            "role",
            "primary",
            "beginDate",
            "endDate",
        ),
    ),
}

REQUIRED: dict[str, tuple[str, ...]] = {
    "academicSessions": ("sourcedId", "title"),
    "orgs": ("sourcedId", "name"),
    "courses": ("sourcedId", "title"),
    "classes": ("sourcedId", "title"),
    "users": ("sourcedId",),
    "roles": ("userSourcedId", "role"),
    "enrollments": ("sourcedId", "classSourcedId", "userSourcedId", "role"),
}

DATES = ("startDate", "endDate", "beginDate")
