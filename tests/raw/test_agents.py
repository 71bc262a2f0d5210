"""Programs that drive the app without a browser, through Streamlit's agent API."""

from collections.abc import Iterator

import pytest
from tests.raw.conftest import Cases, fresh, serve
from tests.support.account import ADA, Account
from tests.support.agent import Agent
from tests.support.raw import opened

SWITCHED_ON = {
    "STREAMLIT_SERVER_ENABLE_AGENT_API": "true",
    "PERSISTAUTH_TRUSTED_PROXIES": "127.0.0.1",
}
PLACES = ["decorated", "suppressed", "statement", "dialog", "fragment", "callback", "cached"]
FREE = 50
"""The number of tries of one address."""
DISGUISES = {
    "an address": lambda n: {"X-Forwarded-For": f"203.0.113.{n}"},
    "a WebSocket": lambda n: {"Sec-WebSocket-Key": f"key-{n}", "Upgrade": "websocket"},
    "a connection": lambda n: {"X-Persistauth-Connection": f"connection-{n}"},
}


@pytest.fixture(scope="module", params=["cases_plain", "cases_served"])
def guarded_app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cases]:
    """The guarded app, open to agents."""
    yield from serve(request.param, tmp_path_factory.mktemp("agents"), **SWITCHED_ON)


@pytest.fixture(scope="module")
def open_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """The same with guards that let every visitor in."""
    home = tmp_path_factory.mktemp("open-agents")
    yield from serve("cases_plain", home, UNPROTECTED="1", **SWITCHED_ON)


@pytest.fixture
def cases(guarded_app: Cases) -> Iterator[Cases]:
    """The guarded app; no try is left over from another test."""
    yield fresh(guarded_app)
    guarded_app.server.database.execute("DELETE FROM auth_throttle")


def visitor(agent: Agent, place: str) -> Agent:
    """Open a place, and do what makes its code run."""
    agent.run(place)
    return agent.press("Do it") if place == "callback" else agent


@pytest.mark.parametrize("place", PLACES)
def test_nobody_gets_in(cases: Cases, place: str) -> None:
    """Without a sign-in the protected body does not run."""
    agent = visitor(Agent(cases.server.port), place)
    assert "secret" not in agent.text
    assert cases.witnessed() == []


@pytest.mark.parametrize("place", PLACES)
def test_where_nothing_guards(open_app: Cases, place: str) -> None:
    """The same visit runs the body if no guard protects it."""
    fresh(open_app)
    assert "secret" in visitor(Agent(open_app.server.port), place).text
    assert open_app.witnessed() == ["secret"]


def test_sign_in(cases: Cases) -> None:
    """An agent that signs in is signed in for its own session only."""
    agent = Agent(cases.server.port).run("statement").sign_in(ADA)
    assert "secret of the house" in agent.text
    assert "secret of the house" in agent.run("statement").text
    assert "Sign in" in Agent(cases.server.port).run("statement").labels


def test_no_credential_leaves_the_server(cases: Cases) -> None:
    """Without a browser no credential is issued or sent."""
    agent = Agent(cases.server.port).run("statement").sign_in(ADA)
    agent.run("statement")
    assert "eyJ" not in agent.text
    assert "persistauth_" not in agent.text
    newest = "SELECT remember FROM auth_tokens ORDER BY created_at DESC LIMIT 1"
    assert cases.server.database.rows(newest) == [(0,)]


def test_end(cases: Cases) -> None:
    """A revoked sign-in is invalid in the agent's session."""
    agent = Agent(cases.server.port).run("undecorated").sign_in(ADA)
    assert "draft" not in agent.text
    assert "inside of the house" in agent.text
    cases.end_all()
    assert "Sign in" in agent.run("undecorated").labels
    assert "of the house" not in agent.text


def test_handle_is_no_streamlit_session(cases: Cases) -> None:
    """A browser that presents an agent's session id gets the sign-in form."""
    agent = Agent(cases.server.port).run("statement").sign_in(ADA)
    with opened(cases.url, session_id=agent.session_id) as client:
        assert "Sign in" in client.run("case=statement").buttons


def test_events(cases: Cases) -> None:
    """An agent's sign-ins are recorded as events of an agent."""
    Agent(cases.server.port).run("statement").sign_in(ADA, "wrong").sign_in(ADA)
    newest = "SELECT event_type, ip_address FROM auth_events ORDER BY created_at DESC LIMIT 2"
    assert cases.server.database.rows(newest) == [("login", "agent"), ("login_failed", "agent")]


def test_headers_of_each_request(cases: Cases) -> None:
    """A sign-in is recorded with the headers of its own request, not of the first one."""
    agent = Agent(cases.server.port)
    agent.headers = {"User-Agent": "First/1"}
    agent.run("statement")
    agent.headers = {"User-Agent": "Second/2"}
    agent.sign_in(ADA)
    newest = "SELECT event_type, user_agent FROM auth_events ORDER BY created_at DESC LIMIT 1"
    assert cases.server.database.rows(newest) == [("login", "Second/2")]


def test_mark_of_an_open_page(cases: Cases) -> None:
    """The id of a user's connection, which the app can read in its headers, signs no agent in."""
    with opened(cases.url) as client:
        client.run("case=headers")
        page = client.sign_in(ADA.email, ADA.password)
        (mark,) = [text.removeprefix("mark: ") for text in page.texts if "mark: " in text]
        fresh(cases)
        agent = Agent(cases.server.port)
        agent.headers = {"X-Persistauth-Connection": mark}
        assert "Sign in" in agent.run("headers").labels
        assert cases.witnessed() == []


@pytest.mark.parametrize(
    "disguise",
    [
        "an address",
        pytest.param("a WebSocket", marks=pytest.mark.slow),
        pytest.param("a connection", marks=pytest.mark.slow),
    ],
)
def test_throttled(cases: Cases, disguise: str) -> None:
    """All agents share the tries of one address, whatever their headers say."""
    agent = Agent(cases.server.port).run("statement")
    for number in range(FREE):
        agent.headers = DISGUISES[disguise](number)
        agent.sign_in(Account("", f"nobody-{number}@example.com", "wrong"))
        assert "Invalid email or password." in agent.text
    agent.headers = DISGUISES[disguise](FREE)
    agent.sign_in(ADA)
    assert "Too many attempts" in agent.text
    assert cases.witnessed() == []
    with opened(cases.url) as client:
        client.run("case=statement")
        assert b"secret of the house" in client.sign_in(ADA.email, ADA.password).raw
