"""Applicants and staff who fill in forms over HTTP, note what they were answered, and go on when a server has died."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from random import Random
from typing import Any
from urllib.parse import urlencode

from tests.applicants.walking import ANSWERS, HIDDEN
from tests.faults.preparing import PASSWORD, STAFF

ANSWER_SECONDS = 90
PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 120
UNSAVED = {500, 503, 507}
WAYS = ("screen", "assign", "confirm", "release", "decline")
FACTS: Mapping[str, dict[str, str]] = {
    "assign": {"focus_area": "access"},
    "confirm": {"seat_mode": "remote"},
    "release": {"reason": "Another takes the seat."},
    "decline": {"criteria": "pledge", "reason": "No pledge is in sight.", "change": "A target."},
}


class Unanswered(Exception):
    """The connection was refused or lost, so nobody knows what became of the request."""


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    code: int
    text: str
    location: str

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page."""
        return dict(HIDDEN.findall(self.text))


@dataclass
class Ledger:
    """What visitors were answered, as it must be found in the database afterwards."""

    begun: dict[str, str] = field(default_factory=dict)
    """The key of a draft to its reference, empty as long as no answer came."""
    saved: dict[str, dict[str, str]] = field(default_factory=dict)
    """Reference to step to the mark that was typed there and answered as saved."""
    steps: dict[str, list[str]] = field(default_factory=dict)
    """Reference to the triggers that were answered as taken."""
    codes: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    unsaved: list[str] = field(default_factory=list)
    """The pages that said that nothing was saved."""

    @property
    def answered(self) -> dict[str, Any]:
        """What the database must hold."""
        return {"begun": self.begun, "saved": self.saved, "steps": self.steps}

    def took(self, reference: str, trigger: str) -> None:
        """A step was answered as taken."""
        self.steps.setdefault(reference, []).append(trigger)

    @property
    def taken(self) -> int:
        """How many steps were answered as taken."""
        return sum(map(len, self.steps.values()))


