"""What comes from other systems and goes to them: archives, cartridges, school rosters."""
