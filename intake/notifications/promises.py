"""The day by which whoever asks was promised an answer; the same for letters and for pages."""

from datetime import date

from intake.current import programme
from intake.models import Enquiry
from intake.wording import local_day
from workflows import working_days


def answer_due_on(enquiry: Enquiry) -> date:
    """So many working days after the day on which the enquiry began to wait as the programme promises."""
    return working_days.after(local_day(enquiry.state_since), programme().call.enquiry_working_days)
