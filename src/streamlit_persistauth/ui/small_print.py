"""Small print with enough contrast."""

from typing import Literal

import streamlit as st


def draw_small(text: str, *, width: Literal["stretch", "content"] = "stretch") -> None:
    """Draw lines of small print.

    `st.caption` has less contrast on a light page than WCAG 1.4.3 requires.

    Args:
        text: Markdown, with user input escaped.
        width: As for `st.markdown`.
    """
    lines = (f":small[{line}]" for line in text.split("\n") if line)
    st.markdown("  \n".join(lines), width=width)
