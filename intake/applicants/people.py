"""Views of the people who can open an expression: the list, adding and removing one, another contact person."""

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from intake import contacts, holders, links
from intake.access import applicant, opened_expression
from intake.applicants import forms
from intake.applicants.blueprint import bp
from intake.applicants.linking import may_write_to
from intake.extensions import db, limiter
from intake.models import Expression, Holder
from intake.wording import moment

ALL = "/expressions/<reference:reference>/people"
ONE = f"{ALL}/<int(max=2147483647):holder_id>/remove"
PER_ADDRESS = "30 per hour"
"""How often an address may have letters written to people whom it names."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the list in words; `holder_id` of those who can be removed, `may_be_written_to` of those who wait."""

    address: str
    name: str
    part: str
    state: str
    tone: str
    holder_id: int | None = None
    may_be_written_to: bool = False


def _people(expression: Expression) -> list[Person]:
    """The contact person, the second address, colleagues, and who is asked for as contact person."""
    of_this = select(Holder).where(Holder.expression_id == expression.id, Holder.removed_at.is_(None))
    known = {each.address_key: each for each in db.session.scalars(of_this.order_by(Holder.id))}
    parts = dict(zip(holders.named(expression), _parts(expression), strict=True))
    found = [_person(expression, address, part, known.get(holders.key(address))) for address, part in parts.items()]
    named = set(map(holders.key, parts))
    for each in known.values():
        if each.next_contact_at is not None:
            found.append(_person(expression, each.address, _("Asked for as contact person"), each))
        elif each.is_colleague and each.address_key not in named:
            found.append(_person(expression, each.address, _("Colleague"), each, can_be_removed=True))
    return found


def _parts(expression: Expression) -> list[str]:
    """What those are whom the answers name, in the order of `holders.named`."""
    contact = [_("Contact person")] if expression.contact_email else []
    return [*contact, _("Second e-mail address")][: len(holders.named(expression))]


def _person(
    expression: Expression, address: str, part: str, holder: Holder | None, *, can_be_removed: bool = False
) -> Person:
    is_contact = address == expression.contact_email
    name = expression.contact_name if is_contact else holder.name if holder else ""
    is_next = holder is not None and holder.next_contact_at is not None and not is_contact
    is_proven = holder is not None and holder.proven_at is not None and not is_next
    return Person(
        address=address,
        name=name,
        part=part,
        state=_state(holder, is_proven=is_proven),
        tone="success" if is_proven else "warning",
        holder_id=holder.id if can_be_removed and holder is not None else None,
        may_be_written_to=not is_proven,
    )


def _state(holder: Holder | None, *, is_proven: bool) -> str:
    if holder is not None and is_proven:
        return str(_("Confirmed on %(moment)s", moment=moment(holder.proven_at)))
    if holder is not None and holder.invited_at is not None:
        return str(_("Waits since %(moment)s", moment=moment(holder.invited_at)))
    return str(_("No letter was sent yet"))


def _page(expression: Expression, form: forms.PersonForm) -> str:
    return render_template(
        "applicants/people.html",
        expression=expression,
        form=form,
        plain=forms.PlainForm(formdata=None),
        people=_people(expression),
        contact=contacts.standing(expression),
        asked=contacts.next_contact(expression),
        is_full=contacts.colleagues(expression) >= contacts.MOST_COLLEAGUES,
        most=contacts.MOST_COLLEAGUES,
    )


def _home(expression: Expression) -> ResponseReturnValue:
    return redirect(url_for(".people", reference=expression.reference), 303)


@bp.get(ALL)
@applicant
def people(reference: str) -> ResponseReturnValue:
    """Who can open the expression, and the form for one more."""
    return _page(opened_expression(), forms.PersonForm(formdata=None))


@bp.post(ALL)
@applicant
@limiter.limit(PER_ADDRESS)
def add_person(reference: str) -> ResponseReturnValue:
    """Let one more colleague in: a letter with a link goes to the address."""
    expression, form = opened_expression(), forms.PersonForm()
    form.validate()
    address = form.email.data or ""
    if said := _objection(expression, address):
        form.blame("email", said)
    if form.errors:
        return _page(expression, form), 422
    contacts.add(expression, address, form.name.data or "")
    db.session.commit()
    flash(_("A letter with a link is on its way to %(address)s.", address=address), "success")
    return _home(expression)


def _objection(expression: Expression, address: str) -> str:
    """Why nobody is added with this address, in a sentence; empty when somebody can be. The last question counts."""
    if not address:
        return str(_("E-mail address: write the address of the person."))
    if not contacts.standing(expression).is_proven:
        return str(_("Confirm the address of the contact person first; then you can add others."))
    if holders.key(address) in {holders.key(each.address) for each in _people(expression)}:
        return str(_("%(address)s is on the list already.", address=address))
    if contacts.colleagues(expression) >= contacts.MOST_COLLEAGUES:
        return str(_("The list is full. Remove somebody first."))
    return "" if may_write_to(address) else _pause(address)


