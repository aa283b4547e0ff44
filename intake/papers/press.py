"""The child process that makes one PDF of one page of HTML: from standard input to standard output, nothing fetched.

It is run as a file of its own and imports nothing of the application, which it would only have to wait for.
"""

import resource
import sys

NO_LIBRARY, NO_FONT = 3, 4
"""Exit codes that the caller puts into words."""
MOST_SECONDS, MOST_BYTES = 60, 2 * 2**30
"""Processor time and address space; a page of a few answers takes one second and a tenth of the memory."""
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
SHOW = "#letters-missing { display: block !important }"
LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libgobject-2.0.so.0")
DECLARATIONS = """
    typedef void *Thing;
    Thing pango_ft2_font_map_new(void);
    Thing pango_font_map_create_context(Thing map);
    Thing pango_layout_new(Thing context);
    void pango_layout_set_text(Thing layout, const char *text, int length);
    int pango_layout_get_unknown_glyphs_count(Thing layout);
    void g_object_unref(Thing thing);
"""


def main() -> int:
    """Read, print, write."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    page = sys.stdin.buffer.read().decode("utf-8")
    try:
        import weasyprint  # noqa: PLC0415 - where it or a system library is missing, the exit code says so
    except (ImportError, OSError) as error:
        print(error, file=sys.stderr)
        return NO_LIBRARY
    if letters_missing(ALPHABET):
        return NO_FONT
    document = weasyprint.HTML(string=page, url_fetcher=_refuse)
    shown = [weasyprint.CSS(string=SHOW, url_fetcher=_refuse)] if letters_missing(page) else []
    sys.stdout.buffer.write(document.write_pdf(pdf_variant="pdf/ua-1", stylesheets=shown))
    return 0


def letters_missing(text: str) -> int:
    """How many characters no installed font can draw."""
    from cffi import FFI  # noqa: PLC0415 - comes with WeasyPrint

    ffi = FFI()
    ffi.cdef(DECLARATIONS)
    pango, ft2, glib = (ffi.dlopen(name) for name in LIBRARIES)
    fonts = ft2.pango_ft2_font_map_new()
    context = pango.pango_font_map_create_context(fonts)
    layout, sent = pango.pango_layout_new(context), text.encode()
    pango.pango_layout_set_text(layout, sent, len(sent))
    found: int = pango.pango_layout_get_unknown_glyphs_count(layout)
    for thing in (layout, context, fonts):
        glib.g_object_unref(thing)
    return found


def _refuse(address: str, **_: object) -> dict[str, object]:
    raise ValueError(f"Nothing is fetched: {address[:80]}")


if __name__ == "__main__":
    sys.exit(main())
