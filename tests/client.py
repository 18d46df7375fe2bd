"""The checking client: every page that any test fetches is looked at."""

import re
from typing import Any
from urllib.parse import urlsplit

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

WEIGHT = 400_000  # bytes of one page, uncompressed
_H = "{http://www.w3.org/1999/xhtml}"


class BadPage(AssertionError):
    """A page broke a promise that all pages keep."""


class CheckingClient(FlaskClient):
    """A test client that checks what comes back: valid HTML, one h1, unique ids, labels, tokens, weight, headers."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        check_headers(response)
        if (
            response.mimetype == "text/html"
            and response.status_code not in (301, 302, 303, 304)
            and response.data
        ):
            where = f"{response.request.method} {response.request.path}"
            if "<html" in response.text[:300]:
                check_page(response.text, where)
        return response

    def token(self) -> str:
        """A form token for this client's session."""
        page = super().open("/sign-in", headers={"X-Plain": "1"}, follow_redirects=True)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert found is not None
        return found.group(1)

    def send(self, path: str, fields: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """POST a form with its token."""
        return self.post(path, data={"csrf_token": self.token(), **(fields or {})}, **kwargs)


def check_headers(response: TestResponse) -> None:
    headers = response.headers
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"):
        if name not in headers:
            raise BadPage(f"{response.request.path}: no {name}")
    policy = headers["Content-Security-Policy"]
    if "unsafe-inline" in policy or "unsafe-eval" in policy:
        raise BadPage(f"{response.request.path}: {policy}")
    location = headers.get("Location", "")
    if location and urlsplit(location).netloc:
        raise BadPage(f"{response.request.path}: leads elsewhere: {location}")


def check_page(text: str, where: str) -> None:
    """Raise BadPage with everything that is wrong with a page."""
    wrong: list[str] = []
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"))
    root = parser.parse(text)
    wrong += [f"line {position[0]}: {code} {facts}" for position, code, facts in parser.errors]
    if len(text.encode()) > WEIGHT:
        wrong.append(f"weighs {len(text.encode())} bytes")
    headings = root.findall(f".//{_H}h1")
    if len(headings) != 1:
        wrong.append(f"{len(headings)} h1")
    title = root.find(f".//{_H}title")
    if title is None or not (title.text or "").split("·")[0].strip():
        wrong.append("no title")
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    wrong += [f"id twice: {each}" for each in sorted({each for each in ids if ids.count(each) > 1})]  # type: ignore[type-var]
    labelled = {each.get("for") for each in root.iter(f"{_H}label")}
    inside = {control for label in root.iter(f"{_H}label") for control in label.iter()}
    for control in [*root.iter(f"{_H}input"), *root.iter(f"{_H}select"), *root.iter(f"{_H}textarea")]:
        if control.get("type") in ("hidden", "submit", "button"):
            continue
        if control not in inside and control.get("id") not in labelled and not control.get("aria-label") \
                and not control.get("aria-labelledby"):  # fmt: skip
            wrong.append(f"no label: {control.get('name')}")
    for form in root.iter(f"{_H}form"):
        names = [control.get("name") for control in form.iter(f"{_H}input")]
        if (form.get("method") or "get").lower() == "post" and names.count("csrf_token") != 1:
            wrong.append(f"form without its token: {form.get('action')}")
    for each in root.iter():
        if not isinstance(each.tag, str):
            continue
        wrong += [f"inline {name}" for name in each.attrib if name.startswith("on") or name == "style"]
        if each.tag == f"{_H}script" and not each.get("src"):
            wrong.append("inline script")
        if each.tag in (f"{_H}script", f"{_H}img", f"{_H}iframe", f"{_H}video", f"{_H}source", f"{_H}link"):
            address = each.get("src") or each.get("href") or ""
            if urlsplit(address).netloc or address.startswith("data:"):
                wrong.append(f"loads from elsewhere: {address}")
        for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
            wrong += [
                f"{name} names nothing: {target}"
                for target in (each.get(name) or "").split()
                if target not in ids
            ]
        if each.tag == f"{_H}label" and each.get("for") and each.get("for") not in ids:
            wrong.append(f"label for nothing: {each.get('for')}")
    if wrong:
        raise BadPage(f"{where}: " + "; ".join(wrong[:20]))
