"""Where HTTP meets the rooms: the way of a request, arrival, the frame of pages, error pages."""

from .error_pages import words_kept
from .frame import Page, nav_of
from .way import install

__all__ = ["Page", "install", "nav_of", "words_kept"]
