"""What was done on a board: participation, rubrics, grades, release."""
