"""Files for tests of documents: sound ones of every type, and such as strangers make; each is small and made here."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

import pikepdf
from PIL import Image

WORD = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override '
    b'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.'
    b'document.main+xml"/></Types>'
)
RELATIONS = (
    b'<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    b'attachedTemplate" Target="http://127.0.0.1/t.dotm" TargetMode="External"/></Relationships>'
)
LINKS = RELATIONS.replace(b"attachedTemplate", b"hyperlink")
TEXT = b"application/vnd.oasis.opendocument.text"


def pdf(change: Callable[[pikepdf.Pdf], object] | None = None, **saved: object) -> bytes:
    """A PDF of one empty page, changed."""
    made, file = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    if change is not None:
        change(made)
    made.save(file, **saved)
    return file.getvalue()


def package(entries: Mapping[str, bytes], *, packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these entries in their order."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packed) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return file.getvalue()


def docx(**more: bytes) -> bytes:
    """A Word document, as far as its package says."""
    named = {name.replace("__", "/").replace("_dot_", "."): content for name, content in more.items()}
    return package({"[Content_Types].xml": WORD, "word/document.xml": b"<document/>", **named})


def odt(**more: bytes) -> bytes:
    """An OpenDocument text, as far as its package says."""
    named = {name.replace("__", "/").replace("_dot_", "."): content for name, content in more.items()}
    return package({"mimetype": TEXT, "content.xml": b"<document/>", **named})


def picture(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    """A picture of one colour."""
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind)
    return file.getvalue()


def vast_png(width: int, height: int) -> bytes:
    """A PNG that says it is this large and holds next to nothing."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


SOUND: Mapping[str, bytes] = {
    "letter.pdf": pdf(),
    "letter.docx": docx(),
    "letter.odt": odt(),
    "map.png": picture("PNG"),
    "map.jpg": picture("JPEG"),
    "map.jpeg": picture("JPEG", mode="L"),
}
"""A name to a file that is taken under it."""
