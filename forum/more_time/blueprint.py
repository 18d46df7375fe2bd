"""The blueprint of the pages on which more time is asked for and given, and what they answer with."""

from flask import Blueprint, Response

pages = Blueprint("more_time", __name__)
Answer = str | Response | tuple[str, int]
