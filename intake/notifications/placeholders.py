"""The placeholders of letters: their names, what they mean, where each exists and whence it comes; it renders nothing.

Whoever adds a kind of letter adds its placeholders to `TABLE`, and then the shipped text, the check of texts that staff
write, the list on their page and its preview all know them.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext

from intake import holders
from intake.current import programme
from intake.models import Enquiry, Expression, Subject
from intake.notifications.promises import answer_due_on
from intake.notifications.recipients import Recipient
from intake.wording import day, kind_name, listed, mode_name, moment, titled
from workflows.enquiry import asked_last
from workflows.people import Audience

MARK = secrets.token_hex(16)
"""Stands for the link while a text is rendered. Nobody outside can write it, so no one's words become a link."""
LINK_NAME = "link"


@dataclass(frozen=True, slots=True, order=True)
class Purpose:
    """What a text is for: a kind of letter to an audience. `folder` is that of the shipped text in templates/mail."""

    folder: str
    kind: str
    audience: Audience

    def __str__(self) -> str:
        return f"{self.folder}/{self.kind}.{self.audience}"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What one letter is written for. `facts` and `before` are those of the step, as the history keeps them."""

    recipient: Recipient
    facts: Mapping[str, Any]
    about: Subject | None
    before: Mapping[str, Any] = field(default_factory=dict)

    @property
    def expression(self) -> Expression:
        """The expression of a letter that is about one."""
        assert isinstance(self.about, Expression), "only placeholders of such letters ask"  # noqa: S101
        return self.about

    @property
    def enquiry(self) -> Enquiry:
        """The enquiry of a letter that is about one."""
        assert isinstance(self.about, Enquiry), "only placeholders of such letters ask"  # noqa: S101
        return self.about

    def fact(self, name: str) -> str:
        """A fact that is a text; empty where nobody gave it."""
        return str(self.facts.get(name) or "")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name that a text may use, with its meaning as a gettext message.

    It exists in the folder (any if empty) for these kinds and audiences (any if none is named). `is_courtesy`: a text
    may leave it out although the shipped one has it. `is_long`: of several lines, so no part of a subject.
    """

    name: str
    meaning: str
    text: Callable[[Occasion], str]
    kinds: frozenset[str] = frozenset()
    audiences: frozenset[Audience] = frozenset()
    folder: str = "expression"
    is_courtesy: bool = False
    is_long: bool = False

    def exists_for(self, purpose: Purpose) -> bool:
        """Whether texts for this purpose may use it."""
        here = not self.folder or self.folder == purpose.folder
        of_kind = not self.kinds or purpose.kind in self.kinds
        return here and of_kind and (not self.audiences or purpose.audience in self.audiences)


@lru_cache(maxsize=512)
def known_for(purpose: Purpose) -> Mapping[str, Placeholder]:
    """The placeholders of a purpose by name, in the order of the table; of one name, the last row that exists holds."""
    return {each.name: each for each in TABLE if each.exists_for(purpose)}


def _line(text: str) -> str:
    return " ".join(text.split())


def _found(items: Iterable[Any], id: str) -> str:
    """The name of what an id stands for; what an earlier programme knew may be gone."""
    return next((str(each.name) for each in items if each.id == id), id)


def _area(id: str | None) -> str:
    return _found(programme().focus_areas, id) if id else ""


def _numbered(points: Iterable[Mapping[str, Any]]) -> str:
    return "\n\n".join(f"{number}. {point['question']}" for number, point in enumerate(points, start=1))


def _points_in_words(occasion: Occasion) -> str:
    return str(ngettext("%(num)s point", "%(num)s points", len(occasion.facts.get("points") or ())))


def _criteria_not_met(occasion: Occasion) -> str:
    names = (_found(programme().criteria, id) for id in occasion.facts.get("criteria") or ())
    return "\n".join(f"- {name}" for name in names)


def _preferences(occasion: Occasion) -> str:
    ranked = enumerate(map(_area, occasion.expression.preferences), start=1)
    return listed(f"{number}. {name}" for number, name in ranked)


def _due_on(occasion: Occasion) -> str:
    given = occasion.facts.get("due_on")
    return day(date.fromisoformat(str(given)) if given else occasion.expression.answer_due_on)


def _delegate(occasion: Occasion) -> str:
    return titled(occasion.expression.delegate_name, occasion.expression.delegate_title)


def _nominee(occasion: Occasion) -> str:
    answers = occasion.expression.criteria.get("engagement") or {}
    return str(answers.get("nominee_name") or _("not named yet"))


