"""What the page of an expression shows of the talk among staff, and its forms; it stores nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from intake import assigning, notes
from intake.fields import LAST_YEAR
from intake.forms import (
    LONG_TEXT,
    CheckboxesField,
    ChoiceField,
    DateField,
    IntakeForm,
    LineField,
    TextField,
    column_limit,
)
from intake.models import Assignment, Expression, Note, Reminder, User
from intake.notes import Company
from intake.wording import today
from workflows.people import Role

NOBODY = "0"
"""The choice of no screener at all."""


class NoteForm(IntakeForm):
    """A note; `for_note` adds the colleagues whom it may mention."""

    text = TextField(_l("New note"), LONG_TEXT)

    def validate(self, extra_validators: Any = None) -> bool:
        """A note says something."""
        fine = super().validate(extra_validators)
        if fine and not self.text.data:
            self.blame("text", _("Write what your colleagues should know."))
        return bool(fine and not self.errors)


class ReminderForm(IntakeForm):
    """A day and what to think of."""

    on = DateField(_l("Remind me on"))
    text = LineField(_l("Of what"), column_limit(Reminder.text))

    def validate(self, extra_validators: Any = None) -> bool:
        """A reminder needs a day that has not passed."""
        fine = super().validate(extra_validators)
        if fine and (self.on.day is None or self.on.day < today()):
            self.blame("on", _("Choose today or a later day, up to the year %(year)s.", year=LAST_YEAR))
        return bool(fine and not self.errors)

    @property
    def day(self) -> date:
        """The day of a form that is valid."""
        return self.on.day or today()


class ScreenerForm(IntakeForm):
    """Who shall screen; `held` is who does as the page shows it."""

    held = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Somebody, or nobody, has to be chosen."""
        fine = super().validate(extra_validators)
        if fine and not self["screener"].data:
            self.blame("screener", _("Choose who screens it, or nobody."))
        return bool(fine and not self.errors)

    @property
    def held_by(self) -> int | None:
        """Who screened it as the page showed it; what is no account is nobody's."""
        text = self.held.data or ""
        return (int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1) or None


@dataclass(frozen=True, slots=True)
class Talk:
    """The notes on an expression with the forms of this person; of one with a conflict of interest, only what it is.

    A form that was sent and refused is shown again in place of a new one.
    """

    company: Company
    screener_form: ScreenerForm | None = None
    given: Assignment | None = None
    notes: Sequence[Note] = ()
    reminders: Sequence[Reminder] = ()
    note_form: NoteForm = field(default_factory=lambda: for_note(()))
    reminder_form: ReminderForm = field(default_factory=lambda: for_reminder())


def about(expression: Expression, person: User, **sent: Any) -> Talk:
    """The talk about an expression as one person sees it; `sent` holds forms by the names of `Talk`."""
    company = notes.company(expression, person)
    held = {"screener_form": _screener_form(expression, person, company), "given": assigning.last_given(expression)}
    if company.mine is not None:
        return Talk(company, **{**held, **sent})
    talk = {
        "notes": notes.of_expression(expression),
        "reminders": notes.reminders_on(expression, person),
        "note_form": for_note(company.free),
        "reminder_form": for_reminder(),
    }
    return Talk(company, **{**held, **talk, **sent})


def for_note(colleagues: Sequence[User], *, formdata: Any = None) -> NoteForm:
    """The form of a note; each colleague stands there with what one can write after @."""
    choices = {user.id: f"{user.called} (@{notes.handle(user, colleagues)})" for user in colleagues}
    field = CheckboxesField(_("Who should read it"), choices, coerce=int)
    kind = type("NoteToColleaguesForm", (NoteForm,), {"mentions": field})
    form: NoteForm = kind(formdata=formdata, prefix="note")
    return form


def for_reminder(*, formdata: Any = None) -> ReminderForm:
    """The form of a reminder."""
    return ReminderForm(formdata=formdata, prefix="reminder")


def for_screener(expression: Expression, people: Sequence[User], *, formdata: Any = None) -> ScreenerForm:
    """The form that gives an expression to one of these people, or to nobody."""
    choices = {
        "": _("Choose"),
        **{str(user.id): user.called for user in people},
        NOBODY: _("Nobody: back to the queue"),
    }
    field = ChoiceField(_("Who screens it"), choices)
    kind = type("ScreenerOfExpressionForm", (ScreenerForm,), {"screener": field})
    held = str(expression.screener_id or NOBODY)
    form: ScreenerForm = kind(formdata=formdata, prefix="screener", data={"held": held})
    return form


def _screener_form(expression: Expression, person: User, company: Company) -> ScreenerForm | None:
    """Offered to those who may give it. Whoever has a conflict of interest may only give it back."""
    barred = company.mine is not None and expression.screener_id != person.id
    if barred or not assigning.may_give(expression, person):
        return None
    return for_screener(expression, able(company, person))


def able(company: Company, person: User) -> list[User]:
    """Those of a company to whom a person may give the expression, themselves among them; none in a conflict."""
    people = [] if company.mine is not None else [*company.free, person]
    screens = [user for user in people if Role.SCREENER in user.actor.roles]
    return sorted(screens, key=lambda user: (user.name, user.email))
