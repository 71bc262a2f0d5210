"""The current page of a long list, and the buttons that change it."""

from collections.abc import Hashable

import streamlit as st

from streamlit_persistauth.runtime.own_state import page_values
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.ui.numbers import grouped
from streamlit_persistauth.ui.small_print import draw_small
from streamlit_persistauth.ui.translator import Translator


class Pager:
    """The pages of a list with a known length; another query starts at the first page."""

    def __init__(self, key: str, *, size: int, query: Hashable = None) -> None:
        """Read the current page from the Streamlit session.

        Args:
            key: The key of the list.
            size: The number of lines on a page.
            query: What the list is filtered and sorted by.
        """
        self._key, self._size = f"{key}:page", size
        last_query, page = page_values().get(self._key, (query, 0))
        self._page: int = page if last_query == query else 0
        self._query = query
        page_values()[self._key] = (query, self._page)

    @property
    def offset(self) -> int:
        """The number of lines before this page."""
        return self._page * self._size

    def draw(self, t: Translator, *, shown: int, total: int) -> None:
        """Draw the position and the buttons, if there is more than one page.

        Args:
            t: The texts.
            shown: The number of lines on this page.
            total: The number of lines in the list.
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
        page_values()[self._key] = (self._query, max(0, self._page + step))
