"""What forms say: in one of our languages, or as an app says it otherwise."""

from collections.abc import Mapping
from typing import Final, Literal, TypedDict

from streamlit_persistauth.core.text.languages import ENGLISH, catalogue
from streamlit_persistauth.text import translated
from streamlit_persistauth.ui.plain import Markdown, begins_right_to_left, one_line, plain

Texts = Mapping[str, str] | None
"""What an app says in the place of default texts, by these in English."""
_NONE: Final[Mapping[str, str]] = {}


class FieldLabel(TypedDict):
    """The arguments of a widget that say what it is called."""

    label: str
    label_visibility: Literal["visible", "collapsed"]


class Translator:
    """The texts of a form: those of a language, or those an app puts in their place."""

    def __init__(self, replacements: Texts = None, language: str = ENGLISH) -> None:
        """Take a mapping from English texts to others, and one of our languages for the rest."""
        self._catalogues = (replacements or _NONE, catalogue(language))

    def __call__(self, text: str, /, **values: object) -> Markdown:
        """Return what to say, to what reads Markdown.

        Args:
            text: The text in English; with `{names}` where values go.
            values: What goes there; as text, whatever is in it.
        """
        return Markdown(translated(text, self._catalogues, values, _escaped))

    @property
    def right_to_left(self) -> bool:
        """Whether an app's own words are written from right to left, as Arabic is."""
        return any(map(begins_right_to_left, self._catalogues[0].values()))

    def name(self, text: str, /) -> Markdown:
        """Return the name of a control that is drawn always: ours where an app's is empty."""
        return self(text) or Markdown(translated(text, self._catalogues[1:], {}, _escaped))

    def label(self, text: str, /) -> FieldLabel:
        """Return the label of a field, as arguments; an empty one is for screen readers alone."""
        return {
            "label": self.name(text),
            "label_visibility": "visible" if self(text) else "collapsed",
        }

    def text(self, text: str, /, **values: object) -> str:
        """Return the same for what reads no Markdown: `st.text`, a cell, a placeholder."""
        return translated(text, self._catalogues, values, _line)


def _escaped(value: object) -> object:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markdown) else value


def _line(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value
