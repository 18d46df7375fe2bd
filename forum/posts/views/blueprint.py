"""The blueprint that all pages of this room register with."""

from flask import Blueprint, Response

pages = Blueprint("posts", __name__)
Answer = str | Response | tuple[str, int]
