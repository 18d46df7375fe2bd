"""What a WSGI server loads: `wsgi:app`."""

import gc

from forum import create_app

app = create_app()
# What was imported stays: the collector need not walk over it again and again while pages are made.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
