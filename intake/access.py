"""Who may open which view: every view carries one guard, and a view without one is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from flask_security.utils import logout_user

from intake import links, staff_sessions
from intake.models import Expression, User
from intake.sign_in_settings import NOBODY, STAFF
from intake.storage import SAFE_METHODS
from workflows.people import Actor, Role

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True, slots=True)
class Guard:
    """To whom a view is open: everybody, the holder of a link to the expression, or staff in one of these roles."""

    audience: str
    roles: frozenset[Role] = frozenset()
    sets_up: bool = False
    """Open before somebody has the second factor that they need, so that they can set it up."""

    def __str__(self) -> str:
        setting_up = ["setting-up"] if self.sets_up else []
        return " ".join([self.audience, *(role for role in Role if role in self.roles), *setting_up])


PUBLIC, APPLICANT = Guard("public"), Guard("applicant")
ANY_STAFF = (Role.SCREENER, Role.SECRETARIAT, Role.ADMINISTRATOR)
SETTING_UP = Guard("staff", frozenset(ANY_STAFF), sets_up=True)
BETWEEN = frozenset(
    f"security.{name}"
    for name in ("tf_select", "two_factor_token_validation", "mf_recovery", "wan_signin", "wan_signin_response")
)
"""Views between the password and the sign-in. Flask-Security would sign out who opens one afterwards, by a GET."""
OTHERS = {
    **dict.fromkeys(("static", "security.login", "security.logout"), PUBLIC),
    **dict.fromkeys(BETWEEN, PUBLIC),
    **dict.fromkeys(("security.verify", "security.wan_verify", "security.wan_verify_response"), SETTING_UP),
    **dict.fromkeys(("security.two_factor_setup", "security.two_factor_setup_validate"), SETTING_UP),
    **dict.fromkeys(("security.wan_register", "security.wan_register_response"), SETTING_UP),
    **dict.fromkeys(("security.mf_recovery_codes", "security.change_password"), SETTING_UP),
}
"""Guards of views that are not ours. Those of a second factor check themselves that the password was right."""


def public(view: View) -> View:
    """Open to everybody."""
    view.guard = PUBLIC  # type: ignore[attr-defined]
    return view


def applicant(view: View) -> View:
    """Open to a browser that holds a live link to the expression named by `reference`, which is then in `g`.

    Where the request may change something, it has been read under a lock.
    """
    view.guard = APPLICANT  # type: ignore[attr-defined]
    return view


def takes(most_bytes: int) -> Callable[[View], View]:
    """The view reads a larger body than others, of a browser that holds a link."""

    def sized(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return sized


def staff(*roles: Role) -> Callable[[View], View]:
    """Open to staff who hold one of the roles."""

    def guarded(view: View) -> View:
        view.guard = Guard("staff", frozenset(roles))  # type: ignore[attr-defined]
        return view

    return guarded


def setting_up(*roles: Role) -> Callable[[View], View]:
    """As `staff`, and open before somebody has the second factor that they need."""

    def guarded(view: View) -> View:
        view.guard = Guard("staff", frozenset(roles), sets_up=True)  # type: ignore[attr-defined]
        return view

    return guarded


def guard_of(endpoint: str) -> Guard | None:
    """The guard of an endpoint, or None: then nobody may open it."""
    return OTHERS.get(endpoint) or getattr(current_app.view_functions[endpoint], "guard", None)


def measure(app: Flask) -> None:
    """Say how large a request may be before anything reads it; the check of a form's token does."""
    app.before_request(_allow_size)


def _allow_size() -> None:
    most = getattr(current_app.view_functions.get(request.endpoint or ""), "most_bytes", None)
    if most is not None and session.get("links"):
        request.max_content_length = most


def install(app: Flask) -> None:
    """Check the guard before every request."""
    app.before_request(_check)


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    guard = guard_of(request.endpoint)
    if guard is None:
        abort(403)
    if request.endpoint in BETWEEN and current_user.is_authenticated:
        return redirect(url_for("screening.home"), 303)
    if guard.audience == "applicant":
        _check_applicant()
    return _check_staff(guard) if guard.audience == "staff" else None


def _check_applicant() -> None:
    to_change = request.method not in SAFE_METHODS
    expression = links.opened((request.view_args or {})["reference"], to_change=to_change)
    if expression is None:
        abort(403)
    g.expression = expression


def _check_staff(guard: Guard) -> ResponseReturnValue | None:
    if current_user.is_authenticated and staff_sessions.is_over():
        logout_user()
        flash(_("You were signed in for long, or away for long. Sign in again to go on."), "info")
    if not current_user.is_authenticated:
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")), 303)
    staff_sessions.go_on()
    if not current_user.actor.roles & guard.roles:
        abort(403)
    if not guard.sets_up and needs_second_factor(current_user):
        return redirect(url_for("sign_in.overview"), 303)
    return None


def needs_second_factor(user: User) -> bool:
    """Whether somebody has neither an app nor a passkey although their role needs one."""
    who = current_app.config["SECOND_FACTOR"]
    is_asked = who == STAFF or (who != NOBODY and user.actor.roles & {Role.SECRETARIAT, Role.ADMINISTRATOR})
    return bool(is_asked) and not user.tf_primary_method and not user.webauthn


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