class Browser:
    """Keeps cookies and asks one of several servers, a new connection each time."""

    def __init__(self, ports: Sequence[int], ledger: Ledger, dice: Random) -> None:
        self.ports, self.ledger, self.dice = ports, ledger, dice
        self._cookies: SimpleCookie = SimpleCookie()

    def get(self, path: str) -> Answer:
        """The page, from whichever server lives; asked again until one answers well."""
        return patiently(lambda: self._asked("GET", path, ""))

    def look(self, path: str) -> Answer:
        """Whatever answer the page has now. Raises `OSError`."""
        return self._ask("GET", path, "")

    def post(self, path: str, form: Mapping[str, Any]) -> Answer:
        """Send a form once. Raises `Unanswered`."""
        return self._asked("POST", path, urlencode(form, doseq=True))

    def _asked(self, method: str, path: str, body: str) -> Answer:
        try:
            answer = self._ask(method, path, body)
        except (OSError, HTTPException) as error:
            self.ledger.unanswered += 1
            raise Unanswered(str(error)) from error
        self.ledger.codes[answer.code] += 1
        if answer.code in UNSAVED:
            self.ledger.unsaved.append(answer.text)
            raise Unanswered(f"{answer.code} for {method} {path}")
        return answer

    def _ask(self, method: str, path: str, body: str) -> Answer:
        server = HTTPConnection("127.0.0.1", self.dice.choice(self.ports), timeout=ANSWER_SECONDS)
        headers = {"Cookie": "; ".join(f"{each.key}={each.value}" for each in self._cookies.values())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            server.request(method, path, body, headers)
            answer = server.getresponse()
            text = answer.read().decode()
        finally:
            server.close()
        for cookie in answer.headers.get_all("Set-Cookie", ()):
            self._cookies.load(cookie)
        return Answer(answer.status, text, answer.headers.get("Location", ""))


def patiently(ask: Callable[[], Answer]) -> Answer:
    """Ask until there is an answer."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except Unanswered:
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE_SECONDS)


class Applicant:
    """Fills in one expression from the first page to the last, each form until it is answered."""

    def __init__(self, browser: Browser) -> None:
        self.browser, self.ledger = browser, browser.ledger
        self.mark = secrets.token_hex(4)
        self.reference = ""

    def answers(self, step: str) -> dict[str, Any]:
        """What this applicant types into a step; somewhere in it stands the mark."""
        typed = dict(ANSWERS[step])
        for name, value in MARKED[step](self.mark).items():
            typed[name] = value
        return typed

    def goes_on(self, stop: threading.Event) -> bool:
        """Begin, answer every step, confirm the address, send; False: it was time to stop before."""
        self.begins()
        for step in ANSWERS:
            if stop.is_set():
                return False
            self.saves(step)
        self.confirms()
        self.takes("check", "submit", {"consent": "y"})
        return True

    def begins(self) -> None:
        """Press the first button until it answers; it is one draft."""
        form = {**self.browser.get("/").hidden}
        self.ledger.begun[form["key"]] = ""
        answer = patiently(lambda: self.browser.post("/expressions", form))
        assert answer.code == 303, answer.text
        self.reference = answer.location.rpartition("/")[2]
        self.ledger.begun[form["key"]] = self.reference

    def saves(self, step: str) -> None:
        """Open a step, type and send."""
        where = f"/expressions/{self.reference}/answers/{step}"
        answer = patiently(lambda: self._sends(where, self.answers(step)))
        assert answer.code == 303, answer.text
        self.ledger.saved.setdefault(self.reference, {})[step] = self.mark

    def confirms(self) -> None:
        """Open a link that was mailed to the contact person, until it answers."""
        token = patiently(lambda: self.browser.post(f"/mailbox/{self.reference}", {})).text
        where = f"/link/{token}"
        answer = patiently(lambda: self.browser.post(where, self.browser.get(where).hidden))
        assert answer.code == 303, answer.text

    def takes(self, page: str, trigger: str, typed: Mapping[str, Any]) -> None:
        """Take a step of the table, once however often it is sent."""
        where = f"/expressions/{self.reference}/{page}"
        answer = patiently(lambda: self._sends(where, typed))
        assert answer.code == 303, answer.text
        self.ledger.took(self.reference, trigger)

    def _sends(self, where: str, typed: Mapping[str, Any]) -> Answer:
        page = self.browser.get(where)
        return self.browser.post(where, {**page.hidden, **typed}) if page.code == 200 else page


MARKED: Mapping[str, Callable[[str], dict[str, str]]] = {
    "organisation": lambda mark: {"organisation_name": f"Ministry of Connectivity {mark}"},
    "contact": lambda mark: {"contact_email": f"officer.{mark}@example.org"},
    "focus_areas": lambda mark: {},
    "commitment": lambda mark: {"statement": f"We connected 40 schools. {mark}"},
    "pledge": lambda mark: {"statement": f"We intend to connect more. {mark}"},
    "participation": lambda mark: {"statement": f"Our minister will attend. {mark}"},
    "engagement": lambda mark: {"statement": f"We will review drafts. {mark}"},
    "communities": lambda mark: {"communities": f"Rural schools {mark}"},
    "goals": lambda mark: {},
}
"""Step to the answers that carry an applicant's mark."""


class Decider:
    """A member of staff who takes steps on expressions at random; what is refused is refused."""

    def __init__(self, browser: Browser) -> None:
        self.browser, self.ledger, self.dice = browser, browser.ledger, browser.dice
        patiently(self._signs_in)

    def _signs_in(self) -> Answer:
        typed = {"email": STAFF, "password": PASSWORD}
        answer = self.browser.post("/staff/login", {**self.browser.get("/staff/login").hidden, **typed})
        assert answer.code in {302, 303}, answer.text
        return answer

    def decides(self, reference: str, stop: threading.Event) -> None:
        """Try the next steps of the way of one expression; whether they are open, the site says."""
        for trigger in (*WAYS, "undo") if self.dice.random() < 0.3 else WAYS[:3]:
            if stop.is_set():
                return
            try:
                code = self.takes(reference, trigger)
            except Unanswered:
                return
            if code == 303:
                self.ledger.took(reference, trigger)

    def takes(self, reference: str, trigger: str) -> int:
        """Look at what the step would bring, and take it: the last answer's code. Raises `Unanswered`."""
        where = f"/staff/expressions/{reference}/{trigger}"
        page = self.browser.get(where)
        if page.code != 200:
            return page.code
        form = {**page.hidden, **FACTS.get(trigger, {})}
        if not form.get("confirmed"):
            page = self.browser.post(where, form)
            form = {**page.hidden, **FACTS.get(trigger, {})}
        return self.browser.post(where, form).code if page.code == 200 and form.get("confirmed") else page.code


class Crowd:
    """Applicants and staff, each in a thread, until they are told to stop; an error of any is raised at the end."""

    def __init__(self, ports: Sequence[int], ledger: Ledger, *, applicants: int, deciders: int, seed: int) -> None:
        self.ledger = ledger
        self._ports, self._seed = ports, seed
        self._stop, self._errors = threading.Event(), list[BaseException]()
        roles = [self._applies] * applicants + [self._decides] * deciders
        self._threads = [
            threading.Thread(target=self._lives, args=(role, number), daemon=True) for number, role in enumerate(roles)
        ]
        self.pool: list[str] = []
        """References that staff decide on; what applicants send is added."""

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS + ANSWER_SECONDS)
        if self._errors and not error[0]:
            raise self._errors[0]

    def _lives(self, role: Callable[[Browser], None], number: int) -> None:
        try:
            role(Browser(self._ports, self.ledger, Random(self._seed * 1000 + number)))
        except BaseException as error:
            self._errors.append(error)

    def _applies(self, browser: Browser) -> None:
        while not self._stop.is_set():
            applicant = Applicant(Browser(self._ports, self.ledger, browser.dice))
            if applicant.goes_on(self._stop):
                self.pool.append(applicant.reference)

    def _decides(self, browser: Browser) -> None:
        decider = Decider(browser)
        while not self._stop.is_set():
            decider.decides(browser.dice.choice(self.pool), self._stop)

    def work_until(self, steps: int) -> None:
        """Wait until so many steps more were answered as taken. Raises the error of whoever failed."""
        goal, until = self.ledger.taken + steps, time.monotonic() + PATIENCE_SECONDS
        while self.ledger.taken < goal:
            if self._errors:
                raise self._errors[0]
            assert time.monotonic() < until, f"{self.ledger.taken} of {goal} steps in {PATIENCE_SECONDS} s"
            time.sleep(PAUSE_SECONDS)
