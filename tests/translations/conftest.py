"""Catalogues for tests: the words as they stand in the source, and a language in which they are marked."""

import functools
import gc
from collections.abc import Iterator
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from intake import extensions
from intake.translations import updating, words_of
from tests.conftest import StrictClient
from tests.translations.marking import LANGUAGE, MarkedWords


class Reader(StrictClient):
    """A browser of which each request finds its language anew, as it does where no test keeps a context open."""

    def open(self, *args: object, **kwargs: object) -> TestResponse:
        """Send a request."""
        g.pop("_flask_babel", None)
        try:
            return super().open(*args, **kwargs)
        finally:
            g.pop("_flask_babel", None)


@pytest.fixture
def client(app: Flask, client: FlaskClient) -> FlaskClient:
    """As everywhere, but in the language that it asks for."""
    app.test_client_class = Reader
    return app.test_client()


@pytest.fixture(scope="session")
def wanted() -> Catalog:
    """The words as they stand in the source."""
    return updating.wanted()


@pytest.fixture(scope="session")
def marked_words(wanted: Catalog) -> MarkedWords:
    """The words of the marked language."""
    return MarkedWords(wanted)


def forget() -> None:
    """Empty everything that the product keeps by `functools`."""
    for each in gc.get_objects():
        if isinstance(each, functools._lru_cache_wrapper) and str(each.__module__).startswith("intake"):
            each.cache_clear()


@pytest.fixture
def marked(marked_words: MarkedWords, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets `LANGUAGE` have the marked words."""

    def words(language: str, *programme: Any) -> Any:
        return marked_words if language == LANGUAGE else words_of(language, *programme)

    monkeypatch.setattr(extensions, "words_of", words)
    forget()
    yield
    forget()
