"""The browser and the operating system behind a `User-Agent` header."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from streamlit_persistauth.core.text.measure import MAX_AGENT, shorten

PlaceOf = Callable[[str], str | None]
"""Returns the place of an IP address, in words, or None."""
_PROGRAMS: Final = {"curl", "Wget", "Python Requests", "aiohttp", "Go-http-client", "okhttp"}
_SYSTEMS: Final = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS"}
_VARIANTS: Final = ("Mobile", "iOS", "WebView", "UI/WKWebView")
"""Words that `ua_parser` adds to the name of a browser to distinguish its editions."""


class DeviceKind(str, Enum):
    """The kind of a device, which decides about its icon."""

    COMPUTER = "computer"
    PHONE = "phone"
    TABLET = "tablet"
    PROGRAM = "program"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Device:
    """What a `User-Agent` header says about a device. The header is untrusted text.

    Attributes:
        browser: The name of the browser; empty if unknown.
        system: The operating system or device; empty if unknown.
        kind: The kind of the device.
    """

    browser: str = ""
    system: str = ""
    kind: DeviceKind = DeviceKind.UNKNOWN


def device_of(user_agent: str | None) -> Device:
    """Return the device that a `User-Agent` header describes (RFC 9110 10.1.5)."""
    if not user_agent:
        return Device()
    user_agent = shorten(user_agent, MAX_AGENT)
    import ua_parser  # here: large tables that most pages do not need

    parsed = ua_parser.parse(user_agent)
    browser = parsed.user_agent.family if parsed.user_agent else ""
    system = parsed.os.family if parsed.os else ""
    brand = (parsed.device.brand if parsed.device else None) or ""
    model = (parsed.device.model if parsed.device else None) or ""
    return Device(
        browser=_browser(browser),
        system=_system(system, model),
        kind=_kind(user_agent, browser, system, brand, model),
    )


def _browser(family: str) -> str:
    """Return the name of a browser without its edition: `Safari` for `Mobile Safari`."""
    if family == "HeadlessChrome":
        return "Chrome"
    words = [word for word in family.split() if word not in _VARIANTS]
    return " ".join(words) or family


def _system(family: str, model: str) -> str:
    """Return the common name of a system: `iPhone` and `iPad` instead of `iOS`."""
    if family == "iOS" and model in {"iPhone", "iPad"}:
        return model
    return _SYSTEMS.get(family, family)


def _kind(user_agent: str, browser: str, system: str, brand: str, model: str) -> DeviceKind:
    if brand == "Spider" or browser in _PROGRAMS:
        return DeviceKind.PROGRAM
    if model == "iPad" or "Tablet" in brand:
        return DeviceKind.TABLET
    if system == "Android":
        # Browsers on Android send "Mobile" on phones only.
        return DeviceKind.PHONE if "Mobile" in user_agent else DeviceKind.TABLET
    if system == "iOS" or "Mobile" in browser:
        return DeviceKind.PHONE
    return DeviceKind.COMPUTER if system else DeviceKind.UNKNOWN
