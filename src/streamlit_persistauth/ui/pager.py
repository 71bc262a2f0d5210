"""Which page of a long list is shown, and the buttons that turn it."""

from collections.abc import Hashable

import streamlit as st

from streamlit_persistauth.runtime.own_state import page_values
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.ui.numbers import grouped
from streamlit_persistauth.ui.small import draw_small
from streamlit_persistauth.ui.translator import Translator


class Pager:
    """One list's place in this Streamlit session; another question begins at its first page."""

    def __init__(self, key: str, *, size: int, question: Hashable = None) -> None:
        """Find the place.

        Args:
            key: Of the list.
            size: Lines a page.
            question: What was asked for.
        """
        self._key, self._size = f"{key}:page", size
        asked, page = page_values().get(self._key, (question, 0))
        self._page: int = page if asked == question else 0
        self._question = question
        page_values()[self._key] = (question, self._page)

    @property
    def offset(self) -> int:
        """How many lines are before this page."""
        return self._page * self._size

    def draw(self, t: Translator, *, shown: int, total: int) -> None:
        """Draw where this is, and the buttons.

        Args:
            t: The texts.
            shown: Lines on this page.
            total: Lines in all.
        """
        if total <= self._size and not self._page:
            return
        with st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="right"
        ):
            first = self.offset + 1 if shown else self.offset
            draw_small(
                t(
                    "{first} to {last} of {total}",
                    first=grouped(first),
                    last=grouped(self.offset + shown),
                    total=grouped(total),
                ),
                width="content",
            )
            for label, icon, step, disabled in (
                (t("Previous page"), "chevron_left", -1, not self._page),
                (t("Next page"), "chevron_right", 1, self.offset + shown >= total),
            ):
                st.button(
                    f":material/{icon}:",
                    key=widget_key(f"{self._key}:{step}"),
                    help=label,
                    disabled=disabled,
                    on_click=self._turn,
                    args=(step,),
                )

    def _turn(self, step: int) -> None:
        page_values()[self._key] = (self._question, max(0, self._page + step))
