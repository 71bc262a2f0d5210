"""Runs commands in this process, on a machine where nothing is set."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streamlit_persistauth.cli import main
from streamlit_persistauth.core.sessions.key_strength import generate_key

Run = Callable[..., Result]


@pytest.fixture
def run(clean_machine: object, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command."""
    del clean_machine
    monkeypatch.setenv("JWT_SECRET_KEY", generate_key())
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")

    def run_command(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin, prog_name="persistauth")

    return run_command


@pytest.fixture
def run_json(run: Run) -> Callable[..., Any]:
    """Return a function that runs a command with `--json`, which succeeds and prints only JSON."""

    def run_and_parse(*arguments: str, stdin: str | None = None) -> Any:  # noqa: ANN401 - JSON
        result = run(*arguments, "--json", stdin=stdin)
        assert result.exit_code == 0, result.stderr
        assert result.stderr == ""
        return json.loads(result.stdout)

    return run_and_parse


def refused(result: Result, status: int = 1) -> str:
    """Assert that a command printed nothing but one line on standard error; return that line."""
    assert result.exit_code == status
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line
