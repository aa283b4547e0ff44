"""A look at mail: the server that takes letters, their signature, the outbox, the inbox. It sends and takes nothing."""

import contextlib
from collections.abc import Iterator

from flask import current_app
from sqlalchemy import func, select

from intake.doctor.finding import Finding, ill, warned, well
from intake.extensions import db
from intake.inbound import limits, sources
from intake.logs import masked
from intake.models import Kind, LetterStatus, ReceivedMessage
from intake.notifications import connection, outbox, signing
from intake.outside import readiness
from intake.outside.readiness import LATEST_DUE, LATEST_WAITING, age, minutes

NEARLY_FULL = 0.8


def server(thorough: bool) -> Iterator[Finding]:
    """Whether the mail server lets us in, as far as a letter would go."""
    config = current_app.config
    place = f"{config['MAIL_SERVER']}:{config['MAIL_PORT']}"
    try:
        connection.knock(config)
    except connection.Away as away:
        yield ill("mail server", masked(str(away)), "Start it, or mend the INTAKE_MAIL_ settings; letters wait.")
        return
    safely = "by TLS" if config["MAIL_USE_TLS"] or config["MAIL_USE_SSL"] else "without TLS"
    account = "with an account" if config["MAIL_USERNAME"] else "without an account"
    yield well("mail server", f"{place} lets us in, {safely} and {account}.")


def signature(thorough: bool) -> Iterator[Finding]:
    """Whether letters can be signed; what stands in the DNS is not asked for."""
    try:
        signs = signing.signer(current_app.config)
    except signing.Unsigned as error:
        yield ill("signature", str(error), "Mend INTAKE_DKIM_KEY.")
        return
    if signs is None:
        mend = "Set INTAKE_DKIM_KEY and INTAKE_DKIM_SELECTOR, unless your mail server signs."
        yield warned("signature", "Letters are not signed by us.", mend)
    else:
        yield well("signature", f"Letters are signed under the selector {current_app.config['DKIM_SELECTOR']}.")


def inbox(thorough: bool) -> Iterator[Finding]:
    """Whether mail that comes in can be read; it is left as it is."""
    if not current_app.config["INBOX"]:
        yield well("inbox", "None is set; bounces and answers are not taken in, but by `intake mail receive`.")
        return
    try:
        with contextlib.closing(sources.waiting(current_app.config)) as messages:
            waits = next(messages, None) is not None
    except sources.Away as away:
        yield ill("inbox", masked(str(away)), "Mend INTAKE_INBOX and INTAKE_INBOX_PASSWORD, or start that server.")
    else:
        yield well("inbox", "It can be read; mail waits there." if waits else "It can be read and holds nothing new.")


def room(thorough: bool) -> Iterator[Finding]:
    """Whether mail that comes in still has room."""
    left, most = limits.room(), current_app.config["INBOX_MEGABYTES"]
    if left is None:
        yield well("room for mail", "INTAKE_INBOX_MEGABYTES sets no limit.")
        return
    total = most * limits.MEGABYTE
    text = f"{(total - left) / limits.MEGABYTE:.0f} of {most} megabytes are taken by mail that came in."
    mend = (
        "Raise INTAKE_INBOX_MEGABYTES, or erase mail that is not needed; once it is full, new mail waits at its source."
    )
    if left <= 0:
        yield ill("room for mail", text, mend)
    elif left < total * (1 - NEARLY_FULL):
        yield warned("room for mail", text, mend)
    else:
        yield well("room for mail", text)


def letters(thorough: bool) -> Iterator[Finding]:
    """Letters that ought to have left, that will not, or whose time is wrong."""
    counts = outbox.status_counts()
    yield well("letters", ", ".join(f"{count} {status}" for status, count in counts.items()) or "None is written yet.")
    due, waiting = age(readiness.due_since()), age(outbox.oldest_waiting())
    if due > LATEST_DUE:
        mend = "Start a delivery: the web processes, `intake worker`, or `intake mail deliver --watch`."
        yield ill("letters", f"The oldest due letter has been due for {minutes(due)}: no delivery runs.", mend)
    elif waiting > LATEST_WAITING:
        mend = "See what the mail server says, on the outbox page."
        yield warned("letters", f"The oldest undelivered letter is {minutes(waiting)} old: it is put off.", mend)
    for status, number in outbox.astray_counts().items():
        if number:
            text = f"{number} have {'failed' if status is LetterStatus.FAILED else 'come back'}."
            yield warned("letters", text, "The outbox page says why, sends them again, and lets staff settle them.")
    yield from _held_by_the_dead()


def _held_by_the_dead() -> Iterator[Finding]:
    lost = select(func.count()).where(readiness.lost())
    kept = select(func.count()).where(outbox.is_kept_back())
    if number := db.session.scalar(lost):
        text = f"{number} are held by a delivery that has ended."
        yield warned("letters", text, "Nothing, if a delivery runs: it takes them up by itself.")
    if number := db.session.scalar(kept):
        yield well("letters", f"{number} are kept back by staff.")


def quarantine(thorough: bool) -> Iterator[Finding]:
    """Mail that nobody could make sense of."""
    number = db.session.scalar(select(func.count()).where(ReceivedMessage.kind == Kind.QUARANTINED))
    if number:
        text = f"{number} messages could not be sorted."
        yield warned("received mail", text, "Staff read them on the page of the mail that came in.")
    else:
        yield well("received mail", "All of it was sorted.")
