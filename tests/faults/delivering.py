"""`intake mail deliver --watch` in a process of its own, which looks at the outbox more often than it usually does."""

from intake import cli
from intake.notifications import deliver

if __name__ == "__main__":
    deliver.EVERY_SECONDS = 0.1  # type: ignore[assignment]
    cli.main(["mail", "deliver", "--watch"])
