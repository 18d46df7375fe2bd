"""Proof of arrival: signed, chained statements of what arrived, when, and which due instant it was held against."""
