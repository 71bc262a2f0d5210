"""The state machine, in a short run."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.raw.machine import Machine, Target
from tests.support.machine.operator import Operator
from tests.support.machine.orders import Orders
from tests.support.server import ROOT, AppServer


@pytest.fixture
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The app with every place where Streamlit runs code."""
    asked = {"PERSISTAUTH_ANSWER_SECONDS": "0", "PERSISTAUTH_IDLE_TIMEOUT_MINUTES": "60"}
    home = tmp_path_factory.mktemp("machine")
    server = AppServer(ROOT / "tests" / "apps" / "machine_served.py", home, asked)
    operator = Operator(server.database, server.settings)
    server.start()
    yield Target(server, operator, Orders(server.port))
    server.stop()


def test_no_way_in(target: Target) -> None:
    """In no order do messages, connections and ends of sign-ins get anybody where they may not."""
    run_state_machine_as_test(
        lambda: Machine(target),
        settings=settings(
            max_examples=30,
            stateful_step_count=15,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
