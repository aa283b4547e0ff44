"""What staff and applicants call the states and steps of an expression; gettext messages, never shown as they stand."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.expression import State


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state by its staff name, its applicant's name, and what happens next.

    `after` may use %(decision_by)s, %(answer_by)s and %(roundtable)s; `tone` is neutral, info, success, warning or
    danger.
    """

    staff: str
    applicant: str
    after: str
    tone: str


@dataclass(frozen=True, slots=True)
class StepWords:
    """A step by the words on its button, and by what the history says to staff and to the applicant."""

    button: str
    staff: str
    applicant: str


STATES: Mapping[State, StateWords] = {
    State.DRAFT: StateWords(
        "Draft", "Draft, not sent yet", "Complete the steps and send it before the call closes.", "neutral"
    ),
    State.SUBMITTED: StateWords(
        "Submitted",
        "Received, being screened",
        "Screeners read it against the criteria. You will hear from us by %(decision_by)s.",
        "info",
    ),
    State.RETURNED: StateWords(
        "Returned for information",
        "We need more information",
        "Answer the points by %(answer_by)s. Then the screening goes on.",
        "warning",
    ),
    State.SCREENED: StateWords(
        "Screened",
        "Meets the criteria",
        "The secretariat assigns it to a focus area, starting from your order of preference.",
        "info",
    ),
    State.ASSIGNED: StateWords(
        "Assigned",
        "Assigned to a focus area",
        "The secretariat confirms a seat at the Roundtable (%(roundtable)s) once a delegate is named.",
        "info",
    ),
    State.CONFIRMED: StateWords(
        "Confirmed",
        "Seat at the Roundtable confirmed",
        "Your delegate takes part in the Roundtable (%(roundtable)s).",
        "success",
    ),
    State.WAITLISTED: StateWords(
        "Waitlisted",
        "On the waiting list for the Roundtable",
        "When a seat becomes free, the secretariat offers it in the order of the list and writes to you.",
        "warning",
    ),
    State.DECLINED: StateWords(
        "Declined",
        "Not retained",
        "Our letter says why and what would change it. Reply to it if circumstances change.",
        "danger",
    ),
    State.WITHDRAWN: StateWords(
        "Withdrawn", "Withdrawn", "Nothing more happens. Reply to our letter if this was not intended.", "neutral"
    ),
    State.LAPSED: StateWords(
        "Lapsed", "Lapsed, as no answer came", "Reply to our letter if you still wish to take part.", "neutral"
    ),
}

STEPS: Mapping[str, StepWords] = {
    "submit": StepWords("Send the expression of interest", "Submitted", "You sent your expression of interest."),
    "request_information": StepWords("Request information", "Information requested", "We asked you for information."),
    "resubmit": StepWords("Send the answers", "Answers received", "You answered our points."),
    "screen": StepWords("Complete the screening", "Screened", "Your expression meets the criteria."),
    "decline": StepWords("Decline", "Declined", "Your expression was not retained."),
    "assign": StepWords("Assign", "Assigned", "Your expression was assigned to a focus area."),
    "reassign": StepWords("Reassign", "Reassigned", "Your expression moved to another focus area."),
    "confirm": StepWords("Confirm the seat", "Seat confirmed", "Your seat at the Roundtable was confirmed."),
    "waitlist": StepWords("Put on the waiting list", "Waitlisted", "You were put on the waiting list."),
    "release": StepWords("Release the seat", "Seat released", "Your place at the Roundtable was released."),
    "correct_category": StepWords(
        "Correct the category", "Category corrected", "We corrected the category of your organisation."
    ),
    "withdraw": StepWords("Withdraw", "Withdrawn", "Your expression was withdrawn."),
    "reopen": StepWords("Reopen", "Reopened", "Your expression was opened again."),
    "lapse": StepWords("Let it lapse", "Lapsed", "Your expression lapsed, as no answer came."),
    "nudge": StepWords("Ask where it stands", "Asked where it stands", "You asked where it stands."),
    "request_erasure": StepWords(
        "Record that erasure is asked for", "Erasure asked for", "You asked us to erase your personal data."
    ),
    "keep_data": StepWords(
        "Take the request for erasure back", "Request for erasure taken back", "You took back your request for erasure."
    ),
    "erase": StepWords("Erase the personal data", "Personal data erased", "Your personal data were erased."),
    "undo": StepWords("Undo the last step", "Last step undone", "We corrected our last step."),
}
