"""What each role may see and do. `signed_in` runs the app as a user."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from streamlit_persistauth import User
from streamlit_persistauth.testing import signed_in

HERE = Path(__file__).parent
READER = User("1", "reader@example.com", "Rea Reader")
EDITOR = User("2", "editor@example.com", "Eddie Editor", roles=("editor",))
ADMIN = User("3", "admin@example.com", "Ada Admin", roles=("admin",))


@pytest.fixture(autouse=True)
def own_accounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test has accounts of its own, and the app's folder to import from."""
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", f"sqlite:///{tmp_path / 'accounts.db'}")
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    monkeypatch.syspath_prepend(HERE)


def opened(file: str, user: User | None) -> AppTest:
    at = AppTest.from_file(HERE / file, default_timeout=60)
    return (signed_in(at, user) if user else at).run()


def test_visitor() -> None:
    """A visitor sees a form and nothing else: without accounts, the one for the first account."""
    at = opened("app.py", None)
    assert "Password" in [field.label for field in at.text_input]
    assert not at.metric


def test_overview() -> None:
    """Every user sees the overview of the backlog."""
    at = opened("app.py", READER)
    assert at.title[0].value == "Overview"
    assert at.metric[0].value == "60"


# A page runs alone here, as when a user opens its address: its own guard must hold.


@pytest.mark.parametrize(("user", "may"), [(READER, False), (EDITOR, True), (ADMIN, True)])
def test_owners(user: User, may: bool) -> None:  # noqa: FBT001 - a case, not a switch
    """Only editors and administrators see the owners."""
    at = opened("views/owners.py", user)
    assert bool(at.dataframe) == may


@pytest.mark.slow
@pytest.mark.parametrize(("user", "may"), [(READER, False), (EDITOR, False), (ADMIN, True)])
def test_administration(user: User, may: bool) -> None:  # noqa: FBT001
    """Only administrators see the accounts."""
    at = opened("views/administration.py", user)
    assert (bool(at.title) and at.title[0].value == "Administration") == may


@pytest.mark.parametrize(("user", "may"), [(READER, False), (EDITOR, True)])
def test_change(user: User, may: bool) -> None:  # noqa: FBT001
    """Editors can change a requirement, readers cannot."""
    at = opened("views/requirements.py", user)
    assert ("Change the status" in [button.label for button in at.button]) == may
    assert not at.exception
