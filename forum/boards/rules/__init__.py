"""The rules of boards: what is due when, what may be done, what meets a checkpoint (docs/time.md). All pure.

>>> from datetime import UTC, date, datetime
>>> from forum.boards.rules import due, met, state, values
>>> from forum.core.moments import Wall, zone
>>> first = values.CheckpointRule(1, 1, "first_post", values.DueRule(Wall(date(2026, 11, 26))))
>>> board = values.BoardRules(zone("Europe/Madrid"), (first,))
>>> dates = due.student_board(board, values.StudentDates(zone("America/Chicago")))
>>> dates.dates[0].due.isoformat(), dates.dates[0].limit.isoformat()
('2026-11-26T23:00:00+00:00', '2026-11-26T23:05:00+00:00')
>>> standing = state.BoardStanding(published_at=datetime(2026, 11, 1, tzinfo=UTC))
>>> at = datetime(2026, 11, 26, 23, 4, 59, tzinfo=UTC)
>>> state.why_not_post(standing, dates, at) is None
True
>>> text = values.Revision(at, words=120)
>>> posts = [values.PostFacts(7, author_id=3, arrived_at=at, revisions=(text,), opens=True)]
>>> sam = values.StudentFacts(dates.dates, (values.Presence(datetime(2026, 9, 1, tzinfo=UTC)),))
>>> met.states_of(board.checkpoints, posts, {3: sam}, at)[3][0].state
'met_on_time'
"""
