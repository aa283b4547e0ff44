"""Expressions of interest, their verdicts; what is stored, not what may happen."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.models.account import User
from intake.models.base import Address, Base, Code, Facts, Items, Key, Moment, Name, Words, now, short_enum
from intake.models.history import HistoryEntry
from intake.models.letter import Letter
from intake.programme import IN_PERSON, REMOTE
from workflows.expression import ACTIVE, EXPRESSION, JUDGED, PLACED, State


def _among(states: frozenset[State]) -> str:
    return "state IN (" + ", ".join(f"'{state.value}'" for state in sorted(states)) + ")"


ACTIVE_AND_ALONE = text(f"{_among(ACTIVE)} AND NOT duplicate_acknowledged")


class Mode(StrEnum):
    """How a delegate takes part in the Roundtable."""

    IN_PERSON = IN_PERSON
    REMOTE = REMOTE


class Outcome(StrEnum):
    """What a screener finds about one criterion."""

    MET = "met"
    NOT_MET = "not_met"
    NEED_MORE = "need_more"


class Expression(Base):
    """One organisation's expression of interest in one call, from draft to a seat.

    `criteria` maps a criterion's id to its statement and facts; `points` are the questions of the current request
    for information with their answers: `[{"question": ..., "answer": ...}]`. `version` grows with every change.
    """

    __tablename__ = "expressions"
    __table_args__ = (
        CheckConstraint(f"NOT ({_among(JUDGED)}) OR criteria_met = criteria_count", name="screened_is_judged"),
        CheckConstraint(f"NOT ({_among(PLACED)}) OR focus_area IS NOT NULL", name="assigned_has_focus_area"),
        CheckConstraint("state NOT IN ('confirmed', 'waitlisted') OR seat_mode IS NOT NULL", name="seat_has_mode"),
        CheckConstraint("state = 'draft' OR submitted_at IS NOT NULL", name="submitted_has_time"),
        CheckConstraint("criteria_count > 0", name="criteria_exist"),
        Index(
            "uq_expressions_active_organisation",
            "call_id",
            "organisation_key",
            unique=True,
            sqlite_where=ACTIVE_AND_ALONE,
            postgresql_where=ACTIVE_AND_ALONE,
        ),
        Index("ix_expressions_organisation_key", "organisation_key", "call_id"),
        Index("ix_expressions_by_submission", "call_id", "state", "submitted_at", "id"),
        Index("ix_expressions_by_decision", "call_id", "state", "decision_due_on", "id"),
        Index("ix_expressions_by_name", "call_id", "state", "organisation_key", "id"),
        Index("ix_expressions_unread", "call_id", "unread", "state", "submitted_at", "id"),
        Index("ix_expressions_contact_email", "contact_email"),
        Index("ix_expressions_screener_id", "screener_id", "state"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    creation_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    state: Mapped[State] = mapped_column(short_enum(State), default=State.DRAFT)
    state_since: Mapped[Moment] = mapped_column(default=now)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Moment] = mapped_column(default=now)
    updated_at: Mapped[Moment] = mapped_column(default=now, onupdate=now)
    submitted_at: Mapped[Moment | None]
    decision_due_on: Mapped[date | None]

    organisation_name: Mapped[Name] = mapped_column(default="")
    organisation_key: Mapped[Name] = mapped_column(default="")
    category: Mapped[Code] = mapped_column(default="")
    sub_type: Mapped[Code] = mapped_column(default="")
    country: Mapped[str] = mapped_column(String(3), default="")
    website: Mapped[str] = mapped_column(String(500), default="")

    contact_name: Mapped[Name] = mapped_column(default="")
    contact_title: Mapped[Name] = mapped_column(default="")
    contact_email: Mapped[Address] = mapped_column(default="")
    second_email: Mapped[Address] = mapped_column(default="")
    contact_phone: Mapped[Code] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(8), default="en")

    preferences: Mapped[Items] = mapped_column(default=list)
    criteria: Mapped[Facts] = mapped_column(default=dict)
    delegate_name: Mapped[Name] = mapped_column(default="")
    delegate_title: Mapped[Name] = mapped_column(default="")
    participation_mode: Mapped[Mode | None] = mapped_column(short_enum(Mode))
    communities: Mapped[Words] = mapped_column(default="")
    countries_served: Mapped[Items] = mapped_column(default=list)
    sdgs: Mapped[Items] = mapped_column(default=list)
    action_lines: Mapped[Items] = mapped_column(default=list)
    accessibility_needs: Mapped[Words] = mapped_column(default="")
    consented_at: Mapped[Moment | None]
    notice_version: Mapped[Code] = mapped_column(default="")
    duplicate_acknowledged: Mapped[bool] = mapped_column(default=False)
    fictitious: Mapped[bool] = mapped_column(default=False)
    unread: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The applicant has answered or changed something that the screener has not opened since."""

    screener_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    criteria_met: Mapped[int] = mapped_column(default=0)
    criteria_count: Mapped[int]
    points: Mapped[Items] = mapped_column(default=list)
    answer_due_on: Mapped[date | None]
    focus_area: Mapped[Code | None]
    seat_mode: Mapped[Mode | None] = mapped_column(short_enum(Mode))
    erasure_due_on: Mapped[date | None]
    """The day by which what was asked to be erased is erased; None where nobody has asked."""
    erased_at: Mapped[Moment | None]
    """Since when it holds nothing that names or reaches a person."""

    screener: Mapped[User | None] = relationship(lazy="raise_on_sql", viewonly=True)
    verdicts: Mapped[list["Verdict"]] = relationship(order_by="Verdict.id", cascade="all, delete-orphan")
    history: Mapped[list[HistoryEntry]] = relationship(order_by=HistoryEntry.number, viewonly=True)
    letters: Mapped[list[Letter]] = relationship(order_by=Letter.id, viewonly=True)

    __mapper_args__: dict[str, Any] = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's declarative form
    workflow = EXPRESSION
    key_name = "expression_id"
    """The column by which history and letters point at it."""


class Verdict(Base):
    """What a screener found about one criterion of one expression, and why."""

    __tablename__ = "verdicts"
    __table_args__ = (UniqueConstraint("expression_id", "criterion"),)

    id: Mapped[Key]
    expression_id: Mapped[int] = mapped_column(ForeignKey("expressions.id", ondelete="CASCADE"))
    criterion: Mapped[Code]
    outcome: Mapped[Outcome] = mapped_column(short_enum(Outcome))
    reason: Mapped[Words] = mapped_column(default="")
    screener_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    settled: Mapped[Words] = mapped_column(default="", server_default="")
    """Why this verdict holds although the second screener found otherwise."""
    given_at: Mapped[Moment] = mapped_column(default=now, onupdate=now)

    screener: Mapped[User | None] = relationship(lazy="raise_on_sql")
