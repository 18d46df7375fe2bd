"""What our own pages are measured against: a Flask application that does nothing but answer."""

import os

from flask import Flask, Response, redirect, request

app = Flask(__name__, static_folder=None)
_BODY = b"x" * int(os.environ.get("BARE_BYTES", "60000"))
_ETAG = "0123456789abcdef0123456789abcdef"


@app.get("/page")
def page() -> Response:
    """A fixed body, or 304 for who has it."""
    answer = Response(b"", 304) if request.if_none_match.contains_weak(_ETAG) else Response(_BODY)
    answer.set_etag(_ETAG, weak=True)
    return answer


@app.post("/post")
def post() -> Response:
    """A form is read and nothing is done with it."""
    return redirect(f"/page?{len(request.form['text'])}", 303)  # type: ignore[return-value]
