"""Outages of the site (docs/time.md, rule 14): noticed from signs of life, recorded once, given back to everyone."""
