"""All pages with which boards are set up."""

from . import (
    accommodation_views,
    board_views,
    dates_views,
    excusal_views,
    extension_views,
    manage_views,
    standing_views,
)
from .blueprint import pages
from .outages import admin_views as outage_admin_views
from .outages import views as outage_views

__all__ = [
    "accommodation_views",
    "board_views",
    "dates_views",
    "excusal_views",
    "extension_views",
    "manage_views",
    "outage_admin_views",
    "outage_views",
    "pages",
    "standing_views",
]
