"""How staff sign in, in the words of Flask-Security; what an administrator may choose comes from the settings."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l

SHORTEST_PASSWORD = 10
FRESH_FOR = timedelta(minutes=15)
"""How long after showing the password somebody may change how they sign in, and as long again after each such page."""
CODE_SECONDS = 30
"""How far a phone's clock may be off, before or after."""

NOBODY, SECRETARIAT, STAFF = "none", "secretariat", "staff"
WHO_NEEDS_A_SECOND_FACTOR = (NOBODY, SECRETARIAT, STAFF)
WRONG = _l("The e-mail address or the password is wrong, or the account pauses after too many wrong tries.")
WRONG_CODE = _l("This code is wrong, was used already, or the account pauses after too many wrong tries.")

MESSAGES = {
    "GENERIC_AUTHN_FAILED": (WRONG, "error"),
    "INVALID_PASSWORD": (_l("The password is wrong, or the account pauses after too many wrong tries."), "error"),
    "TWO_FACTOR_INVALID_TOKEN": (WRONG_CODE, "error"),
    "INVALID_RECOVERY_CODE": (WRONG_CODE, "error"),
    "PASSWORD_NOT_PROVIDED": (_l("Type your password."), "error"),
    "EMAIL_NOT_PROVIDED": (_l("Type your e-mail address."), "error"),
    "INVALID_EMAIL_ADDRESS": (_l("Write an address such as name@example.org."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (_l("The two new passwords differ. Type both again."), "error"),
    "PASSWORD_INVALID_LENGTH": (_l("Write a password of at least %(length)s characters."), "error"),
    "PASSWORD_IS_THE_SAME": (_l("The new password is the old one. Choose another."), "error"),
    "PASSWORD_CHANGE": (
        _l("Your password is changed. Wherever else you were signed in, you no longer are."),
        "success",
    ),
    "REAUTHENTICATION_REQUIRED": (_l("Show once more that it is you; then you go on where you were."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (_l("Thank you. You can go on."), "success"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_l("You are signed in."), "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        _l("Your app is set up. From now on you are asked for its code."),
        "success",
    ),
    "TWO_FACTOR_DISABLED": (_l("The app is removed. Its codes no longer let anybody in."), "success"),
    "TWO_FACTOR_PERMISSION_DENIED": (_l("Sign in first: that page belongs to a sign-in that has ended."), "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (_l("Choose one of the ways that the page offers."), "error"),
    "TWO_FACTOR_SETUP_EXPIRED": (_l("That took longer than %(within)s. Begin again."), "error"),
    "WEBAUTHN_EXPIRED": (_l("That took longer than %(within)s. Begin again."), "error"),
    "WEBAUTHN_NAME_REQUIRED": (_l("Write a name by which you will know this passkey."), "error"),
    "WEBAUTHN_NAME_INUSE": (_l("You have a passkey called “%(name)s” already. Choose another name."), "error"),
    "WEBAUTHN_REGISTER_SUCCESSFUL": (_l("The passkey “%(name)s” is added."), "success"),
    "WEBAUTHN_CREDENTIAL_ID_INUSE": (_l("This passkey is known already."), "error"),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": (_l("This passkey is not known here."), "error"),
    "WEBAUTHN_MISMATCH_USER_HANDLE": (_l("This passkey belongs to another account."), "error"),
    "WEBAUTHN_NO_VERIFY": (_l("The passkey could not be checked. Try again, or use another way."), "error"),
    "API_ERROR": (_l("Nothing usable came from your browser. Try again."), "error"),
    "UNAUTHENTICATED": (_l("Sign in first."), "info"),
}
"""What Flask-Security says, in our words."""


def derived_key(secret: str, purpose: str) -> str:
    """A key for one purpose from the secret key; neither can be had from the other."""
    return hmac.new(secret.encode(), f"intake: {purpose}".encode(), hashlib.sha256).hexdigest()


def security_config(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of sign-in in the words of Flask-Security."""
    site = f"P2C Intake {urlsplit(settings['BASE_URL']).hostname or ''}".strip()
    named = {
        "PASSWORD_SALT": settings["SECRET_KEY"],
        "PASSWORD_HASH": "argon2",
        "PASSWORD_LENGTH_MIN": SHORTEST_PASSWORD,
        "URL_PREFIX": "/staff",
        "POST_LOGIN_VIEW": "/staff/",
        "POST_LOGOUT_VIEW": "/",
        "RETURN_GENERIC_RESPONSES": True,
        "CSRF_COOKIE_NAME": None,
        "DEFAULT_REMEMBER_ME": False,
        "CHANGEABLE": True,
        "CHANGE_URL": "/sign-in/password",
        "SEND_PASSWORD_CHANGE_EMAIL": False,
        "FRESHNESS": FRESH_FOR,
        "FRESHNESS_GRACE_PERIOD": FRESH_FOR,
        **_second_factor(site, settings["FACTOR_KEY"] or derived_key(settings["SECRET_KEY"], "second factors")),
        **{f"MSG_{name}": message for name, message in MESSAGES.items()},
    }
    views = dict.fromkeys(
        ("POST_CHANGE_VIEW", "TWO_FACTOR_POST_SETUP_VIEW", "WAN_POST_REGISTER_VIEW"), "/staff/sign-in"
    )
    return {f"SECURITY_{name}": value for name, value in (named | views).items()}


def _second_factor(site: str, key: str) -> dict[str, Any]:
    return {
        "TWO_FACTOR": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": CODE_SECONDS,
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TWO_FACTOR_SETUP_URL": "/sign-in/app",
        "TWO_FACTOR_TOKEN_VALIDATION_URL": "/login/code",
        "TWO_FACTOR_SELECT_URL": "/login/way",
        "TOTP_SECRETS": {"1": key},
        "TOTP_ISSUER": site,
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_URL": "/sign-in/recovery-codes",
        "MULTI_FACTOR_RECOVERY_URL": "/login/recovery-code",
        "WEBAUTHN": True,
        "WAN_RP_NAME": site,
        "WAN_ALLOW_AS_FIRST_FACTOR": False,
        "WAN_ALLOW_AS_VERIFY": ["secondary"],
        "WAN_REGISTER_URL": "/sign-in/passkeys",
        "WAN_SIGNIN_URL": "/login/passkey",
        "WAN_SIGNIN_WITHIN": timedelta(minutes=5),
        "WAN_VERIFY_URL": "/verify/passkey",
    }
