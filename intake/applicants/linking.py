"""Views for applicants' links: opening one, asking for a new one; who asks learns nothing about an address."""

import time

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from limits import parse
from sqlalchemy import func, or_, select

from intake import contacts, drafting, errors, holders, links
from intake.access import applicant, opened_expression, public
from intake.applicants import forms
from intake.applicants.blueprint import bp
from intake.extensions import LANGUAGE, db, limiter
from intake.models import AccessLink, Expression

PER_MAILBOX = parse("5 per hour")
MOST_LETTERS = 10
"""How many expressions of one address get a letter at once, newest first."""
EQUAL_SECONDS = 0.2
"""Every answer takes at least as long, so that its time does not tell whether an address is known."""


def may_write_to(mailbox: str) -> bool:
    """Whether this mailbox may get more letters with links this hour; asking counts."""
    return not limiter.enabled or limiter.limiter.hit(PER_MAILBOX, "link", mailbox.lower())


def _of(mailbox: str) -> list[Expression]:
    """The newest expressions of an address, in whatever case it was written."""
    address = mailbox.lower()
    theirs = or_(
        func.lower(Expression.contact_email) == address,
        func.lower(Expression.second_email) == address,
        Expression.id.in_(holders.beside_the_answers(address)),
    )
    return list(db.session.scalars(select(Expression).where(theirs).order_by(Expression.id.desc()).limit(MOST_LETTERS)))


def _write(mailbox: str) -> None:
    for expression in _of(mailbox):
        named = {holders.key(each): each for each in holders.named(expression)}
        holder = holders.find(expression.id, mailbox)
        address = named.get(holders.key(mailbox)) or (holder.address if holder else mailbox)
        contacts.invite(expression, address, contacts.kind_for(expression, address))
    db.session.commit()


@bp.get("/link")
@public
def ask_for_link() -> ResponseReturnValue:
    """Where to send a new link."""
    return render_template("applicants/ask_for_link.html", form=forms.LinkForm(formdata=None))


@bp.post("/link")
@public
@limiter.limit("20 per hour")
def send_link() -> ResponseReturnValue:
    """The same answer for every address, in words and time."""
    began = time.monotonic()
    form = forms.LinkForm()
    if form.validate() and not form.email.data:
        form.blame("email", _("E-mail address: write the address to which our letters go."))
    if said := form.too_soon_or_late():
        form.form_errors = [*form.form_errors, said]
    if form.errors:
        return render_template("applicants/ask_for_link.html", form=form), 422
    mailbox = form.email.data or ""
    if may_write_to(mailbox):
        _write(mailbox)
    time.sleep(max(0.0, began + EQUAL_SECONDS - time.monotonic()))
    return render_template("applicants/link_sent.html", email=mailbox)


@bp.post("/expressions/<reference:reference>/link")
@applicant
def mail_link(reference: str) -> ResponseReturnValue:
    """Mail the way back to this expression to its contact person; from the check, the way back to the check."""
    expression = opened_expression()
    address = expression.contact_email
    if not address:
        flash(_("Give the e-mail address of the contact person first; the link goes there."), "warning")
        return redirect(url_for(".step", reference=reference, step_id="contact"), 303)
    if may_write_to(address):
        contacts.invite(expression, address)
        db.session.commit()
    flash(_("A letter with your link is on its way to %(address)s.", address=address), "success")
    endpoint = ".check" if request.form.get("back") == "check" else ".show"
    return redirect(url_for(endpoint, reference=reference), 303)


def _no_link() -> ResponseReturnValue:
    text = _("It is not complete, it has expired, or it was replaced by another.")
    way = _("Ask for a new link: it costs nothing and keeps everything you entered.")
    return errors.page(404, errors.Explanation(_("This link does not work"), text, (way,)))


@bp.get("/link/<token:token>")
@public
def show_link(token: str) -> ResponseReturnValue:
    """A button that opens the expression; seeing it changes nothing, so that scanners of mail do not use it up."""
    link = links.find(token)
    if link is None:
        return _no_link()
    return render_template("applicants/open_link.html", reference=_reference(link), form=forms.PlainForm(formdata=None))


@bp.post("/link/<token:token>")
@public
def claim_link(token: str) -> ResponseReturnValue:
    """Open the expression in this browser, and leave the token behind."""
    link = links.find(token)
    if link is None:
        return _no_link()
    expression = _locked(link)
    said = _claimed(expression, link)
    db.session.commit()
    session.setdefault(LANGUAGE, expression.language)
    if said:
        flash(said, "success")
    is_ready = expression.submitted_at is None and not drafting.missing(expression)
    return redirect(url_for(".check" if said and is_ready else ".show", reference=expression.reference), 303)


def _locked(link: AccessLink) -> Expression:
    """The expression of a link, which opening it may change; the rows around it come after it."""
    return db.session.scalars(select(Expression).where(Expression.id == link.expression_id).with_for_update()).one()


def _claimed(expression: Expression, link: AccessLink) -> str:
    """Use a link, and what is new with that in a sentence; empty when nothing is."""
    known = bool(link.email) and holders.is_proven(link.expression_id, link.email)
    holder = links.claim(link)
    if holder is None:
        return ""
    if holder.next_contact_at is not None and link.created_at >= holder.next_contact_at:
        contacts.settle(expression, holder)
        return str(_("You are the contact person now: our letters go to %(address)s.", address=holder.address))
    return "" if known else str(_("The address %(address)s is confirmed.", address=holder.address))


def _reference(link: AccessLink) -> str:
    return db.session.scalars(select(Expression.reference).where(Expression.id == link.expression_id)).one()
