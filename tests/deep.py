"""How long a property is tried: `make deep` tries each twenty times as often as `make test`."""

import os


def times(examples: int) -> int:
    """The number of examples for this run."""
    return examples * 20 if os.environ.get("DEEP") else examples
