"""Every table of the forum: importing this is knowing the whole schema."""

from .accounts import models as accounts
from .boards import models as boards
from .boards.outages import models as outages
from .core import files, jobs, limits
from .courses import models as courses
from .interop.calendars import models as calendars
from .ledger import models as ledger
from .lessons import models as lessons
from .moderation import models as moderation
from .more_time import models as more_time
from .participation import models as participation
from .posts import models as posts
from .receipts import models as receipts

__all__ = [
    "accounts",
    "boards",
    "calendars",
    "courses",
    "files",
    "jobs",
    "ledger",
    "lessons",
    "limits",
    "moderation",
    "more_time",
    "outages",
    "participation",
    "posts",
    "receipts",
]
