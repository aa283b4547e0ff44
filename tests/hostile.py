"""Hostile requests for every route: words, encodings, sizes and headers; it sends nothing and judges nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

WORDS = {
    "nul": "a\x00b",
    "control": "a\x1b[2J\x08b",
    "turned": "a\u202eb\u2066c\u200f",
    "header": "a@example.org\r\nBcc: b@example.org\r\n\r\nHello",
    "markup": "\"'><script>alert(1)</script>{{ 7*7 }}%(x)s%s",
    "number": "-1",
    "huge number": "9" * 4_000,
    "wild": "%_\\' OR 1=1 --",
    "half a letter": "\ud800",
    "no letter": "a\x85\x9f\ufdd0\uffff\U0001ffffb",
}
FIELDS = (
    *("seen", "version", "key", "go", "consent", "acknowledged", "answer_1", "reason", "email", "password", "next"),
    *("organisation_name", "kind", "country", "website", "contact_name", "contact_title", "contact_email", "remember"),
    *("second_email", "contact_phone", "language", "place_1", "place_2", "statement", "basis", "link", "value"),
    *("pledge_type", "target", "target_date", "currency", "countries", "public", "delegate_title", "delegate_name"),
    *("participation_mode", "nominee_email", "communities", "sdgs", "action_lines", "csrf_token", "auth_token"),
    *("confirmed", "points-0", "points-5000", "due_on", "criteria", "change", "focus_area", "seat_mode"),
    *("commitment-outcome", "commitment-reason", "pledge-outcome", "pledge-reason"),
)
QUERY = ("state", "mine", "overdue", "q", "from", "status", "next", "auth_token", "v", "lang", "a[]")
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
HOST = "evil.example"
NAMES = (HOST, "evil.example:99999", "intake.example.org@evil.example", "a b")


@dataclass(frozen=True, slots=True)
class Request:
    """What goes with an address: `options` are those of the test client."""

    name: str
    options: dict[str, Any] = field(hash=False)


def escaped(words: str) -> str:
    """Words as they stand in an address or a form, also those that are no whole letters."""
    return quote(words, safe="", errors="surrogatepass")


def asking() -> Iterator[Request]:
    """Requests that only read."""
    for name in ("nul", "control", "header", "markup", "huge number", "half a letter"):
        words = WORDS[name]
        yield Request(f"query {name}", {"query_string": "&".join(f"{each}={escaped(words)}" for each in QUERY)})
    yield Request("wrong escapes", {"query_string": "q=%ff%fe&state=%&from=%zz&status=%c3%28&next=%e0%80"})
    yield Request("long query", {"query_string": "q=" + "x" * 100_000})
    yield Request("many in the query", {"query_string": "&".join(f"q{n}[a][b]={n}" for n in range(2_000))})
    for cursor in ("n1-99999999999", "a99999999999999999-1", "n253402300800000000-1"):
        yield Request(f"cursor {cursor}", {"query_string": f"from={escaped(cursor)}&state=all"})
    yield from of_headers()


def of_headers() -> Iterator[Request]:
    """Requests with headers that lie."""
    for name in NAMES:
        yield Request(f"host {name}", {"environ_overrides": {"HTTP_HOST": name}})
    lies = {"X-Forwarded-For": "127.0.0.1, ' OR 1=1", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    yield Request("forwarded", {"headers": {**lies, "Forwarded": "for=evil", "X-Original-URL": "/staff/"}})
    known = {"Accept-Language": "x" * 5_000, "Accept": "application/json", "Referer": "\\\\evil", "Range": "bytes=9-1"}
    yield Request("accept", {"headers": {**known, "If-None-Match": '"', "If-Modified-Since": "never"}})
    tokens = {"Authentication-Token": "forged", "Authorization": "Basic é", "X-CSRFToken": "x" * 5_000}
    yield Request("tokens", {"headers": {**tokens, "X-HTTP-Method-Override": "DELETE"}})
    yield Request("json to read", {"data": b"[" * 100_000, "content_type": JSON})


def sending() -> Iterator[Request]:
    """Requests with a body."""
    for name, words in WORDS.items():
        body = "&".join(f"{each}={escaped(words)}" for each in FIELDS)
        yield Request(f"form {name}", {"data": body, "content_type": FORM})
    yield Request("two megabytes", {"data": b"statement=" + b"x" * 2_000_000, "content_type": FORM})
    yield Request("many fields", {"data": "&".join(f"f{n}=" for n in range(5_000)), "content_type": FORM})
    yield Request("many parts", {"data": parts(2_000), "content_type": "multipart/form-data; boundary=b"})
    named = parts(2).replace(b'statement"', b'statement"; filename="../x\x00"', 1)
    yield Request("a file", {"data": named, "content_type": "multipart/form-data; boundary=b"})
    yield Request("broken parts", {"data": b"--b\r\nbroken", "content_type": "multipart/form-data; boundary=b"})
    yield Request("no boundary", {"data": b"x", "content_type": "multipart/form-data"})
    yield Request("wrong escapes", {"data": b"organisation_name=%ff%fe%00&version=%c3%28&%=%zz", "content_type": FORM})
    yield Request("other letters", {"data": b"a=\xe9\xff", "content_type": f"{FORM}; charset=utf-7"})
    for body in (b"[" * 100_000, b"[1]", b'{"email": {"a": 1}, "password": null}', b'"', b"\xff\xfe"):
        yield Request(f"json {body[:9]!r}", {"data": body, "content_type": JSON})
    yield Request("no type", {"data": b"version=1", "content_type": "text/plain\u00e9"})
    yield Request(
        "other host", {"data": {"email": "a@example.org"}, "environ_overrides": {"HTTP_HOST": "evil.example"}}
    )


def parts(number: int) -> bytes:
    """A body of many parts."""
    return b'--b\r\nContent-Disposition: form-data; name="statement"\r\n\r\nx\r\n' * number + b"--b--\r\n"


PATHS = (
    *("/expressions/P2C-0000-0000%00", "/expressions/%ff%fe", "/expressions/..%2f..%2fetc%2fpasswd"),
    *("/link/" + "x" * 43, "/link/" + "x" * 5_000, "/link/%0d%0aSet-Cookie:a=b", "/static/..%2f..%2fpyproject.toml"),
    *("/static/app.css%00", "/static/%2e%2e/%2e%2e/wsgi.py", "/staff/outbox/99999999999999999999/resend"),
    *("/staff/outbox/-1/resend", "/staff/outbox/2147483647/resend", "/staff/expressions/P2C-0000-0000/erase"),
    *("/staff/expressions/P2C-0000-0000/__class__", "//evil.example/..", "/%E2%80%AE", "/" + "a/" * 2_000),
    *("/expressions/P2C-0000-0000/answers/%00", "/staff/fs-static/..%2f..%2fcore.py", "/\\evil.example"),
)
METHODS = ("HEAD", "PUT", "DELETE", "TRACE", "OPTIONS", "GET\x00")
