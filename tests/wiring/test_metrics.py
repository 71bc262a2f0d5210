"""Metrics, read with the reader of OpenTelemetry."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from tests.support.core_app import EMAIL, PASSWORD

from streamlit_persistauth.core.observer import UNOBSERVED
from streamlit_persistauth.errors import AuthError, ConfigError
from streamlit_persistauth.models import NOBODY
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.wiring import metrics
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

SECONDS = 30.0


class Instruments:
    """A meter that a test can read."""

    def __init__(self) -> None:
        self._reader = InMemoryMetricReader()
        self.provider = MeterProvider(metric_readers=[self._reader])
        self.metrics = metrics.Metrics(self.provider.get_meter("test"))

    def read(self, name: str) -> dict[tuple[str, ...], Any]:
        """Return the points of an instrument by their attributes, without that of the app."""
        data = self._reader.get_metrics_data()
        points = {}
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in metric.data.data_points if metric.name == name else ():
                        labels = dict(point.attributes or {})
                        assert labels.pop(metrics.APP) == "persistauth"
                        points[tuple(map(str, labels.values()))] = point
        return points


@pytest.fixture
def instruments(monkeypatch: pytest.MonkeyPatch) -> Iterator[Instruments]:
    """The instruments of this process, for one test."""
    made = Instruments()
    monkeypatch.setattr(metrics, "open_metrics", lambda: made.metrics)
    yield made
    made.provider.shutdown()


@pytest.fixture
def services(instruments: Instruments, clean_machine: Path) -> Services:
    """An app with metrics."""
    del instruments, clean_machine
    return services_for(AppConfig(settings=AuthSettings(metrics=True, bcrypt_rounds=4)))


def test_logins(instruments: Instruments, services: Services) -> None:
    """Checks of a password are counted by outcome and timed."""
    services.accounts.register(EMAIL, PASSWORD)
    services.accounts.authenticate(EMAIL, PASSWORD)
    for _ in range(7):
        with pytest.raises(AuthError):
            services.accounts.authenticate(EMAIL, "canary-wrong")
    points = instruments.read("persistauth.login.duration")
    counts = {outcome: point.count for (outcome,), point in points.items()}
    assert counts == {"ok": 1, "invalid_credentials": 5, "throttled": 2}
    assert all(0 < point.sum < SECONDS for point in points.values())


def test_resumes(instruments: Instruments, services: Services) -> None:
    """Look-ups of a session by credential and by id are counted by outcome."""
    owner = services.accounts.register(EMAIL, PASSWORD)
    session = services.sessions.start(owner, remember=True, client=NOBODY)
    credential = services.sessions.issue(session.id)
    services.sessions.resume(credential.text)
    services.sessions.resume_session(session.id)
    services.sessions.end(session.id)
    for text in (credential.text, "canary"):
        with pytest.raises(AuthError):
            services.sessions.resume(text)
    points = instruments.read("persistauth.resume.duration")
    counts = {outcome: point.count for (outcome,), point in points.items()}
    assert counts == {"ok": 2, "invalid_token": 2}


def test_live_sessions(instruments: Instruments, services: Services) -> None:
    """Live sessions are counted at each collection."""
    assert instruments.read("persistauth.sessions.live")[()].value == 0
    owner = services.accounts.register(EMAIL, PASSWORD)
    sessions = [services.sessions.start(owner, remember=True, client=NOBODY) for _ in range(3)]
    assert instruments.read("persistauth.sessions.live")[()].value == 3
    services.sessions.end(sessions[0].id)
    assert instruments.read("persistauth.sessions.live")[()].value == 2


def test_store_that_does_not_answer(instruments: Instruments, services: Services) -> None:
    """An outage of a store shows until a call is answered."""
    services.users.is_empty()
    assert instruments.read("persistauth.stores.available")[()].value == 1
    services.database.availability.unreachable("reading", "OSError")
    assert instruments.read("persistauth.stores.available")[()].value == 0
    services.users.is_empty()
    assert instruments.read("persistauth.stores.available")[()].value == 1


def test_events(instruments: Instruments, services: Services) -> None:
    """Events are counted by type, and no measurement identifies a user."""
    owner = services.accounts.register(EMAIL, PASSWORD)
    points = instruments.read("persistauth.events")
    assert {kind: point.value for (kind,), point in points.items()} == {"registered": 1}
    everything = str(instruments._reader.get_metrics_data())
    assert EMAIL not in everything
    assert owner.user.id not in everything


@pytest.mark.usefixtures("clean_machine")
def test_off() -> None:
    """Without the setting nothing is measured."""
    services = services_for(AppConfig(settings=AuthSettings()))
    assert services.sessions.observer is UNOBSERVED
    assert services.accounts.observer is UNOBSERVED


def test_not_loaded(clean_machine: Path) -> None:
    """A page without metrics does not load OpenTelemetry."""
    code = (
        "import sys; from streamlit_persistauth import Authenticator; Authenticator();"
        "print([name for name in sys.modules if 'opentelemetry' in name or 'metrics' in name"
        " and 'persistauth' in name or name.startswith(('rich', 'yaml', 'click.testing'))])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=clean_machine,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert answer.stdout.strip() == "[]"


def test_global_provider(clean_machine: Path) -> None:
    """With the setting alone, the instruments use the provider that the app has set."""
    code = f"""
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
reader = InMemoryMetricReader()
metrics.set_meter_provider(MeterProvider(metric_readers=[reader]))
from streamlit_persistauth import Authenticator
Authenticator().register({EMAIL!r}, {PASSWORD!r})
print(reader.get_metrics_data().to_json())
"""
    import os

    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=clean_machine,
        env={**os.environ, "PERSISTAUTH_METRICS": "on"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "persistauth.events" in answer.stdout
    assert '"registered"' in answer.stdout


def test_missing(monkeypatch: pytest.MonkeyPatch, clean_machine: Path) -> None:
    """Without OpenTelemetry the setting raises a ConfigError that names the package to install."""
    del clean_machine
    monkeypatch.setitem(sys.modules, "opentelemetry.metrics", None)
    metrics.open_metrics.cache_clear()
    with pytest.raises(ConfigError, match=r"streamlit-persistauth\[otel\]"):
        services_for(AppConfig(settings=AuthSettings(metrics=True)))
