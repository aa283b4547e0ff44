"""What each guard of an expression demands, as a sentence for the page of help; the guards themselves decide."""

from collections.abc import Mapping

DEMANDS: Mapping[str, str] = {
    "call_is_open": "The call is open.",
    "form_is_complete": "Every required answer is given.",
    "address_is_proven": "The address of the contact person is confirmed: a link that was mailed to it was opened.",
    "consent_is_given": "The notice on personal data has been read and agreed to.",
    "duplicate_is_acknowledged": (
        "No other expression of the same organisation is under way in this call, or a second one is acknowledged."
    ),
    "no_conflict": "Whoever takes it has no conflict of interest with the organisation.",
    "points_are_named": "At least one point is named that the applicant has to answer.",
    "due_date_is_ahead": "The answers are due on a day after today.",
    "points_are_answered": "Every point that was asked has its answer.",
    "criteria_are_met": "Every criterion has the verdict “met”.",
    "second_screener_has_judged": (
        "Where a second screener is required, another person has given a verdict on every criterion too."
    ),
    "screeners_agree": "The two screeners agree on every criterion, or a reason says which verdict holds.",
    "decision_is_reasoned": "A criterion that is not met, the reason, and what would change the decision are given.",
    "reason_is_given": "A reason is given.",
    "focus_area_is_chosen": "One of the focus areas is chosen.",
    "departure_is_reasoned": "A focus area that the applicant did not rank is chosen with a reason.",
    "focus_area_differs": "The focus area is another one than before.",
    "category_is_known": "The category, and the kind within it, are among those of the programme.",
    "category_differs": "The category or the kind within it is another one than before.",
    "delegate_is_named": "A delegate is named, with a title.",
    "seat_is_free": "A seat is free in the chosen way of taking part.",
    "no_seat_is_free": "No seat is free in the chosen way of taking part.",
    "roundtable_is_ahead": "The Roundtable is not over.",
    "answer_is_overdue": "The day by which the answers were due has passed.",
    "decision_is_overdue": "The day by which a decision was promised has passed.",
    "not_asked_lately": "The applicant has not asked in the last five working days.",
    "is_not_erased": "The personal data have not been erased.",
    "erasure_is_not_asked": "Nobody has asked for erasure, or the request was taken back.",
    "erasure_is_asked": "Erasure was asked for.",
    "erasure_is_due": "Erasure was asked for, or the time is over for which the data are kept.",
    "letters_are_held": "None of the letters of that step has left.",
    "seat_is_still_free": "A seat that the undo takes back is still free.",
}
"""Name of a guard to what must hold; gettext messages, never shown as they stand."""
