"""The demonstration's mailbox: shows what the local sink received. Without INTAKE_MAILBOX there is no such page."""

import mailbox
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from flask import Blueprint, Flask, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from intake.access import public
from intake.notifications.message import linked

MOST_SHOWN = 200
NAME = re.compile(r"(\d+)\.M(\d+)P")
"""Python's names in a Maildir begin with the second and the microsecond of arrival."""

bp = Blueprint("mailbox", __name__, url_prefix="/mailbox")


@dataclass(frozen=True, slots=True)
class Received:
    """A letter as a mailbox lists it."""

    name: str
    recipient: str
    subject: str
    at: datetime | None


def install(app: Flask) -> None:
    """Register the pages when a mailbox is set."""
    if app.config["MAILBOX"]:
        app.register_blueprint(bp)


@bp.get("/")
@public
def letters() -> ResponseReturnValue:
    """What arrived, newest first."""
    box = _box()
    names = sorted(box.keys(), key=_arrival, reverse=True)
    shown = [_received(name, _read(box, name)) for name in names[:MOST_SHOWN]]
    return render_template("mailbox/letters.html", letters=shown, total=len(names))


@bp.get("/<name>")
@public
def letter(name: str) -> ResponseReturnValue:
    """One letter as text; the addresses of this site in it are links."""
    box = _box()
    if name not in set(box.keys()):
        abort(404)
    message = _read(box, name)
    text = linked(_text(message), _addresses_of_this_site())
    return render_template("mailbox/letter.html", letter=_received(name, message), text=text)


def _box() -> mailbox.Maildir:
    try:
        return mailbox.Maildir(current_app.config["MAILBOX"], create=False)
    except mailbox.NoSuchMailboxError:
        abort(404)


def _arrival(name: str) -> tuple[int, int]:
    match = NAME.match(name)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _read(box: mailbox.Maildir, name: str) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(box.get_bytes(name))
    assert isinstance(message, EmailMessage), "the default policy makes these"  # noqa: S101
    return message


def _received(name: str, message: EmailMessage) -> Received:
    date = message["Date"]
    return Received(name, str(message["To"] or ""), str(message["Subject"] or ""), date.datetime if date else None)


def _text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    content = part.get_payload(decode=True) if part else b""
    return content.decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(content, bytes) else ""


def _addresses_of_this_site() -> re.Pattern[str]:
    return re.compile(re.escape(current_app.config["BASE_URL"]) + r"/[\w/?&=%.-]*[\w/=-]", re.ASCII)
