"""A sentence that is shown to a person, in the words from which it can be translated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
