"""Small print that everybody can read."""

from typing import Literal

import streamlit as st


def draw_small(text: str, *, width: Literal["stretch", "content"] = "stretch") -> None:
    """Draw lines of small print.

    Not `st.caption`, which is paler on a light page than WCAG 1.4.3 allows.

    Args:
        text: Markdown; what came from people is escaped in it.
        width: As for `st.markdown`.
    """
    lines = (f":small[{line}]" for line in text.split("\n") if line)
    st.markdown("  \n".join(lines), width=width)
