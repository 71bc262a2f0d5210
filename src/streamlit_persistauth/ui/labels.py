"""What forms say, and how an app says it otherwise."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from streamlit_persistauth.core.text import Text
from streamlit_persistauth.ui.plain import Markdown, one_line, plain

Texts = Mapping[str, str] | None
"""What an app says in the place of default texts."""


class Labels:
    """The texts of a form: the default ones, or those an app puts in their place."""

    def __init__(self, replacements: Texts = None) -> None:
        """Take a mapping from default texts to others."""
        self._replacements = replacements or {}

    def __call__(self, text: str, /, **values: object) -> Markdown:
        """Return what to say instead of a default text, to what reads Markdown.

        Args:
            text: The default; with `{names}` where values go.
            values: What goes there; as text, whatever is in it.
        """
        return Markdown(self._say(text, values, plain))

    def text(self, text: str, /, **values: object) -> str:
        """Return the same for what reads no Markdown: `st.text`, a cell, a placeholder."""
        return self._say(text, values, one_line)

    def _say(self, text: str, values: Mapping[str, object], write: Callable[[str], str]) -> str:
        template, inside = (text.template, text.values) if isinstance(text, Text) else (text, {})
        inside = {name: self._value(value, write) for name, value in {**inside, **values}.items()}
        wanted = self._replacements.get(template, template)
        if not inside:
            return wanted
        with suppress(
            LookupError, ValueError, AttributeError, TypeError
        ):  # an app's may be malformed
            return wanted.format(**inside)
        return template.format(**inside)

    def _value(self, value: object, write: Callable[[str], str]) -> object:
        if isinstance(value, Text):
            return self._say(value, {}, write)
        return write(value) if isinstance(value, str) and not isinstance(value, Markdown) else value
