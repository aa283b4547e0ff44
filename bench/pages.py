"""Pages against a bare Flask page under the same server, as processor time of the server's process."""

import secrets
from collections.abc import Callable, Mapping

from bench import figures
from bench.browsing import Browser, Fields
from bench.serving import Server

HELLOS, VISITS, SUBMISSIONS, ROUNDS = 2_000, 200, 15, 3
PAGE_AIM, SUBMISSION_AIM = 6.0, 40.0
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


def measure(environment: Mapping[str, str]) -> list[figures.Figure]:
    """The applicant's page and a whole submission, each as a multiple of a bare page."""
    bare, ours = Server("bare", environment), Server("intake", environment)
    try:
        return _measure(bare, ours)
    finally:
        bare.stop()
        ours.stop()


def _measure(bare: Server, ours: Server) -> list[figures.Figure]:
    visitor, hello = Browser(ours.port), Browser(bare.port)
    page = _submit(visitor)
    per_submission = visitor.requests
    hellos, pages, submissions = [], [], []
    for _ in range(ROUNDS):
        hellos.append(_cpu(bare, HELLOS, lambda: hello.get("/")))
        pages.append(_cpu(ours, VISITS, lambda: visitor.get(page)))
        submissions.append(_cpu(ours, SUBMISSIONS, lambda: _submit(Browser(ours.port))))
    print(f"(a bare page: {hellos[0] * 1000:.2f} ms of processor time; a submission: {per_submission} requests)")
    return [
        figures.Figure("the applicant's page / a bare page, processor time", figures.ratio(pages, hellos), PAGE_AIM),
        figures.Figure(
            "a whole submission / a bare page, processor time", figures.ratio(submissions, hellos), SUBMISSION_AIM
        ),
    ]


def _cpu(server: Server, count: int, work: Callable[[], object]) -> float:
    begun = server.cpu()
    for _ in range(count):
        work()
    return (server.cpu() - begun) / count


def _submit(browser: Browser) -> str:
    """Go through the whole form and give the path of the status page."""
    browser.get("/")
    browser.post("/expressions", {})
    reference = browser.path
    for step, fields in STEPS.items():
        named = {"organisation_name": f"Organisation {secrets.token_hex(8)}"} if step == "organisation" else {}
        path = f"{reference}/answers/{step}"
        if browser.path != path:
            browser.get(path)
        browser.post(path, {**fields, **named})
    browser.get(f"{reference}/check")
    browser.post(f"{reference}/check", {"consent": "y"})
    if browser.path != reference:
        raise RuntimeError(f"The submission ended on {browser.path}: {browser.html[:2000]}")
    return reference
