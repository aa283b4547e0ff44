"""Every setting: its INTAKE_* variable, default and meaning; it reads the environment once and changes nothing."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

MINIMUM_SECRET = 32
REMEMBERED = timedelta(days=14)
"""How long a browser remembers the expressions that it opened; each visit begins it anew."""
CONNECT_SECONDS = 10
"""How long a database server may take to answer the first knock."""
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


class SettingError(Exception):
    """A setting is missing or wrong; the sentence names it and says what is expected."""


def _flag(text: str) -> bool:
    if text.lower() in TRUE | FALSE:
        return text.lower() in TRUE
    raise ValueError("expected yes or no")


def _whole(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text)
    raise ValueError("expected a whole number")


def _secret(text: str) -> str:
    if len(text) < MINIMUM_SECRET:
        raise ValueError(f"expected at least {MINIMUM_SECRET} random characters, e.g. from `openssl rand -hex 32`")
    return text


def _web_address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("expected an address that begins with https:// or http://")
    return text.rstrip("/")


def _database(text: str) -> str:
    if text.startswith("postgresql://"):
        return text.replace("postgresql://", "postgresql+psycopg://", 1)
    if text.startswith(("sqlite:///", "postgresql+psycopg://")):
        return text
    raise ValueError("expected sqlite:///FILE or postgresql://USER@HOST/NAME")


def _file(text: str) -> str:
    if text and not Path(text).is_file():
        raise ValueError("expected a file that is there")
    return text


def _broker(text: str) -> str:
    if not text or text.startswith(("redis://", "rediss://", "amqp://", "amqps://")):
        return text
    raise ValueError("expected redis://HOST:PORT/NUMBER or amqp://USER:PASSWORD@HOST:PORT/")


def _inbox(text: str) -> str:
    if not text or text.startswith(("imaps://", "imap+starttls://", "maildir:///")):
        return text
    raise ValueError("expected imaps://USER@HOST/FOLDER, imap+starttls://USER@HOST/FOLDER or maildir:///FOLDER")


def _log_format(text: str) -> str:
    if text in {"text", "json"}:
        return text
    raise ValueError("expected text or json")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `default` None means that it must be given."""

    name: str
    default: str | None
    meaning: str
    parse: Callable[[str], Any] = str


SETTINGS = (
    Setting("SECRET_KEY", None, "Signs sessions and forms; keep it secret and stable.", _secret),
    Setting("DATABASE_URL", None, "The database: sqlite:///FILE or postgresql://USER@HOST/NAME.", _database),
    Setting("BASE_URL", "http://127.0.0.1:8000", "The site's address as it stands in letters.", _web_address),
    Setting("PROGRAMME", "", "The programme file (TOML); empty: Partner2Connect as shipped.", str),
    Setting("MAIL_SERVER", "127.0.0.1", "The SMTP server that takes our letters.", str),
    Setting("MAIL_PORT", "25", "Its port.", _whole),
    Setting("MAIL_USE_TLS", "no", "Use STARTTLS; the certificate is verified.", _flag),
    Setting("MAIL_USE_SSL", "no", "Use TLS from the first byte; the certificate is verified.", _flag),
    Setting("MAIL_USERNAME", "", "The account at the SMTP server; empty: none.", str),
    Setting("MAIL_PASSWORD", "", "Its password.", str),
    Setting("MAIL_TIMEOUT", "30", "Seconds to wait at each step of a conversation with the server.", _whole),
    Setting(
        "MAIL_PER_MINUTE", "0", "How many letters may leave in a minute, all processes together; 0: no limit.", _whole
    ),
    Setting(
        "DKIM_KEY", "", "A file with the private key (PEM) that signs our letters; empty: they are not signed.", _file
    ),
    Setting("DKIM_SELECTOR", "", "The selector under which its public key stands in the DNS.", str),
    Setting("MAIL_EMBEDDED", "yes", "Deliver letters from a thread of the web process.", _flag),
    Setting("CELERY_BROKER_URL", "", "At scale: redis:// or amqp:// of the broker between web and workers.", _broker),
    Setting("CELERY_QUEUE", "intake", "Its queue there; two sites on one broker need two.", str),
    Setting(
        "INBOX", "", "Mail that comes in: imaps://USER@HOST/FOLDER, imap+starttls://…, or maildir:///FOLDER.", _inbox
    ),
    Setting("INBOX_PASSWORD", "", "The password of the account at the IMAP server.", str),
    Setting("MAILBOX", "", "Demonstration only: a Maildir whose letters are shown on a public page.", str),
    Setting("TRUSTED_PROXIES", "0", "How many proxies in front set X-Forwarded-For.", _whole),
    Setting("HTTPS", "no", "The site is reached by HTTPS: secure cookies and strict transport.", _flag),
    Setting("RATE_LIMITS", "yes", "Limit how often an address may send forms.", _flag),
    Setting("RATE_LIMIT_STORAGE", "memory://", "Where limits are counted, e.g. redis://127.0.0.1:6379.", str),
    Setting("METRICS_TOKEN", "", "Who asks for /metrics says it as a bearer token; empty: there is no such page.", str),
    Setting("LOG_FORMAT", "text", "Logs as lines of text, or of json.", _log_format),
    Setting("THREADS", "8", "Threads of the web process.", _whole),
)
OUTSIDE = {"INTAKE_DEMO_PASSWORD", "INTAKE_TEST_POSTGRES_URL"}
"""Variables that other commands of the project read."""


