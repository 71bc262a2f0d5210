"""The kind, memory, blocks and locks of a script run."""

import pytest
from tests.support import scripts
from tests.support.page import Page

from streamlit_persistauth.runtime import script_run
from streamlit_persistauth.runtime.script_run import session_lock


def test_rerun_is_no_use() -> None:
    """A run that the user requests is activity; those that the script requests are not."""
    page = Page(scripts.rerunning)
    assert page.texts == ["[True, False, False]"]
    assert page.run().texts == ["[True, False, False]"]


def test_memory_in_a_thread() -> None:
    """A run has a memory on its own thread; a thread that the app gave its context has none."""
    page = Page(scripts.caching)
    assert page.exceptions == []
    assert page.texts == ["{'here': 1} {}"]


def test_unbroken() -> None:
    """When the page requests another run, an uninterrupted block finishes, and no more."""
    page = Page(scripts.broken_off)
    assert page.exceptions == []
    assert page.texts == ["begun, held together"]


def test_session_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock lasts as long as a run holds it, however many other sessions there are meanwhile."""
    names = iter(["one", *map(str, range(10_000)), "one", "one", "one"])
    monkeypatch.setattr(script_run, "streamlit_session", lambda: next(names))
    with session_lock("form"):
        assert not any(session_lock("form").locked() for _ in range(10_000))
        assert session_lock("form").locked()
        assert not session_lock("another form").locked()
    assert not session_lock("form").locked()
    assert not script_run._locks
