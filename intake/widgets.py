"""How fields become HTML: WTForms' widgets, but that a list of choices is written once for all; it judges no value."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from flask import get_template_attribute
from markupsafe import Markup, escape, soft_str
from wtforms import widgets
from wtforms.widgets.core import clean_key  # type: ignore[attr-defined]  # stubs of WTForms 3.2

KEPT = 256
"""How many lists of choices are kept at most; the one that nobody asked for longest goes first."""
Options = tuple[tuple[str, Any], ...]
Boxes = tuple[tuple[Markup, Markup, Markup], ...]

_name = cache(clean_key)


def attributes(**given: Any) -> Markup:
    """What WTForms makes of attributes: in the order of their names; True stands alone, False is left out."""
    written = []
    for name, value in sorted(given.items()):
        if value is True:
            written.append(_name(name))
        elif value is not False:
            text = str(escape(value)).replace('"', "&quot;")
            written.append(f'{_name(name)}="{text}"')
    return Markup(" ".join(written))  # noqa: S704 - escaped above


class _Input:
    html_params = staticmethod(attributes)


class LineInput(_Input, widgets.TextInput):
    """One line."""


class PhoneInput(_Input, widgets.TelInput):
    """A telephone number."""


class EmailInput(_Input, widgets.EmailInput):
    """An e-mail address."""


class LinkInput(_Input, widgets.URLInput):
    """The address of a page."""


class DayInput(_Input, widgets.DateInput):
    """A day."""


class TextInput(widgets.TextArea):
    """Several lines."""

    def __call__(self, field: Any, **given: Any) -> Markup:
        """The control with its text."""
        flags = {name: getattr(field.flags, name) for name in self.validation_attrs}
        known = {name: value for name, value in flags.items() if value is not None}
        written = attributes(**{"id": field.id, **known, **given}, name=field.name)
        return Markup(f"<textarea {written}>\r\n{escape(field._value())}</textarea>")  # noqa: S704 - both are escaped


class ListInput(widgets.Select):
    """A list of options that opens. The options are kept without a choice; the field's own is marked in place."""

    def __call__(self, field: Any, **given: Any) -> Markup:
        """The list."""
        html = _options(_plain(field.choices))
        if field.data is not None:
            html = html.replace(
                f'<option value="{escape(field.data)}"', f'<option selected value="{escape(field.data)}"'
            )
        return Markup(f"<select {attributes(**{'id': field.id, **given}, name=field.name)}>{html}</select>")  # noqa: S704


def _plain(choices: Mapping[Any, Any]) -> Options:
    """Choices as something that can be looked up; a group holds choices of its own."""
    return tuple((str(key), _plain(words) if isinstance(words, dict) else str(words)) for key, words in choices.items())


@lru_cache(KEPT)
def _options(choices: Options) -> str:
    return "".join(
        f"<optgroup {attributes(label=key)}>{_options(words)}</optgroup>"
        if isinstance(words, tuple)
        else f'<option value="{escape(key)}">{escape(words or key)}</option>'
        for key, words in choices
    )


def ticked(control: Any, notes: Mapping[Any, str] | None = None) -> Markup:
    """The choices of a group, each with a box or button, its words and its note; those chosen are ticked in place."""
    offered = control.iter_choices()
    known = notes or {}
    rows = tuple((escape(c.value), _words(c.label or c.value), _words(known.get(c.value, ""))) for c in offered)
    required = bool(control.flags.required)
    html = _boxes(control.option_widget.input_type, control.id, control.name, required, rows)
    for choice in offered:
        if choice.selected:
            html = html.replace(f'value="{escape(choice.value)}"', f'value="{escape(choice.value)}" checked')
    return Markup(html)  # noqa: S704 - the template has escaped it


def _words(text: Any) -> Markup:
    """Words as HTML; those of a lazy translation are escaped, too."""
    return escape(soft_str(text))


@lru_cache(KEPT)
def _boxes(kind: str, id: str, name: str, required: bool, rows: Boxes) -> str:
    render = get_template_attribute("components/forms.html", "boxes")
    return str(render(kind, id, name, required and kind == "radio", rows))
