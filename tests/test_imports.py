"""What is loaded when: parts of the library that a page does not need are loaded when used."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.forgery import KEY
from tests.support.server import ROOT

LIBRARIES = {"alembic", "cryptography", "jwt", "pandas", "redis", "rich", "smtplib", "ua_parser"}
"""Libraries for parts of the library that neither page uses; Streamlit itself uses pandas."""
PARTS = {
    f"streamlit_persistauth.{name}"
    for name in (
        *("cli", "doctor", "importing", "mail.smtp", "stores.redis", "wiring.asgi"),
        *("views.account_panel", "views.admin_panel", "views.devices", "views.profile_forms"),
        *("web.endpoints", "web.gate", "web.health", "web.middleware", "web.routes"),
    )
}
FORMS = {
    f"streamlit_persistauth.views.{name}"
    for name in ("forgot_password", "link_forms", "login_form", "login_page", "register_form")
}
RULES = {"email_validator", "zxcvbn", "confusable_homoglyphs"}
"""Libraries that look at what a visitor has entered."""

PAGE = """
import streamlit as st
from streamlit_persistauth import Authenticator
auth = Authenticator()
st.text(auth.guard().email)
auth.user_menu(location="main")
"""
SIGNED_OUT = f"""
from streamlit.testing.v1 import AppTest
app = AppTest.from_string({PAGE!r}).run()
assert "Password" in [field.label for field in app.text_input]
"""
SIGNED_IN = f"""
from streamlit.testing.v1 import AppTest
from streamlit_persistauth.testing import signed_in
app = signed_in(AppTest.from_string({PAGE!r}), "ada@example.org").run()
assert [text.value for text in app.text] == ["ada@example.org"]
"""
MIDDLEWARE = """
from streamlit_persistauth import Authenticator
Authenticator().middleware()
"""


def loaded(code: str, folder: Path) -> set[str]:
    """Run code in an interpreter of its own; return the names of the modules it has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=folder,
        env={
            "PATH": "",
            "PYTHONPATH": str(ROOT / "src"),
            "JWT_SECRET_KEY": KEY,
            "PERSISTAUTH_DATABASE_URL": "sqlite:///app.db",
        },
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_package(tmp_path: Path) -> None:
    """Importing the package loads its errors and values only, from the standard library."""
    modules = loaded("import streamlit_persistauth", tmp_path)
    ours = {name for name in modules if name.startswith("streamlit_persistauth.")}
    assert ours == {f"streamlit_persistauth.{name}" for name in ("errors", "models", "text")}
    assert not modules & {"streamlit", "sqlalchemy", "pydantic"}


def test_authenticator(tmp_path: Path) -> None:
    """Importing `Authenticator` loads no form, and no library that only forms need."""
    modules = loaded("from streamlit_persistauth import Authenticator", tmp_path)
    assert not modules & (LIBRARIES | PARTS | FORMS | RULES)


@pytest.mark.parametrize(
    ("page", "unused"),
    [(SIGNED_OUT, LIBRARIES | PARTS | RULES), (SIGNED_IN, LIBRARIES | PARTS | FORMS)],
    ids=["signed out", "signed in"],
)
def test_pages(page: str, unused: set[str], tmp_path: Path) -> None:
    """A page loads the views that it draws, and pandas only if the app uses it."""
    assert not loaded(page, tmp_path) & unused


def test_served_app(tmp_path: Path) -> None:
    """Under st.App everything that runs use is loaded before the first of them."""
    modules = loaded(MIDDLEWARE, tmp_path)
    views = {file.stem for file in (ROOT / "src/streamlit_persistauth/views").glob("*.py")}
    expected = {f"streamlit_persistauth.views.{name}" for name in views - {"__init__"}}
    assert not (expected | {"cryptography", "email_validator", "jwt"}) - modules
