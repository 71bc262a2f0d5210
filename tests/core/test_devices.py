import subprocess
import sys

import pytest

from streamlit_persistauth.core.devices import Device, DeviceKind, device_of

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
IPAD = "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "

KNOWN = [
    (WINDOWS + "Chrome/143.0.0.0 Safari/537.36", "Chrome", "Windows", "computer"),
    (WINDOWS + "Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0", "Edge", "Windows", "computer"),
    (MAC + "Version/26.0 Safari/605.1.15", "Safari", "macOS", "computer"),
    (IPHONE + "Version/18.5 Mobile/15E148 Safari/604.1", "Safari", "iPhone", "phone"),
    (IPHONE + "FxiOS/140.0 Mobile/15E148 Safari/605.1.15", "Firefox", "iPhone", "phone"),
    (IPAD + "CriOS/143.0 Mobile/15E148 Safari/604.1", "Chrome", "iPad", "tablet"),
    (ANDROID + "Chrome/143.0.0.0 Mobile Safari/537.36", "Chrome", "Android", "phone"),
    (ANDROID + "Chrome/143.0.0.0 Safari/537.36", "Chrome", "Android", "tablet"),
    (
        "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
        "Firefox",
        "Android",
        "phone",
    ),
    (
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Firefox",
        "Linux",
        "computer",
    ),
    (
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/143.0 Safari/537.36",
        "Chrome",
        "ChromeOS",
        "computer",
    ),
    ("curl/8.5.0", "curl", "", "program"),
    ("python-requests/2.32", "Python Requests", "", "program"),
]


@pytest.mark.parametrize(("user_agent", "browser", "system", "kind"), KNOWN)
def test_known(user_agent: str, browser: str, system: str, kind: str) -> None:
    """Browsers and systems have their usual names."""
    assert device_of(user_agent) == Device(browser, system, DeviceKind(kind))


@pytest.mark.parametrize("user_agent", [None, "", "Mozilla/5.0", "?" * 255, "(" * 255, "\0\ud800"])
def test_unknown(user_agent: str | None) -> None:
    """An unknown or meaningless header gives an unknown device."""
    assert device_of(user_agent) == Device("", "", DeviceKind.UNKNOWN)


def test_loaded_when_needed() -> None:
    """The tables of browsers are not loaded with the library."""
    code = "import sys, streamlit_persistauth; print('ua_parser' in sys.modules)"
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert finished.stdout.strip() == "False"
