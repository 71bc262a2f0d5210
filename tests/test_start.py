"""An app served through st.App whose settings are wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.server import ROOT, free_port

from streamlit_persistauth import Authenticator, ConfigError

APP = """
import streamlit as st
from streamlit_persistauth import Authenticator

auth = Authenticator()
app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
"""
SAID = "Error: The app has not started. JWT_SECRET_KEY: it is missing."


@pytest.mark.parametrize("server", ["streamlit", "uvicorn"])
def test_missing_key(clean_machine: Path, server: str) -> None:
    """The server exits with status 2 and one sentence as the last line, without a traceback."""
    (clean_machine / "app.py").write_text(APP)
    port = str(free_port())
    commands = {
        "streamlit": ["run", "app.py", "--server.headless=true", f"--server.port={port}"],
        "uvicorn": ["app:app", "--port", port],
    }
    done = subprocess.run(
        [sys.executable, "-m", server, *commands[server]],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}.",
            "PERSISTAUTH_DATABASE_URL": "postgresql://ada@127.0.0.1:1/db",
            "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        },
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.splitlines()[-1].startswith(SAID)


def test_missing_key_in_a_program(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is not a server gets the error itself."""
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", "postgresql://ada@127.0.0.1:1/db")
    with pytest.raises(ConfigError) as caught:
        Authenticator()
    assert type(caught.value) is ConfigError