def _organisation_of_the_proven(occasion: Occasion) -> str:
    """The name that was typed, for whoever is proven to belong to it: no stranger gets anybody's words from us."""
    expression, address = occasion.expression, occasion.recipient.address
    is_proven = holders.is_proven(expression.id, address)
    return _line(expression.organisation_name) if is_proven else ""


def _category(occasion: Occasion) -> str:
    return _found(programme().categories, occasion.expression.category)


def _category_now(occasion: Occasion) -> str:
    return kind_name(occasion.expression.category, occasion.expression.sub_type)


def _category_before(occasion: Occasion) -> str:
    now, before = occasion.expression, occasion.before
    return kind_name(before.get("category", now.category), before.get("sub_type", now.sub_type))


def _place(path: str) -> str:
    return f"{current_app.config['BASE_URL']}{path}"


def _signature(_occasion: Occasion) -> str:
    secretariat = programme().secretariat
    return str(
        _(
            "With kind regards,\n%(secretariat)s\n%(programme)s\n\n"
            "Your reply to this letter reaches %(reply_to)s. A lost link: %(ask_for_link)s",
            secretariat=secretariat.name,
            programme=programme().name,
            reply_to=secretariat.reply_to,
            ask_for_link=_place("/link"),
        )
    )


def _signature_of_answers(_occasion: Occasion) -> str:
    names = {"secretariat": programme().secretariat.name, "programme": programme().name}
    return str(_("With kind regards,\n%(secretariat)s\n%(programme)s", **names))


def _asked(occasion: Occasion) -> str:
    """What was asked in this step, or what the step answers."""
    given = occasion.fact("question")
    return "\n\n".join([given] if given else asked_last(occasion.enquiry.history))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


TO_APPLICANT = frozenset({Audience.APPLICANT})
TO_STAFF = frozenset({Audience.SCREENER, Audience.SECRETARIAT})
REASONED = frozenset({"decline", "assign", "reassign", "correct_category", "release", "withdraw", "reopen"})
PLACED = frozenset({"assign", "reassign", "confirm", "waitlist", "release"})
SEATED = frozenset({"confirm", "waitlist"})
DATED = frozenset({"submit", "resubmit", "reopen"})
ENQUIRY = "enquiry"
QUESTIONED = frozenset({"ask", "ask_further", "ask_again", "answer"})
LINKING = frozenset({"link", "mailed", "invite", "take_over"})
"""Letters that bring a link to an address, proven or not."""
EXPECTED = QUESTIONED - {"answer"}
ASKED, NOT_RETAINED, CORRECTED = (frozenset({kind}) for kind in ("request_information", "decline", "correct_category"))

