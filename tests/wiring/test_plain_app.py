"""Settings that have no effect in a plain app."""

import pytest
from tests.support import scripts
from tests.support.page import Page

from streamlit_persistauth import AuthSettings
from streamlit_persistauth.wiring import plain_app

NAMES = {
    "PERSISTAUTH_CSP": "strict",
    "PERSISTAUTH_CSP_REPORT_ONLY": "strict",
    "PERSISTAUTH_PROTECT_FILES": "on",
    "PERSISTAUTH_FRAME_ANCESTORS": "https://example.com",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("clean_machine")
def test_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A setting with another value than its default is named."""
    assert plain_app.without_effect(AuthSettings()) == ()
    monkeypatch.setenv(name, NAMES[name])
    assert plain_app.without_effect(AuthSettings()) == (name,)


@pytest.mark.usefixtures("clean_machine")
def test_logged_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A page of a plain app logs the settings once, without their values."""
    plain_app._warn.cache_clear()
    Page(scripts.mirrored)
    assert "no effect" not in caplog.text
    monkeypatch.setenv("PERSISTAUTH_CSP", "script-src https://canary.example")
    monkeypatch.setenv("PERSISTAUTH_PROTECT_FILES", "on")
    for script in (scripts.mirrored, scripts.guarded):
        Page(script).run()
    line = "PERSISTAUTH_PROTECT_FILES, PERSISTAUTH_CSP: no effect in a plain app"
    assert caplog.text.count(line) == 1
    assert "canary" not in caplog.text
