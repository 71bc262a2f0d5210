"""The languages of pages and mails, and the choice between them."""

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
    """Return the supported language for a language tag; English if none matches.

    The primary subtag decides (RFC 4647 3.4). Chinese is the exception: the translation uses
    simplified characters, so a tag for traditional ones yields English.

    Args:
        tag: A language tag (BCP 47) such as `de-AT`. Any other text yields English.
    """
    language, *rest = shorten(tag, MAX_WORD).lower().replace("_", "-").split("-")
    if language not in LANGUAGES:
        return ENGLISH
    if language == "zh" and "hans" not in rest and _TRADITIONAL.intersection(rest):
        return ENGLISH
    return language


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the translations into a supported language by their English text."""
    if language == ENGLISH:
        return {}
    file = resources.files("streamlit_persistauth").joinpath(f"languages/{language}.json")
    words: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return words


def translator_for(language: str) -> Translate:
    """Return a function that translates into a supported language and leaves values as they are."""
    return partial(_translate, language)


def _translate(language: str, text: str, /, **values: object) -> str:
    return translated(text, (catalogue(language),), values, lambda value: value)
