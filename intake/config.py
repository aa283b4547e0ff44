"""Every setting: its INTAKE_* variable, default and meaning; it reads the environment once and changes nothing."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from intake import contradictions, sign_in_settings

MINIMUM_SECRET = 32
MOST_PROXIES = 10
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


def _between(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        number = _whole(text)
        if least <= number <= most:
            return number
        raise ValueError(f"expected a whole number from {least} to {most}")

    return read


def _secret(text: str) -> str:
    if len(text) < MINIMUM_SECRET:
        raise ValueError(f"expected at least {MINIMUM_SECRET} random characters, e.g. from `openssl rand -hex 32`")
    return text


def _secret_or_none(text: str) -> str:
    return _secret(text) if text else text


def _second_factor(text: str) -> str:
    if text in sign_in_settings.WHO_NEEDS_A_SECOND_FACTOR:
        return text
    raise ValueError("expected none, secretariat (with administrators) or staff")


def _web_address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError("expected an address that begins with https:// or http://")
    return text.rstrip("/")


def _host(text: str) -> str:
    if re.fullmatch(r"[\w.-]+|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+:[0-9A-Fa-f.]*", text):
        return text
    raise ValueError("expected the name or number of a host, without a scheme and without a port")


def database_url(text: str) -> str:
    """The address of a database as SQLAlchemy takes it. Raises `ValueError` with what is expected."""
    if text.startswith("postgresql://"):
        return text.replace("postgresql://", "postgresql+psycopg://", 1)
    if text.startswith(("sqlite:///", "postgresql+psycopg://")):
        return text
    raise ValueError("expected sqlite:///FILE or postgresql://USER@HOST/NAME")


def _private_key(text: str) -> str:
    if text and "PRIVATE KEY-----" not in _content(text):
        raise ValueError("expected a private key in PEM form, e.g. from `openssl genrsa 2048`")
    return text


def _content(file: str) -> str:
    try:
        return Path(file).read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise ValueError(f"expected a file that this process may read; {error.strerror}") from error


def _address(text: str, *schemes: str) -> SplitResult | None:
    """The parts of an address with one of these schemes, a host and a port that can be; None where it is no such."""
    try:
        parts = urlsplit(text)
        return parts if parts.scheme in schemes and parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def _broker(text: str) -> str:
    parts = _address(text, "redis", "rediss", "amqp", "amqps")
    is_number = parts is not None and re.fullmatch(r"/?\d*", parts.path) is not None
    if not text or (parts is not None and (is_number or parts.scheme.startswith("amqp"))):
        return text
    raise ValueError("expected redis://HOST:PORT/NUMBER or amqp://USER:PASSWORD@HOST:PORT/")


def _inbox(text: str) -> str:
    server = _address(text, "imaps", "imap+starttls")
    if not text or text.startswith("maildir:///") or (server is not None and server.username):
        return text
    raise ValueError("expected imaps://USER@HOST/FOLDER, imap+starttls://USER@HOST/FOLDER or maildir:///FOLDER")


def _storage(text: str) -> str:
    if not text or Path(text).is_absolute() or re.fullmatch(r"[a-z][a-z0-9+.-]*://.+", text):
        return text.rstrip("/")
    raise ValueError("expected the whole path of a folder, or an address such as s3://BUCKET/FOLDER")


def _scanner(text: str) -> str:
    if not text or text.startswith("unix:///") or _address(text, "tcp"):
        return text
    raise ValueError("expected tcp://HOST:PORT or unix:///SOCKET")


def _counter(text: str) -> str:
    if text == "memory://" or _address(text, "redis", "rediss"):
        return text
    raise ValueError("expected memory:// or redis://HOST:PORT")


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
    Setting("DATABASE_URL", None, "The database: sqlite:///FILE or postgresql://USER@HOST/NAME.", database_url),
    Setting("BASE_URL", "http://127.0.0.1:8000", "The site's address as it stands in letters.", _web_address),
    Setting("PROGRAMME", "", "The programme file (TOML); empty: Partner2Connect as shipped.", str),
    Setting("MAIL_SERVER", "127.0.0.1", "The SMTP server that takes our letters.", _host),
    Setting("MAIL_PORT", "25", "Its port.", _between(1, 65_535)),
    Setting("MAIL_USE_TLS", "no", "Use STARTTLS; the certificate is verified.", _flag),
    Setting("MAIL_USE_SSL", "no", "Use TLS from the first byte; the certificate is verified.", _flag),
    Setting("MAIL_USERNAME", "", "The account at the SMTP server; empty: none.", str),
    Setting("MAIL_PASSWORD", "", "Its password.", str),
    Setting("MAIL_TIMEOUT", "30", "Seconds to wait at each step of a conversation with the server.", _between(1, 600)),
    Setting(
        "MAIL_PER_MINUTE", "0", "How many letters may leave in a minute, all processes together; 0: no limit.", _whole
    ),
    Setting(
        "DKIM_KEY",
        "",
        "A file with the private key (PEM) that signs our letters; empty: they are not signed.",
        _private_key,
    ),
    Setting("DKIM_SELECTOR", "", "The selector under which its public key stands in the DNS.", str),
    Setting(
        "MAIL_EMBEDDED", "yes", "Deliver letters, write digests, let lapse and fetch mail in the web process.", _flag
    ),
    Setting("CELERY_BROKER_URL", "", "At scale: redis:// or amqp:// of the broker between web and workers.", _broker),
    Setting("CELERY_QUEUE", "intake", "Its queue there; two sites on one broker need two.", str),
    Setting(
        "INBOX", "", "Mail that comes in: imaps://USER@HOST/FOLDER, imap+starttls://…, or maildir:///FOLDER.", _inbox
    ),
    Setting("INBOX_PASSWORD", "", "The password of the account at the IMAP server.", str),
    Setting(
        "INBOX_MEGABYTES",
        "2000",
        "How much mail that came in is kept, in all; what comes then waits where it is. 0: no limit.",
        _whole,
    ),
    Setting("MAILBOX", "", "Demonstration only: a Maildir whose letters are shown on a public page.", str),
    Setting("DOCUMENTS", "", "Where documents lie: a folder, or an address of fsspec such as s3://…", _storage),
    Setting("CLAMAV", "", "The scanner of documents: tcp://HOST:PORT or unix:///SOCKET of clamd.", _scanner),
    Setting("TRUSTED_PROXIES", "0", "How many proxies in front set X-Forwarded-For.", _between(0, MOST_PROXIES)),
    Setting("HTTPS", "no", "The site is reached by HTTPS: secure cookies and strict transport.", _flag),
    Setting(
        "SECOND_FACTOR",
        sign_in_settings.SECRETARIAT,
        "Who needs an app or a passkey beside the password: none, secretariat (with administrators) or staff.",
        _second_factor,
    ),
    Setting(
        "FACTOR_KEY", "", "Encrypts the secrets of those apps; empty: derived from INTAKE_SECRET_KEY.", _secret_or_none
    ),
    Setting("STAFF_IDLE_MINUTES", "120", "Minutes without a page after which staff sign in anew.", _between(5, 1_440)),
    Setting("STAFF_SESSION_HOURS", "12", "Hours after which staff sign in anew in any case.", _between(1, 168)),
    Setting(
        "FORM_SECONDS",
        "2",
        "Seconds that people take at least to send a form that is open to strangers; 0: no time trap.",
        _between(0, 60),
    ),
    Setting("RATE_LIMITS", "yes", "Limit how often an address may send forms.", _flag),
    Setting("RATE_LIMIT_STORAGE", "memory://", "Where limits are counted, e.g. redis://127.0.0.1:6379.", _counter),
    Setting("METRICS_TOKEN", "", "Who asks for /metrics says it as a bearer token; empty: there is no such page.", str),
    Setting("LOG_FORMAT", "text", "Logs as lines of text, or of json.", _log_format),
    Setting("THREADS", "8", "Threads of the web process.", _between(1, 256)),
)
OUTSIDE = {"INTAKE_DEMO_PASSWORD", "INTAKE_TEST_POSTGRES_URL"}
"""Variables that other commands of the project read."""


def read_settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """Setting name to value.

    Raises `SettingError` naming every missing, wrong or unknown INTAKE_ variable, or those that contradict each other.
    """
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
    problems = problems or contradictions.among(values, environment)
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


def engine_options(url: str) -> dict[str, Any]:
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
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings["DATABASE_URL"]),
        "MAX_CONTENT_LENGTH": 1_000_000,
        "MAX_FORM_MEMORY_SIZE": 500_000,
        "MAX_FORM_PARTS": 1_000,
        "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
        "SESSION_COOKIE_NAME": "__Host-intake" if secure else "intake",
        "SESSION_COOKIE_PATH": "/",
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
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_STREAMS": False,
        "COMPRESS_MIMETYPES": ["text/html", "text/css", "text/javascript", "image/svg+xml", "application/json"],
        **sign_in_settings.security_config(settings),
    }


def programme_path(settings: Mapping[str, Any]) -> Path | None:
    """The programme file that is set, or None for the shipped one."""
    return Path(settings["PROGRAMME"]) if settings["PROGRAMME"] else None
