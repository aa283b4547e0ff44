"""The extensions, created bare; `create_app` binds them."""

from typing import Any

from babel import Locale
from babel.support import NullTranslations
from email_validator import EmailNotValidError, validate_email
from flask import Flask, current_app, g, has_request_context, request, session
from flask_babel import Babel, Domain, get_locale
from flask_compress import Compress
from flask_limiter import ApplicationLimit, Limiter
from flask_limiter.util import get_remote_address
from flask_mail import Mail
from flask_migrate import Migrate
from flask_security import SQLAlchemySessionUserDatastore, current_user
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from intake.factors import AppCodes, Passkeys, RecoveryCodes, StaffSecurity, entered
from intake.models import Base, Role, User, WebAuthn
from intake.storage import SAFE_METHODS
from intake.translations import ENGLISH, LANGUAGES, LOCALES, words_of

LANGUAGE = "lang"
"""How an address asks for a language, and where a session keeps what was asked for."""
SIGNED_IN_AS = "_user_id"
"""Where a session keeps whose it is; without it, nobody's account is looked for."""


def language() -> Locale:
    """The language of a page: the one asked for, now or before; else the account's; else the browser's; else English.

    Letters have that of their reader, which Flask-Babel is told as they are written.
    """
    if not has_request_context():
        return LOCALES[ENGLISH]
    asked = request.args.get(LANGUAGE)
    if asked not in LANGUAGES:
        asked = session.get(LANGUAGE)
    if asked not in LANGUAGES and SIGNED_IN_AS in session:
        asked = getattr(current_user, "language", None)
    if asked not in LANGUAGES:
        asked = request.accept_languages.best_match(LANGUAGES)
    return LOCALES[asked or ENGLISH]


def spoken() -> Locale | None:
    """The language of this page or letter; None where there is neither."""
    found: Locale | None = _locale_of(g) or get_locale()
    return found


class _Words(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """Flask-Babel's own, but it knows our catalogues."""

    def words(self) -> NullTranslations:
        """The words of the language of this page or letter."""
        locale = spoken()
        if locale is None:
            return NO_WORDS
        return words_of(locale.language, current_app.config.get("PROGRAMME_FILE"))

    get_translations = words


NO_WORDS = words_of(ENGLISH)


def _locale_of(context: Any) -> Any:
    """What Flask-Babel has found for this page or letter before, else None; itself it asks anew for each word."""
    try:
        kept = context._get_current_object()
    except RuntimeError:
        return None
    return getattr(getattr(kept, "_flask_babel", None), "babel_locale", None)


SIGNED_IN = select(User).where(User.fs_uniquifier == bindparam("fs_uniquifier")).options(joinedload(User.roles))
"""Written once: every page of staff asks who asks."""


class _Accounts(SQLAlchemySessionUserDatastore):
    """Flask-Security's own, but for a shorter way to the account of a session."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Any:
        """The account with this one attribute, with its roles, or None."""
        if set(kwargs) == {"fs_uniquifier"}:
            return db.session.scalar(SIGNED_IN, kwargs)
        return super().find_user(case_insensitive, **kwargs)


db = SQLAlchemy(metadata=Base.metadata)
migrate = Migrate(render_as_batch=True, compare_type=True)
mail = Mail()
babel = Babel()
babel.domain_instance = _Words()
gettext = babel.domain_instance.gettext
"""Flask-Babel's own looks anew for whose words they are each time."""
csrf = CSRFProtect()
compress = Compress()
"""Bound before all else, so that it comes last: what it has compressed nobody can read any more."""
talisman = Talisman()
"""For views that differ. It keeps its options in itself, so each application is bound to one of its own."""
accounts = _Accounts(db.session, User, Role, WebAuthn)
security = StaffSecurity(
    datastore=accounts,
    totp_cls=AppCodes,
    webauthn_util_cls=Passkeys,
    mf_recovery_codes_util_cls=RecoveryCodes,
)


def refuse_tokens(app: Flask) -> None:
    """Nobody signs in by a token that a request carries: we give none, and need not look for one each time."""
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]


SIGN_IN = frozenset(
    f"security.{name}"
    for name in (
        "login",
        "verify",
        "change_password",
        "two_factor_token_validation",
        "two_factor_setup_validate",
        "mf_recovery",
        "wan_signin_response",
        "wan_verify_response",
    )
)
"""Where something secret is typed or shown, which somebody could try out."""
SIGN_INS = "10 per minute"
"""How often an address may try to sign in, and how often an account may be tried from anywhere."""


def _reads() -> bool:
    return request.method in SAFE_METHODS


def _is_no_sign_in() -> bool:
    return _reads() or request.endpoint not in SIGN_IN


def _account() -> str:
    """The account that somebody tries to enter, whether or not it exists, in one spelling; else their own address."""
    if "email" not in request.form and (known := entered()):
        return known
    try:
        typed = validate_email(request.form.get("email", "").strip(), check_deliverability=False)
    except EmailNotValidError:
        return get_remote_address()
    return typed.normalized.lower()


limiter = Limiter(
    get_remote_address,
    default_limits=["120 per minute"],
    default_limits_exempt_when=_reads,
    application_limits=[
        ApplicationLimit(SIGN_INS, scope="sign-in by address", exempt_when=_is_no_sign_in),
        ApplicationLimit(SIGN_INS, scope="sign-in by account", exempt_when=_is_no_sign_in, key_function=_account),
    ],
)
"""By default an address may send 120 forms a minute; sign-in is stricter here, and asking for a link in its view."""
