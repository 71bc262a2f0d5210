"""The texts of forms and panels, in a language and with the replacements of an app."""

from collections.abc import Mapping
from typing import Final, Literal, TypedDict

from streamlit_persistauth.core.text.languages import ENGLISH, catalogue
from streamlit_persistauth.text import translated
from streamlit_persistauth.ui.plain_text import Markdown, begins_right_to_left, one_line, plain

Texts = Mapping[str, str] | None
"""An app's replacements for texts, by the English text."""
_NONE: Final[Mapping[str, str]] = {}


class FieldLabel(TypedDict):
    """The label arguments of a Streamlit widget."""

    label: str
    label_visibility: Literal["visible", "collapsed"]


class Translator:
    """Translates texts: a replacement of the app comes before the translation."""

    def __init__(self, replacements: Texts = None, language: str = ENGLISH) -> None:
        """Create a translator.

        Args:
            replacements: The app's replacements, by the English text.
            language: The code of a supported language.
        """
        self._catalogues = (replacements or _NONE, catalogue(language))

    def __call__(self, text: str, /, **values: object) -> Markdown:
        """Return a translated text as Markdown.

        Args:
            text: The English text, with `{names}` for values.
            values: The values; strings are escaped.
        """
        return Markdown(translated(text, self._catalogues, values, _escaped))

    @property
    def right_to_left(self) -> bool:
        """Whether any replacement of the app begins with a right-to-left script, such as Arabic."""
        return any(map(begins_right_to_left, self._catalogues[0].values()))

    def name(self, text: str, /) -> Markdown:
        """Return the name of a control that can't be hidden: the default if the app's is empty."""
        return self(text) or Markdown(translated(text, self._catalogues[1:], {}, _escaped))

    def label(self, text: str, /) -> FieldLabel:
        """Return the label arguments of a field; an empty label is for screen readers only."""
        return {
            "label": self.name(text),
            "label_visibility": "visible" if self(text) else "collapsed",
        }

    def text(self, text: str, /, **values: object) -> str:
        """Return a translated text as plain text: for `st.text`, a cell, a placeholder."""
        return translated(text, self._catalogues, values, _line)


def _escaped(value: object) -> object:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markdown) else value


def _line(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value
