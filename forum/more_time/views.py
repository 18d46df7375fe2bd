"""All pages of requests for more time; importing this registers them, their places and their job."""

from . import answer_views, jobs, places, student_views
from .blueprint import pages

__all__ = ["answer_views", "jobs", "pages", "places", "student_views"]
