"""The address of a try, whatever uvicorn does with `X-Forwarded-For`."""

from collections.abc import Iterator

import pytest
from tests.raw.conftest import Cases, serve
from tests.support.account import ADA
from tests.support.raw import opened

VISITOR = "198.51.100.1"
BEHIND = {"PERSISTAUTH_TRUSTED_PROXIES": "127.0.0.1"}
EVERYBODY = {"FORWARDED_ALLOW_IPS": "*"}


@pytest.fixture(scope="module", params=["cases_plain", "cases_served"])
def app(request: pytest.FixtureRequest) -> str:
    """How the app is served."""
    return str(request.param)


@pytest.fixture(scope="module")
def direct(app: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """An app without a proxy."""
    yield from serve(app, tmp_path_factory.mktemp("direct"))


@pytest.fixture(scope="module", params=[{}, EVERYBODY], ids=["default", "everybody"])
def behind(
    request: pytest.FixtureRequest, app: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cases]:
    """An app behind a proxy on 127.0.0.1, with each setting of uvicorn for proxies."""
    yield from serve(app, tmp_path_factory.mktemp("behind"), **BEHIND, **request.param)


def recorded(cases: Cases, header: str, *, source: str = "") -> str:
    """Try a wrong password on a connection with this header; return the address of the event."""
    headers = {"X-Forwarded-For": header} if header else {}
    with opened(cases.url, headers=headers, source=source) as client:
        client.run("case=decorated")
        client.sign_in(ADA.email, "wrong-Kettle-93")
    rows = cases.server.database.rows(
        "SELECT ip_address FROM auth_events WHERE event_type IN ('login_failed', 'throttled')"
        " ORDER BY id DESC LIMIT 1"
    )
    return str(rows[0][0])


@pytest.mark.parametrize("header", ["", "127.0.0.2", "6.6.6.6", "6.6.6.6, 127.0.0.2"])
def test_direct_client(direct: Cases, header: str) -> None:
    """A client that connects directly has its own address, whatever the header says."""
    assert recorded(direct, header, source="127.0.0.2") == "127.0.0.2"


@pytest.mark.slow
@pytest.mark.parametrize("header", ["", "6.6.6.6", "127.0.0.2", "6.6.6.6, 127.0.0.2, 127.0.0.1"])
def test_client_beside_the_proxy(behind: Cases, header: str) -> None:
    """A client that bypasses the proxy has its own address."""
    assert recorded(behind, header, source="127.0.0.2") == "127.0.0.2"


@pytest.mark.parametrize("made_up", ["", "6.6.6.1, ", "6.6.6.2, 127.0.0.1, ", "198.51.100.1, "])
def test_client_behind_the_proxy(behind: Cases, made_up: str) -> None:
    """A client behind the proxy has the address that the proxy says, not the client."""
    assert recorded(behind, f"{made_up}{VISITOR}", source="127.0.0.1") == VISITOR
