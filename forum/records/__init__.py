"""What people take away: their own writing, as files that can be read without the forum."""
