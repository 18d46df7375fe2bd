"""A course made anew from an earlier one: its content and dates, without its people and what they wrote."""
