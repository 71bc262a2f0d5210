"""The examples of docs/how-to/testing.md and docs/reference/account.md, as they stand there."""

import re
from pathlib import Path

import pytest
import yaml
from streamlit.testing.v1 import AppTest
from tests.support.examples import blocks
from tests.support.page import kept_main
from tests.support.server import ROOT

from streamlit_persistauth.testing import signed_in

DOCS = ROOT / "docs"
pytest_plugins = ["pytester"]

APP = """
import streamlit as st
from streamlit_persistauth import Authenticator

auth = Authenticator()
user = auth.guard()
st.title(f"Welcome, {user.full_name or user.email}")
"""
ADMIN = """
import streamlit as st
from streamlit_persistauth import Authenticator

auth = Authenticator()
auth.guard(roles=["admin"])
st.dataframe([1])
auth.logout_button()
"""
VAULT = """
import streamlit as st
from streamlit_persistauth import Authenticator

Authenticator().guard(max_age=300)
st.title("The vault")
"""


def examples(page: str) -> list[str]:
    """Return the examples of a page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_testing(clean_machine: Path, pytester: pytest.Pytester) -> None:
    """The examples pass when they are copied into another project."""
    welcome, conftest, *_, roles, vault, _page = examples("how-to/testing.md")
    for name, source in {"app": APP, "admin": ADMIN, "vault": VAULT}.items():
        pytester.makepyfile(**{name: source})
    # Before a page runs, because AppTest limits the time of a run.
    pytester.makeconftest(f"import pandas, pyarrow\n{conftest}")
    pytester.makepyfile(test_welcome=welcome, test_roles=roles, test_vault=vault)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=5)
    assert not list(pytester.path.rglob("persistauth.db"))


def test_users(clean_machine: Path, pytester: pytest.Pytester) -> None:
    """The test of a page that manages users passes in another project."""
    *_, page, test = examples("how-to/users.md")
    pytester.makepyfile(team=page, test_team=test)
    pytester.makeconftest("import pandas, pyarrow")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
    assert not list(pytester.path.rglob("persistauth.db"))


def test_module(clean_machine: Path, pytester: pytest.Pytester) -> None:
    """The examples with a module of its own pass, each test with an empty database."""
    _welcome, _conftest, accounts, app, conftest, devices, *_ = examples("how-to/testing.md")
    pytester.makeconftest(f"import pandas, pyarrow\n{conftest}")
    again = devices.replace("test_devices", "test_devices_again")
    pytester.makepyfile(accounts=accounts, app=app, test_devices=devices, test_again=again)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)
    assert not list(pytester.path.rglob("persistauth.db"))


def test_pipeline() -> None:
    """The workflow is valid YAML, and its commands are those that the page names."""
    (block,) = blocks("yaml", [DOCS / "how-to" / "testing.md"])
    steps = yaml.safe_load(block.code)["jobs"]["test"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert [command.split()[0] for command in commands] == [
        "pip",
        "playwright",
        "pytest",
        "persistauth",
    ]


def test_five_lines(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shortest app with a menu has five lines, and works."""
    app = examples("reference/account.md")[0]
    assert len(app.split("\n\n")[0].splitlines()) + len(app.split("\n\n")[1].splitlines()) == 5
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", f"sqlite:///{clean_machine / 'test.db'}")
    with kept_main():
        at = signed_in(AppTest.from_string(app, default_timeout=30), "ada@example.org").run()
    assert not at.exception
    assert [item.label for item in at.sidebar.button] == ["Account", "Log out"]
