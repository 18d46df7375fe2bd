"""Terms, courses, modules, people of a course, and who may do what."""
