"""Follows what Flask-Security says happens to accounts: tries are counted, owners told, sessions begun and ended."""

import logging
from typing import Any

from flask import Flask, request
from flask_login import user_logged_out  # type: ignore[import-untyped]
from flask_security import (
    password_changed,
    tf_disabled,
    tf_profile_changed,
    user_authenticated,
    user_failed_authn,
    wan_registered,
)

from intake import owners, pauses, staff_sessions
from intake.extensions import db
from intake.factors import codes_made
from intake.owners import Event
from intake.pauses import account_of

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Listen to the signals of one application."""
    user_failed_authn.connect(_refused, app)
    user_authenticated.connect(_came_in, app)
    user_logged_out.connect(_left, app)
    for signal, listener in (
        (password_changed, _changed_password),
        (tf_profile_changed, _added_app),
        (tf_disabled, _removed_app),
        (wan_registered, _added_passkey),
        (codes_made, _made_codes),
    ):
        signal.connect(listener, app)


def _refused(_app: Flask, user: Any, **_more: Any) -> None:
    pauses.refused(account_of(user))


def _came_in(_app: Flask, user: Any, **_more: Any) -> None:
    staff_sessions.begin()
    if request.endpoint not in pauses.WAYS:
        return
    pauses.came_in(account_of(user))
    log.info("account %s came in by %s", user.id, pauses.WAYS[request.endpoint])
    if request.endpoint == "security.mf_recovery":
        owners.tell(account_of(user), Event.CODE_USED)


def _left(_app: Flask, user: Any, **_more: Any) -> None:
    """A cookie that somebody copied must be worth nothing after the owner has signed out."""
    if request.endpoint == "security.logout":
        staff_sessions.end_everywhere(account_of(user))
        db.session.commit()


def _tell(user: Any, event: Event) -> None:
    log.info("account %s: %s", user.id, event)
    owners.tell(account_of(user), event)


def _changed_password(_app: Flask, user: Any, **_more: Any) -> None:
    _tell(user, Event.PASSWORD_CHANGED)


def _added_app(_app: Flask, user: Any, **_more: Any) -> None:
    _tell(user, Event.APP_ADDED)


def _removed_app(_app: Flask, user: Any, **_more: Any) -> None:
    _tell(user, Event.APP_REMOVED)


def _added_passkey(_app: Flask, user: Any, **_more: Any) -> None:
    _tell(user, Event.PASSKEY_ADDED)


def _made_codes(_app: Flask, user: Any, **_more: Any) -> None:
    _tell(user, Event.CODES_MADE)
