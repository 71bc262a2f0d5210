"""Measures an app with OpenTelemetry; loaded only where PERSISTAUTH_METRICS is on."""

import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.observer import Operation
from streamlit_persistauth.core.storage.protocols import TokenStore
from streamlit_persistauth.core.storage.records import EventRecord, TokenType
from streamlit_persistauth.errors import AuthError, ConfigError, StoreError
from streamlit_persistauth.stores.faults import Availability

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, Meter, Observation

SCOPE: Final = "streamlit_persistauth"
APP: Final = "persistauth.app"
"""The attribute that tells the apps of a process apart: the name of their cookie."""
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
"""Seconds. Resuming a session takes one look-up, a sign-in a quarter of a second."""


class Metrics:
    """The instruments of a process. Their attributes hold no name, address or id."""

    def __init__(self, meter: "Meter") -> None:
        self.durations = {
            Operation.LOGIN: meter.create_histogram(
                "persistauth.login.duration",
                unit="s",
                description="How long checking a password took, by outcome.",
                explicit_bucket_boundaries_advisory=BUCKETS,
            ),
            Operation.RESUME: meter.create_histogram(
                "persistauth.resume.duration",
                unit="s",
                description="How long looking up a credential or session took, by outcome.",
                explicit_bucket_boundaries_advisory=BUCKETS,
            ),
        }
        self.events = meter.create_counter(
            "persistauth.events", unit="{event}", description="Events, by type."
        )
        self._apps: WeakSet[AppMetrics] = WeakSet()
        meter.create_observable_gauge(
            "persistauth.stores.available",
            callbacks=[self._check_stores],
            unit="1",
            description="1 while the stores answer calls of this process, 0 while one does not.",
        )
        meter.create_observable_gauge(
            "persistauth.sessions.live",
            callbacks=[self._count_sessions],
            unit="{session}",
            description="Sessions in the store that have not expired: equal in all processes.",
        )

    def for_app(
        self,
        name: str,
        tokens: TokenStore,
        clock: Clock,
        *,
        availabilities: Collection[Availability] = (),
    ) -> "AppMetrics":
        """Return the metrics of one app; its live sessions are counted at every collection."""
        app = AppMetrics(self, name, tokens, clock, availabilities)
        self._apps.add(app)
        return app

    def _check_stores(self, _options: "CallbackOptions") -> "Iterable[Observation]":
        from opentelemetry.metrics import Observation

        for app in list(self._apps):
            answers = all(availability.since is None for availability in app.availabilities)
            yield Observation(int(answers), {APP: app.name})

    def _count_sessions(self, _options: "CallbackOptions") -> "Iterable[Observation]":
        from opentelemetry.metrics import Observation

        for app in list(self._apps):
            live = app.live_sessions()
            if live is not None:
                yield Observation(live, {APP: app.name})


@dataclass(frozen=True, eq=False)
class AppMetrics:
    """Observes one app.

    Attributes:
        metrics: The instruments of the process.
        name: The app, as attribute of every measurement.
        tokens: Where its sessions are counted.
        clock: Returns the present time.
        availabilities: Whether its stores answer.
    """

    metrics: Metrics
    name: str
    tokens: TokenStore
    clock: Clock
    availabilities: Collection[Availability] = ()

    @contextmanager
    def measure(self, operation: Operation) -> Iterator[None]:
        """Record duration and outcome of the block: `ok`, or the code of the error it raises."""
        began, outcome = time.perf_counter(), "failed"
        try:
            yield
            outcome = "ok"
        except AuthError as error:
            outcome = error.code
            raise
        finally:
            attributes = {APP: self.name, "outcome": outcome}
            self.metrics.durations[operation].record(time.perf_counter() - began, attributes)

    def count_event(self, event: EventRecord) -> None:
        """Count an event; listens to events."""
        self.metrics.events.add(1, {APP: self.name, "event.type": event.event_type})

    def live_sessions(self) -> int | None:
        """Return the number of live sessions; None while the store fails."""
        try:
            counts = self.tokens.counts(self.clock()).get(TokenType.SESSION.value)
        except StoreError:
            return None
        return counts.live if counts else 0


@cache
def open_metrics() -> Metrics:
    """Return the instruments of this process, from the app's own OpenTelemetry provider.

    Raises:
        ConfigError: OpenTelemetry is not installed.
    """
    try:
        from opentelemetry.metrics import get_meter
    except ImportError:
        raise ConfigError(
            "PERSISTAUTH_METRICS",
            "OpenTelemetry is not installed; run pip install 'streamlit-persistauth[otel]'.",
        ) from None
    return Metrics(get_meter(SCOPE))
