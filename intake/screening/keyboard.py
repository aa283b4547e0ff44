"""The page that lists the keys of the desk; static/desk.js presses them, and a browser test holds the two together."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from intake.access import ANY_STAFF, staff
from intake.screening.blueprint import bp


def _keys() -> list[tuple[str, str, str]]:
    """Key, where it works, what it does."""
    queue, sheet, everywhere = _("Queue"), _("Screening sheet"), _("Every page of staff")
    return [
        ("j", queue, _("next expression; on an expression, the next one of the queue that you came from")),
        ("k", queue, _("previous expression; on an expression, the previous one")),
        ("o", queue, _("open the expression that is marked")),
        ("/", queue, _("search")),
        ("1 2 3 4", sheet, _("go to this criterion")),
        ("m", sheet, _("met, then write why")),
        ("n", sheet, _("not met, then write why")),
        ("u", sheet, _("unclear, need more; then write what")),
        ("s", sheet, _("save the verdicts")),
        ("d", everywhere, _("what you can do: the first step or field; Tab goes on, Enter opens or sends")),
        ("c", everywhere, _("go to the button that confirms, once you have read what will happen; Enter presses it")),
        ("q", everywhere, _("back to the queue")),
        ("Esc", everywhere, _("leave the field in which you type, so that keys work again")),
        ("?", everywhere, _("this page")),
    ]


@bp.get("/keyboard")
@staff(*ANY_STAFF)
def keyboard() -> ResponseReturnValue:
    """Which keys there are."""
    return render_template("screening/keyboard.html", keys=_keys())
