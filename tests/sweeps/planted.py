"""Where the canaries are planted: a row of every kind."""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from sqlalchemy import select, update

from forum.accounts.models import OneTimeToken
from forum.boards.commands import BoardSpec, publish_board, save_board
from forum.boards.models import Accommodation, Board, DueRule, Extension
from forum.boards.outages.models import AddedTime, PlannedStop
from forum.core import files, markup
from forum.core.db import transaction
from forum.core.files import File
from forum.core.moments import ZONE_DATABASE, Wall, due_instant, opening_instant, zone
from forum.courses.models import Course, Group, GroupMembership, Module, Section
from forum.courses.queries import member_of
from forum.interop.calendars.models import CalendarAddress
from forum.lessons.models import Lesson, LessonFile, LessonLink, LessonRevision
from forum.moderation.commands import flag_post
from forum.more_time.models import TimeRequest
from forum.participation.models import Criterion, Grade, GradeVersion, Level
from forum.posts import commands as posts
from forum.posts.attachments import Attached, to_keep
from forum.posts.models import Draft, Post, Revision, Tag, Thread
from forum.posts.opening import answer_opening, ask_to_open, open_thread
from forum.receipts.commands import Arrived, HeldAgainst, issue_receipt
from forum.receipts.models import Receipt
from tests.conftest import Site
from tests.sweeps.planted_together import plant_together
from tests.world import BEGAN_AT, WORLD_AT


def plant(site: Site) -> None:
    """Put a row of every kind into the world's database; call once after each reset."""
    with site.app.app_context(), transaction() as session:
        _Planting(session, site).all()


