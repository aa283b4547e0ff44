"""Takes a mail apart into its parts, within limits of size, number, depth and time; it decodes and understands nothing.

The standard parser does the work. What makes it slow or hungry is cut before it gets there: lines, parts, headers and
the length of each header; and it is stopped when it has used up its time.
"""

import time
from collections.abc import Iterator
from email import feedparser
from email.message import Message
from email.policy import Compat32

MOST_BYTES = 25_000_000
MOST_LINES = 1_000_000
MOST_PARTS = 1_000
MOST_HEADERS = 20_000
MOST_LEVELS = 50
LONGEST_HEADER = 10_000
LONGEST_CONTENT_HEADER = 2_000
"""Of headers that the parser itself takes apart again and again."""
HEAD_BYTES = 64_000
"""How much of a mail that cannot be taken apart is read for its headers."""
SECONDS = 2.0
"""Of processor time, so that a busy machine refuses nothing."""
PIECE = 8_192


class TooMuch(Exception):
    """No letter of a person looks like this; the sentence says why, for staff."""


class Tally:
    """Counts what one mail is made of. Raises `TooMuch`."""

    def __init__(self) -> None:
        self.parts = self.headers = 0

    def part(self, policy: object = None) -> "Message[str, str]":
        """A new part of the mail."""
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise TooMuch(f"It has more than {MOST_PARTS:,} parts.")
        return Message(policy=_policy(self))

    def header(self) -> None:
        """Another header."""
        self.headers += 1
        if self.headers > MOST_HEADERS:
            raise TooMuch(f"It has more than {MOST_HEADERS:,} headers.")


class Limited(Compat32):
    """The policy that keeps of each header what a reader could want, and counts them."""

    tally: Tally | None = None

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value of a header from its lines, without what is beyond its limit."""
        if self.tally is not None:
            self.tally.header()
        is_content = sourcelines[0][:8].lower() == "content-"
        left = LONGEST_CONTENT_HEADER if is_content else LONGEST_HEADER
        kept = []
        for line in sourcelines:
            kept.append(line[:left])
            left -= len(line)
            if left <= 0:
                break
        return super().header_source_parse(kept)

    def header_fetch_parse(self, name: str, value: str) -> str:
        """The value as it came: bytes beyond ASCII are for the reader to decode, and not to be replaced."""
        return value


def _policy(tally: Tally) -> Limited:
    """Policies take the attributes of their class, which the types of the library do not know."""
    return Limited(tally=tally)  # type: ignore[call-arg]


def parsed(content: bytes) -> "Message[str, str]":
    """The mail as a tree of parts, headers undecoded. Raises `TooMuch`."""
    if len(content) > MOST_BYTES:
        raise TooMuch(f"It is larger than {MOST_BYTES // 1_000_000} MB.")
    lines = content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")
    if lines > MOST_LINES:
        raise TooMuch(f"It has more than {MOST_LINES:,} lines.")
    try:
        return _fed(content)
    except RecursionError as error:
        raise _too_deep() from error


def _fed(content: bytes) -> "Message[str, str]":
    tally = Tally()
    parser = feedparser.BytesFeedParser(tally.part, policy=_policy(tally))
    ends = time.thread_time() + SECONDS
    for start in range(0, len(content), PIECE):
        parser.feed(content[start : start + PIECE])
        if time.thread_time() > ends:
            raise TooMuch("It is built so that reading it takes too long.")
    return parser.close()


def _too_deep() -> TooMuch:
    return TooMuch(f"Its parts are nested in each other more than {MOST_LEVELS} times.")


def head(content: bytes) -> "Message[str, str]":
    """The headers alone, as far as they stand in the first bytes."""
    first = content[:HEAD_BYTES].replace(b"\r\n", b"\n")
    parser = feedparser.BytesFeedParser(policy=Limited())
    parser.feed(first.partition(b"\n\n")[0] + b"\n\n")
    return parser.close()


def parts(message: "Message[str, str]", *, into_mails: bool = False) -> Iterator["Message[str, str]"]:
    """Every part in its order, the mail itself first. `into_mails`: those of mails that hang in it, too.

    Raises `TooMuch` for one that lies too deep.
    """
    waiting = [(message, 0)]
    while waiting:
        part, level = waiting.pop()
        if level > MOST_LEVELS:
            raise _too_deep()
        yield part
        if part.is_multipart() and (into_mails or part.get_content_maintype() == "multipart"):
            held = [each for each in part.get_payload() if isinstance(each, Message)]
            waiting += [(each, level + 1) for each in reversed(held)]
