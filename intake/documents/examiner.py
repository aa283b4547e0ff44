"""Looks into the bytes of one document and says what they are. It runs alone, as a program in a process of its own.

`intake.documents.examining` starts it: the document on its standard input, one line of JSON on its standard output. It
imports nothing of the application, gives itself limits before it reads a byte, writes no file and unpacks nothing onto
a disk. Whatever the bytes do to it, only this process ends.
"""

import io
import json
import re
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator

MEGABYTE = 2**20
MEMORY, SECONDS, FILES = 400 * MEGABYTE, 3, 64
MOST_PIXELS = 50_000_000
MOST_ENTRIES, MOST_UNPACKED, MOST_RATIO = 2_000, 100 * MEGABYTE, 200
MOST_OBJECTS, MOST_STEPS = 200_000, 2_000_000
PIECE = 2**16
ZIP, END_OF_ZIP, PDF = b"PK\x03\x04", b"PK\x05\x06", b"%PDF-"
PNG, END_OF_PNG = b"\x89PNG\r\n\x1a\n", b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG, START_OF_SCAN, END_OF_JPEG = b"\xff\xd8\xff", 0xDA, 0xD9
WORD = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
WORD_WITH_MACROS = b"macroenabled"
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.text"
ACTIVE = {
    "/JavaScript": "javascript",
    "/JS": "javascript",
    "/AA": "actions",
    "/Launch": "launch",
    "/SubmitForm": "submits",
    "/ImportData": "submits",
    "/EmbeddedFiles": "embedded",
    "/EmbeddedFile": "embedded",
    "/GoToE": "embedded",
    "/RichMedia": "media",
    "/Rendition": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/3D": "media",
    "/XFA": "xfa",
}
"""What can act by itself in a PDF, as a key or as a kind of action, to the flag that tells of it."""
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError),
    *(LookupError, TypeError, AttributeError, SyntaxError, RuntimeError, OverflowError),
)
"""What readers raise about bytes that are not what they begin like."""
HARMLESS_ACTIONS = frozenset({"/GoTo", "/Named"})
"""What opening a PDF may do without a flag: show one of its own pages."""


class Wrong(Exception):
    """The document is not taken; the code says why."""


