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

__all__ = [
    "accommodation_views",
    "board_views",
    "dates_views",
    "excusal_views",
    "extension_views",
    "manage_views",
    "pages",
    "standing_views",
]
