"""What somebody signed in with: which browser, on which system, in words."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from streamlit_persistauth.core.text.measure import MAX_AGENT, shorten

_PROGRAMS: Final = {"curl", "Wget", "Python Requests", "aiohttp", "Go-http-client", "okhttp"}
_SYSTEMS: Final = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS"}
_VARIANTS: Final = ("Mobile", "iOS", "WebView", "UI/WKWebView")
"""What the list of browsers adds to a name to tell one edition from another."""


class DeviceKind(str, Enum):
    """What a device looks like."""

    COMPUTER = "computer"
    PHONE = "phone"
    TABLET = "tablet"
    PROGRAM = "program"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Device:
    """What a browser says about itself. Nobody checks it, so it is text like any other.

    Attributes:
        browser: Its name; empty where that can't be told.
        system: What it runs on; empty where that can't be told.
        kind: What the device looks like.
    """

    browser: str = ""
    system: str = ""
    kind: DeviceKind = DeviceKind.UNKNOWN


def device_of(user_agent: str | None) -> Device:
    """Return the device behind what a browser calls itself (RFC 9110 10.1.5)."""
    if not user_agent:
        return Device()
    user_agent = shorten(user_agent, MAX_AGENT)
    import ua_parser  # its tables are thousands of objects, which most pages never need

    found = ua_parser.parse(user_agent)
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    brand = (found.device.brand if found.device else None) or ""
    model = (found.device.model if found.device else None) or ""
    return Device(
        browser=_browser(browser),
        system=_system(system, model),
        kind=_kind(user_agent, browser, system, brand, model),
    )


def _browser(family: str) -> str:
    """Return a browser's name without its edition: `Safari` for `Mobile Safari`."""
    if family == "HeadlessChrome":
        return "Chrome"
    words = [word for word in family.split() if word not in _VARIANTS]
    return " ".join(words) or family


def _system(family: str, model: str) -> str:
    """Return what people call a system: by the device where its maker does."""
    if family == "iOS" and model in {"iPhone", "iPad"}:
        return model
    return _SYSTEMS.get(family, family)


def _kind(user_agent: str, browser: str, system: str, brand: str, model: str) -> DeviceKind:
    if brand == "Spider" or browser in _PROGRAMS:
        return DeviceKind.PROGRAM
    if model == "iPad" or "Tablet" in brand:
        return DeviceKind.TABLET
    if system == "Android":
        # Browsers on Android say "Mobile" on a phone, and nothing on a tablet.
        return DeviceKind.PHONE if "Mobile" in user_agent else DeviceKind.TABLET
    if system == "iOS" or "Mobile" in browser:
        return DeviceKind.PHONE
    return DeviceKind.COMPUTER if system else DeviceKind.UNKNOWN
