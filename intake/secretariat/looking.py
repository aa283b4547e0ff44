"""The record of who looked at which expression, for those who answer for it; it changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from intake.access import staff
from intake.current import programme
from intake.extensions import db
from intake.keyset import Order
from intake.models import Expression, Look, Shown, User
from intake.secretariat.blueprint import bp
from intake.staff_words import readable
from workflows.people import Role

NEWEST_FIRST = Order(Look.at, Look.id, newest_first=True)
PAGE_SIZE = 50
LONGEST = 40


def shown_name(what: Shown) -> str:
    """What somebody was shown or given."""
    names = {
        Shown.PAGE: _("Page"),
        Shown.DOCUMENT: _("Document"),
        Shown.PACK: _("Pack to print"),
        Shown.EXPORT: _("Export"),
    }
    return str(names[what])


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for, as far as it is known here; `ignored` is the rest."""

    who: int | None
    what: Shown | None
    reference: str
    since: date | None
    until: date | None
    ignored: tuple[str, ...]

    def address(self) -> dict[str, object]:
        """The same as parts of an address."""
        parts = {
            "who": self.who,
            "what": self.what,
            "reference": self.reference,
            "since": self.since,
            "until": self.until,
        }
        return {name: str(value) for name, value in parts.items() if value}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _read(typed: Mapping[str, str]) -> Asked:
    given = {name: typed.get(name, "").strip() for name in ("who", "what", "reference", "since", "until")}
    who = int(given["who"]) if given["who"].isascii() and given["who"].isdigit() and len(given["who"]) < 10 else None
    what = Shown(given["what"]) if given["what"] in set(Shown) else None
    since, until = _day(given["since"]), _day(given["until"])
    known = {"who": who, "what": what, "since": since, "until": until, "reference": True}
    ignored = tuple(readable(text, LONGEST) for name, text in given.items() if text and known[name] is None)
    return Asked(who, what, readable(given["reference"], LONGEST), since, until, ignored)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), programme().call.zone)


def _within(asked: Asked) -> Select[Look]:
    found = select(Look).options(joinedload(Look.user), joinedload(Look.expression))
    if asked.who is not None:
        found = found.where(Look.user_id == asked.who)
    if asked.what is not None:
        found = found.where(Look.what == asked.what)
    if asked.reference:
        one = select(Expression.id).where(Expression.reference == asked.reference.upper())
        found = found.where(Look.expression_id.in_(one))
    if asked.since is not None:
        found = found.where(Look.at >= _begin(asked.since))
    if asked.until is not None and asked.until < date.max:
        found = found.where(Look.at < _begin(asked.until + timedelta(days=1)))
    return found


@bp.get("/access-log")
@staff(Role.SECRETARIAT, Role.ADMINISTRATOR)
def access_log() -> ResponseReturnValue:
    """Who looked at what, newest first, within the filters."""
    asked, at = _read(request.args), request.args.get("from", "")
    cursor = NEWEST_FIRST.read(at) if at else None
    return render_template(
        "secretariat/access_log.html",
        asked=asked,
        page=NEWEST_FIRST.page(_within(asked), cursor, PAGE_SIZE),
        people=db.session.execute(select(User.id, User.name, User.email).order_by(User.name, User.email)).all(),
        kinds={what: shown_name(what) for what in Shown},
        days=programme().retention.access_log_days,
    )
