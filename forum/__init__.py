"""Midnight Forum: a course forum in which writing is the work and a deadline is a promise."""
