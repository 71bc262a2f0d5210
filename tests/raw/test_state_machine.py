"""In no order do messages, connections and ends of sign-ins get past a guard."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import engine
from hypothesis.stateful import run_state_machine_as_test
from tests.raw.machine import Machine
from tests.support.machine.moves import Target
from tests.support.machine.operator import Operator
from tests.support.machine.orders import Orders
from tests.support.server import ROOT, AppServer

ASKED = {"PERSISTAUTH_ANSWER_SECONDS": "0", "PERSISTAUTH_IDLE_TIMEOUT_MINUTES": "60"}
SHRINK_SECONDS = 30
"""How long a failing script is made shorter."""
UNHURRIED = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    report_multiple_bugs=False,
)
settings.register_profile(
    "short", UNHURRIED, max_examples=50, stateful_step_count=12, derandomize=True
)
settings.register_profile("long", UNHURRIED, max_examples=2_000, stateful_step_count=30)


@pytest.fixture
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The app with every place where Streamlit runs code."""
    home = tmp_path_factory.mktemp("machine")
    server = AppServer(ROOT / "tests" / "apps" / "machine_served.py", home, ASKED)
    operator = Operator(server.database, server.settings)
    server.start()
    yield Target(server, operator, Orders(server.port))
    server.stop()


def test_state_machine(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guarded code runs, and is shown, for users with a valid sign-in; and for them it does."""

    class Served(Machine):
        def __init__(self) -> None:
            super().__init__(target)

    monkeypatch.setattr(engine, "MAX_SHRINKING_SECONDS", SHRINK_SECONDS)
    profile = settings.get_profile(os.environ.get("TEST_MACHINE", "short"))
    run_state_machine_as_test(Served, settings=profile)
    print(dict(target.done))  # noqa: T201 - `make state-machine` shows it
    assert target.done["executions"] > 10 * target.done["runs"]
