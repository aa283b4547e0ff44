"""What somebody reads when the database fails, also after their page was made."""

from collections.abc import Callable

import pytest
from flask import Flask, after_this_request
from sqlalchemy.exc import OperationalError

from intake.access import public


@pytest.mark.parametrize("late", [False, True])
def test_a_database_that_fails_is_said_in_a_sentence_whenever_it_fails(
    late: bool, another: Callable[..., Flask]
) -> None:
    app = another()

    def fail(_response: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    @app.get("/failing")
    @public
    def failing() -> str:
        if not late:
            fail(None)
        after_this_request(fail)  # type: ignore[arg-type]
        return "Done"

    answer = app.test_client().get("/failing")

    assert answer.status_code == 503
    assert "Traceback" not in answer.text
    assert "Done" not in answer.text