def limit() -> None:
    """Let this process do no more than reading takes."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, FILES),
    ):
        resource.setrlimit(what, (most, most))


def examine(content: bytes) -> dict[str, object]:
    """The type of a document and its flags. Raises `Wrong`."""
    for beginning, kind, look in KINDS:
        if content.startswith(beginning):
            return {"type": kind, **look(content)}
    raise Wrong("empty" if not content else "unknown")


def look_into_pdf(content: bytes) -> dict[str, object]:
    """Whether it can be opened by everybody, is nothing else besides, and what in it can act by itself."""
    import pikepdf  # noqa: PLC0415 - costs a tenth of a second that no other type needs to wait for

    _refuse_zip(content)
    if b"%%EOF" not in content[-2048:]:
        raise Wrong("damaged")
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            if len(pdf.objects) > MOST_OBJECTS:
                raise Wrong("heavy")
            if not len(pdf.pages):
                raise Wrong("damaged")
            return {"flags": sorted(set(_active(pdf)))}
    except pikepdf.PasswordError:
        raise Wrong("locked") from None
    except (pikepdf.PdfError, *UNREADABLE):
        raise Wrong("damaged") from None


def _active(pdf: "object") -> Iterator[str]:
    """The flags of everything in a PDF, each object once; what an object refers to is another object of the list."""
    import pikepdf  # noqa: PLC0415

    opening = pdf.Root.get("/OpenAction")  # type: ignore[attr-defined]
    if isinstance(opening, pikepdf.Dictionary) and str(opening.get("/S")) not in HARMLESS_ACTIONS:
        yield "actions"
    steps, waiting = 0, list(pdf.objects)  # type: ignore[attr-defined]
    while waiting:
        steps += 1
        if steps > MOST_STEPS:
            raise Wrong("heavy")
        thing = waiting.pop()
        if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
            for name in thing.keys():  # noqa: SIM118 - a stream is no mapping
                value = thing.get(name)
                yield from _flag(name, value)
                waiting += _inside(value)
        elif isinstance(thing, pikepdf.Array):
            for value in thing:
                waiting += _inside(value)


def _flag(name: str, value: object) -> Iterator[str]:
    if name in ACTIVE:
        yield ACTIVE[name]
    if name in ("/S", "/Subtype", "/Type") and str(value) in ACTIVE:
        yield ACTIVE[str(value)]


def _inside(value: object) -> list[object]:
    """A value that stands within another one; one that is only referred to stands in the list of objects."""
    import pikepdf  # noqa: PLC0415

    is_whole = isinstance(value, (pikepdf.Dictionary, pikepdf.Array)) and not value.is_indirect
    return [value] if is_whole else []


def look_into_zip(content: bytes) -> dict[str, object]:
    """Whether it is a text document of Word or OpenDocument, with nothing before, between or behind its entries."""
    end = content.rfind(END_OF_ZIP)
    if end < 0:
        raise Wrong("damaged")
    if end + 22 != len(content):
        raise Wrong("polyglot")
    if struct.unpack("<H", content[end + 10 : end + 12])[0] > MOST_ENTRIES:
        raise Wrong("bomb")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return _look_into_package(packed)
    except UNREADABLE:
        raise Wrong("damaged") from None


def _look_into_package(packed: zipfile.ZipFile) -> dict[str, object]:
    entries = packed.infolist()
    _refuse_bombs(entries)
    _refuse_paths(entries)
    kind = _kind_of_package(packed, entries)
    if packed.testzip() is not None:
        raise Wrong("damaged")
    return {"type": kind, "flags": sorted(set(_active_in_package(packed, entries)))}


def _refuse_bombs(entries: list[zipfile.ZipInfo]) -> None:
    """By what the list of contents says; what the entries hold in truth is compared with it later."""
    unpacked, packed = sum(each.file_size for each in entries), sum(each.compress_size for each in entries)
    too_dense = unpacked > 10 * MEGABYTE and unpacked > MOST_RATIO * max(packed, 1)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or too_dense:
        raise Wrong("bomb")


def _refuse_paths(entries: list[zipfile.ZipInfo]) -> None:
    names = [each.orig_filename for each in entries]
    if len(set(names)) != len(names):
        raise Wrong("tricks")
    for each in entries:
        parts = each.orig_filename.replace("\\", "/").split("/")
        strange = ".." in parts or not parts[0] or ":" in parts[0] or "\x00" in each.orig_filename
        if strange or each.external_attr >> 28 == 0xA:
            raise Wrong("tricks")
        if each.flag_bits & 0x1:
            raise Wrong("locked")
        if each.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Wrong("damaged")


def _kind_of_package(packed: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> str:
    names = {each.filename for each in entries}
    if min((each.header_offset for each in entries), default=1):
        raise Wrong("polyglot")
    if "mimetype" in names and _beginning(packed, "mimetype").strip() == OPEN_DOCUMENT and "content.xml" in names:
        if b"encryption-data" in _beginning(packed, "META-INF/manifest.xml", names):
            raise Wrong("locked")
        return "odt"
    types = _beginning(packed, "[Content_Types].xml", names)
    if WORD_WITH_MACROS in types.lower():
        raise Wrong("macros")
    if WORD in types:
        return "docx"
    raise Wrong("unknown")


def _beginning(packed: zipfile.ZipFile, name: str, names: "set[str] | None" = None) -> bytes:
    """As much of an entry as says what it is for; nothing of one that is not there."""
    if names is not None and name not in names:
        return b""
    with packed.open(name) as entry:
        return entry.read(4 * PIECE)


def _active_in_package(packed: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[str]:
    for each in entries:
        name = each.filename.lower()
        if name.endswith("vbaproject.bin") or (name.startswith(("basic/", "scripts/")) and not each.is_dir()):
            yield "macros"
        if "/embeddings/" in name or "/activex/" in name or (name.endswith(".bin") and "ole" in name):
            yield "embedded"
        if name.endswith(".rels") and b'targetmode="external"' in _beginning(packed, each.filename).lower():
            yield from _fetched(_beginning(packed, each.filename).lower())


def _fetched(relations: bytes) -> Iterator[str]:
    """Whatever is fetched from elsewhere as the document is opened; links that somebody clicks are none."""
    for relation in re.findall(rb"<relationship\s[^>]*>", relations):
        kind = re.search(rb'type="[^"]*/([a-z]+)"', relation)
        if b'targetmode="external"' in relation and kind and kind[1] != b"hyperlink":
            yield "remote"


def look_into_png(content: bytes) -> dict[str, object]:
    """Its size in pixels, and that it ends where it ends."""
    _refuse_zip(content)
    _measure(content, "PNG")
    end = content.find(END_OF_PNG)
    if end < 0:
        raise Wrong("damaged")
    if content[end + len(END_OF_PNG) :].strip(b"\x00"):
        raise Wrong("polyglot")
    return {"flags": []}


def look_into_jpeg(content: bytes) -> dict[str, object]:
    """Its size in pixels, and that nothing but more pictures follows it, as cameras keep them."""
    _refuse_zip(content)
    _measure(content, "JPEG")
    rest = content
    while rest.startswith(JPEG):
        rest = rest[_end_of_jpeg(rest) :].lstrip(b"\x00")
    if rest:
        raise Wrong("polyglot")
    return {"flags": []}


def _end_of_jpeg(content: bytes) -> int:
    """Behind the last byte of a picture: segments are passed over by their length, scans by their marks."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        mark = content[at + 1]
        if mark == END_OF_JPEG:
            return at + 2
        if mark == 0xFF:
            at += 1
            continue
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
        if mark == START_OF_SCAN:
            at = _end_of_scan(content, at)
    if content[at : at + 2] == bytes((0xFF, END_OF_JPEG)):
        return at + 2
    raise Wrong("damaged")


def _end_of_scan(content: bytes, at: int) -> int:
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise Wrong("damaged")
        if content[at + 1] not in (0, 0xFF, *range(0xD0, 0xD8)):
            return at
        at += 1 if content[at + 1] == 0xFF else 2


def _measure(content: bytes, kind: str) -> None:
    """Refuse what would be too large as a picture; nothing is drawn."""
    from PIL import Image  # noqa: PLC0415 - as above

    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as picture:
            width, height = picture.size
            if kind == "PNG":
                picture.verify()
    except UNREADABLE:
        raise Wrong("damaged") from None
    if width * height > MOST_PIXELS:
        raise Wrong("pixels")


def _refuse_zip(content: bytes) -> None:
    """What is a package to one program and something else to another is neither here."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise Wrong("polyglot")


Look = Callable[[bytes], dict[str, object]]
KINDS: "tuple[tuple[bytes, str, Look], ...]" = (
    (PDF, "pdf", look_into_pdf),
    (ZIP, "", look_into_zip),
    (PNG, "png", look_into_png),
    (JPEG, "jpeg", look_into_jpeg),
)


def main() -> None:
    """Read, look, say."""
    limit()
    try:
        said = examine(sys.stdin.buffer.read())
    except Wrong as wrong:
        said = {"wrong": str(wrong)}
    except (MemoryError, RecursionError):
        said = {"wrong": "heavy"}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
