"""What every page has: path converters, filters, navigation, and headers; it renders no page itself."""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.support import Translations
from flask import Flask, Response, current_app, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_security import current_user
from markupsafe import Markup
from werkzeug.routing import BaseConverter

from intake import widgets, wording
from intake.current import programme
from intake.extensions import LANGUAGE, babel
from intake.references import ENQUIRY_PATTERN, PATTERN
from intake.translations import LANGUAGES, direction, isolated
from workflows.enquiry import ENQUIRY
from workflows.expression import EXPRESSION
from workflows.people import Role

UNPRINTABLE = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xef\xb7[\x90-\xaf]"
    rb"|(?:\xef|[\xf0-\xf4][\x8f\x9f\xaf\xbf])\xbf[\xbe\xbf]"
)
"""What HTML forbids, in UTF-8: control characters and what stands for no letter at all."""
RARE = bytes([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0xEF, *range(0xF0, 0xF5)])
SECOND_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]")
"""Without any of both, a page holds nothing of the above, and that is told twenty times sooner."""


class ReferenceConverter(BaseConverter):
    """A reference as `intake.references` makes them; anything else is no page."""

    regex = PATTERN


class TriggerConverter(BaseConverter):
    """A step that the table knows; anything else is no page."""

    regex = "|".join(EXPRESSION.triggers)


class EnquiryConverter(BaseConverter):
    """The number of an enquiry."""

    regex = ENQUIRY_PATTERN


class EnquiryStepConverter(BaseConverter):
    """A step that may follow the first of an enquiry; anything else is no page."""

    regex = "|".join(trigger for trigger in ENQUIRY.triggers if trigger != "ask")


class TokenConverter(BaseConverter):
    """The token of an applicant's link."""

    regex = r"[A-Za-z0-9_-]{20,64}"


def install(app: Flask) -> None:
    """Register converters, filters and what every template may use."""
    app.url_map.converters.update(reference=ReferenceConverter, trigger=TriggerConverter, token=TokenConverter)
    app.url_map.converters.update(enquiry=EnquiryConverter, enquiry_step=EnquiryStepConverter)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_template_global(asset)
    app.add_template_global(_words, "_")
    app.add_template_global(widgets.ticked)
    app.add_template_filter(wording.day, "day")
    app.add_template_filter(wording.moment, "moment")
    app.add_template_filter(wording.mode_name, "mode")
    app.context_processor(_for_every_page)
    app.before_request(_remember_language)
    app.after_request(_never_cached)
    app.after_request(_printable)
    app.url_defaults(_fingerprint)


def _fingerprint(endpoint: str, values: dict[str, Any]) -> None:
    """Put a mark of the content into the address of a static file, so that browsers may keep it for ever."""
    if endpoint == "static":
        values["v"] = _mark(values["filename"])


@cache
def _mark(filename: str) -> str:
    content = Path(current_app.static_folder or "", filename).read_bytes()
    return hashlib.sha256(content).hexdigest()[:12]


@cache
def _address(endpoint: str, **values: Any) -> str:
    """Kept: a page that is about nothing in particular, and a static file, have one address."""
    return url_for(endpoint, **values)


def asset(filename: str) -> str:
    """The address of a static file, for templates."""
    return _address("static", filename=filename)


def _words(text: str, **named: Any) -> Markup:
    """What `_` is in a template: the text in the language of the page, as HTML, with what it names escaped.

    Jinja's own does the same by five calls; a list of fifty rows asks for two hundred texts.
    """
    found = _translated(babel.domain_instance.get_translations(), text)
    if named and direction(wording.language()) == "rtl":
        named = {name: _apart(value) for name, value in named.items()}
    return found % named if "%" in found else found


def _apart(value: Any) -> Any:
    """Words in an unknown direction, kept from disturbing those around them; numbers and HTML stay."""
    return isolated(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _translated(words: Translations, text: str) -> Markup:
    """Kept: templates hold so many texts and no more."""
    return Markup(words.ugettext(text))  # noqa: S704 - our own texts


def _remember_language() -> None:
    asked = request.args.get(LANGUAGE)
    if asked in LANGUAGES and session.get(LANGUAGE) != asked:
        session[LANGUAGE] = asked


def _for_every_page() -> dict[str, Any]:
    locale = get_locale()
    return {
        "programme": programme(),
        "navigation": _navigation(),
        "footer_links": _footer_links(locale),
        "lang": locale.language,
        "dir": direction(locale.language),
        "switcher": _languages(locale.language),
    }


def _languages(spoken: str) -> list[tuple[str, str, str, bool]]:
    """Code, name in itself, address and whether it is that of the page; the address is this page in that language.

    What was sent to a page that takes forms alone cannot be shown once more, so that one leads to the first page.
    """
    rule = request.url_rule
    here = "" if rule is not None and "GET" in (rule.methods or ()) else "/"
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != LANGUAGE] if not here else []
    return [
        (code, name, f"{here}?{urlencode([*kept, (LANGUAGE, code)])}", code == spoken)
        for code, name in LANGUAGES.items()
    ]


def _navigation() -> list[tuple[str, str, bool]]:
    """Label, address and whether it is the current page; by audience."""
    if not current_user.is_authenticated:
        return []
    roles = current_user.actor.roles
    entries = [(_("What waits"), "screening.home"), (_("Queue"), "screening.queue")]
    entries.append((_("Many at once"), "screening.bulk_home"))
    entries.append((_("Enquiries"), "enquiries.listed"))
    entries.append((_("Composition"), "secretariat.composition"))
    entries.append((_("Figures"), "secretariat.figures"))
    if roles & {Role.SECRETARIAT, Role.ADMINISTRATOR}:
        entries.append((_("Outbox"), "secretariat.outbox"))
        entries.append((_("Received mail"), "secretariat.received"))
        entries.append((_("Access log"), "secretariat.access_log"))
        entries.append((_("Letter texts"), "secretariat.letter_texts"))
    if Role.SECRETARIAT in roles:
        entries.append((_("Personal data"), "secretariat.people"))
    return [(label, _address(endpoint), request.endpoint == endpoint) for label, endpoint in entries]


@cache
def _footer_links(_spoken: Locale) -> list[tuple[str, str]]:
    """Kept for each language."""
    return [
        (_("How it works"), _address("guidance.process")),
        (_("The call in numbers"), _address("guidance.public_figures")),
        (_("Ask for a new link"), _address("applicants.ask_for_link")),
        (_("Personal data"), _address("applicants.notice")),
        (_("Accessibility"), _address("guidance.accessibility")),
        (_("Staff sign-in"), _address("security.login")),
    ]


def _never_cached(response: Response) -> Response:
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _printable(response: Response) -> Response:
    """Take out of a page what HTML forbids: a field shows what was sent, also when it refuses it."""
    sent = request.query_string or request.method not in {"GET", "HEAD"}
    if sent and response.mimetype == "text/html":
        page = response.get_data()
        if len(page.translate(None, RARE)) < len(page) or SECOND_CONTROLS.search(page):
            response.set_data(UNPRINTABLE.sub(b"", page))
    return response
