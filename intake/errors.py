"""Every error as a page that says what happened and how to go on; never a trace, never a version."""

import contextlib
from dataclasses import dataclass

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security.core import AnonymousUser
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from intake import logs
from intake.documents.storing import FULL, Away
from intake.extensions import db
from intake.notifications.compose import LetterError
from intake.wording import reason_text
from workflows.workflow import NotPermitted, Refused


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an error page says."""

    title: str
    text: str
    mend: tuple[str, ...] = ()


def against(error: Refused | LetterError) -> list[str]:
    """Why a step was not taken; a letter that cannot be written is for the log, too."""
    if isinstance(error, Refused):
        return [reason_text(reason) for reason in error.reasons]
    current_app.logger.error("%s", error)
    said = _("A letter of this step cannot be written: %(fault)s Have its text mended, then try again.", fault=error)
    return [str(said)]


def _explanations() -> dict[int, Explanation]:
    back = _("Go back, check what you entered and send it again.")
    return {
        400: Explanation(_("The request could not be read"), _("Something in it is missing or broken."), (back,)),
        403: Explanation(
            _("This page is not open to you"),
            _("It belongs to somebody else, or your link or sign-in has ended."),
            (
                _("Applicants: ask for a new link to your expression."),
                _("Staff: sign in with an account of that role."),
            ),
        ),
        404: Explanation(_("There is no such page"), _("The address may be mistyped, or the page has gone.")),
        405: Explanation(_("The page does not work that way"), _("It was called with a method that it does not know.")),
        413: Explanation(_("That is too much at once"), *_too_large()),
        429: Explanation(
            _("Too many requests"), _("So many forms came from your address that we pause."), (_("Wait a minute."),)
        ),
        500: Explanation(
            _("Something went wrong on our side"),
            _("Nothing that was saved is lost; what you just sent was not saved."),
            (_("Try again in a minute."),),
        ),
        503: Explanation(
            _("The site cannot save at the moment"),
            _("What you just sent may not have been saved."),
            (_("Try again in a minute. What was saved already is not taken twice."),),
        ),
        507: Explanation(
            _("There is no room left on our side"),
            _("What you just sent was not saved; nothing that was saved before is lost."),
            (_("Try again later, or write to the secretariat."),),
        ),
    }


def _too_large() -> tuple[str, tuple[str, ...]]:
    """What was too large, as the view that was asked for takes it, and how to mend it."""
    most = request.max_content_length or 0
    if most > current_app.config["MAX_CONTENT_LENGTH"]:
        said = _("The file was larger than the site accepts (%(most)s MB).", most=most // 2**20)
        return said, (_("Make it smaller, or leave pages out, and add it again."),)
    return _("The form was larger than the site accepts (1 MB)."), (_("Shorten the longest text and send it again."),)


def page(code: int, explanation: Explanation | None = None) -> ResponseReturnValue:
    """The error page of a status code."""
    known = _explanations()
    said = explanation or known.get(code) or Explanation(known[400].title, known[400].text, known[400].mend)
    quote = logs.request_id() if code >= 500 else ""
    html = render_template(
        "errors/error.html", code=code, title=said.title, text=said.text, mend=said.mend, reference=quote
    )
    return html, code


def install(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(NotPermitted, _not_permitted)
    app.register_error_handler(LetterError, _letter)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Away, _storage)
    app.register_error_handler(OSError, _system)
    app.register_error_handler(InternalServerError, _too_late)
    app.register_error_handler(Exception, _unexpected)
    app.teardown_appcontext(_let_go)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    return page(error.code)


def _csrf(error: CSRFError) -> ResponseReturnValue:
    text = _("The form was open too long, or was not sent from this site, so it was not saved.")
    return page(
        400, Explanation(_("The form could not be accepted"), text, (_("Go back, reload the page, send again."),))
    )


def _refused(error: Refused) -> ResponseReturnValue:
    reasons = tuple(reason_text(reason) for reason in error.reasons)
    return page(409, Explanation(_("This step is not possible now"), _("Nothing was changed."), reasons))


def _not_permitted(error: NotPermitted) -> ResponseReturnValue:
    return page(403, Explanation(_("This step is not open to you"), reason_text(error.reason)))


def _letter(error: LetterError) -> ResponseReturnValue:
    current_app.logger.error("%s", error, exc_info=error)
    text = _("A letter of this step could not be written, so the step was not taken. The administrator can see why.")
    return page(500, Explanation(_("Nothing was changed"), text))


def _database(error: OperationalError) -> ResponseReturnValue:
    """Makes the page as for nobody, because only the database could say who has signed in."""
    db.session.rollback()
    g._login_user = AnonymousUser()
    current_app.logger.error("database: %s", error.orig)
    return page(503)


def _storage(error: Away) -> ResponseReturnValue:
    db.session.rollback()
    current_app.logger.error("%s", error)
    if error.is_full:
        return page(507)
    text = _("Documents cannot be reached at the moment. Nothing was changed; your other answers are saved.")
    return page(503, Explanation(_("No documents at the moment"), text, (_("Try again in a few minutes."),)))


def _too_late(error: InternalServerError) -> ResponseReturnValue:
    """What failed after the view, where Flask asks no other handler: Flask-Security commits then."""
    cause = error.original_exception
    match cause:
        case OperationalError():
            return _database(cause)
        case OSError():
            return _system(cause)
    return page(500)


def _system(error: OSError) -> ResponseReturnValue:
    """A disk without room is not our fault, and the log needs no trace of it."""
    return _storage(Away(error)) if error.errno in FULL else _unexpected(error)


def _unexpected(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    current_app.logger.exception("%s failed", request.endpoint)
    return page(500)


def _let_go(error: BaseException | None) -> None:
    """End the session before Flask-SQLAlchemy does: a database that dies when all is done takes no answer away."""
    with contextlib.suppress(OperationalError):
        db.session.remove()
