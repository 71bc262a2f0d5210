"""What people typed or are called, so that a page shows it as text and never as markup."""

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
    [][\\`*{}()<>#!|~$^&"=]      # may mean something anywhere
    | (?<![^\W_])_ | _(?![^\W_])  # so may this, but not between letters
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
    | (?<=[<>~-])(?=[<>=-])      # `->`, `--`, `>=`, which are made arrows and the like
    | (?<=[\w.+-])(?=@\w)        # an address, which is made a link
    | (?<=www)(?=\.)             # so are these
    | (?<=http)(?=://) | (?<=https)(?=://)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BREAK: Final = "\0"
_NOTHING: Final = ":small[]"
"""An element without content. Streamlit looks for emoji, icons, arrows and addresses in the text
that is left after escapes are taken for what they stand for, so only a new element parts it."""


class Markdown(str):
    """Text for a widget that reads Markdown: whatever came from people is escaped in it."""

    __slots__ = ()


def one_line(text: str, *, limit: int = LIMIT) -> str:
    """Return one line of text for what reads no Markdown: `st.text`, a cell, a placeholder.

    Characters that nobody sees, or that turn others around, become U+FFFD, runs of them one.

    Args:
        text: Whatever it is.
        limit: How many characters may be left; the last is then an ellipsis.
    """
    start = _GAPS.sub(" ", text[: 8 * limit]).strip()
    line = replace_invisible(start)
    if len(line) > limit or len(text) > 8 * limit:
        line = line[: limit - 1].rstrip() + "…"
    return line


def plain(text: str, *, limit: int = LIMIT) -> Markdown:
    """Return the same for what reads Markdown: a label, a caption, a toast, a `help=`.

    Text that runs from right to left is isolated, so that it moves nothing around it.
    """
    line = one_line(text, limit=limit)
    parted = _BREAKS.sub(_BREAK, line)
    escaped = _PUNCTUATION.sub(r"\\\g<0>", parted).replace(_BREAK, _NOTHING)
    if any(unicodedata.bidirectional(character) in _MOVED for character in line):
        escaped = escaped.join(_ISOLATE)
    return Markdown(escaped)


def begins_right_to_left(text: str) -> bool:
    """Return whether the first letter of a text runs from right to left (UAX #9, P2 and P3)."""
    kinds = map(unicodedata.bidirectional, text)
    return next((kind for kind in kinds if kind in _STRONG), "L") in _RIGHT_TO_LEFT
