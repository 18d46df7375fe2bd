"""One's own due dates in a calendar elsewhere: a secret address that a calendar program reads from time to time."""
