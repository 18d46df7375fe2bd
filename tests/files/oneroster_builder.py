"""OneRoster archives for tests: a small school, and any of its files replaced."""

from __future__ import annotations

import io

from tests.files.archive_builder import zip_of

SESSIONS = "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n"
ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
COURSES = "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId\n"
CLASSES = "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
CLASSES += "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\n"
USERS_11 = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
)
USERS_11 += "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n"
USERS_12 = "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,"
USERS_12 += (
    "identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,"
)
USERS_12 += "preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns\n"
ROLES = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n"
ENROLLMENTS = "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
ENROLLMENTS += "beginDate,endDate\n"

_SECRETS = "SECRET-ID,{email},SECRET-SMS,SECRET-PHONE,SECRET-AGENT,SECRET-GRADE,SECRET-PASSWORD"


def user_11(
    key: str, role: str, given: str, family: str, email: str, status: str = "", enabled: str = "true"
) -> str:
    """A row of users.csv in OneRoster 1.1, with secrets in all that must not be read."""
    secrets = _SECRETS.format(email=email)
    return f"{key},{status},,{enabled},o1,{role},{given.lower()},SECRET-LDAP,{given},{family},,{secrets}\n"


def user_12(key: str, given: str, family: str, email: str, preferred: str = "") -> str:
    """A row of users.csv in OneRoster 1.2."""
    secrets = _SECRETS.format(email=email)
    start = f"{key},,,true,{given.lower()},SECRET-LDAP,{given},{family},,{secrets}"
    return f"{start},SECRET-MASTER,{preferred},,,o1,SECRET-P\n"


def manifest(version: str, **modes: str) -> str:
    """The manifest; modes by file name, absent unless given."""
    lines = [f"file.{name},{mode}" for name, mode in modes.items()]
    return "\r\n".join(("propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}", *lines))


def school_11(**replaced: str | bytes | None) -> io.BytesIO:
    """A school in OneRoster 1.1, without courses.csv; files replaced by name, or left out with None."""
    files: dict[str, str | bytes | None] = {
        "manifest": manifest(
            "1.1",
            academicSessions="bulk",
            orgs="bulk",
            courses="absent",
            classes="bulk",
            users="bulk",
            enrollments="bulk",
        ),
        "academicSessions": SESSIONS + "t1,,,Fall 2026,term,2026-09-01,2026-12-20,,2026\n",
        "orgs": ORGS + "o1,,,North School,school,SECRET-ORG,\n",
        "classes": CLASSES + 'c1,,,Rivers A,09,k1,RIV-A,scheduled,R1,o1,"t1",Geo,G,1\n'
        "c2,,,Rivers B,09,k1,RIV-B,scheduled,R2,o1,t1,Geo,G,2\n",
        "users": USERS_11
        + user_11("u1", "teacher", "Tove", "Lind", "tove@example.org")
        + user_11("u2", "student", "Sam", "Oak", "sam@example.org")
        + user_11("u3", "parent", "Pat", "Oak", "pat@example.org"),
        "enrollments": ENROLLMENTS
        + "e1,,,c1,o1,u1,teacher,true,2026-09-01,2026-12-20\n"
        + "e2,,,c1,o1,u2,student,false,,\n",
    }
    return _archive(files | replaced)


def school_12(**replaced: str | bytes | None) -> io.BytesIO:
    """The same school in OneRoster 1.2, with courses.csv and roles.csv."""
    files: dict[str, str | bytes | None] = {
        "manifest": manifest(
            "1.2",
            courses="bulk",
            classes="bulk",
            users="bulk",
            roles="bulk",
            enrollments="bulk",
            userProfiles="bulk",
        ),
        "courses": COURSES + "k1,,,,Rivers,RIV,,o1\n",
        "classes": CLASSES + "c1,,,Rivers A,09,k1,RIV-A,scheduled,R1,o1,t1,Geo,G,1\n",
        "users": USERS_12
        + user_12("u1", "Tove", "Lind", "tove@example.org")
        + user_12("u2", "Samuel", "Oak", "sam@example.org", "Sam"),
        "roles": ROLES
        + "r1,,,u1,primary,teacher,,,o1\nr2,,,u1,secondary,guardian,,,o1\nr3,,,u2,primary,student,,,o1\n",
        "userProfiles": "sourcedId,userSourcedId,username,password\np1,u2,sam,SECRET-PASSWORD\n",
        "enrollments": ENROLLMENTS + "e1,,,c1,o1,u1,teacher,true,,\ne2,,,c1,o1,u2,student,false,,\n",
    }
    return _archive(files | replaced)


def _archive(files: dict[str, str | bytes | None]) -> io.BytesIO:
    return zip_of({f"{name}.csv": content for name, content in files.items() if content is not None})
