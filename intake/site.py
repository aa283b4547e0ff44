"""Flask's own classes where this site needs less of them: forms alone, plain functions, one signer of sessions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer

RENEWAL = timedelta(hours=1)
"""How old the cookie of a session may grow before it is signed anew; it holds by as much longer than is promised."""


class FormRequest(Request):
    """A request of a site of forms: JSON is never read, not by an extension either, whose readers it could break."""

    @property
    def is_json(self) -> bool:
        """Never: whoever asks for JSON all the same is answered by 415."""
        return False


class _Session(SecureCookieSession):
    signed_at: datetime | None = None


class _Sessions(SecureCookieSessionInterface):
    """Keeps the signer, which Flask would make twice for each request, and signs what has not changed once an hour."""

    session_class = _Session
    _signer: URLSafeTimedSerializer | None = None

    def open_session(self, app: Flask, request: Request) -> _Session | None:
        """The session of the cookie; a new one when there is none, or none that holds."""
        signer, sent = self.get_signing_serializer(app), request.cookies.get(self.get_cookie_name(app))
        if signer is None or not sent:
            return None if signer is None else _Session()
        longest = int((app.permanent_session_lifetime + RENEWAL).total_seconds())
        try:
            kept, signed_at = signer.loads(sent, max_age=longest, return_timestamp=True)
        except BadSignature:
            return _Session()
        found = _Session(kept)
        found.signed_at = signed_at
        return found

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Whether it changed, or is a lasting one that was signed some time ago."""
        signed_at = getattr(session, "signed_at", None)
        is_old = signed_at is None or datetime.now(UTC) - signed_at > RENEWAL
        return session.modified or (session.permanent and is_old)

    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:
        """When a browser forgets it: never sooner after the last visit than is promised."""
        ends = super().get_expiration_time(app, session)
        return ends and ends + RENEWAL

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The signer under the key of the application, as it is when the first request comes."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer


class Site(Flask):
    """An application of forms."""

    request_class = FormRequest

    def __init__(self, import_name: str, **options: Any) -> None:
        super().__init__(import_name, **options)
        self.session_interface = _Sessions()

    def send_static_file(self, filename: str) -> Response:
        """A static file, read whole: ours are small, and what is streamed is not compressed."""
        response = super().send_static_file(filename)
        response.direct_passthrough = False
        response.make_sequence()
        response.close()
        return response

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing here is a coroutine, so that none of the twenty functions of a request is looked at for it."""
        return func