TABLE = (
    Placeholder(
        "recipient_name", "the recipient's name, or “colleague” when it is not known",
        lambda o: o.recipient.name or str(_("colleague")), folder="", is_courtesy=True,
    ),
    Placeholder(
        "programme_name", "the name of the coalition", lambda o: programme().name, folder="", is_courtesy=True,
    ),
    Placeholder(
        "signature", "the secretariat's name, the address for replies, and where a lost link is found again",
        _signature, folder="", is_courtesy=True, is_long=True,
    ),
    Placeholder("reference", "the reference of the expression", lambda o: o.expression.reference),
    Placeholder("organisation", "the name of the organisation", lambda o: _line(o.expression.organisation_name)),
    Placeholder(
        "organisation", "the name of the organisation; empty as long as the recipient's address is not confirmed",
        _organisation_of_the_proven, kinds=LINKING,
    ),
    Placeholder(
        "new_address", "the address that is asked for as that of the contact person", lambda o: o.fact("address"),
        kinds=frozenset({"change_asked"}),
    ),
    Placeholder("category", "the category of the organisation", _category),
    Placeholder(
        "link", "the recipient's personal link, made as the letter leaves; alone on its line, once",
        lambda o: MARK, audiences=TO_APPLICANT, is_long=True,
    ),
    Placeholder(
        "staff_page", "the address of the expression's page for staff",
        lambda o: _place(f"/staff/expressions/{o.expression.reference}"), audiences=TO_STAFF,
    ),
    Placeholder("reason", "the reason that was given for the step", lambda o: o.fact("reason"), kinds=REASONED),
    Placeholder(
        "criteria_not_met", "the criteria that are not met, one a line", _criteria_not_met,
        kinds=NOT_RETAINED, is_long=True,
    ),
    Placeholder("change", "what would change the decision", lambda o: o.fact("change"), kinds=NOT_RETAINED),
    Placeholder(
        "points", "the points to answer, numbered", lambda o: _numbered(o.facts.get("points") or ()),
        kinds=ASKED, is_long=True,
    ),
    Placeholder("points_in_words", "how many points there are: “1 point”, “3 points”", _points_in_words, kinds=ASKED),
    Placeholder("due_on", "the day by which the points are to be answered", _due_on, kinds=ASKED | {"lapse"}),
    Placeholder("decision_by", "the day by which a decision is promised",
                lambda o: day(o.expression.decision_due_on), kinds=DATED | {"nudge"}),
    Placeholder("submitted_on", "when the expression was sent, with the time",
                lambda o: moment(o.expression.submitted_at), kinds=frozenset({"submit"})),
    Placeholder("focus_area", "the focus area that it is assigned to", lambda o: _area(o.expression.focus_area),
                kinds=PLACED),
    Placeholder("preferences", "the focus areas in the applicant's order", _preferences,
                kinds=frozenset({"submit", "screen", "assign"})),
    Placeholder("delegate", "name and title of the delegate; empty when none is named", _delegate, kinds=PLACED),
    Placeholder("seat_mode", "in person or remote", lambda o: mode_name(o.expression.seat_mode), kinds=SEATED),
    Placeholder("category_before", "category and kind of the organisation before the correction", _category_before,
                kinds=CORRECTED),
    Placeholder("category_now", "category and kind of the organisation from now on", _category_now, kinds=CORRECTED),
    Placeholder("erased_by", "the day by which the personal data are erased",
                lambda o: day(o.expression.erasure_due_on), kinds=frozenset({"request_erasure"})),
    Placeholder("nominee", "who is nominated for the working group, or “not named yet”", _nominee,
                audiences=frozenset({Audience.GROUP_LEAD, Audience.SECRETARIAT})),
    Placeholder("contact_name", "the name of the contact person", lambda o: _line(o.expression.contact_name)),
    Placeholder("contact_email", "the address of the contact person", lambda o: o.expression.contact_email),
    Placeholder("roundtable_name", "the name of the Roundtable", lambda o: programme().roundtable.name,
                is_courtesy=True),
    Placeholder("roundtable_place", "where it takes place", lambda o: programme().roundtable.place),
    Placeholder("roundtable_starts", "its first day", lambda o: day(programme().roundtable.starts)),
    Placeholder("roundtable_ends", "its last day", lambda o: day(programme().roundtable.ends)),
    Placeholder("criteria_count", "how many criteria the programme has", lambda o: str(len(programme().criteria)),
                is_courtesy=True),
    Placeholder("focus_area_count", "how many focus areas the programme has",
                lambda o: str(len(programme().focus_areas)), is_courtesy=True),
    Placeholder("decision_days", "the working days that a decision takes at most",
                lambda o: str(programme().call.decision_working_days), is_courtesy=True),
    Placeholder("link_days", "for how many days a link works", lambda o: str(programme().call.link_days),
                audiences=TO_APPLICANT, is_courtesy=True),
    Placeholder("reference", "the number of the enquiry", lambda o: o.enquiry.reference, folder=ENQUIRY),
    Placeholder("topic", "the subject of the enquiry, as whoever asked has written it",
                lambda o: _line(o.enquiry.subject), folder=ENQUIRY),
    Placeholder("question", "what was asked, every line after “> ”", lambda o: _quoted(_asked(o)),
                kinds=QUESTIONED, folder=ENQUIRY, is_long=True),
    Placeholder("answer", "the answer of the secretariat", lambda o: o.fact("answer"), kinds=frozenset({"answer"}),
                folder=ENQUIRY, is_long=True),
    Placeholder("asked_on", "when the enquiry came in, with the time", lambda o: moment(o.enquiry.created_at),
                folder=ENQUIRY),
    Placeholder("answer_by", "the day by which an answer is promised", lambda o: day(answer_due_on(o.enquiry)),
                kinds=EXPECTED, folder=ENQUIRY),
    Placeholder("answer_days", "the working days that an answer takes at most",
                lambda o: str(programme().call.enquiry_working_days), kinds=EXPECTED, folder=ENQUIRY,
                is_courtesy=True),
    Placeholder("enquirer", "the name of whoever asked, or the address when no name is known",
                lambda o: _line(o.enquiry.name) or o.enquiry.email, folder=ENQUIRY),
    Placeholder("enquirer_email", "the address of whoever asked", lambda o: o.enquiry.email, folder=ENQUIRY),
    Placeholder("reply_to", "the address that replies reach", lambda o: programme().secretariat.reply_to,
                folder=ENQUIRY, is_courtesy=True),
    Placeholder("signature", "the secretariat's name and that of the coalition", _signature_of_answers,
                folder=ENQUIRY, is_courtesy=True, is_long=True),
    Placeholder("staff_page", "the address of the enquiry's page for staff",
                lambda o: _place(f"/staff/enquiries/{o.enquiry.reference}"), audiences=TO_STAFF, folder=ENQUIRY),
)  # fmt: skip
