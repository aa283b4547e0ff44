"""The verdict can be bad: whatever is missing, doubled or strange is named."""

import threading
from random import Random

from tests.faults.site import PREPARED, Site
from tests.faults.visitors import Applicant, Browser, Ledger

STRANGER = '["<stranger@example.org>", "nobody@example.org"]'


def test_the_verdict_names_whatever_is_lost_or_strange(site: Site) -> None:
    ledger = Ledger()
    applicant = Applicant(Browser([site.web("web")], ledger, Random(0)))
    applicant.goes_on(threading.Event())
    reference, newest = applicant.reference, 2 * PREPARED + 2
    assert site.verdict(ledger) == []

    ledger.begun["another key"] = "P2C-AAAA-AAAA"
    ledger.saved[reference]["pledge"] = "another mark"
    ledger.steps[reference].append("withdraw")
    lines = site.sink_file.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if applicant.mark not in line]
    site.sink_file.write_text("\n".join([*kept, kept[0], STRANGER]), encoding="utf-8")

    assert sorted(site.verdict(ledger)) == sorted(
        [
            "P2C-AAAA-AAAA: begun and gone",
            "1 drafts for 2 keys, 2 of them answered",
            f"{reference}, pledge: answered as saved, and not stored",
            f"{reference}: answered as taken, and not in the history: {{'withdraw': 1}}",
            "<stranger@example.org> to nobody@example.org: arrived, and of no step that was committed",
            f"letter {newest - 1} (submit, sent): it never arrived",
            "letter 1 (submit, sent): 2 copies after 1 attempts",
            "1 letters came again, and only 0 may have left unnoticed",
        ]
    )
