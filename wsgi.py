"""What a WSGI server loads: `wsgi:app`."""

import gc
from pathlib import Path

from forum import create_app
from forum.receipts import keys

app = create_app()
keys.warm(Path(app.instance_path))
# What was imported stays: the collector need not walk over it again and again while pages are made.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
