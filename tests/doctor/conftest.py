"""A deployment without faults, and a fixture that examines it with an app."""

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streamlit_persistauth.core.sessions.key_strength import generate_key
from streamlit_persistauth.doctor.examination import examine
from streamlit_persistauth.doctor.finding import Finding, Severity

HEAD = """
import streamlit as st
from streamlit_persistauth import Authenticator

auth = Authenticator()
"""
SERVED = """
if __name__ != "__main__":
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
"""

Examine = Callable[..., dict[str, Finding]]


@pytest.fixture
def deployment(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory, with the environment of a correct deployment."""
    for name in ("STREAMLIT_SERVER_ENABLE_CORS", "WEB_CONCURRENCY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(clean_machine / "home"))
    monkeypatch.setenv("JWT_SECRET_KEY", generate_key())
    yield clean_machine
    monkeypatch.undo()
    from streamlit import config

    config._main_script_path = None
    config.get_config_options(force_reparse=True)


@pytest.fixture
def look(deployment: Path) -> Examine:
    """Return a function that writes an app, examines it and returns the findings by code."""

    def write_and_examine(source: str | None = None, **files: str) -> dict[str, Finding]:
        if source is not None:
            (deployment / "app.py").write_text(HEAD + textwrap.dedent(source), encoding="utf-8")
        for name, text in files.items():
            path = deployment / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        main_file = deployment / "app.py"
        found = examine(main_file if main_file.exists() else None)
        return {finding.code: finding for finding in found}

    return write_and_examine


def faults(found: dict[str, Finding]) -> list[str]:
    """Return the codes of errors and warnings."""
    return sorted(code for code, it in found.items() if it.severity is not Severity.NOTE)
