"""The feedback of zxcvbn on weak passwords as translatable texts."""

from collections.abc import Mapping
from typing import Final

from streamlit_persistauth.text import Text

_SENTENCES: Final = (
    Text("Use a few words, avoid common phrases."),
    Text("No need for symbols, digits, or uppercase letters."),
    Text("Add another word or two. Uncommon words are better."),
    Text("Straight rows of keys are easy to guess."),
    Text("Short keyboard patterns are easy to guess."),
    Text("Use a longer keyboard pattern with more turns."),
    Text('Repeats like "aaa" are easy to guess.'),
    Text('Repeats like "abcabcabc" are only slightly harder to guess than "abc".'),
    Text("Avoid repeated words and characters."),
    Text('Sequences like "abc" or "6543" are easy to guess.'),
    Text("Avoid sequences."),
    Text("Recent years are easy to guess."),
    Text("Avoid recent years."),
    Text("Avoid years that are associated with you."),
    Text("Dates are often easy to guess."),
    Text("Avoid dates and years that are associated with you."),
    Text("This is a top-10 common password."),
    Text("This is a top-100 common password."),
    Text("This is a very common password."),
    Text("This is similar to a commonly used password."),
    Text("A word by itself is easy to guess."),
    Text("Names and surnames by themselves are easy to guess."),
    Text("Common names and surnames are easy to guess."),
    Text("Capitalization doesn't help very much."),
    Text("All-uppercase is almost as easy to guess as all-lowercase."),
    Text("Reversed words aren't much harder to guess."),
    Text("Predictable substitutions like '@' instead of 'a' don't help very much."),
)
ADVICE: Final[Mapping[str, Text]] = {str(sentence): sentence for sentence in _SENTENCES}
"""By the sentence of zxcvbn. A sentence that a later version adds is shown in English."""
