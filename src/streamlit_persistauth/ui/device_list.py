"""The list of a user's devices, each with a button that signs it out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from streamlit_persistauth.core.devices import Device, DeviceKind
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.ui.elements import draw_button
from streamlit_persistauth.ui.plain_text import Markdown, one_line, plain
from streamlit_persistauth.ui.small_print import draw_small
from streamlit_persistauth.ui.translator import Translator

_ICONS: Final = {
    DeviceKind.COMPUTER: ":material/computer:",
    DeviceKind.PHONE: ":material/smartphone:",
    DeviceKind.TABLET: ":material/tablet:",
    DeviceKind.PROGRAM: ":material/terminal:",
    DeviceKind.UNKNOWN: ":material/devices_other:",
}
_STYLE: Final = """<style>
[class*="-persistauth-device-"] { flex-wrap: nowrap }
[class*="-persistauth-device-"] > :nth-child(2) { min-width: 0; flex: 1 1 0 }
[class*="-persistauth-device-"] [data-testid="stMarkdownContainer"] { margin-bottom: 0 }
[class*="-persistauth-device-"] p { margin: 0; overflow-wrap: anywhere }
</style>"""
"""A row stays one row on a phone: the text between the icon and the button wraps."""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device of the list.

    Attributes:
        session_id: The id of its session.
        device: The kind of device, its browser and its operating system.
        is_here: Whether this is the device that shows the list.
        place: The place of its IP address; empty if unknown.
        signed_in: When it signed in, in words.
        last_seen: When it was last used, in words.
    """

    session_id: str
    device: Device
    is_here: bool
    place: str
    signed_in: str
    last_seen: str


def draw_devices(
    rows: Sequence[DeviceRow],
    *,
    sign_out: Callable[[str], None],
    sign_out_others: Callable[[], None],
    hidden: int,
    key: str,
    t: Translator,
) -> bool:
    """Draw the list; return whether the button of the current device was pressed.

    Args:
        rows: The devices, from top to bottom.
        sign_out: Called with the session id of another device when its button is pressed.
        sign_out_others: Called when "Sign out everywhere else" is pressed.
        hidden: The number of devices that are not listed.
        key: Prefix of the widget keys.
        t: The texts.
    """
    st.html(_STYLE)
    signs_out = False
    for row in rows:
        with st.container(
            key=f"{key}-persistauth-device-{row.session_id}",
            border=True,
            horizontal=True,
            vertical_alignment="center",
        ):
            signs_out = (_draw_row(row, sign_out, key, t) and row.is_here) or signs_out
    if hidden == 1:
        draw_small(t("1 more device is not shown."))
    elif hidden:
        draw_small(t("{n} more devices are not shown.", n=hidden))
    if len(rows) > 1:
        draw_button(
            t("Sign out everywhere else"),
            key=widget_key(f"{key}:others"),
            on_click=sign_out_others,
            width="stretch",
        )
    return signs_out


def _draw_row(row: DeviceRow, sign_out: Callable[[str], None], key: str, t: Translator) -> bool:
    """Draw one device; return whether its button was pressed."""
    st.markdown(_ICONS[row.device.kind], width="content")
    with st.container(gap=None):
        badge = t("This device") if row.is_here else ""
        here = f" :green-badge[{badge}]" if badge else ""
        st.markdown(f"**{device_name(row.device, t)}**{here}")
        draw_small(_details(row, t))
    return draw_button(
        t("Sign out"),
        key=widget_key(f"{key}:end:{row.session_id}"),
        on_click=None if row.is_here else sign_out,
        args=(row.session_id,),
        width="content",
    )


def _details(row: DeviceRow, t: Translator) -> str:
    """Return the lines below a device's name."""
    lines = [
        t("Last seen {when}", when=row.last_seen),
        t("Signed in {when}", when=row.signed_in),
        plain(row.place),
    ]
    return "\n".join(lines)


def device_name(device: Device, t: Translator) -> Markdown:
    """Return the name of a device as Markdown."""
    if device.browser and device.system:
        return t("{browser} on {system}", browser=device.browser, system=device.system)
    return plain(device.browser or device.system) or t("Unknown device")


def device_text(device: Device, t: Translator) -> str:
    """Return the name of a device as plain text."""
    if device.browser and device.system:
        return t.text("{browser} on {system}", browser=device.browser, system=device.system)
    return one_line(device.browser or device.system) or t.text("Unknown device")
