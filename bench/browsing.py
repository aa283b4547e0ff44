"""A browser of forms for measuring: keeps cookies and connections, follows redirects, fills hidden fields."""

import http.client
import re
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode

HIDDEN = re.compile(r"<input\b[^>]*\btype=\"hidden\"[^>]*>")
ATTRIBUTE = re.compile(r"\b(name|value)=\"([^\"]*)\"")
Fields = dict[str, str | list[str]]


class Browser:
    """One visitor of one server; `requests` counts what was sent."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: SimpleCookie = SimpleCookie()
        self.requests = 0
        self.path, self.html = "/", ""

    def move(self, port: int) -> None:
        """Go on with another server of the same site, with the cookies and the page that is open."""
        self._connection.close()
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str) -> str:
        """Open a page, following redirects, and give its HTML."""
        return self._send("GET", path, None)

    def post(self, path: str, fields: Fields) -> str:
        """Send the form of the page that is open, with its hidden fields, and follow the answer."""
        return self._send("POST", path, self.filled(path, fields))

    def filled(self, path: str, fields: Fields) -> str:
        """The form of the page that is open, as it would be sent."""
        return urlencode({**self._hidden(path), **fields}, doseq=True)

    def sent(self, path: str, body: str) -> None:
        """Send a form that was filled before, look at nothing but whether it was taken, and remember nothing of it."""
        answer = self._answer("POST", path, body)
        answer.read()
        if answer.status != 303:
            raise RuntimeError(f"POST {path} answered {answer.status}")

    def _hidden(self, path: str) -> dict[str, str]:
        form = self.html[max(self.html.find(f'action="{path}"'), 0) :]
        found = (dict(ATTRIBUTE.findall(tag)) for tag in HIDDEN.findall(form))
        hidden: dict[str, str] = {}
        for pair in found:
            hidden.setdefault(pair["name"], unescape(pair.get("value", "")))
        return hidden

    def _answer(self, method: str, path: str, body: str | None) -> http.client.HTTPResponse:
        headers = {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        self.requests += 1
        return self._connection.getresponse()

    def _send(self, method: str, path: str, body: str | None) -> str:
        answer = self._answer(method, path, body)
        self.path, self.html = path, answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self._cookies.load(cookie)
        if answer.status in {302, 303}:
            return self._send("GET", answer.headers["Location"], None)
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {self.html[:2000]}")
        return self.html
