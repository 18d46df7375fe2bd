"""The gate: every route says who may pass, and a route that says nothing is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Gate:
    """`public` lets everyone pass, `signed_in` everyone with an account, `needs` those whom the policy allows.

    `asks` finds out who asks and loads the door's own thing in the same statement.
    """

    kind: str
    action: Enum | None = None
    because: str | None = None
    asks: Any = None


def needs(action: Enum, *, asks: Any = None) -> Callable[[View], View]:
    """Only who may do `action`: in the course that the address names, or on the site where it names none.

    `asks`: a `courses.asking.WhoAsks` of its own for a door that is opened often; the view finds its row in
    `g.asking`, and it is the view that applies what the row says of the thing.
    """
    return lambda view: _with_gate(view, Gate("needs", action=action, asks=asks))


def signed_in(view: View) -> View:
    """Everyone who is signed in; the view shows them their own things only."""
    return _with_gate(view, Gate("signed_in"))


def public(*, because: str) -> Callable[[View], View]:
    """Everyone, also without an account; the reason stands beside the route."""
    return lambda view: _with_gate(view, Gate("public", because=because))


def _with_gate(view: View, gate: Gate) -> View:
    view.gate = gate  # type: ignore[attr-defined]
    return view


def gate_of(app: Flask, endpoint: str) -> Gate | None:
    return getattr(app.view_functions.get(endpoint), "gate", None)


def refuse_ungated_routes(app: Flask) -> None:
    """Raise RuntimeError naming each route of the URL map that has no gate."""
    open_doors = sorted(
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if gate_of(app, rule.endpoint) is None
    )
    if open_doors:
        raise RuntimeError("routes without a gate: " + ", ".join(open_doors))
