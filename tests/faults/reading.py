"""Faults in reading: a GET that changes something, a statement more for each row."""

from .planting import fault

_LOOKING = "sweeps/test_gets_change_nothing.py::test_looking_changes_no_table[sqlite-ana]"
_LOOKING_AUTHOR = "sweeps/test_gets_change_nothing.py::test_looking_changes_no_table[sqlite-ben]"
_LOOKING_STAFF = "sweeps/test_gets_change_nothing.py::test_looking_changes_no_table[sqlite-ines]"
_STUDENT = "sweeps/test_queries.py::test_every_page_asks_as_often_for_sixty_as_for_ten[sqlite-ana]"
_STAFF = "sweeps/test_queries.py::test_every_page_asks_as_often_for_sixty_as_for_ten[sqlite-ines]"

FAULTS = [
    fault("looking_at_a_lesson_marks_it_as_done", "lessons/views.py",
          "    found = queries.lesson_for(session, member, lesson, g.at)\n    before",
          "    found = queries.lesson_for(session, member, lesson, g.at)\n"
          "    if commands.why_not_mark_done(member) is None:\n        with transaction() as writing:\n"
          "            commands.mark_done(writing, member, lesson, at=g.at)\n    before", _LOOKING),
    fault("looking_at_a_thread_marks_it_as_read", "posts/views/single_posts.py",
          "    path = None\n    if view", "    with transaction() as session:\n        seen = queries.thread_view(session, g.member, view.thread.thread.public_id, g.at)\n"
          "        commands.read_to(session, g.member, seen, position=1, as_of=g.at)\n    path = None\n    if view", _LOOKING),
    fault("looking_at_a_link_uses_it_up", "accounts/views.py",
          '    if request.method == "GET":\n        return render_template("accounts/invitation.html"',
          '    if request.method == "GET":\n        with transaction() as session:\n            _row.used_at = g.at\n            session.merge(_row)\n'
          '        return render_template("accounts/invitation.html"', "sweeps/test_headers.py::test_an_invitation_opens_once"),
    fault("looking_at_a_page_removes_by_get", "posts/views/single_posts.py",
          '    if request.method == "POST" and (restores or form.validate()):\n        with transaction() as session:\n            if',
          '    if True:\n        with transaction() as session:\n            if', _LOOKING_AUTHOR),
    fault("looking_at_the_gradebook_writes_a_line_of_the_audit", "participation/gradebook_views.py",
          "    book = _book(member)\n    base",
          "    book = _book(member)\n    with transaction() as session:\n        commands.record(session, \"looked\", \"board\", 1, actor_id=member.account_id, at=g.at)\n    base",
          _LOOKING_STAFF),
    fault("a_statement_for_each_person", "courses/queries.py",
          "Role(row.role), row.enrollment, row.from_at, row.zone,",
          "Role(row.role), session.scalar(select(Enrollment.public_id).where(Enrollment.public_id == row.enrollment)), row.from_at, row.zone,",
          _STAFF),
    fault("a_statement_for_each_thread", "posts/queries/thread_lists.py",
          "row.pinned, row.closed_at is not None, row.seen or 0,",
          "row.pinned, row.closed_at is not None, session.scalar(select(func.count()).where(Post.thread_id == row.id)) and row.seen or 0,",
          _STUDENT),
    fault("a_statement_for_each_post", "posts/fragments.py",
          "    for row in rows:\n        number += not row.opens_thread\n",
          '    for row in rows:\n        __import__("forum.core.db", fromlist=["db"]).db.session.connection().exec_driver_sql("SELECT 1")\n        number += not row.opens_thread\n',
          _STUDENT),
    fault("a_statement_for_each_board", "desk/queries.py",
          "            if view.board.module_id == module_id or",
          '            if session.connection().exec_driver_sql("SELECT 1") and view.board.module_id == module_id or', _STUDENT),
    fault("a_statement_for_each_participation", "participation/done.py",
          "            _line(each, states",
          "            session.connection().exec_driver_sql(\"SELECT 1\") and _line(each, states", _STAFF),
    fault("marked_as_new_takes_back_the_place_alone", "posts/marking_new.py",
          "    mark.at = min(mark.at, post.appears_at - _JUST_BEFORE)\n", "", "slices/test_new_counts.py"),
    fault("marked_as_new_takes_back_the_instant_alone", "posts/marking_new.py",
          "    mark.position = min(mark.position, post.position - 1)\n", "    mark.position = post.position\n", "slices/test_marked_as_new.py"),
    fault("marked_as_new_takes_no_look_at_whose_post_it_is", "posts/marking_new.py",
          "    if post.author_id == member.account_id:\n", "    if False:\n", "slices/test_marked_as_new.py"),
]  # fmt: skip
