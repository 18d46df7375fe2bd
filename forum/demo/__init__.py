"""The demo: two courses with people, lessons and discussions, for whoever tries the forum first."""
