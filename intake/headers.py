"""Headers that Flask-Talisman does not know, on every answer: who may hold our windows and read our answers."""

from typing import Any

from flask import Flask, Response, request

HOLD_TOKENS = frozenset({"applicants.show_link", "applicants.claim_link"})
"""Views whose address is a secret."""
CLOSED = (
    "camera",
    "display-capture",
    "geolocation",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
    "hid",
)
PERMISSIONS: dict[str, Any] = {
    **dict.fromkeys(CLOSED, "()"),
    "browsing-topics": "()",
    "publickey-credentials-create": "(self)",
    "publickey-credentials-get": "(self)",
}
"""What our pages may ask a browser for: passkeys, and nothing else."""


def install(app: Flask) -> None:
    """Call it before Flask-Talisman is bound: what is asked for first has the last word."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.endpoint in HOLD_TOKENS:
        response.headers["Referrer-Policy"] = "strict-origin"
    return response
