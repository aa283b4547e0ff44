"""What staff call the states and steps of an enquiry; gettext messages, never shown as they stand."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.enquiry import State


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state by its name and by what it means; `tone` is neutral, info, success, warning or danger."""

    staff: str
    meaning: str
    tone: str


@dataclass(frozen=True, slots=True)
class StepWords:
    """A step by the words on its button, by what the history says of it, and by what is said once it is taken."""

    button: str
    staff: str
    done: str


STATES: Mapping[State, StateWords] = {
    State.RECEIVED: StateWords("Received", "It is being stored and opens in the same breath.", "neutral"),
    State.OPEN: StateWords("Open", "Somebody waits for a first answer.", "info"),
    State.ANSWERED: StateWords("Answered", "An answer was written; a reply opens it again.", "success"),
    State.CLOSED: StateWords("Closed", "Nothing more is to be done, unless they write again.", "neutral"),
    State.REOPENED: StateWords("Open again", "They wrote again and wait for a further answer.", "warning"),
}

STEPS: Mapping[str, StepWords] = {
    "ask": StepWords("Enter the enquiry", "Received", "The enquiry is entered."),
    "ask_further": StepWords("Add a question", "Further question", "The question is added."),
    "answer": StepWords("Answer", "Answered", "The answer is written."),
    "close": StepWords("Close", "Closed", "The enquiry is closed."),
    "ask_again": StepWords("Open it again with a question", "Asked again", "The enquiry is open again."),
    "relate": StepWords("Link it to an expression", "Linked", "The link is changed."),
    "erase": StepWords("Erase the personal data", "Personal data erased", "The personal data are erased."),
    "undo": StepWords("Undo the last step", "Last step undone", "The last step is undone."),
}
