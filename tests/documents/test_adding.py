"""Documents are added, opened and removed one at a time; what is none is refused in a sentence."""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from intake import documents
from intake.documents import storing
from intake.documents.limits import MOST_BYTES
from intake.extensions import db
from intake.models import Document, DocumentType, Expression, ScanState
from tests import making
from tests.applicants.walking import address, hold
from tests.documents import files
from workflows.expression import State

Make = Callable[..., Expression]


@pytest.fixture
def draft(client: FlaskClient, expression: Make) -> Expression:
    """A draft that the browser holds a link to."""
    made = expression(State.DRAFT)
    hold(client, made)
    return made


def add(client: FlaskClient, subject: Expression, name: str, content: bytes) -> TestResponse:
    """Choose a file and add it."""
    return client.post(address(subject, "/documents"), **body(name, content))


def body(name: str, content: bytes) -> dict[str, Any]:
    """The form with a file; a large one as bytes, because the test client would leave a file of its own open."""
    if len(content) < 400_000:
        return {"data": {"document": (io.BytesIO(content), name)}}
    head = f'--b\r\nContent-Disposition: form-data; name="document"; filename="{name}"\r\n\r\n'.encode()
    return {"data": head + content + b"\r\n--b--\r\n", "content_type": "multipart/form-data; boundary=b"}


def said(answer: TestResponse) -> str:
    """The error of the form."""
    found = re.search(r'<p class="error"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def rows() -> list[Document]:
    """Every document that is stored, read anew."""
    db.session.rollback()
    return list(db.session.scalars(select(Document).order_by(Document.id)))


@pytest.mark.parametrize("name", files.SOUND)
def test_every_type_is_taken_and_comes_back_as_it_was(client: FlaskClient, draft: Expression, name: str) -> None:
    content = files.SOUND[name]

    added = add(client, draft, name, content)

    [row] = rows()
    assert (added.status_code, row.name, row.size, row.flags) == (303, name, len(content), [])
    assert row.scan_state is ScanState.NOT_SCANNED
    with client.get(address(draft, f"/documents/{row.id}")) as answer:
        assert answer.data == content
        assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].strip() == "default-src 'none'; sandbox"
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.mimetype == documents.limits.KINDS[row.type].media_type


def test_a_document_stands_on_every_page_that_shows_answers(client: FlaskClient, draft: Expression) -> None:
    add(client, draft, "Lettre d’appui 数字.pdf", files.pdf())

    for page in ("", "/documents", "/check"):
        assert "Lettre d’appui 数字.pdf" in client.get(address(draft, page)).text or page == ""
    assert "1 document is added" in client.get(address(draft)).text


def test_the_sixth_document_is_refused_and_one_that_is_removed_makes_room(
    client: FlaskClient, draft: Expression
) -> None:
    for number in range(5):
        assert add(client, draft, f"map{number}.png", files.picture("PNG", (number + 1, 1))).status_code == 303

    sixth = add(client, draft, "one-more.png", files.picture("PNG", (9, 9)))

    assert (sixth.status_code, len(rows())) == (422, 5)
    assert "There are 5 documents already" in sixth.text
    first = rows()[0]
    assert first.name in client.get(address(draft, f"/documents/{first.id}/remove")).text
    assert client.post(address(draft, f"/documents/{first.id}/remove")).status_code == 303
    assert add(client, draft, "one-more.png", files.picture("PNG", (9, 9))).status_code == 303


def test_a_document_of_a_draft_that_is_removed_leaves_nothing(client: FlaskClient, draft: Expression) -> None:
    add(client, draft, "letter.pdf", files.pdf())
    [row] = rows()
    key, page = row.key, address(draft, f"/documents/{row.id}")

    for _ in range(2):
        assert client.post(f"{page}/remove").status_code == 303

    assert (rows(), storing.size(key), client.get(page).status_code) == ([], None, 404)


