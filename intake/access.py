"""Who may open which view: every view carries one guard, and a view without one is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from intake import links
from intake.models import Expression
from workflows.people import Actor, Role

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True, slots=True)
class Guard:
    """To whom a view is open: everybody, the holder of a link to the expression, or staff in one of these roles."""

    audience: str
    roles: frozenset[Role] = frozenset()

    def __str__(self) -> str:
        return " ".join([self.audience, *(role for role in Role if role in self.roles)])


PUBLIC, APPLICANT = Guard("public"), Guard("applicant")
OTHERS = {"static": PUBLIC, "security.login": PUBLIC, "security.logout": PUBLIC, "security.verify": PUBLIC}
"""Guards of views that are not ours; Flask-Security checks the last one itself."""


def public(view: View) -> View:
    """Open to everybody."""
    view.guard = PUBLIC  # type: ignore[attr-defined]
    return view


def applicant(view: View) -> View:
    """Open to a browser that holds a live link to the expression named by `reference`, which is then in `g`."""
    view.guard = APPLICANT  # type: ignore[attr-defined]
    return view


def staff(*roles: Role) -> Callable[[View], View]:
    """Open to staff who hold one of the roles."""

    def guarded(view: View) -> View:
        view.guard = Guard("staff", frozenset(roles))  # type: ignore[attr-defined]
        return view

    return guarded


ANY_STAFF = (Role.SCREENER, Role.SECRETARIAT, Role.ADMINISTRATOR)


def guard_of(endpoint: str) -> Guard | None:
    """The guard of an endpoint, or None: then nobody may open it."""
    return OTHERS.get(endpoint) or getattr(current_app.view_functions[endpoint], "guard", None)


def install(app: Flask) -> None:
    """Check the guard before every request."""
    app.before_request(_check)


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    guard = guard_of(request.endpoint)
    if guard is None:
        abort(403)
    if guard.audience == "applicant":
        _check_applicant()
    return _check_staff(guard) if guard.audience == "staff" else None


def _check_applicant() -> None:
    expression = links.opened((request.view_args or {})["reference"])
    if expression is None:
        abort(403)
    g.expression = expression


def _check_staff(guard: Guard) -> ResponseReturnValue | None:
    if not current_user.is_authenticated:
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")), 303)
    if not current_user.actor.roles & guard.roles:
        abort(403)
    return None


def opened_expression() -> Expression:
    """The expression that the applicant of this request may see."""
    found: Expression = g.expression
    return found


def applicant_actor(expression: Expression) -> Actor:
    """The applicant of this request, as the history names them."""
    return Actor(expression.contact_name or "Applicant", frozenset({Role.APPLICANT}))


def staff_actor() -> Actor:
    """The member of staff of this request."""
    actor: Actor = current_user.actor
    return actor
