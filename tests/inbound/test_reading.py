"""Whatever the bytes of a mail are, reading them gives a description, in bounded time and memory, and never raises."""

import resource
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from intake.fields import INVISIBLE
from intake.inbound.parsing import MOST_BYTES
from intake.inbound.reading import Attachment, Mail, read
from tests.inbound.conftest import mail

HEAD = b"From: A <a@example.org>\r\nMessage-ID: <x@example.org>\r\nSubject: hello\r\n"
SECONDS, KILOBYTES = 5, 600_000
REPORT = (
    HEAD + b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
)


def nested(levels: int) -> bytes:
    parts = (b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (at, at) for at in range(levels))
    return HEAD + b"".join(parts) + b"Content-Type: text/plain\r\n\r\nhi\r\n"


def typed(kind: bytes, body: bytes) -> bytes:
    return HEAD + b"Content-Type: " + kind + b"\r\n\r\n" + body


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "200 levels": (lambda: nested(200), "Its parts are nested in each other more than 50 times."),
    "5,000 levels": (lambda: nested(5_000), "Its parts are nested in each other more than 50 times."),
    "levels and lines": (
        lambda: nested(200) + b"a\n" * 900_000,
        "It is built so that reading it takes too long.",
    ),
    "mails in mails": (
        lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 20_000,
        "Its parts are nested in each other more than 50 times.",
    ),
    "20,000 parts": (
        lambda: typed(b"multipart/mixed; boundary=b", b"--b\r\n\r\nx\r\n" * 20_000),
        "It has more than 1,000 parts.",
    ),
    "300,000 groups of a report": (lambda: REPORT + b"a: b\r\n\r\n" * 300_000, "It has more than 1,000 parts."),
    "a header of 1 MB": (lambda: HEAD + b"X-A: " + b";" * 1_000_000 + b"\r\n\r\nhi", ""),
    "a type of 1 MB": (lambda: typed(b"text/plain" + b';"' * 500_000, b"hi"), ""),
    "100,000 words of a subject": (lambda: b"Subject: " + b"=?utf-8?q?a" * 100_000 + b"\r\n" + HEAD + b"\r\nhi", ""),
    "addresses in addresses": (lambda: b"From: " + b'(<",' * 250_000 + b"\r\nSubject: hello\r\n\r\nhi", ""),
    "100,000 Received": (
        lambda: HEAD + b"Received: from a by b\r\n" * 100_000 + b"\r\nhi",
        "It has more than 20,000 headers.",
    ),
    "millions of headers": (lambda: HEAD + b"a:\n" * 8_000_000, "It has more than 1,000,000 lines."),
    "millions of lines": (lambda: HEAD + b"\n" + b"a\n" * 12_000_000, "It has more than 1,000,000 lines."),
    "25 MB on a line": (lambda: HEAD + b"\n" + b"a" * (MOST_BYTES - 200), ""),
    "base64": (lambda: HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QUFB" * 6_000_000, ""),
    "quoted-printable": (
        lambda: HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=41=\r\n" * 900_000,
        "",
    ),
    "uuencode": (
        lambda: HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\nM" + b"!" * 20_000_000,
        "",
    ),
    "a charset that takes for ever": (lambda: typed(b"text/plain; charset=punycode", b"\xff-" * 5_000_000), ""),
    "accents": (lambda: typed(b"text/plain; charset=utf-8", ("a" + "\u0301\u0323" * 3_000_000).encode()), ""),
    "open tags": (lambda: typed(b"text/html", b"<a " * 5_000_000), ""),
    "open marks": (lambda: typed(b"text/html", b"<![" * 5_000_000), ""),
    "comments": (lambda: typed(b"text/html", b"<!--" * 5_000_000), ""),
    "spaces after a boundary": (
        lambda: typed(b"multipart/mixed; boundary=b", b"--b" + b" " * 24_000_000 + b"x"),
        "",
    ),
    "too large": (lambda: HEAD + b"\r\n" + b"a" * MOST_BYTES, "It is larger than 25 MB."),
}