class _Planting:
    def __init__(self, session: Any, site: Site) -> None:
        self.session, self.world = session, site.world
        self.course = session.get_one(Course, site.world.course_id)

    def add(self, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        return row

    def all(self) -> None:
        self.lessons()
        self.grades()
        self.allowances()
        self.requests()
        self.dates()
        self.writing()
        self.set_apart()
        self.asked_of_staff()
        self.opened_without_a_name()
        self.unopened_boards()
        self.for_some()
        self.announcements()
        plant_together(self.session, self.member("ines"), self.member("ben"))
        for course_id, name in (
            (self.course.id, "rivers"),
            (self.world.other_course_id, "SECRET-OTHER-COURSE tag"),
        ):
            self.add(Tag(course_id=course_id, name=name, name_key=name.casefold(), created_at=WORLD_AT))
        self.drafts()
        self.attached()
        self.receipts()
        self.outages()
        people, at = self.world.people, WORLD_AT
        self.add(OneTimeToken(token_hash="SECRETTOKENHASH", purpose="invitation", account_id=people["dana"],
                              author_id=people["ada"], created_at=at, expires_at=at + timedelta(days=7)))  # fmt: skip
        self.add(CalendarAddress(account_id=people["chidi"], token_hash="SECRETCALENDARHASH", made_at=at))

    def member(self, short: str, course_id: int | None = None) -> Any:
        return member_of(self.session, self.world.people[short], course_id or self.course.id, WORLD_AT)

    def board(self, name: str) -> Board:
        return self.session.scalars(select(Board).where(Board.public_id == self.world.boards[name])).one()

    def lessons(self) -> None:
        module = self.session.scalars(select(Module).where(Module.course_id == self.course.id)).first()
        unopened = self.add(Module(course_id=self.course.id, position=9, title="SECRET-UNOPENED-MODULE",
                                   published_at=BEGAN_AT, opens_at=WORLD_AT + timedelta(days=9)))  # fmt: skip
        theirs = self.session.get_one(Course, self.world.other_course_id)
        plain = self.lesson(self.course, module.id, "Reading a flood map", "Start at the **legend**.")
        self.lesson(
            self.course, module.id, "SECRET-UNPUBLISHED-LESSON", "SECRET-UNPUBLISHED-LESSON text", hidden=True
        )
        self.lesson(self.course, unopened.id, "SECRET-UNOPENED-LESSON", "SECRET-UNOPENED-LESSON text")
        elsewhere = self.lesson(theirs, None, "SECRET-OTHER-COURSE lesson", "SECRET-OTHER-COURSE text")
        self.add(
            LessonLink(
                lesson_id=elsewhere.id,
                position=1,
                title="SECRET-OTHER-COURSE link",
                url="https://archive.example.org/theirs",
            )
        )
        self.add(
            LessonLink(
                lesson_id=plain.id, position=1, title="The archive", url="https://archive.example.org/"
            )
        )

    def lesson(
        self, course: Course, module_id: int | None, title: str, source: str, *, hidden: bool = False
    ) -> Lesson:
        rendered = markup.render(source)
        lesson = self.add(Lesson(course_id=course.id, module_id=module_id, position=1, title=title, source=source,
                                 html=rendered.html, renderer_version=markup.RENDERER_VERSION, words=rendered.words,
                                 published_at=None if hidden else BEGAN_AT))  # fmt: skip
        self.add(LessonRevision(lesson_id=lesson.id, number=1, title=title, source=source, at=BEGAN_AT))
        secret = title.startswith("SECRET")
        word = "OTHER-COURSE" if course is not self.course else "FILE-NAME" if secret else ""
        name = f"SECRET-{word}.txt" if secret else "legend.txt"
        content = b"SECRET-FILE-BYTES" if secret and course is self.course else b"A legend."
        stored = files.store(BytesIO(content), name)
        file = self.add(File(course_id=course.id, place_kind="lesson", place_id=lesson.id, name=stored.name,
                             media_type=stored.media_type, size=stored.size, sha256=stored.sha256,
                             stored_as=stored.stored_as, created_at=BEGAN_AT))  # fmt: skip
        self.add(LessonFile(lesson_id=lesson.id, file_id=file.id, use="attachment", label=stored.name))
        return lesson

    def grades(self) -> None:
        board, people = self.board("floods"), self.world.people
        criterion = self.add(Criterion(board_id=board.id, position=1, title="Use of sources"))
        for number, title in enumerate(("Thin", "Sound")):
            self.add(Level(criterion_id=criterion.id, position=number, title=title, points=Decimal(number)))
        for short, score, words, released in (("ben", "73.125", "SECRET-FEEDBACK", None),
                                              ("chidi", "61.375", "SECRET-RELEASED-FEEDBACK", WORLD_AT)):  # fmt: skip
            grade = self.add(Grade(
                board_id=board.id, account_id=people[short], score=Decimal(score), feedback_source=words,
                feedback_html=markup.render(words).html, renderer_version=markup.RENDERER_VERSION,
                author_id=people["ines"], saved_at=WORLD_AT, released_at=released,
            ))  # fmt: skip
            self.add(GradeVersion(grade_id=grade.id, version=1, at=WORLD_AT, author_id=people["ines"], deed="saved",
                                  score=Decimal(score), feedback_source=words))  # fmt: skip

    def allowances(self) -> None:
        people = self.world.people
        self.add(Extension(board_id=self.board("floods").id, account_id=people["ana"], due_on=WORLD_AT.date() + timedelta(days=5),
                           due_at=WORLD_AT + timedelta(days=5), zone="Europe/Madrid", reason="SECRET-EXTENSION-REASON",
                           author_id=people["ines"], created_at=BEGAN_AT))  # fmt: skip
        self.add(Accommodation(course_id=self.course.id, account_id=people["chidi"], days=1, from_on=BEGAN_AT.date(),
                               reason="SECRET-ACCOMMODATION-REASON", author_id=people["ines"], created_at=BEGAN_AT))  # fmt: skip

    def requests(self) -> None:
        """One for more time that is open, and one that was answered."""
        people, at = self.world.people, WORLD_AT - timedelta(hours=3)
        board = self.board("floods")
        told = {"course_id": self.course.id, "board_id": board.id, "wished_on": date(2026, 12, 5),
                "wished_zone": "Europe/Madrid", "wished_at": due_instant(Wall(date(2026, 12, 5)), zone("Europe/Madrid")),
                "asked_at": at, "created_at": at}  # fmt: skip
        self.add(TimeRequest(account_id=people["ana"], reason="SECRET-REASON-FOR-TIME", key="planted-request-1",
                             open_for=0, **told))  # fmt: skip
        self.add(TimeRequest(account_id=people["chidi"], reason="SECRET-ANSWERED-REASON", key="planted-request-2",
                             state="declined", answer="SECRET-ANSWER-ON-TIME", answered_at=at,
                             answered_by_id=people["ines"], **told))  # fmt: skip
        theirs = self.session.scalars(
            select(Board).where(Board.public_id == self.world.boards["other"])
        ).one()
        told |= {"course_id": theirs.course_id, "board_id": theirs.id}
        self.add(TimeRequest(account_id=people["mia"], reason="SECRET-OTHER-COURSE reason", key="planted-request-3",
                             open_for=0, **told))  # fmt: skip

    def dates(self) -> None:
        madrid = zone("Europe/Madrid")
        south = self.session.scalars(select(Section).where(Section.title == "South")).one()
        for name, what, section_id, wall in (
            ("hidden", "opens", None, Wall(date(2031, 7, 17))),
            ("each", "cut_off", south.id, Wall(date(2026, 12, 19), time(17, 43))),
        ):
            derive = opening_instant if what == "opens" else due_instant
            self.add(DueRule(
                board_id=self.board(name).id, section_id=section_id, what=what, version=1, wall_on=wall.on,
                wall_minute=f"{wall.minute:%H:%M}" if wall.minute else None, zone=madrid.key, zone_database=ZONE_DATABASE,
                instant=derive(wall, madrid), author_id=self.world.people["ines"], created_at=BEGAN_AT,
            ))  # fmt: skip

    def set_apart(self) -> None:
        """Posts that are in a thread and not for everybody: one appears later, one is held, one is for staff."""
        at = WORLD_AT - timedelta(hours=4)
        for number, (word, more) in enumerate(
            {"SCHEDULED": {"appears_at": WORLD_AT + timedelta(days=6), "scheduled_for": WORLD_AT + timedelta(days=6)},
             "HELD": {"held_at": at},
             "PRIVATE": {"private_with_id": self.world.people["chidi"]}}.items()
        ):  # fmt: skip
            written = posts.write(f"SECRET-{word} words", f"planted-apart-{number}")
            posted = posts.post_reply(
                self.session, self.member("chidi"), self.world.threads["questions"], written, at=at
            )
            post = self.session.get_one(Post, posted.id)
            for name, value in more.items():
                setattr(post, name, value)
            self.session.flush()
            if word != "SCHEDULED":
                self.quote("ines", "questions", posted.public_id, at)

    def quote(self, short: str, thread: str, public_id: str, at: Any) -> None:
        """An answer, for all who read there, that quotes the first words of a post."""
        text = posts.write(f"See here:\n\n[quote {public_id}.1.0-14]", f"planted-quote-{public_id}")
        posts.post_reply(self.session, self.member(short), self.world.threads[thread], text, at=at)
        self.session.expire_all()

    def asked_of_staff(self) -> None:
        """What Chidi asked of staff only, Tariq's answer, and Chidi's to that."""
        board = self.board("questions")
        board.staff_questions, board.version = True, board.version + 1
        self.session.flush()
        at = WORLD_AT - timedelta(hours=4)
        text = posts.write("SECRET-ASKED words", "planted-asked-1", title="SECRET-ASKED title")
        asked = posts.start_thread(
            self.session, self.member("chidi"), board.public_id, text, at=at, for_staff=True
        )
        thread = self.session.get_one(Thread, asked.thread_id)
        for short, number in (("tariq", 2), ("chidi", 3)):
            text = posts.write(f"SECRET-ASKED answer {number}", f"planted-asked-{number}")
            posts.post_reply(self.session, self.member(short), thread.public_id, text, at=at)

    def opened_without_a_name(self) -> None:
        """What Dana asked of staff, and staff opened to the course without her name."""
        at, place = WORLD_AT - timedelta(hours=4), self.world.boards["questions"]
        text = posts.write("OPENED-NAMELESS words", "planted-opened-1", title="OPENED-NAMELESS title")
        asked = posts.start_thread(self.session, self.member("dana"), place, text, at=at, for_staff=True)
        thread = self.session.get_one(Thread, asked.thread_id).public_id
        ask_to_open(self.session, self.member("ines"), thread, at=at)
        answer_opening(self.session, self.member("dana"), thread, "nameless", at=at)
        open_thread(self.session, self.member("ines"), thread, at=at)
        for short in ("dana", "ana"):
            text = posts.write(f"OPENED-NAMELESS answer of {short}", f"planted-opened-{short}")
            posts.post_reply(self.session, self.member(short), thread, text, at=at + timedelta(minutes=1))

    def unopened_boards(self) -> None:
        """One in a module that has not opened, and one with threads that opens later."""
        module = self.session.scalars(select(Module).where(Module.title == "SECRET-UNOPENED-MODULE")).one()
        opens = Wall(WORLD_AT.date() + timedelta(days=5))
        for spec in (
            BoardSpec("SECRET-UNOPENED-MODULE board", prompt="SECRET-UNOPENED-MODULE prompt", module_id=module.id),
            BoardSpec("Opens later", form="threads", prompt="SECRET-UNOPENED-THREADS prompt", opens=opens),
        ):  # fmt: skip
            board = save_board(self.session, self.member("ines"), None, spec, at=BEGAN_AT)
            publish_board(self.session, self.member("ines"), board, at=BEGAN_AT)
        posts.start_thread(
            self.session, self.member("ines"), board.public_id,
            posts.write("SECRET-UNOPENED-THREADS words", "planted-early", title="SECRET-UNOPENED-THREADS title"), at=WORLD_AT,
        )  # fmt: skip

    def announcements(self) -> None:
        """One on a board that students do not see, and one that waits."""
        board = save_board(
            self.session,
            self.member("ines"),
            None,
            BoardSpec("News to come", form="announcement"),
            at=BEGAN_AT,
        )
        for place, words, later in (
            (board.public_id, "SECRET-UNPUBLISHED-ANNOUNCEMENT", None),
            (self.world.boards["news"], "SECRET-WAITING-ANNOUNCEMENT", WORLD_AT + timedelta(days=2)),
        ):
            text = posts.write(f"{words} words", f"planted-{words[7:15].lower()}", title=words)
            posts.start_thread(self.session, self.member("tariq"), place, text, at=WORLD_AT, shown_from=later)

    def for_some(self) -> None:
        """A board for Ben's group alone, with a thread, and a prompt with a discussion in which Ben wrote."""
        group = self.session.scalars(select(Group).where(Group.title == "Group of Ben")).one()
        ines, ben, word = self.member("ines"), self.member("ben"), "SECRET-FOR-SOME"
        for form in ("threads", "single"):
            only = frozenset({("group", group.id)}) if form == "threads" else frozenset()
            title = f"{word} board" if form == "threads" else "Each group's dike"
            spec = BoardSpec(
                title, form=form, groups="separate", prompt=f"{word} prompt" if only else "", audience=only
            )
            board = save_board(self.session, ines, None, spec, at=BEGAN_AT)
            publish_board(self.session, ines, board, at=BEGAN_AT)
        at = WORLD_AT - timedelta(hours=5)
        thread = self.session.scalars(
            select(Thread).where(Thread.board_id == board.id, Thread.group_id == group.id)
        ).one()
        posts.post_reply(
            self.session, ben, thread.public_id, posts.write(f"{word} words", "planted-some-1"), at=at
        )
        limited = self.session.scalars(select(Board).where(Board.title == f"{word} board")).one()
        text = posts.write(f"{word} words", "planted-some-2", title=f"{word} title")
        posts.start_thread(self.session, ben, limited.public_id, text, at=at)

    def drafts(self) -> None:
        """A draft of Ben's for each kind of place but a thread, where the world has one."""
        world = self.world
        for kind, public_id in (("board", world.boards["questions"]), ("post", world.posts["ines"])):
            posts.save_draft(
                self.session, world.people["ben"], self.course.id, posts.Place(kind, public_id),
                posts.write("SECRET-DRAFT of Ben", f"planted-draft-{kind}"), at=WORLD_AT - timedelta(hours=1),
            )  # fmt: skip

    def attached(self) -> None:
        """A file for every post and draft that holds a canary, with the canary in its name and in its bytes."""
        for kind, table in (("post", Post), ("draft", Draft)):
            for row in self.session.scalars(select(table).where(table.html.contains("SECRET-"))):
                found = re.search("SECRET-[A-Z-]*[A-Z]", row.html)
                assert found is not None
                content = f"{found[0]} in the bytes of a file".encode()
                stored = files.store(BytesIO(content), f"{found[0]}.txt")
                author_id = row.author_id if kind == "post" else row.account_id
                file = self.add(files.row_of(stored, course_id=row.course_id, place_kind=kind, place_id=row.id,
                                             author_id=author_id, at=WORLD_AT))  # fmt: skip
                row.files = to_keep(
                    [
                        Attached(
                            file.public_id, file.name, file.media_type, file.size, file.sha256, file.sha256
                        )
                    ]
                )
                if kind == "post":
                    self.session.execute(
                        update(Revision).where(Revision.post_id == row.id).values(files=row.files)
                    )
        self.session.flush()

    def receipts(self) -> None:
        """Ben's receipt with a salt and a token to look for; Ana's, whose due instant has a reason that nobody is told."""
        post = self.session.scalars(select(Post).where(Post.public_id == self.world.posts["ben"])).one()
        row = self.session.scalars(select(Receipt).where(Receipt.post_id == post.id)).one()
        row.salt, row.token = "SECRETSALTSECRETSALTSECRETSALT00", f"SECRET-TOKEN.{row.token}"
        issue_receipt(self.session, self.world.people["ana"], self.course.id,
                      Arrived("refused", f"thread:{self.world.threads['floods']}", "Refused words.", refusal="closed"),
                      HeldAgainst(WORLD_AT + timedelta(days=5)), at=WORLD_AT, issued_at=WORLD_AT)  # fmt: skip

    def outages(self) -> None:
        """A stop that only administrators know of, and more time on a board that students do not see, and elsewhere."""
        self.add(PlannedStop(starts_at=WORLD_AT + timedelta(days=3), ends_at=WORLD_AT + timedelta(days=4),
                             note="SECRET-PLANNED-STOP", author_id=self.world.people["ada"], created_at=WORLD_AT))  # fmt: skip
        for name, reason in (
            ("hidden", "SECRET-HIDDEN-PROMPT reason"),
            ("other", "SECRET-OTHER-COURSE reason"),
        ):
            self.add(AddedTime(board_id=self.board(name).id, minutes=30, reason=reason, created_at=WORLD_AT))

    def moderation(self, at: Any) -> None:
        """Dana flagged Ben's post; a post of Chidi's was removed by staff with a reason."""
        flag_post(
            self.session, self.member("dana"), self.world.posts["ben"], "SECRET-FLAG-REASON of Dana", at=at
        )
        removed = posts.post_reply(self.session, self.member("chidi"), self.world.threads["floods"],
                                   posts.write("SECRET-REMOVED words, taken by staff.", "planted-4"), at=at)  # fmt: skip
        self.quote("dana", "floods", removed.public_id, at + timedelta(minutes=1))
        posts.remove_post(self.session, self.member("ines"), removed.public_id, at=at + timedelta(minutes=2),
                          reason="SECRET-REMOVAL-REASON of staff")  # fmt: skip

    def writing(self) -> None:
        at = WORLD_AT - timedelta(hours=5)
        removed = posts.post_reply(self.session, self.member("chidi"), self.world.threads["floods"],
                                   posts.write("SECRET-REMOVED words, taken back.", "planted-1"), at=at)  # fmt: skip
        posts.remove_post(self.session, self.member("chidi"), removed.public_id, at=at + timedelta(minutes=1))
        self.moderation(at)
        posts.post_reply(self.session, self.member("mia", self.world.other_course_id), self.world.threads["other"],
                         posts.write("SECRET-OTHER-COURSE words of Mia.", "planted-2"), at=at)  # fmt: skip
        group = self.add(Group(course_id=self.course.id, title="Group of Ben"))
        self.add(GroupMembership(group_id=group.id, account_id=self.world.people["ben"], from_at=BEGAN_AT))
        theirs = self.world.other_course_id
        self.add(Group(course_id=theirs, title="Their group"))
        self.add(Section(course_id=theirs, title="Their section"))
        self.add(Module(course_id=theirs, position=1, title="Their module", published_at=BEGAN_AT))
        mia = {"account_id": self.world.people["mia"], "reason": "SECRET-OTHER-COURSE reason"}
        self.add(Extension(board_id=self.board("other").id, due_on=WORLD_AT.date() + timedelta(days=9), zone="America/New_York",
                           due_at=WORLD_AT + timedelta(days=9), author_id=self.world.people["ian"], created_at=BEGAN_AT, **mia))  # fmt: skip
        self.add(Accommodation(course_id=theirs, days=1, from_on=BEGAN_AT.date(), author_id=self.world.people["ian"],
                               created_at=BEGAN_AT, **mia))  # fmt: skip
        board = self.board("each")
        board.groups = "separate"
        thread = self.add(Thread(course_id=self.course.id, board_id=board.id, group_id=group.id,
                                 author_id=self.world.people["ben"], title="SECRET-OF-A-GROUP title",
                                 created_at=at, last_post_at=at, last_position=1, posts=1))  # fmt: skip
        written = posts.write("SECRET-OF-A-GROUP words", "planted-3")
        self.add(Post(
            course_id=self.course.id, board_id=board.id, thread_id=thread.id, group_id=group.id,
            author_id=self.world.people["ben"], position=1, path=(1).to_bytes(4, "big"), opens_thread=True,
            arrived_at=at, appears_at=at, key="planted-3", digest=written.digest, html=written.html,
            renderer_version=markup.RENDERER_VERSION, words=written.words,
        ))  # fmt: skip
        post = self.session.scalars(select(Post).where(Post.key == "planted-3")).one()
        self.add(Revision(post_id=post.id, number=1, arrived_at=at, author_id=post.author_id, source=written.source,
                          html=written.html, words=written.words))  # fmt: skip
