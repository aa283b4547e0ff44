"""A browser whose requests are as apart from one another as they are outside of tests."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import StrictClient
from tests.screening.visits import forget


class Apart(StrictClient):
    """Whatever a request leaves in the context of the test, the next does not find."""

    def open(self, *args: object, **kwargs: object) -> TestResponse:
        """Send a request."""
        forget()
        answer = super().open(*args, **kwargs)
        forget()
        return answer


@pytest.fixture
def client(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A browser without JavaScript, without CSRF tokens; `app.test_client()` gives more of them."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    app.test_client_class = Apart
    return app.test_client()
