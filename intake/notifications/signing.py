"""Signs letters with DKIM (RFC 6376) where a key is set; it makes no key and asks no name server."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dkim

SIGNED = ("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type")
"""Each is signed as often as it stands in a letter and once more, so that nobody can add another."""
SIGNED_ONCE = ("Auto-Submitted", "List-Unsubscribe")
HEADERS = [name.encode() for name in (*SIGNED, *SIGNED, *SIGNED_ONCE)]
PEM = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<key>[A-Za-z0-9+/=\s]+)-----END")
ED25519 = bytes.fromhex("06032b657004220420")
"""Stands before the 32 bytes of such a key (RFC 8410)."""
PROBE = b"From: nobody@example.org\r\n\r\n"


class Unsigned(Exception):
    """Our letters cannot be signed as the settings ask; the sentence says why, and they wait until it is mended."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that can sign, in the form that dkimpy takes for its kind."""

    selector: str
    algorithm: bytes
    key: bytes = field(repr=False)

    def signed(self, content: bytes, sender: str) -> bytes:
        """The message with a signature of the sender's domain before it."""
        signature: bytes = dkim.sign(
            content,
            self.selector.encode(),
            sender.rpartition("@")[2].encode(),
            self.key,
            canonicalize=(b"relaxed", b"relaxed"),
            signature_algorithm=self.algorithm,
            include_headers=HEADERS,
        )
        return signature + content


def signer(settings: Mapping[str, Any]) -> Signer | None:
    """What signs by the two INTAKE_DKIM_ settings, tried out; None when neither is set. Raises `Unsigned`."""
    path, selector = settings["DKIM_KEY"], settings["DKIM_SELECTOR"]
    if not path and not selector:
        return None
    if not path or not selector:
        raise Unsigned("INTAKE_DKIM_KEY and INTAKE_DKIM_SELECTOR belong together: set both, or none.")
    lines = _lines(path)
    try:
        made = _signer(selector, lines)
        made.signed(PROBE, "nobody@example.org")
    except dkim.NaClNotFoundError as error:
        raise Unsigned(
            f"The DKIM key {path} (INTAKE_DKIM_KEY) is of the kind ed25519, which needs one more package: "
            "pip install 'dkimpy[ed25519]'."
        ) from error
    except Exception as error:  # dkimpy raises whatever its parsers meet in a damaged key
        raise Unsigned(
            f"The DKIM key {path} (INTAKE_DKIM_KEY) cannot sign: {str(error) or type(error).__name__}"
        ) from error
    return made


def _lines(path: str) -> bytes:
    """What stands between the marks of a PEM file."""
    try:
        found = PEM.search(Path(path).read_bytes())
    except OSError as error:
        raise Unsigned(
            f"The DKIM key {path} (INTAKE_DKIM_KEY) cannot be read: {error.strerror}. Let the account that delivers "
            "letters read it."
        ) from error
    if found is None:
        raise Unsigned(
            f"The file {path} (INTAKE_DKIM_KEY) holds no private key in PEM form without a password. Make one with "
            "`openssl genrsa -out FILE 2048`."
        )
    return b"".join(found["key"].split())


def _signer(selector: str, lines: bytes) -> Signer:
    _before, kind, after = base64.b64decode(lines).partition(ED25519)
    if kind:
        return Signer(selector, b"ed25519-sha256", base64.b64encode(after[:32]))
    return Signer(selector, b"rsa-sha256", b"-----BEGIN PRIVATE KEY-----\n%b\n-----END PRIVATE KEY-----" % lines)
