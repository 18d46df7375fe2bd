"""All pages of moderation; importing this registers them and their places."""

from . import flag_views, places, queue_views, whole_removal_views
from .blueprint import pages

__all__ = ["flag_views", "pages", "places", "queue_views", "whole_removal_views"]
