"""Servers for the raw client: plain and by `st.App`, guarded and not."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.support.account import ADA, BOB
from tests.support.raw import RawClient
from tests.support.server import ROOT, AppServer

# The lowest version of Streamlit that we support has no agent API.
collect_ignore = [] if find_spec("streamlit.runtime.agent") else ["test_agents.py"]


@dataclass(frozen=True)
class Cases:
    """A served app with every place in which Streamlit runs code.

    Attributes:
        server: Its server.
        home: Its working folder.
        mode: `plain` or `served`.
    """

    server: AppServer
    home: Path
    mode: str

    @property
    def url(self) -> str:
        """Its address."""
        return self.server.url

    def witnessed(self) -> list[str]:
        """Return what has run since the last time."""
        witness = self.home / "witness"
        lines = witness.read_text(encoding="utf-8").splitlines() if witness.exists() else []
        witness.unlink(missing_ok=True)
        return lines

    def end_all(self) -> None:
        """Revoke every sign-in, as an operator does."""
        self.server.database.execute("DELETE FROM auth_tokens")


def serve(app: str, home: Path, **settings: str) -> Iterator[Cases]:
    """Serve one of the apps, with two accounts."""
    # These clients bring no cookies of Streamlit's, and have nothing that answers what they keep.
    asked = {"PERSISTAUTH_ANSWER_SECONDS": "0", **settings}
    server = AppServer(ROOT / "tests" / "apps" / f"{app}.py", home, asked)
    ADA.register(server.settings)
    BOB.register(server.settings)
    server.start()
    yield Cases(server, home, app.removeprefix("cases_"))
    server.stop()


@pytest.fixture(scope="package")
def plain_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """The guarded app by plain `streamlit run`."""
    yield from serve("cases_plain", tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="package")
def served_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """The guarded app by `st.App`."""
    yield from serve("cases_served", tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="package")
def open_plain_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """The app with guards that let every visitor in."""
    yield from serve("cases_plain", tmp_path_factory.mktemp("open-plain"), UNPROTECTED="1")


@pytest.fixture(scope="package")
def open_served_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """The same by `st.App`."""
    yield from serve("cases_served", tmp_path_factory.mktemp("open-served"), UNPROTECTED="1")


def fresh(cases: Cases) -> Cases:
    """Return an app in which nothing has run yet."""
    cases.witnessed()
    return cases


@pytest.fixture(params=["plain_app", "served_app"])
def cases(request: pytest.FixtureRequest) -> Cases:
    """The guarded app, plain and by `st.App`."""
    return fresh(request.getfixturevalue(request.param))


@pytest.fixture
def served(served_app: Cases) -> Cases:
    """The guarded app with our middleware."""
    return fresh(served_app)


@pytest.fixture(params=["open_plain_app", "open_served_app"])
def unguarded(request: pytest.FixtureRequest) -> Cases:
    """The unguarded app, plain and by `st.App`: what an attack would reach."""
    return fresh(request.getfixturevalue(request.param))


def signed_in(client: RawClient, query: str = "case=decorated") -> RawClient:
    """Sign Ada in on a connection."""
    client.run(query)
    client.sign_in(ADA.email, ADA.password)
    return client
