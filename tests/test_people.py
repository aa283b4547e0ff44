"""Whom the account of a member of staff names as employer, so that a conflict of interest is noticed."""

import pytest
from flask import Flask

from intake import people
from intake.extensions import accounts

ADDRESS, PASSWORD = "reader@example.org", "a long enough password"


def put(organisation: str | None) -> str:
    """The organisation of the account after it was added or changed."""
    people.put(ADDRESS, name="", roles=["screener"], password=PASSWORD, organisation=organisation)
    return str(accounts.find_user(email=ADDRESS).organisation)


def test_an_account_keeps_its_organisation_until_another_or_none_is_given(app: Flask) -> None:
    kept = [put(given) for given in (None, " The Blue Consultancy ", None, "")]

    assert kept == ["", "The Blue Consultancy", "The Blue Consultancy", ""]


def test_an_organisation_is_no_longer_than_its_column(app: Flask) -> None:
    with pytest.raises(people.AccountError, match="at most 200 characters"):
        put("x" * 201)

    assert accounts.find_user(email=ADDRESS) is None
