"""No order of messages, connections and ends of sign-ins gets past a guard."""

import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import engine
from hypothesis.stateful import run_state_machine_as_test
from tests.raw.machine import Machine
from tests.support.machine.moves import Target
from tests.support.machine.operator import Operator
from tests.support.machine.probe_client import ProbeClient
from tests.support.server import ROOT, AppServer

ASKED = {"PERSISTAUTH_ANSWER_SECONDS": "0", "PERSISTAUTH_IDLE_TIMEOUT_MINUTES": "60"}
SHRINK_SECONDS = 30
"""How long a failing script is shortened."""
UNHURRIED = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    report_multiple_bugs=False,
)
settings.register_profile(
    "short", UNHURRIED, max_examples=20, stateful_step_count=12, derandomize=True
)
settings.register_profile("long", UNHURRIED, max_examples=200, stateful_step_count=30)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The app with every place where Streamlit runs code."""
    home = tmp_path_factory.mktemp("machine")
    server = AppServer(ROOT / "tests" / "apps" / "machine_served.py", home, ASKED)
    operator = Operator(server.database, server.settings)
    server.start()
    yield Target(server, operator, ProbeClient(server.port))
    server.stop()


@pytest.mark.slow
def test_state_machine(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guarded code runs, and is shown, for users with a valid sign-in, and only for them."""

    class Served(Machine):
        def __init__(self) -> None:
            super().__init__(target)

    monkeypatch.setattr(engine, "MAX_SHRINKING_SECONDS", SHRINK_SECONDS)
    profile = settings.get_profile(os.environ.get("TEST_MACHINE", "short"))
    run_state_machine_as_test(Served, settings=profile)
    print(dict(target.done))  # noqa: T201 - `make state-machine` shows it
    assert target.done["executions"] > 10 * target.done["runs"]


def ended_while_away(state: Machine) -> None:
    """Another connection has the Streamlit session when the sign-in is revoked."""
    first = state.begin(keep=False)
    state.resume(browser="one", cookies=True, other=first)


def failed_above_the_guard(state: Machine) -> None:
    """The last clean run has not reached the guard when the sign-in is revoked."""
    client = state.begin(keep=False)
    state.visit_wrongly(client=client, page="rows", above="number=x")


def overtaken_by_signing_out(state: Machine) -> None:
    """A run that has waited since before the sign-out registers its fragments after it."""
    client = state.begin(keep=False)
    state.visit_slowly(client=client, place="body")
    state.ask(client=client, pieces=["Log out"])


def file_of_a_closed_page(state: Machine) -> None:
    """Another page asks for a deferred file whose page is closed."""
    client = state.begin(keep=False)
    state.open(browser="one", cookies=False)
    state.close(client=client)


def pressed_twice(state: Machine) -> None:
    """The button that signs out is pressed again after the user has signed out."""
    client = state.begin(keep=False)
    state.sign_out(client=client, at_once=False)
    state.ask(client=client, pieces=["Log out"])
    state.sign_in(client=client, user="ada", keep=True)


@pytest.mark.parametrize(
    "script",
    [
        ended_while_away,
        failed_above_the_guard,
        overtaken_by_signing_out,
        file_of_a_closed_page,
        pressed_twice,
    ],
)
def test_known_script(target: Target, script: Callable[[Machine], None]) -> None:
    """Each script that has found a fault before finds none now."""
    state = Machine(target)
    try:
        script(state)
    finally:
        state.teardown()
