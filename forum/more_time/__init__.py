"""Requests for more time: asked by students, answered by instructors, with a reason that ends with the term."""
