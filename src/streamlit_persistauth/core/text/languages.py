"""The languages that pages and letters speak, and which of them somebody reads."""

import json
from collections.abc import Mapping
from functools import cache, partial
from importlib import resources
from typing import Final

from streamlit_persistauth.core.text.measure import MAX_WORD, shorten
from streamlit_persistauth.text import Translate, translated

ENGLISH: Final = "en"
LANGUAGES: Final = (ENGLISH, "de", "es", "fr", "ja", "pt", "zh")
_TRADITIONAL: Final = {"hant", "tw", "hk", "mo"}


def matching(tag: str) -> str:
    """Return which of our languages to speak to who asked for one; English where there is none.

    The most general subtag decides (RFC 4647 3.4), but for Chinese: ours is written in simplified
    characters, and whoever asks for traditional ones gets English.

    Args:
        tag: A language tag (BCP 47), such as `de-AT`; whatever else it is, it is none of ours.
    """
    language, *rest = shorten(tag, MAX_WORD).lower().replace("_", "-").split("-")
    if language not in LANGUAGES:
        return ENGLISH
    if language == "zh" and "hans" not in rest and _TRADITIONAL.intersection(rest):
        return ENGLISH
    return language


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the words of one of our languages, by the English ones; read once in a process."""
    if language == ENGLISH:
        return {}
    file = resources.files("streamlit_persistauth").joinpath(f"languages/{language}.json")
    words: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return words


def translator_for(language: str) -> Translate:
    """Return what says texts in one of our languages, with their values as they are."""
    return partial(_speak, language)


def _speak(language: str, text: str, /, **values: object) -> str:
    return translated(text, (catalogue(language),), values, lambda value: value)