def test_after_sending_a_removed_document_keeps_its_row_alone(client: FlaskClient, expression: Make) -> None:
    sent = expression(State.RETURNED)
    hold(client, sent)
    add(client, sent, "letter.pdf", files.pdf())
    [row] = rows()
    key = row.key
    assert db.session.get_one(Expression, sent.id).unread

    client.post(address(sent, f"/documents/{row.id}/remove"))

    [row] = rows()
    assert (row.name, row.removed_by, row.removed_at is not None) == ("letter.pdf", "Programme officer", True)
    assert (storing.size(key), "letter.pdf" in client.get(address(sent, "/documents")).text.partition("flash")[0]) == (
        None,
        False,
    )


@pytest.mark.parametrize("state", [State.SCREENED, State.DECLINED, State.WITHDRAWN, State.CONFIRMED])
def test_what_can_no_longer_be_changed_takes_and_loses_no_document(
    client: FlaskClient, expression: Make, state: State
) -> None:
    closed = expression(state)
    hold(client, closed)
    held = making.document(closed)

    added = add(client, closed, "letter.pdf", files.pdf())
    removed = client.post(address(closed, f"/documents/{held.id}/remove"))

    assert (added.status_code, removed.status_code, len(rows())) == (409, 409, 1)
    assert storing.size(rows()[0].key) == 5


def test_the_same_bytes_twice_are_one_document(client: FlaskClient, draft: Expression) -> None:
    for name in ("letter.pdf", "again.pdf"):
        add(client, draft, name, files.SOUND["letter.pdf"])

    assert [row.name for row in rows()] == ["letter.pdf"]
    assert list(storing.keys()).count(rows()[0].key) == 1
    assert "is there already" in client.get(address(draft, "/documents")).text


NAMES = {
    "../../etc/passwd.pdf": "passwd.pdf",
    "/": "document.pdf",
    "...": "document.pdf",
    "a\tSet-Cookie: x=1.pdf": "aSet-Cookie_ x=1.pdf",
    "invoice\u202efdp.pdf": "invoicefdp.pdf",
    "x" * 300 + ".pdf": "x" * 100 + ".pdf",
    "letter.exe.pdf": "letter_exe.pdf",
    "no ending": "no ending.pdf",
    "CON.pdf": "CON_.pdf",
    "<img src=x onerror=alert(1)>.PDF": "img src=x onerror=alert(1).pdf",
    "%2e%2e%2fx.pdf": "2e_2e_2fx.pdf",
}


@pytest.mark.parametrize("typed", NAMES)
def test_a_name_is_cleaned_and_is_part_of_no_path(client: FlaskClient, draft: Expression, typed: str) -> None:
    add(client, draft, typed, files.pdf())

    [row] = rows()
    assert row.name == NAMES[typed]
    assert re.fullmatch(r"[0-9a-f]{64}", row.key)
    with client.get(address(draft, f"/documents/{row.id}")) as answer:
        assert "\n" not in answer.headers["Content-Disposition"]


def javascript(made: pikepdf.Pdf) -> None:
    """Let a PDF run a script as it is opened."""
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def buried(made: pikepdf.Pdf) -> None:
    """The same, deep within other objects."""
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    made.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=action)])


def shows_a_page(made: pikepdf.Pdf) -> None:
    """Let a PDF begin at its first page, which is harmless."""
    made.Root.OpenAction = pikepdf.Array([made.pages[0].obj, pikepdf.Name.Fit])


def form(made: pikepdf.Pdf) -> None:
    """A form of XFA."""
    made.Root.AcroForm = pikepdf.Dictionary(XFA=made.make_stream(b"<xdp/>"))


def film(made: pikepdf.Pdf) -> None:
    """A film, with something that happens as the page is shown."""
    made.pages[0].AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.GoTo))
    made.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.RichMedia)])


def attached(made: pikepdf.Pdf) -> None:
    """A program inside."""
    made.attachments["x.exe"] = b"MZ"


