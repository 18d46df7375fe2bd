"""The blueprint of the pages on which posts are flagged and looked at, and what they answer with."""

from flask import Blueprint, Response

pages = Blueprint("moderation", __name__)
Answer = str | Response | tuple[str, int]
