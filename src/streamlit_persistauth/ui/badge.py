"""Who is signed in, behind a button: a circle with initials, and the name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from streamlit_persistauth.runtime.hidden import class_of
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.ui.direction import directed
from streamlit_persistauth.ui.plain import plain
from streamlit_persistauth.ui.texts import draw_button
from streamlit_persistauth.ui.translator import Translator

_STYLE: Final = """<style>
.{name} button p {{ overflow: hidden; text-overflow: ellipsis; white-space: nowrap }}
.{name} [data-testid="stPopoverButton"] {{ max-width: 100%; justify-content: flex-start;
  padding-inline-start: 0.35rem }}
.{name} [data-testid="stPopoverButton"]::before {{ content: "{initials}";
  content: "{initials}" / ""; flex: none; width: 1.75rem; height: 1.75rem; border-radius: 50%;
  margin-inline-end: 0.5rem; display: inline-flex; align-items: center; justify-content: center;
  font-size: 0.75rem; font-weight: 600; line-height: 1; color: white;
  background: oklch(0.5 0.11 {hue}) }}
</style>"""
"""The circle is no text of the button: a screen reader says the name alone."""


@dataclass(frozen=True, slots=True)
class Badge:
    """What a user's menu shows of them.

    Attributes:
        name: What they are called.
        email: Their address.
        initials: One letter or two.
        hue: Of their circle, in degrees.
    """

    name: str
    email: str
    initials: str
    hue: int


def draw_menu(
    badge: Badge,
    *,
    fills: bool,
    is_account_open: bool,
    open_account: Callable[[], None],
    key: str,
    t: Translator,
) -> bool:
    """Draw the menu; return whether "Log out" was pressed.

    Args:
        badge: Who is signed in.
        fills: Whether the button is as wide as its place, as in a sidebar.
        is_account_open: Whether the account is open over the page.
        open_account: Called when "Account" is pressed.
        key: Of the widgets.
        t: Its texts.
    """
    place = f"{key}-menu"
    # Under another key it is another popover, so the one that was open closes behind the account.
    popover_key = f"{key}:menu:behind" if is_account_open else f"{key}:menu"
    with st.container(key=place, horizontal_alignment="left" if fills else "right"):
        st.html(_style(badge, place))
        width: Literal["stretch", "content"] = "stretch" if fills else "content"
        with (
            st.popover(plain(badge.name or badge.email), key=widget_key(popover_key), width=width),
            directed(t, f"{key}-menu-open"),
        ):
            with st.container(gap=None):
                st.markdown(f"**{plain(badge.name or badge.email)}**")
                if badge.name:
                    st.markdown(plain(badge.email))
            draw_button(
                t("Account"),
                icon=":material/manage_accounts:",
                key=widget_key(f"{key}:account"),
                on_click=open_account,
                width="stretch",
            )
            return draw_button(
                t("Log out"),
                icon=":material/logout:",
                key=widget_key(f"{key}:out"),
                width="stretch",
            )


def _style(badge: Badge, place: str) -> str:
    """Return the look of one menu. Letters are written as numbers: they can't leave the text."""
    letters = "".join(f"\\{ord(letter):06x}" for letter in badge.initials)
    return _STYLE.format(name=class_of(place), initials=letters, hue=badge.hue)
