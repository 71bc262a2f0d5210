"""The first account: who needs a set-up code for it, and what the code does."""

import json
from collections.abc import Iterator, Mapping

import pytest
from tests.support.account import ADA, BOB, Account
from tests.support.raw import Page, RawClient, opened
from tests.support.server import ROOT, AppServer
from tests.support.setup_code import WRONG, logged_codes

PROXY = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
EVERYBODY = {"FORWARDED_ALLOW_IPS": "*"}


@pytest.fixture(scope="module", params=["plain", "served"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AppServer]:
    """An app whose uvicorn believes every `X-Forwarded-For`."""
    script = ROOT / "tests" / "apps" / f"{request.param}.py"
    settings = {"PERSISTAUTH_ANSWER_SECONDS": "0", **EVERYBODY}
    server = AppServer(script, tmp_path_factory.mktemp("first"), settings)
    yield server
    server.stop()


@pytest.fixture
def app(server: AppServer) -> AppServer:
    """The app, without an account and without a code."""
    server.start()
    server.begin_anew()
    return server


def form(client: RawClient) -> Page:
    """Open the page, which shows the form for the first account."""
    return client.run()


def register(client: RawClient, account: Account = ADA, code: str = "") -> Page:
    """Fill in the form and submit it."""
    if code:
        client.fill("Set-up code", code)
    client.fill("Full name", account.full_name).fill("Email", account.email)
    client.fill("Password", account.password).fill("Confirm password", account.password)
    return client.press("Create account")


def accounts(app: AppServer) -> list[tuple[str, list[str]]]:
    """Return the addresses and roles of all accounts."""
    rows = app.database.rows("SELECT email, roles FROM users")
    return [(str(email), json.loads(str(roles or "[]"))) for email, roles in rows]


def test_on_this_machine(app: AppServer) -> None:
    """A visitor on this machine needs no code, and none is logged."""
    with opened(app.url) as client:
        page = form(client)
        assert "Create the first account" in page.texts
        assert "It becomes the administrator of this app." in page.texts
        assert "Set-up code" not in page.fields
        assert ADA.full_name in register(client).texts
    assert accounts(app) == [(ADA.email, ["admin"])]
    assert logged_codes(app.log) == []


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        (PROXY, "localhost:8501"),
        ({}, "app.example.com"),
        ({"X-Forwarded-For": "127.0.0.1"}, ""),
        ({"X-Persistauth-Connection": "x", "X-Real-IP": "::1"}, ""),
    ],
)
def test_behind_a_proxy(app: AppServer, headers: Mapping[str, str], host: str) -> None:
    """A visitor behind a proxy on this machine needs a code, whatever the headers say."""
    with opened(app.url, headers=headers, host=host) as client:
        page = form(client)
        assert "Set-up code" in page.fields
        register(client, code=WRONG)
    assert accounts(app) == []
    rows = app.database.rows("SELECT event_type, details FROM auth_events")
    assert [(kind, json.loads(str(details or "{}"))) for kind, details in rows] == [
        ("setup_code_refused", {})
    ]


def test_code_of_the_log(app: AppServer) -> None:
    """The code in the log creates the administrator. It is in no page, table or event."""
    with opened(app.url, headers=PROXY) as client:
        seen = form(client).raw + client.run().raw + client.run().raw
        (code,) = logged_codes(app.log)
        refused = register(client, code=code[:-1] + "U")
        assert any("wrong or has expired" in text for text in refused.texts)
        seen += refused.raw
        assert ADA.full_name in register(client, code=code).texts
    with opened(app.url, headers=PROXY) as client:
        page = client.run()
        assert "Create the first account" not in page.buttons
    assert accounts(app) == [(ADA.email, ["admin"])]
    assert logged_codes(app.log) == [code]
    kept = b"".join(path.read_bytes() for path in app.home.glob("auth.db*"))
    for text in (code, code.replace("-", "")):
        assert text.encode() not in seen.replace(refused.raw, b"")
        assert text.encode() not in kept


def test_form_without_the_code(app: AppServer) -> None:
    """A form that was opened on this machine does not serve a connection from elsewhere."""
    with opened(app.url) as here:
        form(here)
        with opened(app.url, headers=PROXY, session_id=here.session_id) as elsewhere:
            elsewhere.page = here.page
            register(elsewhere, BOB)
    assert accounts(app) == []


@pytest.mark.slow
def test_restart(app: AppServer) -> None:
    """Each start logs one code, and a code of an earlier start stays valid."""
    with opened(app.url, headers=PROXY) as client:
        client.run()
    app.restart()
    with opened(app.url, headers=PROXY) as client:
        form(client)
        first, second = logged_codes(app.log)
        assert first != second
        register(client, code=first)
    assert accounts(app) == [(ADA.email, ["admin"])]
