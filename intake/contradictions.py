"""Settings that are each well-formed and cannot stand together; it reads no environment and refuses nothing itself."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SUBMISSION_BY_TLS = 465
FOLDER_OF_MEASURES = "PROMETHEUS_MULTIPROC_DIR"
"""No setting of ours: prometheus_client reads it, too."""
HERE = frozenset({"127.0.0.1", "::1", "localhost"})


def among(settings: Mapping[str, Any], environment: Mapping[str, str]) -> list[str]:
    """What does not go together, as sentences that begin with the variable to mend."""
    return [*_of_mail(settings), *_of_signatures(settings), *_of_inbox(settings), *_of_the_rest(settings, environment)]


def _of_mail(settings: Mapping[str, Any]) -> Iterator[str]:
    by_command, at_once = settings["MAIL_USE_TLS"], settings["MAIL_USE_SSL"]
    if by_command and at_once:
        yield "INTAKE_MAIL_USE_TLS and INTAKE_MAIL_USE_SSL are both set: expected one of them, as the server offers it."
    if settings["MAIL_PORT"] == SUBMISSION_BY_TLS and not at_once:
        yield "INTAKE_MAIL_USE_SSL is not set: port 465 expects TLS from the first byte."
    if settings["MAIL_USERNAME"] and not settings["MAIL_PASSWORD"]:
        yield "INTAKE_MAIL_PASSWORD is not set: expected the password of INTAKE_MAIL_USERNAME."
    if settings["MAIL_PASSWORD"] and not settings["MAIL_USERNAME"]:
        yield "INTAKE_MAIL_USERNAME is not set: expected the account that INTAKE_MAIL_PASSWORD belongs to."
    if settings["MAIL_PASSWORD"] and not (by_command or at_once or settings["MAIL_SERVER"] in HERE):
        yield (
            "INTAKE_MAIL_USE_TLS is not set: expected it, or INTAKE_MAIL_USE_SSL, as INTAKE_MAIL_PASSWORD would travel "
            "unprotected to another machine."
        )


def _of_signatures(settings: Mapping[str, Any]) -> Iterator[str]:
    if settings["DKIM_KEY"] and not settings["DKIM_SELECTOR"]:
        yield "INTAKE_DKIM_SELECTOR is not set: expected the name under which the key of INTAKE_DKIM_KEY is published."
    if settings["DKIM_SELECTOR"] and not settings["DKIM_KEY"]:
        yield "INTAKE_DKIM_KEY is not set: expected the file of the key that INTAKE_DKIM_SELECTOR names."


def _of_inbox(settings: Mapping[str, Any]) -> Iterator[str]:
    is_server = urlsplit(settings["INBOX"]).scheme.startswith("imap")
    if is_server and not settings["INBOX_PASSWORD"]:
        yield "INTAKE_INBOX_PASSWORD is not set: expected the password of the account in INTAKE_INBOX."
    if settings["INBOX_PASSWORD"] and not is_server:
        yield "INTAKE_INBOX_PASSWORD is set, and INTAKE_INBOX names no IMAP server that would ask for it."


def _of_the_rest(settings: Mapping[str, Any], environment: Mapping[str, str]) -> Iterator[str]:
    if settings["CELERY_BROKER_URL"] and settings["DATABASE_URL"].startswith("sqlite"):
        yield (
            "INTAKE_CELERY_BROKER_URL is set, and INTAKE_DATABASE_URL is SQLite: expected PostgreSQL, as workers on "
            "other machines cannot open a file of this one."
        )
    if settings["HTTPS"] and environment.get("INTAKE_BASE_URL", "").startswith("http://"):
        yield "INTAKE_BASE_URL begins with http:// although INTAKE_HTTPS is on: expected https://, as letters carry it."
    folder = environment.get(FOLDER_OF_MEASURES)
    if folder and not Path(folder).is_dir():
        yield f"{FOLDER_OF_MEASURES}: expected a folder that is there, empty when the site starts."
