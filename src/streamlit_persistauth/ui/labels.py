"""What forms say, and how an app says it otherwise."""

from collections.abc import Mapping
from contextlib import suppress

from streamlit_persistauth.core.text import Text

Texts = Mapping[str, str] | None
"""What an app says in the place of default texts."""


class Labels:
    """The texts of a form: the default ones, or those an app puts in their place."""

    def __init__(self, replacements: Texts = None) -> None:
        """Take a mapping from default texts to others."""
        self._replacements = replacements or {}

    def __call__(self, text: str, /, **values: object) -> str:
        """Return what to say instead of a default text.

        Args:
            text: The default; with `{names}` where values go.
            values: What goes there.
        """
        template, inside = (text.template, text.values) if isinstance(text, Text) else (text, {})
        inside = {name: self._inner(value) for name, value in {**inside, **values}.items()}
        wanted = self._replacements.get(template, template)
        if not inside:
            return wanted
        with suppress(KeyError, IndexError, ValueError):  # an app's own text may be malformed
            return wanted.format(**inside)
        return template.format(**inside)

    def _inner(self, value: object) -> object:
        return self(value) if isinstance(value, Text) else value
