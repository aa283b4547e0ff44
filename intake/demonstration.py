"""Fictitious expressions made of public facts, in every state, and two enquiries, all through the one door."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from intake import asking, drafting, holders, judging
from intake.advance import advance
from intake.current import programme
from intake.extensions import db
from intake.judging import Judgement
from intake.models import Enquiry, Expression, Mode, Outcome, User, Verdict
from intake.programme import Entity, entities
from workflows.expression import ACTIVE, State
from workflows.people import SYSTEM, Actor, Role

SCREENER_ADDRESS = "screener@example.org"
SECRETARIAT = Actor("Secretariat", frozenset({Role.SECRETARIAT}))
AGES = {State.DRAFT: 1, State.SUBMITTED: 4, State.RETURNED: 9, State.LAPSED: 24, State.SCREENED: 11}
"""Days since each was begun, where it is not `OLDEST`; all within the thirty days that the call has been open."""
OLDEST = 21
SPREAD: tuple[tuple[State, Mode, int], ...] = (
    (State.CONFIRMED, Mode.IN_PERSON, 6),
    (State.CONFIRMED, Mode.REMOTE, 2),
    (State.WAITLISTED, Mode.IN_PERSON, 2),
    (State.ASSIGNED, Mode.REMOTE, 5),
    (State.SCREENED, Mode.IN_PERSON, 4),
    (State.RETURNED, Mode.IN_PERSON, 2),
    (State.DECLINED, Mode.REMOTE, 2),
    (State.WITHDRAWN, Mode.REMOTE, 1),
    (State.LAPSED, Mode.REMOTE, 1),
    (State.DRAFT, Mode.IN_PERSON, 3),
)
"""How many expressions end in which state; all others stay submitted."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One organisation, the state in which its expression ends, and how its delegate takes part."""

    entity: Entity
    goal: State
    mode: Mode

    @property
    def key(self) -> str:
        """The creation key, by which a second run finds what the first has made."""
        return "demonstration:" + hashlib.sha256(self.entity.organisation.encode()).hexdigest()[:40]


def plans() -> Sequence[Plan]:
    """One plan for each public entity; those that follow each other in the file end in different states."""
    wanted = [(state, mode) for state, mode, count in SPREAD for _ in range(count)]
    goals = wanted + [(State.SUBMITTED, Mode.IN_PERSON)] * (len(entities()) - len(wanted))
    mixed = sorted(entities(), key=lambda entity: hashlib.sha256(entity.organisation.encode()).digest())
    return [Plan(entity, goal, mode) for entity, (goal, mode) in zip(mixed, goals, strict=True)]


def make(plan: Plan, at: datetime) -> None:
    """Make the expression of a plan, its steps dated before `at`; one that exists is left as it is."""
    if db.session.scalar(select(Expression.id).where(Expression.creation_key == plan.key)) is not None:
        return
    begun = at - timedelta(days=AGES.get(plan.goal, OLDEST), hours=len(plan.entity.organisation) % 9)
    expression = drafting.begin(plan.key)
    expression.created_at, expression.fictitious = begun, True
    db.session.flush()
    drafting.change(expression, _answers(plan))
    expression.consented_at, expression.notice_version = begun, programme().notice.version
    expression.duplicate_acknowledged = True
    holders.vouch(expression)
    db.session.commit()
    if plan.goal is not State.DRAFT:
        Journey(expression, begun).to(plan)


@dataclass(frozen=True, slots=True)
class Question:
    """An enquiry: who asks, in which words, and the answer to it; without one it stays open."""

    email: str
    name: str
    subject: str
    words: str
    answer: str = ""


QUESTIONS = (
    Question(
        "officer@example.org",
        "Programme officer (fictitious)",
        "Fictitious: how much a statement should hold",
        "Fictitious: is one example of our past work enough for the first criterion?",
        "Fictitious: yes, one example is enough, or a plan with a date.",
    ),
    Question(
        "assistant@example.org",
        "Assistant to the head of the organisation (fictitious)",
        "Fictitious: taking part from afar",
        "Fictitious: our head cannot travel in the week of the Roundtable. May we ask for a remote seat later on?",
    ),
)


def ask(question: Question) -> None:
    """Open an enquiry, and answer it where there is an answer; one that exists is left as it is."""
    if db.session.scalar(select(Enquiry.id).where(Enquiry.email == question.email)) is not None:
        return
    enquiry = asking.ask(
        email=question.email,
        name=question.name,
        subject=question.subject,
        question=question.words,
        actor=asking.enquirer(question.name),
    )
    if question.answer:
        advance(enquiry, "answer", actor=SECRETARIAT, version=enquiry.version, answer=question.answer)