def read_settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """Setting name to value. Raises `SettingError` naming every missing, wrong or unknown INTAKE_ variable."""
    values, problems = {}, _unknown(environment)
    for setting in SETTINGS:
        text = environment.get(f"INTAKE_{setting.name}", setting.default)
        if text is None:
            problems.append(f"INTAKE_{setting.name} is not set. {setting.meaning}")
            continue
        try:
            values[setting.name] = setting.parse(text)
        except ValueError as error:
            problems.append(f"INTAKE_{setting.name}: {error}. {setting.meaning}")
    if problems:
        raise SettingError("\n".join(problems))
    return values


def _unknown(environment: Mapping[str, str]) -> list[str]:
    known = {f"INTAKE_{setting.name}" for setting in SETTINGS} | OUTSIDE
    unknown = sorted(name for name in environment if name.startswith("INTAKE_") and name not in known)
    return [f"{name} is not a setting.{_nearest(name, known)}" for name in unknown]


def _nearest(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f" Did you mean {near[0]}?" if near else ""


def _engine_options(url: str) -> dict[str, Any]:
    """How the database is opened; `hide_parameters` keeps what people wrote out of the words of its errors."""
    if url.startswith("sqlite"):
        return {"hide_parameters": True}
    waiting = {"connect_timeout": CONNECT_SECONDS}
    return {"hide_parameters": True, "pool_pre_ping": True, "connect_args": waiting}


def flask_config(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in the words of Flask and its extensions, with what is not for an administrator to choose."""
    secure = settings["HTTPS"]
    return {
        **settings,
        "SQLALCHEMY_DATABASE_URI": settings["DATABASE_URL"],
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings["DATABASE_URL"]),
        "MAX_CONTENT_LENGTH": 1_000_000,
        "MAX_FORM_MEMORY_SIZE": 500_000,
        "MAX_FORM_PARTS": 1_000,
        "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": secure,
        "PERMANENT_SESSION_LIFETIME": REMEMBERED,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_I18N_ENABLED": False,
        "RATELIMIT_ENABLED": settings["RATE_LIMITS"],
        "RATELIMIT_STORAGE_URI": settings["RATE_LIMIT_STORAGE"],
        "MAIL_DEFAULT_SENDER": None,
        "MAIL_ASCII_ATTACHMENTS": False,
        "BABEL_DEFAULT_TIMEZONE": "Europe/Zurich",
        "SECURITY_PASSWORD_SALT": settings["SECRET_KEY"],
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_URL_PREFIX": "/staff",
        "SECURITY_POST_LOGIN_VIEW": "/staff/",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_LOGIN_USER_TEMPLATE": "security/login_user.html",
        "SECURITY_CSRF_COOKIE_NAME": None,
        "SECURITY_MSG_GENERIC_AUTHN_FAILED": ("The e-mail address or the password is wrong.", "error"),
    }


def programme_path(settings: Mapping[str, Any]) -> Path | None:
    """The programme file that is set, or None for the shipped one."""
    return Path(settings["PROGRAMME"]) if settings["PROGRAMME"] else None
