"""Files that tests make as they run."""
