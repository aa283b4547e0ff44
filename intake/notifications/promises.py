"""The day by which whoever asks was promised an answer; the same for letters and for pages."""

from datetime import date

from intake.current import programme
from intake.models import Enquiry
from intake.wording import local_day
from workflows import working_days


def answer_due_on(enquiry: Enquiry) -> date:
    """The working days that applicants have for their answers are those that the secretariat takes for its own."""
    return working_days.after(local_day(enquiry.state_since), programme().call.answer_working_days)
