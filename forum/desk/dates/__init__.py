"""The dates of a course on one page: what they are, many changed at once, and the file of them."""

from . import file_views as file_views
from . import proposals as proposals
from .views import pages as pages
