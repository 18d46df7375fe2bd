"""Pages that gather over all courses: This week, mine."""
