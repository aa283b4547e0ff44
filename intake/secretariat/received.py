"""Views of the mail that came in: what each message was taken for, its words, and its bytes; none changes it."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from sqlalchemy import func, select

from intake import conflicts
from intake.access import staff
from intake.documents.handing import HARMLESS
from intake.documents.words import size
from intake.extensions import db, talisman
from intake.inbound import shelf
from intake.models import Enquiry, Expression, Kind, Letter, ReceivedMessage
from intake.secretariat import queries
from intake.secretariat.blueprint import bp
from intake.secretariat.queries import About
from intake.staff_words import readable
from workflows.expression import State
from workflows.people import Role

ONE = "/received/<int(max=2147483647):message_id>"
TONES = {Kind.BOUNCE: "danger", Kind.QUARANTINED: "warning", Kind.AUTOMATIC: "neutral"}


def kind_name(kind: Kind) -> str:
    """What a message was taken for."""
    names = {
        Kind.ANSWER: _("Answer"),
        Kind.ENQUIRY: _("Enquiry"),
        Kind.EXPRESSION: _("Expression of interest"),
        Kind.BOUNCE: _("Returned letter"),
        Kind.AUTOMATIC: _("Automatic"),
        Kind.QUARANTINED: _("Set aside"),
    }
    return str(names[kind])


def kind_tone(kind: Kind) -> str:
    """The tone of its tag."""
    return TONES.get(kind, "info")


@dataclass(frozen=True, slots=True)
class Origin:
    """What a message is about, as far as staff may see it: the expression or enquiry, the letter, and a conflict."""

    about: About | None
    draft: str
    letter: Letter | None
    conflict: str
    is_whole: bool


@bp.get("/received")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def received() -> ResponseReturnValue:
    """The messages of one kind, or of all, newest first."""
    asked, at = request.args.get("kind", ""), request.args.get("from", "")
    kind = Kind(asked) if asked in set(Kind) else None
    cursor = shelf.NEWEST_FIRST.read(at) if at else None
    unknown = ((asked, kind), (at, cursor))
    return render_template(
        "secretariat/received.html",
        kind=kind,
        page=shelf.messages([kind] if kind else list(Kind), cursor),
        ignored=[readable(typed, 40) for typed, known in unknown if typed and known is None],
        **_words(),
    )


def _words() -> Mapping[str, object]:
    return {"counts": shelf.counts(), "kind_name": kind_name, "kind_tone": kind_tone}


@bp.get(ONE)
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def received_message(message_id: int) -> ResponseReturnValue:
    """One message in plain words, why it was taken for what it is, and where it went."""
    message = _message_or_404(message_id)
    return render_template(
        "secretariat/received_one.html",
        message=message,
        origin=_origin(message),
        size=size(message.size),
        **_words(),
    )


@bp.get(f"{ONE}/raw")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
@talisman(content_security_policy=HARMLESS)  # type: ignore[untyped-decorator]
def received_bytes(message_id: int) -> ResponseReturnValue:
    """The message as it came, to be kept and never to be shown."""
    message = _message_or_404(message_id)
    if _origin(message).conflict:
        abort(403)
    answer = Response(message.content, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="message-{message.id}.eml"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _message_or_404(message_id: int) -> ReceivedMessage:
    message = db.session.get(ReceivedMessage, message_id)
    if message is None:
        abort(404)
    return message


def _origin(message: ReceivedMessage) -> Origin:
    expression = db.session.get(Expression, message.expression_id) if message.expression_id else None
    enquiry = db.session.get(Enquiry, message.enquiry_id) if message.enquiry_id else None
    letter = db.session.get(Letter, message.letter_id) if message.letter_id else None
    conflict = conflicts.conflict_of(expression, current_user) if expression else None
    is_draft = expression is not None and expression.state is State.DRAFT
    about = None
    if expression is not None and not is_draft:
        about = queries.about_expression(expression.reference, expression.organisation_name)
    elif enquiry is not None:
        about = queries.about_enquiry(enquiry.reference, enquiry.subject)
    draft = expression.reference if expression is not None and is_draft else ""
    return Origin(about, draft, letter, conflict.words if conflict else "", _is_whole(message))


def _is_whole(message: ReceivedMessage) -> bool:
    kept = select(func.length(ReceivedMessage.content)).where(ReceivedMessage.id == message.id)
    return db.session.scalar(kept) == message.size
