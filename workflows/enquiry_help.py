"""What each guard of an enquiry demands, as a sentence for the page of help; the guards themselves decide."""

from collections.abc import Mapping

from workflows import expression_help

SHARED = ("is_not_erased", "letters_are_held")
DEMANDS: Mapping[str, str] = {
    "question_is_given": "A question is written.",
    "answer_is_given": "An answer is written.",
    "closing_is_reasoned": "It is answered, or a reason says why it is closed without an answer.",
    "expression_is_known": "The expression has been sent; without one, the enquiry is about none any more.",
    "keeping_has_ended": "The secretariat does it because a person asks, or the time is over for which it is kept.",
    **{name: expression_help.DEMANDS[name] for name in SHARED},
}
"""Name of a guard to what must hold; gettext messages, never shown as they stand."""
