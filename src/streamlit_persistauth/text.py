"""Translatable text: an English template together with the values to insert."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Self


class Text(str):
    """A `str` in English that also keeps its template and values, so that it can be translated.

    Code that does not translate can use it as an ordinary string.

    Attributes:
        template: The text with `{names}` in place of the values; the key in a catalogue.
        values: The values by name. A value that is a `Text` is translated as well.
    """

    __slots__ = ("template", "values")

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: object) -> Self:
        """Insert the values into the template."""
        text = super().__new__(cls, template.format(**values) if values else template)
        text.template = template
        text.values = values
        return text

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle with the template, because `st.session_state` may be serialised."""
        return _rebuild, (type(self), self.template, self.values)


class Translate(Protocol):
    """Translates a text into one language."""

    def __call__(self, text: str, /, **values: object) -> str:
        """Return the translation, with `values` in place of the `{names}`."""
        ...


def translated(
    text: str,
    catalogues: tuple[Mapping[str, str], ...],
    values: Mapping[str, object],
    write: Callable[[object], object],
) -> str:
    """Return the translation from the first catalogue that has one, or the English text.

    A catalogue may come from an app. A translation that does not accept the values is skipped.

    Args:
        text: A template, or a `Text`, which contains its values.
        catalogues: Mappings from templates to translations, in order of preference.
        values: The values to insert.
        write: Formats each value that is not a `Text`.
    """
    template = text
    if isinstance(text, Text):
        template, values = text.template, {**text.values, **values}
    ready = {
        name: translated(value, catalogues, {}, write) if isinstance(value, Text) else write(value)
        for name, value in values.items()
    }
    for catalogue in catalogues:
        words = catalogue.get(template)
        if words is None:
            continue
        with suppress(LookupError, ValueError, AttributeError, TypeError):
            return words.format(**ready) if ready else words
    return template.format(**ready) if ready else template


def _rebuild(kind: type[Text], template: str, values: dict[str, Any]) -> Text:
    return kind(template, **values)
