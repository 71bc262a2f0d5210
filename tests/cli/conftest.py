"""The command, typed in this process, on a machine where nothing is set."""

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
    """Run a command, with what is typed into it."""
    del clean_machine
    monkeypatch.setenv("JWT_SECRET_KEY", generate_key())
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")

    def type_command(*arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=typed, prog_name="persistauth")

    return type_command


@pytest.fixture
def told(run: Run) -> Callable[..., Any]:
    """Run a command for a program: it succeeds, and says JSON and nothing else."""

    def ask(*arguments: str, typed: str | None = None) -> Any:  # noqa: ANN401 - JSON
        result = run(*arguments, "--json", typed=typed)
        assert result.exit_code == 0, result.stderr
        assert result.stderr == ""
        return json.loads(result.stdout)

    return ask


def refused(result: Result, status: int = 1) -> str:
    """Hold that a command did nothing, said why in one line, and return that."""
    assert result.exit_code == status
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line
