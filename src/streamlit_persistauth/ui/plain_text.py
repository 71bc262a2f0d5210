"""Untrusted text, made safe for Markdown and for a single line."""

import re
import unicodedata
from typing import Final

from streamlit_persistauth.core.text.characters import replace_invisible

LIMIT: Final = 120
"""Characters of such a text on a page, unless asked otherwise."""
_RIGHT_TO_LEFT: Final = {"R", "AL"}
_STRONG: Final = {"L", *_RIGHT_TO_LEFT}
_MOVED: Final = {*_RIGHT_TO_LEFT, "AN"}
_ISOLATE: Final = "\u2068", "\u2069"
_GAPS: Final = re.compile(r"[^\S\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+")
_PUNCTUATION: Final = re.compile(
    r"""
    [][\\`*{}()<>#!|~$^&"=]      # markup anywhere
    | (?<![^\W_])_ | _(?![^\W_])  # markup except between letters
    | :(?!\s|$)                  # directives, emoji, icons
    | (?<!\S)[-+]                # a list
    | (?<=\d)[.)](?=\s|$)        # a numbered one
    | (?<=:)/                    # `:material/`, `://`
    """,
    re.VERBOSE,
)
_BREAKS: Final = re.compile(
    r"""
    (?<=:)(?=[\w+-])             # `:smile:`, `:material_home:`, `:streamlit:`
    | (?<=[<>~-])(?=[<>=-])      # `->`, `--`, `>=`, which become arrows and dashes
    | (?<=[\w.+-])(?=@\w)        # an email address, which becomes a link
    | (?<=www)(?=\.)             # so do web addresses
    | (?<=http)(?=://) | (?<=https)(?=://)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BREAK: Final = "\0"
_NOTHING: Final = ":small[]"
"""An empty element. Streamlit replaces emoji, icons, arrows and addresses after it has resolved
escapes, so only an element between their characters prevents it."""


class Markdown(str):
    """Markdown text in which all untrusted text is escaped."""

    __slots__ = ()


def one_line(text: str, *, limit: int = LIMIT) -> str:
    """Return untrusted text as one line of plain text: for `st.text`, a cell, a placeholder.

    Each run of invisible characters and direction overrides becomes one U+FFFD.

    Args:
        text: The untrusted text.
        limit: The maximum length in characters; a longer text ends with an ellipsis.
    """
    start = _GAPS.sub(" ", text[: 8 * limit]).strip()
    line = replace_invisible(start)
    if len(line) > limit or len(text) > 8 * limit:
        line = line[: limit - 1].rstrip() + "…"
    return line


def plain(text: str, *, limit: int = LIMIT) -> Markdown:
    """Return untrusted text as one line of Markdown: for a label, a caption, a toast, a `help=`.

    Right-to-left text is isolated, so that it does not reorder the text around it.
    """
    line = one_line(text, limit=limit)
    parted = _BREAKS.sub(_BREAK, line)
    escaped = _PUNCTUATION.sub(r"\\\g<0>", parted).replace(_BREAK, _NOTHING)
    if any(unicodedata.bidirectional(character) in _MOVED for character in line):
        escaped = escaped.join(_ISOLATE)
    return Markdown(escaped)


def begins_right_to_left(text: str) -> bool:
    """Return whether the first strong character of a text is right-to-left (UAX #9, P2 and P3)."""
    kinds = map(unicodedata.bidirectional, text)
    return next((kind for kind in kinds if kind in _STRONG), "L") in _RIGHT_TO_LEFT
