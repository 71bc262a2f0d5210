"""What opens over a page."""

from collections.abc import Callable

import streamlit as st

from streamlit_persistauth.ui.direction import directed
from streamlit_persistauth.ui.translator import Translator


def open_dialog(
    title: str,
    draw: Callable[[], None],
    *,
    key: str,
    t: Translator,
    dismissed: Callable[[], None] | None = None,
) -> None:
    """Open a dialog. What is in it runs on its own from then on, without the code above it.

    Args:
        title: What stands above it.
        draw: Draws what is in it, at each of its runs.
        key: Of the dialog.
        t: Its texts.
        dismissed: Called when it is closed by who looks at it; the page runs then.
    """

    def draw_inside() -> None:
        with directed(t, f"{key}-dialog"):
            draw()

    st.dialog(t.name(title), on_dismiss=dismissed or "ignore")(draw_inside)()