FLAGGED: dict[str, tuple[bytes, list[str]]] = {
    "script.pdf": (files.pdf(javascript), ["actions", "javascript"]),
    "packed.pdf": (
        files.pdf(javascript, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        ["actions", "javascript"],
    ),
    "buried.pdf": (files.pdf(buried), ["launch"]),
    "attached.pdf": (files.pdf(attached), ["embedded"]),
    "form.pdf": (files.pdf(form), ["xfa"]),
    "film.pdf": (files.pdf(film), ["actions", "media"]),
    "page.pdf": (files.pdf(shows_a_page), []),
    "macros.docx": (files.docx(word__vbaProject_dot_bin=b"x"), ["macros"]),
    "inside.docx": (files.docx(word__embeddings__a_dot_bin=b"x"), ["embedded"]),
    "remote.docx": (files.docx(word___rels__settings_dot_xml_dot_rels=files.RELATIONS), ["remote"]),
    "links.docx": (files.docx(word___rels__document_dot_xml_dot_rels=files.LINKS), []),
    "macros.odt": (files.odt(Basic__Standard__x_dot_xml=b"x"), ["macros"]),
}


@pytest.mark.parametrize("name", FLAGGED)
def test_what_can_act_by_itself_is_flagged(client: FlaskClient, draft: Expression, name: str) -> None:
    content, flags = FLAGGED[name]

    add(client, draft, name, content)

    assert [row.flags for row in rows()] == [flags]


def overlong() -> bytes:
    """A package whose one entry would be a gigabyte, as its list of contents says."""
    return files.docx(word__media__a_dot_bin=b"\0" * 40_000_000)


def lying() -> bytes:
    """A package whose list of contents says less than its entry holds."""
    content = files.docx(word__a_dot_txt=b"x" * 5_000)
    return content.replace(struct.pack("<I", 5_000), struct.pack("<I", 5))


def encrypted() -> bytes:
    """A PDF that asks for a password."""
    return files.pdf(encryption=pikepdf.Encryption(owner="o", user="u", R=6))


UNKNOWN = "It is none of the types that we take"
HIDDEN = "Something else is hidden in the file"
DAMAGED = "It cannot be read to its end"
REFUSED: dict[str, tuple[str, bytes, str]] = {
    "nothing": ("letter.pdf", b"", "The file is empty"),
    "a page": ("letter.pdf", b"<!DOCTYPE html><script>alert(1)</script>", UNKNOWN),
    "a program": ("map.png", b"MZ\x90\0", UNKNOWN),
    "a picture that acts": ("map.png", b'<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>', UNKNOWN),
    "another ending": ("letter.html", files.pdf(), UNKNOWN),
    "a wrong ending": ("letter.pdf", files.picture("PNG"), "name ends in .pdf. Give it a name that ends in .png"),
    "a table": ("table.docx", files.package({"[Content_Types].xml": b"spreadsheetml", "xl/x": b""}), UNKNOWN),
    "any package": ("letter.docx", files.package({"a": b"b"}), UNKNOWN),
    "macros by name": (
        "letter.docx",
        files.package({"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml"}),
        "It is a Word document with macros",
    ),
    "a late beginning": ("letter.pdf", b"\n" + files.pdf(), UNKNOWN),
    "half": ("letter.pdf", files.pdf()[:300], DAMAGED),
    "half a package": ("letter.docx", files.docx()[:100], DAMAGED),
    "half a picture": ("map.png", files.picture("PNG")[:-20], DAMAGED),
    "half a photograph": ("map.jpg", files.picture("JPEG")[:-20], DAMAGED),
    "a password": ("letter.pdf", encrypted(), "It is locked with a password"),
    "a package behind a PDF": ("letter.pdf", files.pdf() + files.docx(), HIDDEN),
    "a package behind a picture": ("map.jpg", files.picture("JPEG") + files.docx(), HIDDEN),
    "a page behind a picture": ("map.png", files.picture("PNG") + b"<script>", HIDDEN),
    "a PDF behind a package": ("letter.docx", files.docx() + files.pdf(), HIDDEN),
    "a large picture": ("map.png", files.vast_png(60_000, 60_000), "more than 50 million pixels"),
    "a bomb": ("letter.docx", overlong(), "it would grow to many times its size"),
    "many entries": (
        "letter.docx",
        files.docx(**{f"word__{number}": b"" for number in range(2_100)}),
        "it would grow to many times its size",
    ),
    "a liar": ("letter.docx", lying(), DAMAGED),
    "a way out": ("letter.docx", files.docx(**{"..__..__x": b""}), "It holds what no word processor writes"),
    "a root": ("letter.odt", files.odt(__etc__passwd=b""), "It holds what no word processor writes"),
    "too much": ("letter.pdf", b"%PDF-" + b"0" * MOST_BYTES, "The file has more than 10 MB"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_document_is_refused_with_a_way_to_mend_it(
    client: FlaskClient, draft: Expression, kind: str
) -> None:
    name, content, sentence = REFUSED[kind]
    before = list(storing.keys())

    answer = add(client, draft, name, content)

    assert (answer.status_code, rows(), list(storing.keys())) == (422, [], before)
    assert sentence in said(answer), said(answer)


def test_a_file_has_to_be_chosen(client: FlaskClient, draft: Expression) -> None:
    for data in ({}, {"document": "letter.pdf"}, {"document": (io.BytesIO(b""), "")}):
        answer = client.post(address(draft, "/documents"), data=data, content_type="multipart/form-data")
        assert (answer.status_code, "Choose a file first" in said(answer)) == (422, True)


def test_only_this_form_takes_a_large_body_and_only_of_a_browser_with_a_link(
    client: FlaskClient, draft: Expression, app: Any
) -> None:
    here = add(client, draft, "letter.pdf", b"0" * (MOST_BYTES + 200_000))
    elsewhere = client.post(address(draft, "/answers/goals"), data=b"sdgs=" + b"4" * 2_000_000)
    stranger = add(app.test_client(), draft, "letter.pdf", b"%PDF-" + b"0" * 2_000_000)

    assert (here.status_code, "larger than the site accepts (10 MB)" in here.text) == (413, True)
    assert (elsewhere.status_code, "larger than the site accepts (1 MB)" in elsewhere.text) == (413, True)
    assert stranger.status_code in {403, 413}


def test_a_document_of_somebody_else_is_not_there(client: FlaskClient, draft: Expression, expression: Make) -> None:
    other = making.document(expression(State.SUBMITTED))

    for method, page in (("GET", ""), ("GET", "/remove"), ("POST", "/remove")):
        answer = client.open(address(draft, f"/documents/{other.id}{page}"), method=method)
        assert answer.status_code == (303 if method == "POST" else 404)
    assert [row.id for row in rows()] == [other.id]


BEGINNINGS = st.sampled_from(
    [b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", *files.SOUND.values()]
)
ENDS = st.sampled_from([b"", b"%%EOF\n", b"PK\x05\x06" + b"\0" * 18, b"\0\0\0\0IEND\xaeB`\x82", b"\xff\xd9"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    begins=BEGINNINGS, middle=st.binary(max_size=300), ends=ENDS, name=st.text(max_size=30), at=st.integers(0, 2_000)
)
def test_garbage_is_answered_without_an_error_of_ours(
    client: FlaskClient, draft: Expression, begins: bytes, middle: bytes, ends: bytes, name: str, at: int
) -> None:
    content = begins[:at] + middle + begins[at:] + ends

    answer = add(client, draft, f"{name}.pdf".encode("utf-8", "ignore").decode(), content)

    assert answer.status_code in {303, 422}


def test_a_package_is_known_by_what_it_holds(client: FlaskClient, draft: Expression) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("mimetype", files.TEXT)
        made.writestr("content.xml", "<x/>")

    add(client, draft, "letter.odt", file.getvalue())

    assert [row.type for row in rows()] == [DocumentType.ODT]
