"""A sentence that is shown to a person, in the words from which it can be translated."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Self


class Text(str):
    """English text, which remembers how it was made: a template and what was put into it.

    It is a string, so whoever knows nothing of languages shows it as it is.

    Attributes:
        template: The text with `{names}` in place of values; what a catalogue has by.
        values: The values by name; another `Text` among them is translated by itself.
    """

    __slots__ = ("template", "values")

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: object) -> Self:
        """Put values into a template."""
        text = super().__new__(cls, template.format(**values) if values else template)
        text.template = template
        text.values = values
        return text

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle with the template: `st.session_state` may be serialised."""
        return _remade, (type(self), self.template, self.values)


class Translate(Protocol):
    """Says a text in one language."""

    def __call__(self, text: str, /, **values: object) -> str:
        """Return what to say, with `values` put where the text has `{names}`."""
        ...


def translated(
    text: str,
    catalogues: tuple[Mapping[str, str], ...],
    values: Mapping[str, object],
    write: Callable[[object], object],
) -> str:
    """Return a text in the words of the first catalogue that has it, or in its own.

    A catalogue may come from an app: where its words can't take the values, the next one is asked.

    Args:
        text: A template, or a `Text` that has its values with it.
        catalogues: From templates to the words for them.
        values: What goes into the template.
        write: Makes of a value what is put there; another `Text` is said before.
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


def _remade(kind: type[Text], template: str, values: dict[str, Any]) -> Text:
    return kind(template, **values)
