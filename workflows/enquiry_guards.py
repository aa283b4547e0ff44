"""When a step of an enquiry is refused, and the sentence that says how to mend it; a guard reads, never writes."""

from workflows.people import Role
from workflows.workflow import Move, Reason

LONGEST = 20_000
"""Characters of one question or answer."""


def question_is_given(move: Move) -> Reason | None:
    if _fits(move.facts.get("question")):
        return None
    return Reason("no_question", "Write the question, in at most %(most)s characters.", {"most": LONGEST})


def answer_is_given(move: Move) -> Reason | None:
    if _fits(move.facts.get("answer")):
        return None
    return Reason("no_answer", "Write the answer, in at most %(most)s characters.", {"most": LONGEST})


def closing_is_reasoned(move: Move) -> Reason | None:
    """What is answered may be closed as it is; what is not needs a reason."""
    if move.subject.state == "answered" or _fits(move.facts.get("reason")):
        return None
    return Reason("no_reason", "Say why it is closed without an answer; the reason becomes part of the history.")


def expression_is_known(move: Move) -> Reason | None:
    """Without a reference the enquiry is about no expression any more, which is always allowed."""
    reference = move.facts.get("expression")
    if not reference or move.circumstances.expression_id(reference) is not None:
        return None
    said = "No expression that was sent has the reference “%(reference)s”. Look it up in the queue."
    return Reason("no_expression", said, {"reference": reference})


def keeping_has_ended(move: Move) -> Reason | None:
    """The secretariat erases when a person asks for it, the system when the time of keeping is over."""
    if Role.SYSTEM not in move.actor.roles or move.circumstances.is_kept_no_longer:
        return None
    return Reason("erasure_not_due", "The time for which it is kept is not over.")


def _fits(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text.strip()) <= LONGEST
