"""Brings the catalogues up to date with the words of code, templates and programmes: `make translations`."""

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from intake.resources import folder
from intake.translations import ENGLISH, LANGUAGES, catalogue_file

HEAD = """\
The words of this site in one language.
A text marked as fuzzy has been confirmed by nobody yet; it is used all the same. Whoever speaks the language and
confirms a text takes the mark away and writes "# confirmed" with the source or their office above it.
`make translations` adds new texts, without a translation, and takes old ones out."""
WIDTH = 120
"""How long a line of a catalogue is at most."""
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "refuse": (2,)}
FINDERS = [
    ("**.py", "intake.translations.extracting:of_python"),
    ("programme/*.toml", "intake.translations.extracting:of_programme"),
    ("**.html", "jinja2"),
    ("**.txt", "jinja2"),
]


def wanted() -> Catalog:
    """Every text that is to be translated, with the files in which it stands."""
    found = Catalog(project="P2C Intake", charset="utf-8")
    for name in ("intake", "workflows", "templates"):
        texts = extract_from_dir(folder(name), FINDERS, keywords=KEYWORDS)
        for file, _line, text, comments, context in texts:
            found.add(text, None, [(f"{name}/{file}", 0)], auto_comments=comments, context=context)
    return found


def update(language: str, texts: Catalog) -> None:
    """Write the catalogue of a language anew; a text that is gone goes, a new one stands there empty."""
    file = catalogue_file(language)
    catalogue = Catalog(locale=language)
    if file.exists():
        with file.open("rb") as source:
            catalogue = read_po(source, locale=language)
    catalogue.update(texts, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    catalogue.project, catalogue.fuzzy = texts.project, False
    catalogue.header_comment = "\n".join(f"# {line}" for line in HEAD.splitlines())
    with file.open("wb") as written:
        write_po(written, catalogue, width=WIDTH, sort_by_file=True, ignore_obsolete=True, include_lineno=False)


if __name__ == "__main__":
    found = wanted()
    for each in LANGUAGES:
        if each != ENGLISH:
            update(each, found)