def _pause(address: str) -> str:
    return str(_("We have written to %(address)s so often that we pause. Try again in an hour.", address=address))


@bp.post(f"{ALL}/letter")
@applicant
@limiter.limit(PER_ADDRESS)
def write_to_person(reference: str) -> ResponseReturnValue:
    """Send a link to somebody of the list who has not confirmed the address."""
    expression, form = opened_expression(), forms.PersonForm()
    asked = holders.key(form.email.data or "")
    waiting = [each for each in _people(expression) if each.may_be_written_to and holders.key(each.address) == asked]
    if not waiting:
        flash(_("Nobody with that address waits for a letter."), "info")
        return _home(expression)
    _write(expression, waiting[0].address)
    return _home(expression)


def _write(expression: Expression, address: str) -> None:
    if not may_write_to(address):
        flash(_pause(address), "warning")
        return
    contacts.invite(expression, address, contacts.kind_for(expression, address))
    db.session.commit()
    flash(_("A letter with a link is on its way to %(address)s.", address=address), "success")


def _colleague_or_404(expression: Expression, holder_id: int) -> Holder:
    mine = Holder.id == holder_id, Holder.expression_id == expression.id, Holder.is_colleague
    return db.session.scalar(select(Holder).where(*mine, Holder.removed_at.is_(None))) or abort(404)


@bp.get(ONE)
@applicant
def ask_to_remove_person(reference: str, holder_id: int) -> ResponseReturnValue:
    """Who would be shut out, and what that means."""
    expression = opened_expression()
    holder, form = _colleague_or_404(expression, holder_id), forms.PlainForm(formdata=None)
    return render_template("applicants/remove_person.html", expression=expression, holder=holder, form=form)


@bp.post(ONE)
@applicant
def remove_person(reference: str, holder_id: int) -> ResponseReturnValue:
    """Shut a colleague out: links and open browsers end at once. Who removes oneself is out, too."""
    expression = opened_expression()
    holder = _colleague_or_404(expression, holder_id)
    contacts.remove(expression, holder)
    db.session.commit()
    flash(_("%(address)s can no longer open this expression.", address=holder.address), "success")
    return _home(expression) if links.opened(reference) else redirect(url_for(".landing"), 303)


def _contact_page(expression: Expression, form: forms.NextContactForm) -> str:
    asked = contacts.next_contact(expression)
    return render_template("applicants/next_contact.html", expression=expression, form=form, asked=asked)


@bp.get("/expressions/<reference:reference>/contact")
@applicant
def next_contact(reference: str) -> ResponseReturnValue:
    """Who is to be the contact person from now on; of a draft, that is a step of the form."""
    expression = opened_expression()
    if expression.submitted_at is None:
        return redirect(url_for(".step", reference=reference, step_id="contact"), 303)
    return _contact_page(expression, forms.NextContactForm(formdata=None))


@bp.post("/expressions/<reference:reference>/contact")
@applicant
@limiter.limit(PER_ADDRESS)
def ask_for_contact(reference: str) -> ResponseReturnValue:
    """Ask for another contact person; it holds once the link that is mailed there is opened."""
    expression, form = opened_expression(), forms.NextContactForm()
    if expression.submitted_at is None:
        return redirect(url_for(".step", reference=reference, step_id="contact"), 303)
    form.validate()
    address = form.email.data or ""
    if said := _no_contact(expression, address):
        form.blame("email", said)
    if form.errors:
        return _contact_page(expression, form), 422
    contacts.ask_for_contact(expression, address, form.name.data or "")
    db.session.commit()
    flash(asked_in_words(expression, address), "success")
    return _home(expression)


def _no_contact(expression: Expression, address: str) -> str:
    """Why this address cannot become that of the contact person, in a sentence; empty when it can."""
    if not address:
        return str(_("E-mail address: write the address of the person."))
    if holders.key(address) == holders.key(expression.contact_email):
        return str(_("%(address)s is the address of the contact person already.", address=address))
    return "" if may_write_to(address) else _pause(address)


def asked_in_words(expression: Expression, address: str) -> str:
    """What happens next once another contact person was asked for."""
    said = _(
        "A letter with a link is on its way to %(address)s. Until it is opened our letters go to %(earlier)s.",
        address=address,
        earlier=expression.contact_email,
    )
    return str(said)


@bp.post("/expressions/<reference:reference>/contact/kept")
@applicant
def keep_contact(reference: str) -> ResponseReturnValue:
    """Take the change of the contact person back as long as it does not hold."""
    expression = opened_expression()
    taken_back = contacts.take_back(expression)
    db.session.commit()
    said = _("The contact person stays as it is.") if taken_back else _("No change of the contact person is under way.")
    flash(said, "success" if taken_back else "info")
    return _home(expression)