class Journey:
    """The steps of one expression, one after the other, each a few days after the one before."""

    def __init__(self, expression: Expression, begun: datetime) -> None:
        self.expression = expression
        self.at = begun

    def step(self, trigger: str, actor: Actor, **facts: Any) -> None:
        """Take one step through the one door."""
        advance(self.expression, trigger, actor=actor, version=self.expression.version, at=self.at, **facts)
        self.at += timedelta(days=3, hours=2)

    def to(self, plan: Plan) -> None:
        """Go on until the state of the plan is reached."""
        self.step("submit", Actor(self.expression.contact_name, frozenset({Role.APPLICANT})))
        if plan.goal in {State.RETURNED, State.LAPSED}:
            self._ask(plan)
        elif plan.goal is State.WITHDRAWN:
            self.step("withdraw", SECRETARIAT, reason="Fictitious: the organisation will apply in a later call.")
        elif plan.goal is State.DECLINED:
            self._judge(Outcome.NOT_MET)
            self.step("decline", self._screener(), **_decision())
        elif plan.goal in ACTIVE - {State.SUBMITTED}:
            self._judge(Outcome.MET)
            self._place(plan)

    def _ask(self, plan: Plan) -> None:
        due_on = (self.at + timedelta(days=12)).date()
        point = {"question": "Fictitious: which countries would your commitment reach first, and by when?"}
        self.step("request_information", self._screener(), points=[point], due_on=due_on)
        if plan.goal is State.LAPSED:
            self.at += timedelta(days=11)
            self.step("lapse", SYSTEM)

    def _place(self, plan: Plan) -> None:
        self.step("screen", self._screener())
        if plan.goal is not State.SCREENED:
            self.step("assign", SECRETARIAT, focus_area=self.expression.preferences[0])
        if plan.goal is State.CONFIRMED:
            self.step("confirm", SECRETARIAT, seat_mode=plan.mode.value)
        if plan.goal is State.WAITLISTED:
            self.step("waitlist", SECRETARIAT, seat_mode=plan.mode.value)

    def _screener(self) -> Actor:
        return _account().actor

    def _judge(self, first: Outcome) -> None:
        judgements = {
            criterion.id: Judgement(Outcome.MET if number else first, "Fictitious: judged for the demonstration.")
            for number, criterion in enumerate(programme().criteria)
        }
        judging.judge(self.expression, judgements, screener=_account(), version=self.expression.version)
        of_this = update(Verdict).where(Verdict.expression_id == self.expression.id)
        db.session.execute(of_this.values(given_at=self.at))
        db.session.commit()


def _account() -> User:
    """The demonstration's screener."""
    return db.session.scalars(select(User).where(User.email == SCREENER_ADDRESS)).one()


def _decision() -> dict[str, Any]:
    return {
        "criteria": [programme().criteria[0].id],
        "reason": "Fictitious: the statement describes no past work and no motivation in the focus area.",
        "change": "Fictitious: one example of past work, or a plan with a date, would show the commitment.",
    }


def _answers(plan: Plan) -> dict[str, Any]:
    entity = plan.entity
    category = programme().category(entity.category)
    number = int(plan.key[-6:], 16)
    areas = [area.id for area in programme().focus_areas]
    first = entity.focus_area or areas[number % len(areas)]
    return {
        "organisation_name": entity.organisation,
        "category": category.id,
        "sub_type": category.sub_types[0].id,
        "country": entity.country,
        "contact_name": "Partnerships officer (fictitious)",
        "contact_email": f"partnerships{number}@example.org",
        "preferences": [first, next(area for area in areas if area != first)],
        "criteria": _statements(entity),
        "delegate_name": "" if plan.goal is State.DRAFT else "To be announced (fictitious)",
        "delegate_title": "Head of the organisation",
        "participation_mode": plan.mode,
        "communities": "Fictitious: rural communities without a connection.",
        "countries_served": [code for code in (entity.country, "RWA", "MDG") if code != "INT"][:2],
        "sdgs": [9, 17],
        "action_lines": ["C2", "C4"],
    }


def _statements(entity: Entity) -> dict[str, dict[str, Any]]:
    made = "This expression is fictitious and made for a demonstration from a public fact"
    fact = f"{made}: {entity.subject} ({entity.evidence}; {entity.source})."
    facts: dict[str, dict[str, Any]] = {
        "commitment": {"statement": fact, "basis": "past_work", "link": entity.source},
        "pledge": {"statement": fact, "pledge_type": "programmatic", "target": entity.subject, "public": "yes"},
        "participation": {"statement": "Fictitious: the head of the organisation intends to take part."},
        "engagement": {
            "statement": "Fictitious: a nominee will work on the drafts of the group.",
            "nominee_name": "Policy adviser (fictitious)",
            "nominee_email": "",
        },
        "none": {"statement": fact},
    }
    return {criterion.id: facts[criterion.facts] for criterion in programme().criteria}
