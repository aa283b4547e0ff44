"""What an applicant asks for, against a bare Flask page under the same server, as processor time with the database."""

import secrets

from bench import figures
from bench.browsing import Browser, Fields
from bench.mailbox import Mailbox
from bench.place import Place
from bench.serving import BARE, INTAKE, Server, embedded, gunicorn

HELLOS, VISITS, SUBMISSIONS, ROUNDS = 1_000, 200, 15, 3
AIMS = {"the applicant's page": 6.0, "a whole submission": 40.0}
STEPS: dict[str, Fields] = {
    "organisation": {"kind": "member_states:ministry", "country": "RWA", "website": "https://example.org"},
    "contact": {"contact_name": "Officer", "contact_email": "officer@example.org", "language": "en"},
    "focus_areas": {"place_1": "access", "place_2": "adoption"},
    "commitment": {"statement": "We connected 40 schools.", "basis": "past_work"},
    "pledge": {"statement": "We will connect more.", "pledge_type": "programmatic", "target": "100 schools"},
    "participation": {
        "statement": "Our minister will come.",
        "delegate_title": "Minister",
        "delegate_name": "The Minister",
        "participation_mode": "in_person",
    },
    "engagement": {"statement": "We will review drafts.", "nominee_name": "Head of policy"},
    "communities": {"communities": "Rural schools", "countries_served": ["RWA", "BDI"]},
    "goals": {"sdgs": ["4", "9"], "action_lines": ["C2"]},
}


def measure(place: Place) -> list[figures.Figure]:
    """The applicant's page and a whole submission under gunicorn; those under waitress are printed."""
    environment = place.settings("pages")
    with gunicorn(BARE, environment) as bare, gunicorn(INTAKE, environment) as ours:
        found = _measure(bare, ours, place.name)
    with embedded(BARE, environment) as bare, embedded(INTAKE, environment) as ours:
        for figure in _measure(bare, ours, f"{place.name}, waitress and kept connections"):
            print(f"({figure.name}: {figure.ratio:.1f})")
    return found


def _measure(bare: Server, ours: Server, where: str) -> list[figures.Figure]:
    visitor, hello = Browser(ours.port), Browser(bare.port)
    page = submit(visitor, ours.mailbox)
    per_submission = visitor.requests
    hellos, pages, submissions = [], [], []
    for _ in range(ROUNDS):
        hellos.append(bare.spent(HELLOS, lambda: hello.get("/")))
        pages.append(ours.spent(VISITS, lambda: visitor.get(page)))
        submissions.append(ours.spent(SUBMISSIONS, lambda: submit(Browser(ours.port), ours.mailbox)))
    print(f"(a bare page: {min(hellos) * 1000:.2f} ms; a submission: {per_submission} requests; {where})")
    found = zip(AIMS.items(), (pages, submissions), strict=True)
    return [
        figures.Figure(f"{what} / a bare page, {where}", figures.ratio(times, hellos), aim)
        for (what, aim), times in found
    ]


def submit(browser: Browser, mailbox: Mailbox) -> str:
    """Go through the whole form and give the path of the status page."""
    reference = draft(browser, mailbox)
    browser.post(f"{reference}/check", {"consent": "y"})
    if browser.path != reference:
        raise RuntimeError(f"The submission ended on {browser.path}: {browser.html[:2000]}")
    return reference


def draft(browser: Browser, mailbox: Mailbox) -> str:
    """Fill in the form and confirm the address, up to the page on which all is checked; the path of the status."""
    browser.get("/")
    browser.post("/expressions", {})
    reference = browser.path
    for step, fields in STEPS.items():
        named = {"organisation_name": f"Organisation {secrets.token_hex(8)}"} if step == "organisation" else {}
        path = f"{reference}/answers/{step}"
        if browser.path != path:
            browser.get(path)
        browser.post(path, {**fields, **named})
    if browser.path != f"{reference}/check":
        browser.get(f"{reference}/check")
    mailbox.confirm(browser, reference)
    return reference
