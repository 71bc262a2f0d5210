"""The list of somebody's devices, each with its way out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from streamlit_persistauth.core.devices import Device, DeviceKind
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.ui.plain import Markdown, one_line, plain
from streamlit_persistauth.ui.small import draw_small
from streamlit_persistauth.ui.texts import draw_button
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
"""A row stays a row on a phone: what is between icon and button gives way."""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device of the list.

    Attributes:
        session_id: Its sign-in.
        device: What it is.
        is_here: Whether it is the one that looks at the list.
        place: Where it is; empty where that isn't known.
        signed_in: When that was, in words.
        last_seen: When it was last seen, in words.
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
    end: Callable[[str], None],
    end_others: Callable[[], None],
    hidden: int,
    key: str,
    t: Translator,
) -> bool:
    """Draw the list; return whether the button of this device was pressed.

    Args:
        rows: From top to bottom.
        end: Called with the sign-in of another device whose button is pressed.
        end_others: Called for the button that leaves this device alone.
        hidden: How many devices more there are.
        key: Of the buttons.
        t: Its texts.
    """
    st.html(_STYLE)
    leaves = False
    for row in rows:
        with st.container(
            key=f"{key}-persistauth-device-{row.session_id}",
            border=True,
            horizontal=True,
            vertical_alignment="center",
        ):
            leaves = (_draw_row(row, end, key, t) and row.is_here) or leaves
    if hidden == 1:
        draw_small(t("1 more device is not shown."))
    elif hidden:
        draw_small(t("{n} more devices are not shown.", n=hidden))
    if len(rows) > 1:
        draw_button(
            t("Sign out everywhere else"),
            key=widget_key(f"{key}:others"),
            on_click=end_others,
            width="stretch",
        )
    return leaves


def _draw_row(row: DeviceRow, end: Callable[[str], None], key: str, t: Translator) -> bool:
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
        on_click=None if row.is_here else end,
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
    """Return what a device is called in a list."""
    if device.browser and device.system:
        return t("{browser} on {system}", browser=device.browser, system=device.system)
    return plain(device.browser or device.system) or t("Unknown device")


def device_text(device: Device, t: Translator) -> str:
    """Return the same for what reads no Markdown."""
    if device.browser and device.system:
        return t.text("{browser} on {system}", browser=device.browser, system=device.system)
    return one_line(device.browser or device.system) or t.text("Unknown device")
