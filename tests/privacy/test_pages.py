"""What applicants and the secretariat do about personal data, through the pages."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from intake.extensions import db
from intake.models import Expression, Kind, ReceivedMessage
from intake.privacy import repeating
from tests import making
from tests.databases import submitted
from tests.test_access import hold_link
from workflows.expression import State
from workflows.people import Role

ARABIC, CHINESE = "محمد بن سعيد", "王小明"


@pytest.fixture
def mine(client: FlaskClient) -> Expression:
    """A submitted expression that this browser holds the link to."""
    made = submitted(contact_name=ARABIC, delegate_name=CHINESE, contact_email="akosua@volta.example.org")
    hold_link(client, made)
    return made


def words_of(pdf: bytes, folder: Path) -> str:
    """The text of a PDF, read back."""
    file = folder / "copy.pdf"
    file.write_bytes(pdf)
    said = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True)
    return said.stdout.decode().translate({0x202A: None, 0x202B: None, 0x202C: None})


def test_a_copy_of_the_answers_as_text_holds_every_answer(client: FlaskClient, mine: Expression) -> None:
    copy = client.get(f"/expressions/{mine.reference}/copies/answers.txt")

    said = copy.get_data(as_text=True)
    assert copy.mimetype == "text/plain"
    assert [word in said for word in (ARABIC, CHINESE, "We connected 40 schools.", "Rural schools", "Rwanda")] == [
        True
    ] * 5
    assert f'filename="{mine.reference}-answers.txt"' in copy.headers["Content-Disposition"]


def test_a_copy_of_the_answers_as_pdf_is_tagged_and_holds_every_script(
    client: FlaskClient, mine: Expression, tmp_path: Path
) -> None:
    copy = client.get(f"/expressions/{mine.reference}/copies/answers.pdf")

    said = words_of(copy.data, tmp_path)
    told = subprocess.run(["pdfinfo", tmp_path / "copy.pdf"], capture_output=True, text=True, check=True).stdout
    assert (copy.status_code, copy.mimetype) == (200, "application/pdf")
    assert f"Expression of interest {mine.reference}" in told
    assert [line.split()[-1] for line in told.splitlines() if line.startswith("Tagged")] == ["yes"]
    assert [word in said for word in (ARABIC, CHINESE, "We connected 40 schools.")] == [True] * 3
    with pikepdf.open(tmp_path / "copy.pdf") as pdf:
        assert str(pdf.Root.Lang) == "en"


def test_everything_holds_letters_and_steps_and_nothing_that_staff_think(
    client: FlaskClient, mine: Expression, tmp_path: Path
) -> None:
    mine.verdicts[0].reason = "Weak."
    db.session.commit()

    told = client.get(f"/expressions/{mine.reference}/copies/everything.json")
    paper = client.get(f"/expressions/{mine.reference}/copies/everything.pdf")

    whole = json.loads(told.get_data(as_text=True))[0]
    assert [letter["recipient"] for letter in whole["letters"]] == ["akosua@volta.example.org"]
    assert (whole["people"]["contact_name"], whole["history"][0]["step"]) == (ARABIC, "Submitted")
    assert "Weak." not in told.get_data(as_text=True)
    assert ARABIC in words_of(paper.data, tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("weasyprint.py", "raise OSError('cannot load library libpango')", "libpango"),
        ("fonts.conf", "<fontconfig><cachedir>.</cachedir></fontconfig>", "fonts-noto"),
    ],
)
def test_without_a_library_or_a_font_a_sentence_says_so_and_the_text_serves(
    client: FlaskClient,
    mine: Expression,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: str,
    why: str,
) -> None:
    (tmp_path / name).write_text(content)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    if name == "fonts.conf":
        monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / name))

    pdf = client.get(f"/expressions/{mine.reference}/copies/answers.pdf")
    text = client.get(f"/expressions/{mine.reference}/copies/answers.txt")

    assert (pdf.status_code, text.status_code) == (503, 200)
    assert why in pdf.get_data(as_text=True)
    assert "The copy as text holds the same words." in pdf.get_data(as_text=True)


def test_a_letter_without_a_font_is_said_in_the_copy_itself(
    client: FlaskClient, mine: Expression, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine.delegate_name = "\U0001fae8\ue000"
    db.session.commit()

    said = words_of(client.get(f"/expressions/{mine.reference}/copies/answers.pdf").data, tmp_path)

    assert "Some characters cannot be printed" in said


def test_words_of_an_applicant_are_words_on_paper_and_nothing_is_fetched(
    client: FlaskClient, mine: Expression, tmp_path: Path
) -> None:
    mine.communities = '<img src="file:///etc/hostname"><script>x</script> & so'
    db.session.commit()

    said = words_of(client.get(f"/expressions/{mine.reference}/copies/answers.pdf").data, tmp_path)

    assert '<img src="file:///etc/hostname"><script>x</script> & so' in said


def test_an_applicant_asks_for_erasure_sees_the_day_and_takes_it_back(client: FlaskClient, mine: Expression) -> None:
    place = f"/expressions/{mine.reference}/data"
    nothing = client.post(f"{place}/kept", follow_redirects=True)
    shown = client.get(place).get_data(as_text=True)
    unread = client.post(f"{place}/erasure", data={"version": mine.version})
    asked = client.post(f"{place}/erasure", data={"version": mine.version, "confirmed": "y"}, follow_redirects=True)
    db.session.refresh(mine)
    after = (mine.state, mine.erasure_due_on is not None)
    kept = client.post(f"{place}/kept", follow_redirects=True)
    db.session.refresh(mine)

    assert "There was no request to take back." in nothing.get_data(as_text=True)
    assert "Your expression is withdrawn at once" in shown
    assert (unread.status_code, "Tick that you have read" in unread.get_data(as_text=True)) == (422, True)
    assert "Erasure is asked for" in asked.get_data(as_text=True)
    assert after == (State.WITHDRAWN, True)
    assert "your data are kept" in kept.get_data(as_text=True)
    assert (mine.state, mine.erasure_due_on) == (State.WITHDRAWN, None)


def test_after_the_erasure_no_link_opens_anything(client: FlaskClient, mine: Expression) -> None:
    client.post(f"/expressions/{mine.reference}/data/erasure", data={"version": mine.version, "confirmed": "y"})
    db.session.refresh(mine)

    repeating.erase(mine, making.SECRETARIAT)

    assert client.get(f"/expressions/{mine.reference}").status_code == 403


def test_the_notice_says_what_the_programme_says(client: FlaskClient) -> None:
    said = client.get("/notice").get_data(as_text=True)

    assert "180 days after its last change" in said
    assert "2 years after the Roundtable" in said
    assert "within 30 days" in said


@pytest.mark.parametrize("step", ["contact", "participation", "engagement"])
def test_where_personal_data_are_asked_for_the_short_notice_stands(client: FlaskClient, app: object, step: str) -> None:
    draft = making.expression(State.DRAFT)
    hold_link(client, draft)

    assert "What happens to the personal data that you give here" in client.get(
        f"/expressions/{draft.reference}/answers/{step}"
    ).get_data(as_text=True)


def test_the_secretariat_finds_copies_and_erases_all_that_stands_under_an_address(
    sign_in: Callable[[Role], FlaskClient],
) -> None:
    first = submitted(contact_email="Akosua@volta.example.org")
    second = submitted(
        criteria={
            **making.ANSWERS,
            "engagement": {**making.ANSWERS["engagement"], "nominee_email": "akosua@volta.example.org"},
        }
    )
    other = submitted(contact_email="akosua_@volta.example.org")
    enquiry = making.enquiry(email="akosua@volta.example.org")
    lone = ReceivedMessage(
        identity="9" * 64, source="t", kind=Kind.QUARANTINED, size=1, sender="akosua@volta.example.org"
    )
    db.session.add(lone)
    db.session.commit()
    browser, asked = sign_in(Role.SECRETARIAT), {"email": "akosua@VOLTA.example.org"}

    found = browser.post("/staff/people", data=asked).get_data(as_text=True)
    copy = json.loads(browser.post("/staff/people/copy.json", data=asked).get_data(as_text=True))
    unsure = browser.post("/staff/people/erasure", data=asked)
    done = browser.post("/staff/people/erasure", data={**asked, "confirmed": "y"}, follow_redirects=True)

    mine = [first.reference, second.reference, enquiry.reference]
    assert [reference in found for reference in (*mine, other.reference)] == [True, True, True, False]
    assert [(whole.get("expression") or whole["enquiry"])["reference"] for whole in copy] == mine
    assert unsure.status_code == 422
    assert "3 expressions and enquiries are erased." in done.get_data(as_text=True)
    db.session.expire_all()
    assert [each.erased_at is not None for each in (first, second, enquiry, other)] == [True, True, True, False]
    assert db.session.scalars(select(ReceivedMessage.sender)).all() == [""]
    assert "Nothing stands under this address" in browser.post("/staff/people", data=asked).get_data(as_text=True)


def test_staff_take_a_copy_of_the_answers_and_read_an_erased_expression(
    sign_in: Callable[[Role], FlaskClient],
) -> None:
    made, browser = submitted(), sign_in(Role.SECRETARIAT)
    text = browser.get(f"/staff/expressions/{made.reference}/answers.txt").get_data(as_text=True)

    repeating.erase(made, making.SECRETARIAT)

    pages = [
        browser.get(place).status_code
        for place in (
            f"/staff/expressions/{made.reference}",
            "/staff/queue?state=all",
            "/staff/outbox",
            "/staff/figures",
        )
    ]
    note = browser.post(f"/staff/expressions/{made.reference}/notes", data={"note-text": "Akosua called."})
    assert "We connected 40 schools." in text
    assert (pages, note.status_code) == ([200] * 4, 409)
    assert "a note would bring some back" in note.get_data(as_text=True)
