"""What forms say, and how an app says it otherwise."""

from collections.abc import Mapping

Texts = Mapping[str, str] | None
"""What an app says in the place of default texts."""


class Labels:
    """The texts of a form: the default ones, or those an app puts in their place."""

    def __init__(self, replacements: Texts = None) -> None:
        """Take a mapping from default texts to others."""
        self._replacements = replacements or {}

    def __call__(self, text: str) -> str:
        """Return what to say instead of a default text."""
        return self._replacements.get(text, text)
