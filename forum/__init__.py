"""Midnight Forum: a course forum in which writing is the work and a deadline is a promise."""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(overrides: dict[str, Any] | None = None) -> "Flask":
    """The application of one instance; `overrides` win over environment and `forum.cfg`.

    Everything is imported here and not before, so that a command's own start can come first.
    """
    from jinja2 import StrictUndefined
    from sqlalchemy.orm import configure_mappers

    from . import config, web
    from . import tables as tables
    from .core.access import refuse_ungated_routes
    from .core.db import init_db
    from .web.application import Forum

    overrides = overrides or {}
    folder = overrides.pop("INSTANCE", None) or config.Place.from_environment().folder
    app = Forum(__name__, instance_path=os.fspath(folder), static_folder=None)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    config.configure(app, overrides)
    init_db(app)

    web.install(app)
    install_rooms(app)
    refuse_ungated_routes(app)
    # Once, before threads ask: the first two requests would set up the same classes at the same time.
    configure_mappers()
    return app


def install_rooms(app: "Flask") -> None:
    """The rooms, from the ground up."""
    from .accounts import views as accounts
    from .boards import views as boards
    from .boards import zones as zones  # follows a course that changes its zone
    from .courses import account_views, admin_views, people_views
    from .courses import views as courses
    from .desk import views as desk
    from .desk.dates import pages as course_dates
    from .interop import cartridge_views as cartridges
    from .interop import roster_views as rosters
    from .interop.calendars import views as calendars
    from .interop.course_copies import views as course_copies
    from .lessons import manage_views as lesson_manage
    from .lessons import views as lessons
    from .machines import pages as machines
    from .moderation import views as moderation
    from .more_time import views as more_time
    from .participation import gradebook_views, grading_views, progress_views
    from .participation import views as participation
    from .posts import views as posts
    from .receipts import views as receipts
    from .records import views as records

    for pages in (
        machines,
        accounts.pages,
        courses.pages,
        people_views.pages,
        admin_views.pages,
        account_views.pages,
        lessons.pages,
        lesson_manage.pages,
        boards.pages,
        receipts.pages,
        posts.pages,
        moderation.pages,
        more_time.pages,
        participation.pages,
        grading_views.pages,
        gradebook_views.pages,
        progress_views.pages,
        desk.pages,
        course_dates,
        rosters.pages,
        cartridges.pages,
        course_copies.pages,
        calendars.pages,
        records.pages,
    ):
        app.register_blueprint(pages)
    app.extensions["forum_keep_words"] = posts.keep_words
