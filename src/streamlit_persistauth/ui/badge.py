"""The popover button of a user: a circle with initials and the name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from streamlit_persistauth.runtime.hidden_elements import class_of
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.ui.direction import directed
from streamlit_persistauth.ui.elements import draw_button
from streamlit_persistauth.ui.plain_text import plain
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
"""The circle is not part of the button's text: a screen reader reads the name only."""


@dataclass(frozen=True, slots=True)
class Badge:
    """What the button and its popover show of a user.

    Attributes:
        name: The full name; may be empty.
        account: The username, or the email address.
        initials: One or two letters.
        hue: The colour of the circle, in degrees.
    """

    name: str
    account: str
    initials: str
    hue: int


def draw_badge(
    badge: Badge,
    *,
    fills: bool,
    is_account_open: bool,
    open_account: Callable[[], None],
    key: str,
    t: Translator,
) -> bool:
    """Draw the button with its popover; return whether "Log out" was pressed.

    Args:
        badge: The user.
        fills: Whether the button is as wide as its container, as in a sidebar.
        is_account_open: Whether the account dialog is open.
        open_account: Called when "Account" is pressed.
        key: Prefix of the widget keys.
        t: The texts.
    """
    place = f"{key}-menu"
    # A popover with another key is a new one, so the open one closes behind the dialog.
    popover_key = f"{key}:menu:behind" if is_account_open else f"{key}:menu"
    with st.container(key=place, horizontal_alignment="left" if fills else "right"):
        st.html(_style(badge, place))
        width: Literal["stretch", "content"] = "stretch" if fills else "content"
        with (
            st.popover(
                plain(badge.name or badge.account), key=widget_key(popover_key), width=width
            ),
            directed(t, f"{key}-menu-open"),
        ):
            with st.container(gap=None):
                st.markdown(f"**{plain(badge.name or badge.account)}**")
                if badge.name:
                    st.markdown(plain(badge.account))
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
    """Return the style of one button. Letters are CSS escapes, so they can't end the string."""
    letters = "".join(f"\\{ord(letter):06x}" for letter in badge.initials)
    return _STYLE.format(name=class_of(place), initials=letters, hue=badge.hue)
