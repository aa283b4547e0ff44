"""Letters leave once, whatever the server does."""

from intake.notifications import deliver
from intake.notifications.deliver import Delivered
from tests.notifications.conftest import Enqueue, fates
from tests.smtp import SmtpSink


def test_letters_leave_oldest_first_over_one_connection(smtp: SmtpSink, enqueue: Enqueue) -> None:
    enqueue("one@example.org", "two@example.org", "three@example.org")

    done = deliver.everything_due()

    assert done == Delivered(sent=3)
    assert smtp.recipients == ["one@example.org", "two@example.org", "three@example.org"]
    assert smtp.connections == 1
    assert {status for _, status in fates()} == {"sent"}
