"""What members flag and what staff do about posts of others: a queue a course, each act with a reason where one is owed."""