@pytest.mark.parametrize(("made", "trouble"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_read_as_far_as_it_goes(made: Callable[[], bytes], trouble: str) -> None:
    content = made()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.thread_time()

    found = read(content)

    assert time.thread_time() - began < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < KILOBYTES
    assert (found.trouble, found.subject[:5], found.size) == (trouble, found.subject[:5], len(content))
    assert found.subject


def test_plain_words_are_read_in_their_charset() -> None:
    texts = {
        "utf-8": "Où est-ce ?",
        "iso-8859-1": "Où est-ce ?",
        "windows-1251": "Где это?",
        "gb18030": "在哪里？",
        "iso-2022-jp": "どこですか",
        "utf-7": "où",
    }
    for charset, text in texts.items():
        content = mail(text.encode(charset), Content_Type=f"text/plain; charset={charset}")
        assert (charset, read(content).words) == (charset, text)


@pytest.mark.parametrize("charset", ["x-unknown", "idna", "unicode_escape", "zlib", "", "é", "x" * 10_000, "utf-8\0"])
def test_an_unknown_charset_is_read_as_what_it_looks_like(charset: str) -> None:
    content = mail("Où est-ce ?".encode(), Content_Type=f'text/plain; charset="{charset}"')
    older = mail("Où est-ce ?".encode("latin-1"), Content_Type=f'text/plain; charset="{charset}"')

    assert (read(content).words, read(older).words) == ("Où est-ce ?", "Où est-ce ?")


def test_what_no_database_and_no_page_can_hold_is_gone() -> None:
    text = "one\0two \u202eevil\u202c \ufeffthree\x1b[31m\r\nnext\u2028last"

    found = read(mail(text.encode(), subject="a\0b\u202ec", Content_Type="text/plain; charset=utf-8"))

    assert found.words == "onetwo evil three[31m\nnext\nlast"
    assert found.subject == "abc"


def test_lone_surrogates_and_broken_bytes_are_replaced() -> None:
    found = read(mail(b"a\xed\xa0\x80b\xff", subject="=?utf-8?b?7aCA?= x", Content_Type="text/plain; charset=utf-8"))

    assert found.words.encode()
    assert found.subject.encode()
    assert found.words[0] == "a"


def test_a_page_is_read_as_its_words() -> None:
    page = b"""<html><head><title>No</title><style>p{color:red}</style></head><body onload="evil()">
<!-- hidden --><p>One &amp; <b>two</b></p><script>alert("no")</script><ul><li>first<li>second</ul>
a < b and <img src="https://example.org/track.png">the end</body></html>"""

    found = read(mail(page, Content_Type="text/html"))

    assert found.words == "One & two\n\nfirst\nsecond\n\na < b and the end"


def test_the_plain_part_is_read_and_not_its_page_nor_what_hangs_in_it() -> None:
    parts = b"""--b\r\nContent-Type: multipart/alternative; boundary=c\r\n
--c\r\nContent-Type: text/plain\r\n\r\nThe plain words.\r
--c\r\nContent-Type: text/html\r\n\r\n<p>The page.</p>\r\n--c--\r
--b\r\nContent-Type: text/plain; name="notes.txt"\r\nContent-Disposition: attachment; filename="notes.txt"\r\n
Country: Ghana\r
--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''plan%C3%A9.pdf\r\n\r\n%PDF\r
--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: old\r\nMessage-ID: <old@example.org>\r\n\r\nOld words.\r
--b--\r\n"""

    found = read(mail(parts, Content_Type="multipart/mixed; boundary=b"))

    assert found.words == "The plain words."
    assert found.attachments == (
        Attachment("notes.txt", "text/plain", "Country: Ghana"),
        Attachment("plané.pdf", "application/pdf"),
        Attachment("", "message/rfc822"),
    )
    assert found.returned == ("<old@example.org>",)


def test_names_and_addresses_are_read_as_they_are_meant() -> None:
    found = read(
        mail(
            sender="=?utf-8?q?Minist=C3=A8re=2C?= =?iso-8859-1?q?_d=E9l=E9gu=E9?= <Chef@EXAMPLE.org>",
            References="<a@example.org> <b@example.org>",
            In_Reply_To="<c@example.org>",
            Content_Language="fr-CH, en",
        )
    )

    assert (found.sender, found.sender_name) == ("Chef@example.org", "Ministère, délégué")
    assert found.answers == ("<c@example.org>", "<b@example.org>", "<a@example.org>")
    assert found.language == "fr"


REAL = (
    nested(3),
    REPORT + b"Reporting-MTA: dns; a\r\n\r\nFinal-Recipient: rfc822; b@example.org\r\nAction: failed\r\n\r\n--b--\r\n",
    mail(b"=E9=\r\n", Content_Type="text/plain; charset=latin-1", Content_Transfer_Encoding="quoted-printable"),
    mail(b"<p>hi</p>", Content_Type='text/html; charset="utf-8"', Content_Transfer_Encoding="base64"),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real mail with some of its bytes cut, doubled or replaced."""
    content = bytearray(draw(st.sampled_from(REAL)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(content)))
        end = min(len(content), at + draw(st.integers(0, 40)))
        content[at:end] = draw(st.binary(max_size=12) | st.just(bytes(content[at:end]) * 2))
    return bytes(content)


@example(b":\rContenT-type:\x00/")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=600) | mutated())
def test_nothing_makes_it_raise(content: bytes) -> None:
    found = read(content)

    assert isinstance(found, Mail)
    said = [found.subject, found.words, found.sender, found.sender_name, found.message_id, *found.answers]
    said += [text for each in found.attachments for text in (each.name, each.kind, each.words)]
    assert not [text for text in said if INVISIBLE.search(text.replace("\n", ""))]
    assert len(found.identity) == 64
