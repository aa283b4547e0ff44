"""When two addresses show one organisation, and when they only share what many share."""

import pytest

from intake.domains import host, shared


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("officer@Ministry.gov.xx", "ministry.gov.xx"),
        ('"a@b"@ministry.gov.xx', "ministry.gov.xx"),
        ("officer@ministry.gov.xx.", "ministry.gov.xx"),
        ("https://www.operator.com/about?mail=a", "operator.com"),
        ("https://operator.com:8443/", "operator.com"),
        ("https://operator.com/@ministry", "operator.com"),
        ("http://operator.com?page=1", "operator.com"),
        ("http://operator.com#top", "operator.com"),
        ("https://münchen.de/", "xn--mnchen-3ya.de"),
        ("", ""),
        ("no address", ""),
        ("https://" + "a" * 70 + ".com", ""),
        ("https://a..com/", ""),
    ],
)
def test_a_host_is_read_from_an_address_or_a_page(address: str, found: str) -> None:
    assert host(address) == found


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("ministry.gov.xx", "ministry.gov.xx", "ministry.gov.xx"),
        ("mail.ministry.gov.xx", "ministry.gov.xx", "ministry.gov.xx"),
        ("ministry.gov.xx", "mail.ministry.gov.xx", "ministry.gov.xx"),
        ("itu.int", "lists.itu.int", "itu.int"),
        ("operator.com", "operator.com", "operator.com"),
        ("live.operator.com", "live.operator.com", "live.operator.com"),
        ("mail.example.net.operator.com", "operator.com", "operator.com"),
    ],
)
def test_one_host_at_or_under_the_other_shows_one_organisation(first: str, second: str, found: str) -> None:
    assert shared(first, second) == found


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ministry.gov.xx", "other.gov.xx"),
        ("gov.uk", "ministry.gov.uk"),
        ("gov.uk", "gov.uk"),
        ("gob.mx", "salud.gob.mx"),
        ("co.za", "operator.co.za"),
        ("org", "coalition.org"),
        ("operator.com", "myoperator.com"),
        ("a.ministry.gov.xx", "b.ministry.gov.xx"),
        ("gmail.com", "gmail.com"),
        ("mail.gmail.com", "mail.gmail.com"),
        ("qq.com", "qq.com"),
        ("proton.me", "proton.me"),
        ("yahoo.com", "yahoo.com"),
        ("yahoo.co.uk", "yahoo.co.uk"),
        ("outlook.fr", "outlook.fr"),
        ("example.org", "example.org"),
        ("mail.example.org", "mail.example.org"),
        ("ministry.example", "ministry.example"),
        ("ministry.test", "ministry.test"),
        ("localhost", "localhost"),
        ("192.168.1.1", "192.168.1.1"),
        ("", ""),
        (".com", ".com"),
    ],
)
def test_what_many_share_shows_nothing(first: str, second: str) -> None:
    assert (shared(first, second), shared(second, first)) == ("", "")
