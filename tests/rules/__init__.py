"""Is it always true? Rules asked with values."""
