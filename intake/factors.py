"""What staff show beside their password: codes of an app, recovery codes, passkeys; Flask-Security asks for them.

The secret of an app is stored encrypted. Of recovery codes only hashes are stored, so nobody can be shown them again.
"""

import hashlib
import logging
import secrets
from typing import Any

import segno
from blinker import Namespace
from flask import current_app, session
from flask_security import MfRecoveryCodesUtil, Security, Totp, WebauthnUtil, current_user
from flask_security.proxies import _datastore
from passlib.totp import TotpMatch  # type: ignore[import-untyped]

CODE_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Thirty-two, none of which looks like another."""
GROUPS, GROUP_LENGTH = 6, 4
"""Twenty-four letters are 120 random bits: so many that a plain hash keeps a code as well as a slow one would."""
NUMBER_OF_CODES = 8
LONGEST_KEY_NAME = 64
REPLACED = frozenset({"qrcode", "nh3"})
"""Packages that Flask-Security asks for and that the classes here do without."""

codes_made = Namespace().signal("recovery-codes-made")
"""Somebody has made new recovery codes for themselves."""

log = logging.getLogger(__name__)


def entered() -> str:
    """Whose password was right in this browser, by what their sessions are known by; empty for nobody's."""
    waits = session.get("tf_user_id", "")
    return str(current_user.get_id() if current_user.is_authenticated else waits)


class AppCodes(Totp):
    """Codes of an authenticator app: each is accepted once."""

    def generate_qrcode(self, username: str, totp: str) -> str:
        """The code to scan as an SVG that needs no style of its own."""
        code = segno.make(self.get_totp_uri(username, totp), micro=False)
        drawn: str = code.svg_inline(border=4, light="#fff", dark="#000", omitsize=True, svgclass="qr")
        return drawn

    def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:
        """Whether the code fits; a secret that another key encrypted fits none."""
        try:
            return bool(super().verify_totp("".join(str(token).split()), totp_secret, user, window))
        except (ValueError, LookupError):
            log.error("the secret of the app of account %s cannot be read: has INTAKE_FACTOR_KEY changed?", user.id)
            return False

    def get_last_counter(self, user: Any) -> int | None:
        """The time step of the last code that was accepted."""
        last: int | None = user.tf_last_counter
        return last

    def set_last_counter(self, user: Any, tmatch: TotpMatch) -> None:
        """Remember it; whoever asked commits."""
        user.tf_last_counter = tmatch.counter


def _new_code() -> str:
    groups = ("".join(secrets.choice(CODE_LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


def _hashed(code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


class RecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes of which only hashes are kept."""

    def create_recovery_codes(self, user: Any) -> list[str]:
        """New codes in the place of those that there were; whoever asked commits."""
        codes = [_new_code() for _ in range(NUMBER_OF_CODES)]
        _datastore.mf_set_recovery_codes(user, [_hashed(code) for code in codes])
        codes_made.send(current_app._get_current_object(), user=user)  # type: ignore[attr-defined]
        return codes

    def get_recovery_codes(self, user: Any) -> list[str]:
        """None: they were shown when they were made."""
        return []

    def check_recovery_code(self, user: Any, code: str) -> bool:
        """Whether this is a code that was not used yet."""
        return _hashed(code) in _datastore.mf_get_recovery_codes(user)

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        """Let a code be used up."""
        place = _datastore.mf_get_recovery_codes(user).index(_hashed(code))
        return bool(_datastore.mf_delete_recovery_code(user, place))


class Passkeys(WebauthnUtil):
    """How passkeys are named; the rest is Flask-Security's."""

    def name_svn(self, value: str) -> tuple[str | None, str | None]:
        """A complaint or None, and the name as it is kept."""
        name = " ".join(value.split())
        if not name or not name.isprintable() or len(name) > LONGEST_KEY_NAME:
            return f"Write a name of at most {LONGEST_KEY_NAME} letters, on one line.", None
        return None, name


class StaffSecurity(Security):
    """Flask-Security with the classes above in place of packages that it would ask for; it answers in pages alone."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.want_json(lambda _request: False)

    def _check_modules(self, module: str, config_name: str) -> Any:
        return module in REPLACED or super()._check_modules(module, config_name)  # type: ignore[no-untyped-call]
